//! The end of a walk, on one page: what it says, where the way breaks, what to
//! repair in which order, what to do now, what stays unknown and who could tell,
//! and what is ruled out.

use serde_json::Map;

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use super::findings;
use crate::engine::{Looked, Phase, Verdict, path, unresolved};

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
        document.ends(
            (&title, Role::Fault),
            (finding.severity.words(), Role::Quiet),
        );
        document.hanging(
            "",
            Role::Plain,
            3,
            first_sentence(&finding.meaning),
            Role::Plain,
        );
    }
    document.gap();
    now(model, &mut document, !causes.is_empty());
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
fn now(model: &Model, document: &mut Document, has_findings: bool) {
    document.text("What to do now", Role::Label);
    if !has_findings
        && model
            .walking()
            .map(|walking| &walking.state)
            .is_some_and(|state| {
                !unresolved(&state.unknown, &state.ruled_out, &state.findings).is_empty()
            })
    {
        document.text("Read below what could not be seen, and why.", Role::Plain);
    }
    if has_findings {
        document.hanging(
            "Enter",
            Role::Key,
            7,
            "read the fix script and save it",
            Role::Plain,
        );
        document.hanging(
            "f",
            Role::Key,
            7,
            "what each cause means, and its evidence",
            Role::Plain,
        );
    }
    let cards = super::cards::of(model);
    if !cards.is_empty() {
        let mut whom: Vec<&str> = Vec::new();
        for one in &cards {
            if !whom.contains(&one.card.whom.as_str()) {
                whom.push(&one.card.whom);
            }
        }
        let words = format!("what to hand over to {}", whom.join("; to "));
        document.hanging("c", Role::Key, 7, &words, Role::Plain);
    }
    document.hanging(
        "x",
        Role::Key,
        7,
        "export the transcript for a ticket or a mail",
        Role::Plain,
    );
    if let Some(journal) = model
        .walking()
        .and_then(|walking| walking.state.journal.as_ref())
    {
        document.labelled("Journal", &journal.display().to_string(), Role::Quiet);
    }
    document.gap();
}
