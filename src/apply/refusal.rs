//! Why nothing is written, in words with a remedy.

use crate::probe::ldap::fault::DirectoryFault;

/// A refusal before the first write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session walked over recorded answers.
    #[error("this session walked over the recorded case `{0}`, not over your network")]
    Recorded(String),
    /// The journal is damaged.
    #[error("the session's journal is damaged: {0}")]
    Damaged(String),
    /// It was too long ago.
    #[error("this session is {0} old, and what it saw may no longer be so")]
    Old(String),
    /// It is not certain which account is right.
    #[error(
        "{cause}: it is not certain which account the SQL Server runs under, so nobody knows which holder is right"
    )]
    Uncertain {
        /// The cause.
        cause: String,
        /// The input of the flow that names the account.
        input: &'static str,
    },
    /// The changes contradict each other.
    #[error("the findings contradict each other: {0}")]
    Contradiction(String),
    /// The directory is not as the session saw it.
    #[error("the directory has changed since the session: {}", .0.join("; "))]
    Changed(Vec<String>),
    /// What was written is no longer there, so that it cannot be taken back.
    #[error("the directory has changed since the repair: {}", .0.join("; "))]
    ChangedSince(Vec<String>),
    /// Somebody else has what would be added.
    #[error("{what} is held by {who} too; adding it would make a duplicate")]
    Duplicate {
        /// The value.
        what: String,
        /// Who has it.
        who: String,
    },
    /// The object is not there, or is not the one that the session saw.
    #[error("{0}")]
    Object(String),
    /// The controller is not of a domain that is changed.
    #[error("the domain controller {0} is of no domain that is to be changed")]
    Controller(String),
    /// The directory could not be asked.
    #[error(transparent)]
    Directory(#[from] DirectoryFault),
}

impl Refusal {
    /// What to do about it; `again` is the command that walks once more.
    pub fn remedy(&self, again: &str) -> String {
        match self {
            Self::Recorded(_) => "walk in your own network first: sspi-doctor".to_owned(),
            Self::Damaged(_) | Self::Old(_) | Self::Changed(_) | Self::Contradiction(_) => {
                format!("walk once more, then apply what that session finds: {again}")
            }
            Self::ChangedSince(_) => {
                "look at the values in the backup (LDIF) beside the session, and put them right by hand"
                    .to_owned()
            }
            Self::Uncertain { input, .. } => format!(
                "ask the database administrator (services.msc, column \"Log On As\"), then walk with \
                 the answer: {again} --set {input}='DOMAIN\\account'"
            ),
            Self::Duplicate { .. } => format!(
                "find out which account the SQL Server runs under, and walk with it: {again} --set \
                 service_account='DOMAIN\\account'"
            ),
            Self::Object(_) => format!("walk once more: {again}"),
            Self::Controller(_) => {
                "name one of the domain, by its full name, or leave out --controller".to_owned()
            }
            Self::Directory(DirectoryFault::NoServer(_) | DirectoryFault::Unreachable(_) | DirectoryFault::TimedOut(_)) => {
                "name another domain controller with --controller HOST".to_owned()
            }
            Self::Directory(_) => {
                "sign in as somebody who may change the accounts: kinit, or --user NAME@DOMAIN"
                    .to_owned()
            }
        }
    }
}
