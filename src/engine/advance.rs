//! Entering steps and leaving them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::entry::{Entry, StepKind};
use super::event::{ConsentQuestion, Effect, Question, RunId};
use super::finding::{Verdict, unresolved};
use super::judge;
use super::session::Session;
use super::state::{Frame, Phase, Taken, Visit};
use crate::flow::model::GIVEN;
use crate::flow::{Action, Input, Step, expr};
use crate::probe::{Consent, NOT_OBSERVED, Outcome, ProbeRequest, Tone, registry};

impl Session {
    /// Enters a step of the innermost flow and goes on until something is to
    /// be asked, observed or read, or the walk has ended.
    pub(super) fn enter(&mut self, id: &str) {
        let before = self.state.clone();
        let Some(frame) = self.state.frames.last_mut() else {
            return;
        };
        let Some(step) = frame.flow.steps.get(id).cloned() else {
            let words = format!("The flow `{}` has no step `{id}`.", frame.flow.id);
            self.finish(&words, true);
            return;
        };
        id.clone_into(&mut frame.step);
        let (flow, path, scope) = (
            frame.flow.id.clone(),
            frame.path.join(id),
            frame.scope.clone(),
        );
        self.before = Some(before);
        self.last_visit += 1;
        let visit = Visit {
            number: self.last_visit,
            path,
            flow,
            kind: kind(&step.action),
            title: text(&step.title.source, &scope),
            why: text(&step.why.source, &scope),
            request: None,
            outcome: None,
            answer: None,
            status: None,
            tone: Tone::Unknown,
            taken: None,
        };
        self.record(Entry::Entered {
            visit: visit.number,
            path: visit.path.clone(),
            flow: visit.flow.clone(),
            kind: visit.kind,
            title: visit.title.clone(),
            why: visit.why.clone(),
        });
        self.state.visits.push(visit);
        self.state.current = self.state.visits.len() - 1;
        self.act(&step, &scope);
    }

    fn act(&mut self, step: &Step, scope: &Map<String, Value>) {
        match &step.action {
            Action::Probe {
                probe,
                arguments,
                deadline,
            } => {
                self.probe(probe, arguments, *deadline, scope);
            }
            Action::Ask(input) => self.ask(input, scope),
            Action::Tell(words) => {
                let words = text(&words.source, scope);
                self.conclude("told", Map::new(), None, vec![words]);
            }
            Action::Flow { flow, with } => self.call(flow, with, scope),
            Action::Finish(words) => {
                let words = text(&words.source, scope);
                self.finish(&words, false);
            }
        }
    }

    fn probe(
        &mut self,
        probe: &str,
        arguments: &indexmap::IndexMap<String, Value>,
        deadline: Option<Duration>,
        scope: &Map<String, Value>,
    ) {
        let request = match request(probe, arguments, scope) {
            Ok(request) => request,
            Err(fault) => {
                self.conclude_unobserved(&format!("the flow could not say what to ask: {fault}"));
                return;
            }
        };
        if let Some(visit) = self.state.visits.get_mut(self.state.current) {
            visit.request = Some(request.clone());
        }
        let declaration = registry::declaration(probe);
        if let Some(Consent::AsksFirst(leaves)) = declaration.map(|declared| declared.consent)
            && !self.allowed.contains(probe)
        {
            let question = ConsentQuestion {
                path: self
                    .current()
                    .map(|visit| visit.path.clone())
                    .unwrap_or_default(),
                probe: probe.to_owned(),
                title: declaration
                    .map(|declared| declared.title.to_owned())
                    .unwrap_or_default(),
                leaves: leaves.to_owned(),
                request,
                deadline,
            };
            self.state.phase = Phase::Consenting(Box::new(question.clone()));
            self.effects.push(Effect::AskConsent(question));
            return;
        }
        self.start_probe(request, deadline);
    }

    pub(super) fn start_probe(&mut self, request: ProbeRequest, deadline: Option<Duration>) {
        let Some(visit) = self.state.visits.get(self.state.current) else {
            return;
        };
        let (number, path) = (visit.number, visit.path.clone());
        self.last_run += 1;
        let run = RunId(self.last_run);
        self.state.phase = Phase::Probing { run };
        self.record(Entry::Asked {
            visit: number,
            path,
            request: request.clone(),
        });
        self.effects.push(Effect::Observe {
            run,
            request,
            deadline,
            fresh: self.fresh,
        });
    }

    fn ask(&mut self, input: &Input, scope: &Map<String, Value>) {
        let Some(visit) = self.state.visits.get(self.state.current) else {
            return;
        };
        let (path, flow) = (visit.path.clone(), visit.flow.clone());
        let known = [
            path.0.clone(),
            format!("{flow}.{}", path.step()),
            path.step().to_owned(),
        ]
        .iter()
        .find_map(|name| self.answers.get(name))
        .cloned();
        let question = Question {
            ask: text(&input.ask.source, scope),
            kind: input.kind,
            choices: input.choices.clone(),
            help: input.help.clone(),
            example: input.example.clone(),
            default: self
                .remembered
                .get(&path.0)
                .cloned()
                .or_else(|| input.default.as_ref().map(|value| resolved(value, scope))),
            optional: input.optional,
            path,
        };
        if let Some(value) = known {
            self.conclude_answer(&question, value);
            return;
        }
        self.state.phase = Phase::Asking(Box::new(question.clone()));
        self.effects.push(Effect::Ask(question));
    }

