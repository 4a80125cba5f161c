//! The stations on the way from a client to its data: where a cause sits, and
//! how far a walk has seen the way.

use serde::{Deserialize, Serialize};

/// A station.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Station {
    /// The machine and the user that connect.
    Client,
    /// The name servers.
    Dns,
    /// Who gives tickets.
    Kdc,
    /// Who holds accounts, SPNs and trusts.
    Directory,
    /// The server that is connected to.
    SqlServer,
    /// The server behind it, reached in the user's name.
    SecondHop,
}

impl Station {
    /// All of them, in the order of the way.
    pub const ALL: [Self; 6] = [
        Self::Client,
        Self::Dns,
        Self::Kdc,
        Self::Directory,
        Self::SqlServer,
        Self::SecondHop,
    ];

    /// Its name for a person.
    pub fn title(self) -> &'static str {
        match self {
            Self::Client => "You",
            Self::Dns => "DNS",
            Self::Kdc => "KDC",
            Self::Directory => "Directory",
            Self::SqlServer => "SQL Server",
            Self::SecondHop => "Second hop",
        }
    }

    /// The station that a probe looks at, by the probe's key.
    pub fn of_probe(probe: &str) -> Option<Self> {
        Some(match probe {
            "hosts-file" | "kerberos-ticket" | "kerberos-configuration" => Self::Client,
            "ldap-delegation" => Self::SecondHop,
            _ if probe.starts_with("dns-") => Self::Dns,
            _ if probe.starts_with("kerberos-") => Self::Kdc,
            _ if probe.starts_with("ldap-") => Self::Directory,
            _ if probe.starts_with("sql-") || probe.starts_with("tcp-") => Self::SqlServer,
            _ => return None,
        })
    }
}

/// How a station was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StationState {
    /// It was looked at, and nothing there stops a login.
    Ok,
    /// A cause sits here.
    Broken,
    /// Something here could not be seen.
    Unknown,
    /// The walk did not come here.
    NotAsked,
}

impl StationState {
    /// The mark, as beside a step.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Ok => "[ok]",
            Self::Broken => "[!!]",
            Self::Unknown => "[??]",
            Self::NotAsked => "[  ]",
        }
    }
}

/// A station of the path that a walk has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathStation {
    /// Which.
    pub station: Station,
    /// Its name for a person.
    pub title: String,
    /// Which host or user stands there, where it is known.
    pub who: Option<String>,
    /// How it was seen.
    pub state: StationState,
    /// The causes found here, in the order of repair: ids of the catalogue.
    pub causes: Vec<String>,
    /// The titles of these causes, or of those that stay unknown here.
    pub says: Vec<String>,
}
