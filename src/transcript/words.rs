//! Words that text and Markdown share.

use jiff::Timestamp;

use super::document::{SessionDocument, StepRecord};
use crate::engine::Verdict;
use crate::fix::Operation;

/// What the walk says, in one line.
pub(super) fn verdict(document: &SessionDocument) -> String {
    match (document.verdict, document.findings.len()) {
        (Verdict::CauseFound, 1) => "1 cause found".to_owned(),
        (Verdict::CauseFound, count) => format!("{count} causes found"),
        (Verdict::Healthy, _) => {
            "healthy: everything was looked at, and nothing is wrong".to_owned()
        }
        (Verdict::Inconclusive, _) if document.ended.is_none() => {
            "inconclusive: the walk was not finished".to_owned()
        }
        (Verdict::Inconclusive, _) => {
            "inconclusive: nothing was found, but not everything could be looked at".to_owned()
        }
    }
}

/// A time, to the second.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// An operation of a fix, in a sentence.
pub(super) fn operation(operation: &Operation) -> String {
    match operation {
        Operation::RemoveSpn { spn, account } => format!("Remove {spn} from {}.", account.name),
        Operation::AddSpn { spn, account } => {
            format!(
                "Add {spn} to {}, after a check for duplicates.",
                account.name
            )
        }
        Operation::ResetPrincipalName { account, spn } => match account.usual_principal_name() {
            Some(name) => format!(
                "Set the logon name of {} to {name}: it is {spn}.",
                account.name
            ),
            None => format!("Clear the logon name of {}: it is {spn}.", account.name),
        },
        Operation::SetReverseRecord {
            address,
            name,
            remove,
            ..
        } => format!(
            "Make the reverse record (PTR) of {address} name {name}{}.",
            instead(
                remove
                    .iter()
                    .filter(|wrong| !wrong.eq_ignore_ascii_case(name))
            )
        ),
        Operation::SetAddressRecord {
            name,
            addresses,
            remove,
            ..
        } => format!(
            "Make {name} lead to {}{}.",
            addresses.join(", "),
            instead(remove.iter().filter(|wrong| !addresses.contains(wrong)))
        ),
        Operation::AllowDelegation { account, spns } => {
            format!("Let {} delegate to {}.", account.name, spns.join(", "))
        }
        Operation::AllowToAct {
            account, delegate, ..
        } => format!(
            "Let {} act for users towards {} (resource-based delegation).",
            delegate.name, account.name
        ),
        Operation::AllowUserDelegation { account } => format!(
            "Only if it is a mistake: take the mark `sensitive and cannot be delegated` from {}.",
            account.name
        ),
        Operation::SetAccount { account, to } => {
            let words = to.words(&account.name);
            let mut letters = words.chars();
            let first: String = letters
                .next()
                .iter()
                .flat_map(|first| first.to_uppercase())
                .collect();
            format!("{first}{}.", letters.as_str())
        }
        Operation::CreateForestTrust {
            user_forest,
            server_forest,
        } => format!(
            "Create a forest trust in which {server_forest} trusts {user_forest}; it needs an \
             administrator of both."
        ),
        Operation::CreateLogin { server, login } => {
            format!("Create the login {login} in the SQL Server {server}.")
        }
        Operation::ClientCommand { what, .. } => format!("{what}."),
        Operation::Advice { text } => text.clone(),
    }
}

/// The commands of an operation that the user types, with the prompt of the
/// system that they are for.
pub(super) fn commands(operation: &Operation) -> Vec<String> {
    match operation {
        Operation::ClientCommand { linux, windows, .. } => std::iter::once(format!("$ {linux}"))
            .chain(windows.iter().map(|command| format!("> {command}")))
            .collect(),
        _ => Vec::new(),
    }
}

fn instead<'a>(wrong: impl Iterator<Item = &'a String>) -> String {
    let wrong: Vec<&str> = wrong.map(String::as_str).collect();
    if wrong.is_empty() {
        String::new()
    } else {
        format!(" instead of {}", wrong.join(", "))
    }
}

/// How a step came out, in a few words.
pub(super) fn status(step: &StepRecord) -> String {
    let status = step.status.as_deref().unwrap_or("not finished");
    if step.summary.is_empty() || step.summary == status {
        status.to_owned()
    } else {
        format!("{status}: {}", step.summary)
    }
}
