//! Entering steps and leaving them.

use std::time::Duration;

use serde_json::{Map, Value};

use super::entry::{Entry, StepKind};
use super::event::{ConsentQuestion, Effect, Question, RunId};
use super::finding::{Verdict, unresolved};
use super::session::Session;
use super::state::{Frame, Phase, Taken, Visit};
use crate::flow::model::GIVEN;
use crate::flow::{Action, Input, Step, expr};
use crate::probe::{Consent, ProbeRequest, Tone, registry};

impl Session {
    /// Enters a step of the innermost flow and goes on until something is to
    /// be asked, observed or read, or the walk has ended.
    pub(super) fn enter(&mut self, id: &str) {
        let before = (!self.one_way).then(|| self.state.clone());
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
        self.before = before;
        let number = self.numbers.pop_front().unwrap_or_else(|| {
            self.last_visit += 1;
            self.last_visit
        });
        let visit = Visit {
            number,
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
                self.conclude("told", &Map::new(), None, vec![words]);
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
            Ok(request) => self.with_told(request),
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
                &Map::new(),
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
    pub(super) fn finish(&mut self, words: &str, broken: bool) {
        if let Some(visit) = self.state.visits.get_mut(self.state.current) {
            visit.status = Some("finished".to_owned());
            visit.taken = Some(Taken::at_the_end(words));
        }
        if self.state.frames.len() == 1 {
            self.settle_all();
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
        self.conclude(verdict.status(), &facts, None, vec![words.to_owned()]);
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
        let value = expr::resolve_known(value, scope)?;
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
