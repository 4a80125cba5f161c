//! Leaving a step: what it came to is judged, recorded and shown.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::{Entry, StepKind};
use super::event::{Effect, Question};
use super::finding::{Finding, RuledOut, UnknownCause};
use super::judge;
use super::session::Session;
use super::state::{Phase, Taken, Visit};
use crate::probe::{NOT_OBSERVED, Outcome, ProbeRequest, Tone, registry};

impl Session {
    pub(super) fn conclude_probe(&mut self, outcome: Outcome) {
        if let Some(visit) = self.state.visits.get(self.state.current) {
            let entry = Entry::Observed {
                visit: visit.number,
                path: visit.path.clone(),
                request: visit
                    .request
                    .clone()
                    .unwrap_or_else(|| ProbeRequest::new("unknown")),
                outcome: outcome.clone(),
            };
            self.record(entry);
        }
        let status = outcome.status.clone();
        let facts = outcome.facts.clone();
        self.conclude(&status, &facts, Some(Arc::new(outcome)), Vec::new());
    }

    /// Leaves a probe step without an observation.
    pub(super) fn conclude_unobserved(&mut self, reason: &str) {
        let key = self
            .current()
            .and_then(|visit| visit.request.as_ref())
            .map(|r| r.probe.clone());
        let declaration = key
            .as_deref()
            .and_then(registry::declaration)
            .unwrap_or(&crate::probe::runner::UNKNOWN);
        self.conclude_probe(Outcome::not_observed(declaration, reason));
    }

    pub(super) fn conclude_answer(&mut self, question: &Question, value: Value) {
        let label = super::answer::label(question, &value);
        let kept = if question.kind == crate::flow::InputKind::Secret {
            Value::Null
        } else {
            value.clone()
        };
        if let Some(visit) = self.state.visits.get_mut(self.state.current) {
            visit.answer = Some((question.ask.clone(), label.clone()));
            let entry = Entry::Answered {
                visit: visit.number,
                path: visit.path.clone(),
                question: question.ask.clone(),
                answer: kept,
                label,
            };
            self.record(entry);
        }
        let mut facts = Map::new();
        facts.insert("answer".to_owned(), value);
        self.conclude("answered", &facts, None, Vec::new());
    }

    pub(super) fn conclude_unanswered(&mut self) {
        let mut facts = Map::new();
        facts.insert("answer".to_owned(), Value::Null);
        self.conclude("not-answered", &facts, None, Vec::new());
    }

    /// Judges the current step, records what follows, and shows it or goes on.
    pub(super) fn conclude(
        &mut self,
        status: &str,
        facts: &Map<String, Value>,
        outcome: Option<Arc<Outcome>>,
        words: Vec<String>,
    ) {
        let index = self.state.current;
        let (Some(frame), Some(visit)) =
            (self.state.frames.last_mut(), self.state.visits.get(index))
        else {
            return;
        };
        let id = visit.path.step().to_owned();
        id.clone_into(&mut frame.step);
        let Some(step) = frame.flow.steps.get(&id).cloned() else {
            return;
        };
        let (number, path, kind) = (visit.number, visit.path.clone(), visit.kind);

        let mut result = facts.clone();
        result.entry("reason").or_insert(Value::Null);
        result.insert("status".to_owned(), Value::from(status));
        frame.scope.insert(id, Value::Object(result));
        let scope = judge::scope_of(&frame.scope, status, facts);
        let mut judgement = judge::judge(
            &step,
            &path,
            status,
            &scope,
            outcome.as_deref(),
            &self.catalogue,
        );
        let said = !judgement.means.is_empty();
        let mut means = words;
        means.append(&mut judgement.means);
        if judgement.goto.is_none() {
            means.push(format!(
                "The flow does not say how to go on when this step is `{status}`, so it ends here."
            ));
        }

        let goto = judgement.goto.clone().unwrap_or_default();
        let found: Vec<String> = judgement
            .found
            .iter()
            .map(|finding| finding.cause.clone())
            .collect();
        let notable = !found.is_empty() || !judgement.unknown.is_empty();
        self.keep(
            number,
            judgement.found,
            judgement.ruled_out,
            judgement.unknown,
        );
        // It comes last: a step that was left in the journal has all it found.
        self.record(Entry::Branched {
            visit: number,
            path,
            status: status.to_owned(),
            branch: judgement.branch,
            condition: judgement.condition.clone(),
            saw: judgement.saw.clone(),
            means: means.clone(),
            goto: goto.clone(),
        });
        if let Some(visit) = self.state.visits.get_mut(index) {
            visit.tone = tone(visit, status, &found);
            visit.status = Some(status.to_owned());
            visit.outcome = outcome;
            visit.taken = Some(Taken {
                branch: judgement.branch,
                condition: judgement.condition,
                saw: judgement.saw,
                means,
                found,
                goto: goto.clone(),
            });
        }
        let ended = judgement.goto.is_none();
        if ended {
            self.finish("The walk could not go on.", true);
            return;
        }
        let pauses = match kind {
            StepKind::Probe | StepKind::Tell => true,
            StepKind::Ask | StepKind::Flow => said || notable,
            StepKind::Finish => false,
        };
        if pauses {
            self.state.phase = Phase::Showing { next: goto };
            self.effects.push(Effect::Show);
        } else {
            self.enter(&goto);
        }
    }

    /// Keeps what a step concluded. What was found in the same way before is
    /// one finding.
    fn keep(
        &mut self,
        number: u64,
        found: Vec<Finding>,
        ruled_out: Vec<RuledOut>,
        unknown: Vec<UnknownCause>,
    ) {
        for finding in found {
            let finding = self.with_what_was_told(finding);
            let known =
                self.state.findings.iter().any(|earlier| {
                    earlier.cause == finding.cause && earlier.values == finding.values
                });
            if !known {
                self.record(Entry::Found {
                    visit: number,
                    finding: finding.clone(),
                });
                self.state.findings.push(finding);
            }
        }
        for out in ruled_out {
            self.record(Entry::RuledOut {
                visit: number,
                ruled_out: out.clone(),
            });
            self.state.ruled_out.push(out);
        }
        for open in unknown {
            let Some(open) = self.settled(number, open) else {
                continue;
            };
            self.record(Entry::Unknown {
                visit: number,
                unknown: open.clone(),
            });
            self.state.unknown.push(open);
        }
    }
}

/// The mark beside a step.
fn tone(visit: &Visit, status: &str, found: &[String]) -> Tone {
    if !found.is_empty() {
        return Tone::Fault;
    }
    match visit.kind {
        StepKind::Probe if status == NOT_OBSERVED => Tone::Unknown,
        StepKind::Probe => visit
            .request
            .as_ref()
            .and_then(|request| registry::declaration(&request.probe))
            .map_or(Tone::Unknown, |declaration| declaration.tone(status)),
        StepKind::Flow if status == "cause-found" => Tone::Fault,
        StepKind::Flow if status == "inconclusive" => Tone::Unknown,
        StepKind::Ask if status == "not-answered" => Tone::Unknown,
        _ => Tone::Good,
    }
}
