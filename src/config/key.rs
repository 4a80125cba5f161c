//! The keys of the configuration, in one table: reading, `sspi-doctor config`
//! and the manual page are made from it.

use std::net::IpAddr;
use std::path::Path;

use serde::Serialize;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// Text, a path or a word of a list.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// On or off.
    Switch(bool),
    /// A number.
    Number(u32),
}

impl Value {
    /// As it is written in the file.
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Switch(on) => on.to_string(),
            Self::Number(number) => number.to_string(),
        }
    }
}

fn quoted(text: &str) -> String {
    let text = crate::hostile::clean_line(text);
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A DNS name.
    Name,
    /// A list of DNS names.
    Names,
    /// A list of IP addresses.
    Addresses,
    /// The path of a file that is there.
    File,
    /// The path of a folder, made when it is missing.
    Folder,
    /// Paths of folders that are there.
    Folders,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// A number of minutes.
    Minutes,
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// An example, as written in the file.
    pub example: &'static str,
    /// What holds when nobody sets it.
    pub default: &'static str,
    /// What wins over it: an option or a variable.
    pub won_by: &'static str,
}

/// The level when nobody sets one.
pub const LOG_LEVEL: &str = "info";
/// The levels of the log.
pub const LOG_LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
/// The themes of the wizard.
pub const THEMES: &[&str] = &["default", "mono", "high-contrast", "colour-blind"];

/// Every key.
pub static KEYS: &[Key] = &[
    Key {
        name: "domain",
        kind: Kind::Name,
        help: "Your own domain: completes `--user alice`, and is what `doctor` looks at",
        example: "\"corp.example\"",
        default: "taken from krb5.conf or your ticket",
        won_by: "--domain",
    },
    Key {
        name: "domain-controllers",
        kind: Kind::Names,
        help: "Domain controllers of your own domain to ask by LDAP, in this order, instead of those that DNS names",
        example: "[\"dc1.corp.example\"]",
        default: "those that DNS names",
        won_by: "--domain-controller",
    },
    Key {
        name: "name-servers",
        kind: Kind::Addresses,
        help: "Name servers to ask instead of those of the system",
        example: "[\"192.0.2.53\"]",
        default: "those of /etc/resolv.conf",
        won_by: "--name-server",
    },
    Key {
        name: "ca-file",
        kind: Kind::File,
        help: "Certificates in PEM to trust beside those of the system",
        example: "\"/etc/ssl/corp.pem\"",
        default: "none",
        won_by: "--ca-file",
    },
    Key {
        name: "theme",
        kind: Kind::Word(THEMES),
        help: "The colours of the wizard",
        example: "\"mono\"",
        default: "default",
        won_by: "--theme, NO_COLOR",
    },
    Key {
        name: "ascii",
        kind: Kind::Switch,
        help: "Draw with ASCII only, whatever the locale says",
        example: "true",
        default: "as the locale says",
        won_by: "",
    },
    Key {
        name: "flow-folders",
        kind: Kind::Folders,
        help: "More folders of flows of your own, beside the standard ones",
        example: "[\"~/flows\"]",
        default: "none",
        won_by: "--flow-dir adds to it",
    },
    Key {
        name: "state-folder",
        kind: Kind::Folder,
        help: "Where sessions and the log are kept",
        example: "\"/srv/sspi-doctor\"",
        default: "$XDG_STATE_HOME/sspi-doctor",
        won_by: "",
    },
    Key {
        name: "max-age",
        kind: Kind::Minutes,
        help: "A session that goes on asks again what was seen more than so many minutes ago",
        example: "30",
        default: "15",
        won_by: "resume --max-age",
    },
    Key {
        name: "log-level",
        kind: Kind::Word(LOG_LEVELS),
        help: "How much goes into the log file",
        example: "\"debug\"",
        default: LOG_LEVEL,
        won_by: "--log-level",
    },
];

/// The key of this name.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// What is wrong with one word of a value, and the remedy.
pub type Wrong = (String, String);

impl Kind {
    /// In words, after "expected".
    pub fn words(self) -> &'static str {
        match self {
            Self::Name => "a DNS name in quotes",
            Self::Names => "a list of DNS names in quotes",
            Self::Addresses => "a list of IP addresses in quotes",
            Self::File | Self::Folder => "a path in quotes",
            Self::Folders => "a list of paths in quotes",
            Self::Word(_) => "a word in quotes",
            Self::Switch => "true or false",
            Self::Minutes => "a number of minutes",
        }
    }

    /// The words that it takes, when they are few.
    pub fn choices(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Word(words) => Some(words),
            _ => None,
        }
    }

    /// Whether it takes several.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Names | Self::Addresses | Self::Folders)
    }

    /// Reads one word: the value of a key that takes one, or a member of a list.
    pub fn read(self, text: &str, home: Option<&Path>) -> Result<String, Wrong> {
        let wrong = |message: String, hint: &str| Err((message, hint.to_owned()));
        match self {
            Self::Name | Self::Names => {
                let name = text.trim_end_matches('.').to_lowercase();
                let good = !name.is_empty()
                    && name.len() <= 253
                    && name.split('.').all(|label| {
                        !label.is_empty()
                            && label.len() <= 63
                            && label.chars().all(|character| {
                                character.is_alphanumeric() || "-_".contains(character)
                            })
                    });
                if good {
                    Ok(name)
                } else {
                    wrong(
                        format!("`{text}` is no DNS name"),
                        "write it like corp.example, without a path or a port",
                    )
                }
            }
            Self::Addresses => match text.parse::<IpAddr>() {
                Ok(address) => Ok(address.to_string()),
                Err(_) => wrong(
                    format!("`{text}` is no IP address"),
                    "write it like 192.0.2.53 or 2001:db8::53; names are not possible here",
                ),
            },
            Self::File | Self::Folder | Self::Folders => self.path(text, home),
            Self::Word(words) => {
                if words.contains(&text) {
                    Ok(text.to_owned())
                } else {
                    Err((
                        format!("`{text}` is not known here"),
                        crate::flow::suggest::hint(text, words.iter().copied()),
                    ))
                }
            }
            // Neither is written as text.
            Self::Switch | Self::Minutes => {
                wrong(format!("`{text}` is text"), "write it without quotes")
            }
        }
    }

    fn path(self, text: &str, home: Option<&Path>) -> Result<String, Wrong> {
        let path = match (text.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => text.into(),
        };
        if !path.is_absolute() {
            return Err((
                format!("`{text}` is a relative path"),
                "begin it with / or ~/: nobody knows from where the program is started".to_owned(),
            ));
        }
        let there = match self {
            Self::File => path.is_file(),
            Self::Folders => path.is_dir(),
            _ => true,
        };
        if !there {
            return Err((
                format!("`{}` is not there", path.display()),
                "make it, or take it out of the list".to_owned(),
            ));
        }
        Ok(path.to_string_lossy().into_owned())
    }
}
