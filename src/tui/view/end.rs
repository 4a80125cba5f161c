//! The end of a walk, on one page: what it says, where the way breaks, what to
//! repair in which order, what to do now, what stays unknown and who could tell,
//! and what is ruled out.

use serde_json::Map;

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use super::super::walk_state::WalkState;
use super::findings;
use crate::engine::{Looked, Phase, Verdict, path, unresolved};
use crate::fix::Plan;
use crate::transcript::HandOver;

/// The end as a page.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let Some(walking) = model.walking() else {
        return document;
    };
    let state = &walking.state;
    let Phase::Finished { verdict, words } = &state.phase else {
        return document;
    };
    let causes = findings::in_order(model, state);
    let (title, role) = match (verdict, causes.len()) {
        (Verdict::CauseFound, 1) => ("1 cause was found".to_owned(), Role::Fault),
        (Verdict::CauseFound, count) => (format!("{count} causes were found"), Role::Fault),
        (Verdict::Healthy, _) => ("Nothing is wrong".to_owned(), Role::Good),
        (Verdict::Inconclusive, _) => (
            "No cause was found, but not everything could be seen".to_owned(),
            Role::Unknown,
        ),
    };
    document.text(&title, role);
    if !words.trim().is_empty() {
        document.text(words.trim(), Role::Plain);
    }
    document.gap();
    picture(model, &mut document, width);
    if !causes.is_empty() {
        document.text("Repair in this order", Role::Label);
    }
    for (number, finding) in causes.iter().enumerate() {
        let title = format!("{}. {}", number + 1, finding.title);
        document.text(&title, Role::Fault);
        let severity = finding.severity.words();
        if !document.note(severity, Role::Quiet) {
            document.hanging("", Role::Plain, 3, severity, Role::Quiet);
        }
        document.hanging(
            "",
            Role::Plain,
            3,
            first_sentence(&finding.meaning),
            Role::Plain,
        );
    }
    document.gap();
    let plan = Plan::of(&causes);
    fix(&mut document, &plan);
    now(model, &mut document, *verdict, &plan);
    findings::unknown(model, &mut document, state);
    findings::ruled_out(&mut document, state);
    document
}

/// The way from the client to the data, and where it breaks.
fn picture(model: &Model, document: &mut Document, width: usize) {
    let Some(walking) = model.walking() else {
        return;
    };
    let state = &walking.state;
    let nothing = Map::new();
    let looked: Vec<Looked<'_>> = state
        .visits
        .iter()
        .filter_map(|visit| {
            Some(Looked {
                probe: &visit.request.as_ref()?.probe,
                status: visit.status.as_deref()?,
                facts: visit
                    .outcome
                    .as_ref()
                    .map_or(&nothing, |outcome| &outcome.facts),
            })
        })
        .collect();
    let stations = path::path(
        &model.catalogue,
        &walking.target,
        &looked,
        &findings::in_order(model, state),
        &state.ruled_out,
        &state.unknown,
    );
    for line in path::drawing(&stations, width.saturating_sub(2)) {
        let role = if line.starts_with("It breaks") {
            Role::Fault
        } else {
            Role::Strong
        };
        document.verbatim(None, &format!("  {line}"), role);
    }
    document.gap();
}

/// What the fix does, step by step, and who can do it.
fn fix(document: &mut Document, plan: &Plan) {
    if plan.steps.is_empty() && plan.manual.is_empty() {
        return;
    }
    document.text("The fix", Role::Label);
    for step in &plan.steps {
        document.hanging(" - ", Role::Plain, 3, &step.change.words(), Role::Strong);
    }
    for entry in &plan.manual {
        document.hanging(" - ", Role::Plain, 3, entry.text.trim(), Role::Strong);
        for (prompt, command) in [("$", &entry.linux), (">", &entry.windows)] {
            if let Some(command) = command {
                document.verbatim(None, &format!("   {prompt} {command}"), Role::Command);
            }
        }
    }
    let who = plan.who();
    if !who.is_empty() {
        let words = format!("The script does it. Who may run it: {}.", who.join("; "));
        document.text(&words, Role::Plain);
    }
    document.gap();
}

/// The first sentence; the others are with the findings.
fn first_sentence(text: &str) -> &str {
    let end = text
        .match_indices(". ")
        .find(|(at, _)| {
            text[at + 2..]
                .chars()
                .next()
                .is_some_and(char::is_uppercase)
        })
        .map_or(text.len(), |(at, _)| at + 1);
    &text[..end]
}

/// What to do now.
fn now(model: &Model, document: &mut Document, verdict: Verdict, plan: &Plan) {
    document.text("What to do now", Role::Label);
    let state = model.walking().map(|walking| &walking.state);
    let is_left = |state: &WalkState| {
        !unresolved(&state.unknown, &state.ruled_out, &state.findings).is_empty()
    };
    if verdict != Verdict::CauseFound && state.is_some_and(is_left) {
        document.text("Read below what could not be seen, and why.", Role::Plain);
    }
    let mut key = |key: &str, words: &str| {
        document.hanging(key, Role::Key, 7, words, Role::Plain);
    };
    let cards = super::cards::of(model);
    // Where a script waits for somebody else's answer, that comes first.
    let waits = |state: &WalkState| {
        let found = |card: &HandOver| state.findings.iter().any(|one| one.cause == card.cause);
        plan.steps.is_empty() && (state.findings.is_empty() || cards.iter().any(found))
    };
    let asks_first = state.is_some_and(waits);
    if asks_first {
        hand_over(&cards, state, &mut key);
    }
    if verdict == Verdict::CauseFound {
        let words = if plan.steps.is_empty() {
            "read how to repair it, and save that"
        } else {
            "read the fix script, save it, and hand it to who may run it"
        };
        key("Enter", words);
        key("f", "what each cause means, and its evidence");
    }
    if !asks_first {
        hand_over(&cards, state, &mut key);
    }
    key("x", "write the transcript, for a ticket or a mail");
    if verdict != Verdict::CauseFound && cards.is_empty() {
        document.text(
            "If it fails elsewhere: start sspi-doctor there, as the user for whom it fails.",
            Role::Plain,
        );
    }
    if verdict == Verdict::CauseFound {
        document.text(
            "After the repair walk once more: that shows whether it was all.",
            Role::Plain,
        );
    }
    if let Some(journal) = state.and_then(|state| state.journal.as_ref()) {
        document.labelled("Kept in", &journal.display().to_string(), Role::Quiet);
    }
    document.gap();
}

/// Whom to ask what, and where the answer goes.
fn hand_over(cards: &[HandOver], state: Option<&WalkState>, key: &mut impl FnMut(&str, &str)) {
    if cards.is_empty() {
        return;
    }
    let mut whom: Vec<&str> = Vec::new();
    for one in cards {
        if !whom.contains(&one.card.whom.as_str()) {
            whom.push(&one.card.whom);
        }
    }
    key("c", &format!("what to ask {}", whom.join("; and ")));
    if state.is_some_and(|state| state.replayed.is_none()) {
        key("v", "paste what they answer: the walk takes it in");
    }
}
