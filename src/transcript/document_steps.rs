//! The steps of a session document.

use super::document::{Answer, BranchRecord, StepRecord};
use super::reading::Line;
use crate::engine::Entry;

/// The steps that count, in the order in which they were entered.
pub(super) fn steps(lines: &[&Line]) -> Vec<StepRecord> {
    let mut steps: Vec<(u64, StepRecord)> = Vec::new();
    for line in lines {
        match &line.entry {
            Entry::Entered {
                visit,
                path,
                flow,
                kind,
                title,
                why,
            } => steps.push((
                *visit,
                StepRecord {
                    id: path.clone(),
                    flow: flow.clone(),
                    kind: *kind,
                    probe: None,
                    title: title.clone(),
                    why: why.clone(),
                    status: None,
                    summary: String::new(),
                    facts: serde_json::Map::new(),
                    answer: None,
                    branch: None,
                    means: Vec::new(),
                    evidence: Vec::new(),
                    by_hand: None,
                    elapsed_ms: None,
                },
            )),
            other => {
                if let Some(visit) = other.visit()
                    && let Some((_, step)) =
                        steps.iter_mut().rev().find(|(known, _)| *known == visit)
                {
                    tell(step, other);
                }
            }
        }
    }
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Adds to a step what an entry says of it.
fn tell(step: &mut StepRecord, entry: &Entry) {
    match entry {
        Entry::Answered {
            question,
            answer,
            label,
            ..
        } => {
            step.summary.clone_from(label);
            step.answer = Some(Answer {
                question: question.clone(),
                answer: answer.clone(),
                label: label.clone(),
            });
        }
        Entry::Asked { request, .. } => step.probe = Some(request.probe.clone()),
        Entry::Observed {
            request, outcome, ..
        } => {
            step.probe = Some(request.probe.clone());
            step.status = Some(outcome.status.clone());
            step.summary.clone_from(&outcome.summary);
            step.facts.clone_from(&outcome.facts);
            step.evidence.clone_from(&outcome.evidence);
            step.by_hand = Some(outcome.by_hand.clone());
            step.elapsed_ms = Some(outcome.elapsed_ms);
        }
        Entry::Branched {
            status,
            branch,
            condition,
            saw,
            means,
            goto,
            ..
        } => {
            step.status = Some(status.clone());
            step.means.clone_from(means);
            step.branch = Some(BranchRecord {
                number: *branch,
                condition: condition.clone(),
                saw: saw.clone(),
                goto: goto.clone(),
            });
        }
        Entry::Skipped { .. } => {
            step.status.get_or_insert_with(|| "skipped".to_owned());
            if step.summary.is_empty() {
                "skipped".clone_into(&mut step.summary);
            }
        }
        _ => {}
    }
}
