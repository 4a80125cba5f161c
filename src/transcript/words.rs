//! Words that text and Markdown share.

use jiff::Timestamp;

use super::document::{SessionDocument, StepRecord};
use crate::engine::{RuledOut, StepKind};
use crate::fix::Operation;
use crate::probe::{Tone, registry};

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

/// How a step is to be taken, in four characters.
pub(super) fn mark(document: &SessionDocument, step: &StepRecord) -> &'static str {
    let Some(status) = step.status.as_deref() else {
        return "[..]";
    };
    if document
        .findings
        .iter()
        .any(|finding| finding.finding.step == step.id)
    {
        return "[!!]";
    }
    let tone = match (step.kind, status) {
        (StepKind::Probe, _) => step
            .probe
            .as_deref()
            .and_then(registry::declaration)
            .map_or(Tone::Unknown, |declaration| declaration.tone(status)),
        (StepKind::Flow, "cause-found") => Tone::Fault,
        (StepKind::Flow, "inconclusive") | (StepKind::Ask, "not-answered") => Tone::Unknown,
        _ => Tone::Good,
    };
    match tone {
        Tone::Good => "[ok]",
        Tone::Fault => "[!!]",
        Tone::Unknown => "[??]",
    }
}

/// When a session was walked, by what, and where its answers came from.
pub(super) fn origin(document: &SessionDocument) -> String {
    let resumed: Vec<String> = document.resumed.iter().copied().map(time).collect();
    let resumed = if resumed.is_empty() {
        String::new()
    } else {
        format!(" It was cut off and went on at {}.", resumed.join(", "))
    };
    format!(
        "Walked {} to {}, flow {}, sspi-doctor {}, {}.{resumed}",
        time(document.started),
        document
            .ended
            .map_or_else(|| "(not ended)".to_owned(), time),
        document.flow,
        document.version,
        if document.source == "live" {
            "live".to_owned()
        } else {
            format!("in the recorded world {}", document.source)
        }
    )
}

/// Why a cause is excluded, in words.
pub(super) fn excluded(ruled_out: &RuledOut) -> String {
    if ruled_out.excluded.is_empty() {
        // A journal of before there were sentences.
        format!("{}: {}", ruled_out.cause, ruled_out.why)
    } else {
        format!("{} ({})", ruled_out.excluded, ruled_out.cause)
    }
}
