//! The causes: found, ruled out, unknown.

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use super::super::walk_state::WalkState;
use crate::cause::Catalogue;
use crate::engine::Finding;
use crate::engine::finding::{UnknownCause, excluded, unresolved};

/// The causes as a page.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let Some(walking) = model.walking() else {
        return document;
    };
    let state = &walking.state;
    document.title("Findings");
    document.gap();
    let findings = in_order(model, state);
    if findings.is_empty() {
        document.text("No cause was found so far.", Role::Plain);
    } else {
        document.text("In the order in which to repair them:", Role::Plain);
    }
    document.gap();
    for (number, finding) in findings.iter().enumerate() {
        found(&mut document, number + 1, finding);
        document.gap();
    }
    ruled_out(&mut document, state);
    unknown(model, &mut document, state);
    document
}

/// The findings in the order of repair.
pub fn in_order(model: &Model, state: &WalkState) -> Vec<Finding> {
    let mut findings = state.findings.clone();
    model.catalogue.sort(&mut findings);
    findings
}

/// One cause: what it is, what it means, what proves it.
fn found(document: &mut Document, number: usize, finding: &Finding) {
    document.hanging(
        &format!("{number}."),
        Role::Fault,
        3,
        &finding.title,
        Role::Fault,
    );
    let severity = format!("{}: {}", finding.cause, finding.severity.words());
    document.hanging("", Role::Plain, 3, &severity, Role::Quiet);
    document.hanging("", Role::Plain, 3, &finding.meaning, Role::Plain);
    for advice in Catalogue::embedded().beware(&finding.cause) {
        let words = format!("Beware of {}", advice.words());
        document.hanging("", Role::Plain, 3, &words, Role::Fault);
    }
    if !finding.evidence.is_empty() {
        document.hanging("", Role::Plain, 3, "Evidence", Role::Label);
    }
    for line in &finding.evidence {
        document.hanging("   - ", Role::Plain, 5, line, Role::Plain);
    }
}

/// What was excluded, a sentence for each cause.
pub fn ruled_out(document: &mut Document, state: &WalkState) {
    let excluded = excluded(&state.ruled_out, &state.findings);
    if excluded.is_empty() {
        return;
    }
    document.text("Ruled out", Role::Label);
    for ruled_out in excluded {
        document.hanging("[ok] ", Role::Good, 5, ruled_out.words(), Role::Plain);
    }
    document.gap();
}

/// What could not be seen, and why.
pub fn unknown(model: &Model, document: &mut Document, state: &WalkState) {
    let mut unknown = unresolved(&state.unknown, &state.ruled_out, &state.findings);
    if unknown.is_empty() {
        return;
    }
    // First what somebody could tell.
    let card = |one: &UnknownCause| model.catalogue.card(&one.cause, &one.values);
    unknown.sort_by_key(|unknown| card(unknown).is_none());
    document.text("Not known, and who could tell", Role::Label);
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    let mut tellers: Vec<(&str, String)> = Vec::new();
    for unknown in unknown {
        let title = title(model, &unknown.cause);
        if let Some(card) = card(unknown)
            && !tellers.iter().any(|(why, _)| *why == unknown.why)
        {
            tellers.push((&unknown.why, card.whom.clone()));
        }
        match reasons.iter_mut().find(|(why, _)| *why == unknown.why) {
            Some((_, titles)) => titles.push(title),
            None => reasons.push((&unknown.why, vec![title])),
        }
    }
    for (why, titles) in reasons {
        for title in titles {
            document.hanging("[??] ", Role::Unknown, 5, &title, Role::Plain);
        }
        document.hanging("", Role::Plain, 5, why, Role::Quiet);
        if let Some((_, whom)) = tellers.iter().find(|(other, _)| *other == why) {
            let words = format!("Who could tell: {whom}");
            document.hanging("", Role::Plain, 5, &words, Role::Quiet);
        }
    }
    document.gap();
}

fn title(model: &Model, cause: &str) -> String {
    model
        .catalogue
        .cause(cause)
        .map_or_else(|| cause.to_owned(), |cause| cause.title.clone())
}
