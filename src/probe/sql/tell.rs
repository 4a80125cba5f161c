//! The outcome of a session.

use serde_json::{Value, json};

use super::linked_mapping;
use super::reading::{self, CLOCK, CONNECTION, LINKED, Rows, SUBJECTS};
use super::told::{Refusal, Told};
use crate::probe::declare::exchange;
use crate::probe::{Outcome, OutcomeBuilder};

/// Of a login that did not come off.
pub(super) fn refused(mut outcome: OutcomeBuilder, refusal: Refusal) -> Outcome {
    for line in refusal.evidence {
        outcome.evidence(line);
    }
    if let Some((number, state, message)) = refusal.error {
        outcome
            .fact("error_number", number)
            .fact("error_state", state)
            .fact("error_message", message);
    } else {
        outcome.fact("error_message", refusal.words.as_str());
    }
    outcome
        .summary(refusal.words.as_str())
        .reason(refusal.words);
    outcome.finish(refusal.status)
}

/// Turns all answers into facts. `linked_to` are the names of the back end whose
/// linked server is looked for.
pub(super) fn told(mut outcome: OutcomeBuilder, mut told: Told, linked_to: &[String]) -> Outcome {
    for line in told.login.drain(..) {
        outcome.evidence(line);
    }
    let address = told.address;
    let answered = told.answers.iter().flatten().count();
    outcome.evidence(exchange(
        format!("{address}: {} questions at once", SUBJECTS.len()),
        match &told.broken {
            None => "answered".to_owned(),
            Some(why) => format!("{answered} answered; then {why}"),
        },
        told.elapsed,
    ));
    let mut unreadable: Vec<Value> = Vec::new();
    for (index, subject) in SUBJECTS.iter().enumerate() {
        match told.answer(index) {
            Ok(rows) => {
                (subject.read)(rows, &mut outcome);
                if subject.name == CLOCK {
                    reading::clock(rows, told.at, &mut outcome);
                }
                outcome.saw(format!("{address}: {}", subject.name), words(rows));
            }
            Err(error) => {
                unreadable.push(json!({"what": subject.name, "error": error}));
                outcome.saw(format!("{address}: {}", subject.name), error);
            }
        }
    }
    let connection = |column: usize| {
        let rows = told.answer_to(CONNECTION).ok()?;
        rows.first()?.get(column)?.clone()
    };
    if !linked_to.is_empty() {
        let login = connection(4);
        linked_mapping::tell(
            told.answer_to(LINKED),
            login.as_deref(),
            linked_to,
            &mut outcome,
        );
    }
    outcome
        .fact("unreadable", unreadable)
        .summary(connection(0).map_or_else(
            || "logged in".to_owned(),
            |scheme| format!("logged in by {scheme}"),
        ));
    outcome.finish("connected")
}

/// The first rows of an answer, for the evidence.
fn words(rows: &Rows) -> String {
    /// As many as a person reads.
    const MOST: usize = 12;
    if rows.is_empty() {
        return "nothing".to_owned();
    }
    let mut lines: Vec<String> = rows
        .iter()
        .take(MOST)
        .map(|row| {
            let cells: Vec<&str> = row
                .iter()
                .map(|cell| cell.as_deref().unwrap_or("-"))
                .collect();
            cells.join(" | ")
        })
        .collect();
    if rows.len() > MOST {
        lines.push(format!("and {} more", rows.len() - MOST));
    }
    lines.join("\n")
}
