//! The one place of the program that writes to a directory.

use ldap3::{Ldap, LdapError, Mod};
use std::collections::HashSet;
use tokio::time::{Instant, timeout_at};

use super::connect::Controllers;
use super::edit::{Edit, How, Value};
use super::today;
use crate::probe::ldap::fault::{DirectoryFault, result_words};

/// Why a change was not made, or is not known to have been made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteFault {
    /// insufficientAccessRights (RFC 4511 appendix A, 50).
    #[error("{who} may not change {attribute} of {account}. {whoever}")]
    NotAllowed {
        /// As whom it was tried.
        who: String,
        /// The attribute.
        attribute: String,
        /// The account.
        account: String,
        /// Who may.
        whoever: String,
    },
    /// The values are not what they were a moment ago.
    #[error("{attribute} of {account} was changed by somebody else in this moment")]
    Changed {
        /// The attribute.
        attribute: String,
        /// The account.
        account: String,
    },
    /// A rule of the directory.
    #[error(
        "{server} refuses it by a rule of the directory, such as that an SPN or a logon name \
             stands on one account alone: {what}"
    )]
    Rule {
        /// The controller.
        server: String,
        /// Its words.
        what: String,
    },
    /// It only has a copy.
    #[error("{0} is a read-only domain controller; name another one with --controller HOST")]
    ReadOnly(String),
    /// Anything else that the controller says.
    #[error("{server} refused the change: {what}")]
    Refused {
        /// The controller.
        server: String,
        /// Its words.
        what: String,
    },
    /// The connection is gone, and with it the answer.
    #[error("{server} did not answer, so the change may have been made or not: {what}")]
    NoAnswer {
        /// The controller.
        server: String,
        /// What happened.
        what: String,
    },
    /// It could not be asked at all.
    #[error(transparent)]
    Directory(#[from] DirectoryFault),
}

impl WriteFault {
    /// Whether the change may have been made all the same.
    pub fn may_have_been_made(&self) -> bool {
        matches!(self, Self::NoAnswer { .. })
    }
}

/// Makes one change.
pub(super) async fn write(controllers: &Controllers, edit: &Edit) -> Result<(), WriteFault> {
    let connection = controllers.of(&edit.object.domain).await?;
    let who = connection.as_whom().unwrap_or("nobody").to_owned();
    let deadline = controllers.context().deadline;
    let mut handle = connection.library_handle();
    let changes = match edit.how {
        How::Add => vec![Mod::Add(name(edit), values(edit.added()))],
        How::Delete => vec![Mod::Delete(name(edit), values(edit.removed()))],
        How::Replace => vec![replacement(edit)],
    };
    let mut answer = modify(&mut handle, edit, deadline, changes).await?;
    if answer.0 == CONSTRAINT_VIOLATION && edit.how == How::Delete {
        // Samba takes no single value away as long as two accounts hold one, but
        // takes the list without it. It was read a moment ago.
        answer = modify(&mut handle, edit, deadline, vec![replacement(edit)]).await?;
    }
    match answer {
        (0, _) => Ok(()),
        (code, text) => Err(refused(edit, &who, code, &text)),
    }
}

const NO_SUCH_ATTRIBUTE: u32 = 16;
const CONSTRAINT_VIOLATION: u32 = 19;
const VALUE_EXISTS: u32 = 20;
const REFERRAL: u32 = 10;
const INSUFFICIENT_ACCESS: u32 = 50;

/// The result code and its text.
async fn modify(
    handle: &mut Ldap,
    edit: &Edit,
    deadline: Instant,
    changes: Vec<Mod<Vec<u8>>>,
) -> Result<(u32, String), WriteFault> {
    let no_answer = |what: &str| WriteFault::NoAnswer {
        server: edit.object.server.clone(),
        what: what.to_owned(),
    };
    let work = handle.modify(&edit.object.distinguished_name, changes);
    match timeout_at(deadline, work).await {
        Err(_) => Err(no_answer("the time was up")),
        Ok(Ok(result) | Err(LdapError::LdapResult { result })) => Ok((result.rc, result.text)),
        Ok(Err(_)) => Err(no_answer("the connection broke")),
    }
}

fn refused(edit: &Edit, who: &str, code: u32, text: &str) -> WriteFault {
    let server = edit.object.server.clone();
    match code {
        INSUFFICIENT_ACCESS => WriteFault::NotAllowed {
            who: who.to_owned(),
            attribute: edit.attribute.clone(),
            account: edit.object.account.clone(),
            whoever: whoever(&edit.attribute).to_owned(),
        },
        NO_SUCH_ATTRIBUTE | VALUE_EXISTS => WriteFault::Changed {
            attribute: edit.attribute.clone(),
            account: edit.object.account.clone(),
        },
        CONSTRAINT_VIOLATION => WriteFault::Rule {
            server,
            what: result_words(code, text),
        },
        REFERRAL => WriteFault::ReadOnly(server),
        _ => WriteFault::Refused {
            server,
            what: result_words(code, text),
        },
    }
}

/// Who may write an attribute.
fn whoever(attribute: &str) -> &'static str {
    match attribute {
        today::SPNS => {
            "Domain Admins may, and whoever was given the right to write servicePrincipalName \
             (\"Write servicePrincipalName\", WriteSPN) on that account"
        }
        today::LIST => {
            "Domain Admins may; others need the right to write it and the user right \"Enable \
             computer and user accounts to be trusted for delegation\""
        }
        today::ENTRY => {
            "On Windows, Domain Admins may, and whoever may write that account; Samba takes it on \
             the domain controller itself only (samba-tool delegation add-principal)"
        }
        _ => "Domain Admins may, and whoever was given the right to write it on that account",
    }
}

fn name(edit: &Edit) -> Vec<u8> {
    edit.attribute.clone().into_bytes()
}

fn replacement(edit: &Edit) -> Mod<Vec<u8>> {
    Mod::Replace(name(edit), values(edit.after.iter()))
}

fn values<'a>(values: impl IntoIterator<Item = &'a Value>) -> HashSet<Vec<u8>> {
    values.into_iter().map(|value| value.0.clone()).collect()
}
