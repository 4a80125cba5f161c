//! What stands at the top of a fix script.

use std::collections::BTreeMap;

use super::plan::name::is_host;
use super::quote::comment;

/// Where a script comes from and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The program's version.
    pub version: String,
    /// The session's name.
    pub session: String,
    /// The flow's id.
    pub flow: String,
    /// What was diagnosed, as the user typed it.
    pub target: String,
    /// What was given to the flow, as `--set` takes it: name and value.
    pub inputs: Vec<(String, String)>,
    /// When the session was started, RFC 3339.
    pub started: String,
    /// The domain controllers that the session used, by the DNS name of their
    /// domain in lower case. A script writes to these unless it is told
    /// otherwise, and finds the others by DNS when it runs.
    pub domain_controllers: BTreeMap<String, String>,
}

impl Header {
    /// The session's name, safe as a part of a file name.
    pub(super) fn file_name(&self) -> String {
        let name: String = self
            .session
            .chars()
            .map(|character| {
                if character.is_ascii_alphanumeric() || "._-".contains(character) {
                    character
                } else {
                    '-'
                }
            })
            .collect();
        if name.is_empty() {
            "session".to_owned()
        } else {
            name
        }
    }

    /// The command that walks once more, each value quoted for a shell.
    pub fn again(&self, quote: fn(&str) -> String) -> String {
        let mut command = format!("sspi-doctor run {}", quote(&self.flow));
        for (name, value) in &self.inputs {
            command.push_str(" --set ");
            command.push_str(&quote(&format!("{name}={value}")));
        }
        comment(&command)
    }

    /// The domain controller that the session used for a domain.
    pub(super) fn domain_controller(&self, domain: &str) -> &str {
        self.domain_controllers
            .get(&domain.to_lowercase())
            .filter(|host| is_host(host))
            .map_or("", String::as_str)
    }
}
