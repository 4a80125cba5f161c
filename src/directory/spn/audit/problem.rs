//! What can be wrong with an SPN of a forest.

use serde::{Deserialize, Serialize};

/// The kind of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Several accounts hold it.
    Duplicate,
    /// It does not follow the grammar.
    Malformed,
    /// Its account is disabled, or its host does not exist.
    Orphaned,
    /// A SQL Server has some of its SPNs, and this one is missing.
    Missing,
}

impl Kind {
    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::Malformed => "malformed",
            Self::Orphaned => "orphaned",
            Self::Missing => "missing",
        }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind.
    pub kind: Kind,
    /// The SPN.
    pub spn: String,
    /// Who holds it; for one that is missing, who holds the server's others.
    pub accounts: Vec<String>,
    /// Why it is a problem.
    pub why: String,
}

impl Problem {
    /// A problem of one account.
    pub fn of(kind: Kind, spn: &str, account: &str, why: String) -> Self {
        Self {
            kind,
            spn: spn.to_owned(),
            accounts: vec![account.to_owned()],
            why,
        }
    }

    /// An SPN that these accounts hold together.
    pub fn duplicate(spn: &str, accounts: Vec<String>) -> Self {
        Self {
            kind: Kind::Duplicate,
            spn: spn.to_owned(),
            why: format!(
                "{} accounts hold it: to the KDC it is as if nobody did",
                accounts.len()
            ),
            accounts,
        }
    }
}
