//! A probe that runs: what it asks and whom, for how long, when it gives up,
//! and what was asked ahead at the same time.

use std::time::Duration;

use super::super::document::Document;
use super::super::model::{Model, Walking};
use super::super::theme::Role;
use super::{evidence, step};
use crate::driver::{Asked, Progress};
use crate::engine::Visit;
use crate::probe::{Attempt, AttemptState, ProbeRequest, registry};

/// How many of the other questions are shown.
const OTHERS: usize = 8;
/// How many servers are shown.
const SERVERS: usize = 6;

/// Adds what is asked while the answer is awaited.
pub fn draw(model: &Model, document: &mut Document, walking: &Walking, visit: &Visit) {
    if let Some(request) = &visit.request {
        step::asking(document, request);
        document.gap();
    }
    let waited = model.clock.saturating_sub(walking.asked);
    let spinner = model.look.glyphs.spinner(waited.as_millis() / 250);
    let limit = walking
        .state
        .deadline
        .map(|deadline| format!(", gives up after {} s", deadline.as_secs().max(1)))
        .unwrap_or_default();
    document.labelled(
        spinner,
        &format!("waiting for {} s{limit}", waited.as_secs()),
        Role::Current,
    );
    attempts(document, walking.asked_now());
    let others = walking.meanwhile();
    if others.is_empty() {
        return;
    }
    document.gap();
    for (number, other) in others.iter().take(OTHERS).enumerate() {
        let label = if number == 0 { "Also" } else { "" };
        let (time, role) = match other.progress {
            Progress::Queued => ("waits".to_owned(), Role::Quiet),
            Progress::Running(time) => (under_way(other, time), Role::Current),
            Progress::Answered(time) => (format!("answered, {time} ms"), Role::Quiet),
        };
        document.labelled(label, &words(other), Role::Plain);
        if !document.note(&time, role) {
            document.beside_label(&time, role);
        }
    }
    if others.len() > OTHERS {
        let more = others.len() - OTHERS;
        document.beside_label(&format!("({more} more)"), Role::Quiet);
    }
}

/// The servers that the probe asks, one a line: those that have not answered
/// first where there is no room for all.
fn attempts(document: &mut Document, asked: Option<&Asked>) {
    let Some(asked) = asked.filter(|asked| !asked.attempts.is_empty()) else {
        return;
    };
    document.gap();
    let mut attempts: Vec<&Attempt> = asked.attempts.iter().collect();
    if attempts.len() > SERVERS {
        attempts.sort_by_key(|one| one.state != AttemptState::Running);
    }
    for (number, one) in attempts.iter().take(SERVERS).enumerate() {
        let label = if number == 0 { "Servers" } else { "" };
        let (time, role) = match one.state {
            AttemptState::Running => (format!("{} s", one.time.as_secs()), Role::Current),
            AttemptState::Answered => {
                (format!("answered, {} ms", one.time.as_millis()), Role::Good)
            }
            AttemptState::Failed => (
                format!("no answer, {} ms", one.time.as_millis()),
                Role::Fault,
            ),
        };
        document.labelled(label, &one.server, Role::Plain);
        if !document.note(&time, role) {
            document.beside_label(&time, role);
        }
    }
    if attempts.len() > SERVERS {
        let more = attempts.len() - SERVERS;
        document.beside_label(&format!("({more} more)"), Role::Quiet);
    }
}

/// For how long a question has been under way, and how many of its servers are
/// done with it.
fn under_way(asked: &Asked, time: Duration) -> String {
    let all = asked.attempts.len();
    let done = asked
        .attempts
        .iter()
        .filter(|one| one.state != AttemptState::Running)
        .count();
    if all > 1 {
        format!("{done} of {all}, {} s", time.as_secs())
    } else {
        format!("{} s", time.as_secs())
    }
}

/// What is asked, and of whom.
fn words(asked: &Asked) -> String {
    let title = registry::declaration(&asked.request.probe)
        .map_or(asked.request.probe.as_str(), |declared| declared.title);
    match subject(&asked.request) {
        Some(subject) => format!("{title}: {subject}"),
        None => title.to_owned(),
    }
}

/// The host, name or realm that a request is about.
fn subject(request: &ProbeRequest) -> Option<String> {
    [
        "host",
        "name",
        "hosts",
        "addresses",
        "spn",
        "account",
        "realm",
        "domain",
        "to_domain",
        "spns",
    ]
    .iter()
    .find_map(|name| request.arguments.get(*name))
    .map(evidence::words)
}