    fn call(
        &mut self,
        id: &str,
        with: &indexmap::IndexMap<String, Value>,
        scope: &Map<String, Value>,
    ) {
        let Some(flow) = self.library.flow(id) else {
            self.conclude(
                "inconclusive",
                Map::new(),
                None,
                vec![format!(
                    "There is no flow `{id}`; `sspi-doctor flows` lists them."
                )],
            );
            return;
        };
        let mut inner = Map::new();
        for (name, input) in &flow.inputs {
            let value = match (with.get(name), &input.default) {
                (Some(value), _) => resolved(value, scope),
                (None, Some(default)) => default.clone(),
                (None, None) => Value::Null,
            };
            inner.insert(name.clone(), value);
        }
        inner.insert(GIVEN.to_owned(), self.given.clone());
        let caller = self.state.current;
        let path = self
            .current()
            .map(|visit| visit.path.clone())
            .unwrap_or_default();
        let start = flow.start.clone();
        self.state.frames.push(Frame {
            step: start.clone(),
            flow,
            path,
            scope: inner,
            caller: Some(caller),
            found_before: self.state.findings.len(),
            unknown_before: self.state.unknown.len(),
        });
        self.enter(&start);
    }

    /// Ends the innermost flow. `broken` says that it did not end by itself.
    fn finish(&mut self, words: &str, broken: bool) {
        if let Some(visit) = self.state.visits.get_mut(self.state.current) {
            visit.status = Some("finished".to_owned());
            visit.taken = Some(Taken::at_the_end(words));
        }
        let Some(frame) = self.state.frames.last() else {
            return;
        };
        let found = self.state.findings.len() - frame.found_before;
        let unknown = unresolved(
            self.state
                .unknown
                .get(frame.unknown_before..)
                .unwrap_or_default(),
            &self.state.ruled_out,
            &self.state.findings,
        )
        .len()
            + usize::from(broken);
        let verdict = Verdict::of(found, unknown);
        let Some(caller) = frame.caller else {
            self.state.phase = Phase::Finished {
                verdict,
                words: words.to_owned(),
            };
            self.record(Entry::Finished {
                verdict,
                words: words.to_owned(),
            });
            self.effects.push(Effect::Finished(verdict));
            return;
        };
        let mut facts = Map::new();
        for (name, output) in &frame.flow.outputs {
            let value = expr::evaluate(&output.value.source, &frame.scope).unwrap_or(Value::Null);
            facts.insert(name.clone(), value);
        }
        self.state.frames.pop();
        self.state.current = caller;
        self.conclude(verdict.status(), facts, None, vec![words.to_owned()]);
    }

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
        self.conclude(&status, facts, Some(Arc::new(outcome)), Vec::new());
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
        self.conclude("answered", facts, None, Vec::new());
    }

    pub(super) fn conclude_unanswered(&mut self) {
        let mut facts = Map::new();
        facts.insert("answer".to_owned(), Value::Null);
        self.conclude("not-answered", facts, None, Vec::new());
    }

    /// Judges the current step, records what follows, and shows it or goes on.
    fn conclude(
        &mut self,
        status: &str,
        facts: Map<String, Value>,
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
        let scope = judge::scope_of(&frame.scope, status, &facts);
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
        self.record(Entry::Branched {
            visit: number,
            path: path.clone(),
            status: status.to_owned(),
            branch: judgement.branch,
            condition: judgement.condition.clone(),
            saw: judgement.saw.clone(),
            means: means.clone(),
            goto: goto.clone(),
        });
        let found: Vec<String> = judgement
            .found
            .iter()
            .map(|finding| finding.cause.clone())
            .collect();
        let notable = !found.is_empty() || !judgement.unknown.is_empty();
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
        for finding in judgement.found {
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
        for ruled_out in judgement.ruled_out {
            self.record(Entry::RuledOut {
                visit: number,
                ruled_out: ruled_out.clone(),
            });
            self.state.ruled_out.push(ruled_out);
        }
        for unknown in judgement.unknown {
            self.record(Entry::Unknown {
                visit: number,
                unknown: unknown.clone(),
            });
            self.state.unknown.push(unknown);
        }
        if judgement.goto.is_none() {
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

fn kind(action: &Action) -> StepKind {
    match action {
        Action::Probe { .. } => StepKind::Probe,
        Action::Ask(_) => StepKind::Ask,
        Action::Tell(_) => StepKind::Tell,
        Action::Flow { .. } => StepKind::Flow,
        Action::Finish(_) => StepKind::Finish,
    }
}

/// A request with its arguments resolved.
pub(super) fn request(
    probe: &str,
    arguments: &indexmap::IndexMap<String, Value>,
    scope: &Map<String, Value>,
) -> Result<ProbeRequest, expr::ExpressionFault> {
    let mut request = ProbeRequest::new(probe);
    for (name, value) in arguments {
        let value = expr::resolve(value, scope)?;
        if !value.is_null() {
            request.arguments.insert(name.clone(), value);
        }
    }
    Ok(request)
}

/// Text of a flow with its values; a text that cannot be made says so.
pub(super) fn text(source: &str, scope: &Map<String, Value>) -> String {
    expr::render(source, scope)
        .unwrap_or_else(|fault| format!("(this text of the flow could not be made: {fault})"))
}

fn resolved(value: &Value, scope: &Map<String, Value>) -> Value {
    expr::resolve(value, scope).unwrap_or(Value::Null)
}
