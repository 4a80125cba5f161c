//! What this host lacks for a diagnosis, and the commands that repair it.
//!
//! The host's own files and variables are read here; the network is asked by
//! the same probes that a walk uses.

pub mod clock;
pub mod host;
pub mod local;
pub mod network;
pub mod program;
pub mod text;

use serde::Serialize;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Something is not there, or not right.
    Missing,
    /// It could not be seen.
    Unknown,
}

/// The commands that repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// On Debian and Ubuntu.
    pub debian: String,
    /// On Red Hat and its relatives.
    pub rhel: String,
}

impl Repair {
    /// The same command on both.
    pub fn both(command: impl Into<String>) -> Self {
        let command = command.into();
        Self {
            rhel: command.clone(),
            debian: command,
        }
    }

    /// A package to install.
    pub fn package(debian: &str, rhel: &str) -> Self {
        Self {
            debian: format!("sudo apt install {debian}"),
            rhel: format!("sudo dnf install {rhel}"),
        }
    }
}

/// One line of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name for programs.
    pub id: &'static str,
    /// What was looked at.
    pub title: &'static str,
    /// What it came to.
    pub state: State,
    /// What was seen, in words.
    pub saw: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub repair: Option<Repair>,
}

impl Check {
    /// A check that is still open.
    pub fn of(id: &'static str, title: &'static str, why: &'static str) -> Self {
        Self {
            id,
            title,
            state: State::Unknown,
            saw: String::new(),
            why,
            repair: None,
        }
    }

    /// It is as it should be.
    #[must_use]
    pub fn ok(mut self, saw: impl AsRef<str>) -> Self {
        self.state = State::Ok;
        self.saw = crate::hostile::clean_line(saw.as_ref());
        self
    }

    /// Something is missing.
    #[must_use]
    pub fn missing(mut self, saw: impl AsRef<str>, repair: Repair) -> Self {
        self.state = State::Missing;
        self.saw = crate::hostile::clean_line(saw.as_ref());
        self.repair = Some(repair);
        self
    }

    /// It could not be seen.
    #[must_use]
    pub fn unknown(mut self, saw: impl AsRef<str>) -> Self {
        self.state = State::Unknown;
        self.saw = crate::hostile::clean_line(saw.as_ref());
        self
    }
}

/// What all checks come to: missing outweighs unknown, and unknown is not OK.
pub fn state(checks: &[Check]) -> State {
    let any = |state| checks.iter().any(|check| check.state == state);
    if any(State::Missing) {
        State::Missing
    } else if any(State::Unknown) {
        State::Unknown
    } else {
        State::Ok
    }
}
