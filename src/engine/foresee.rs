//! What lies ahead: the steps that a walk will come to if all is well, and the
//! probes whose arguments are known already.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::advance;
use super::entry::StepPath;
use super::session::Session;
use super::state::Phase;
use crate::flow::model::GIVEN;
use crate::flow::{Action, Flow, expr};
use crate::probe::{Consent, Outcome, ProbeRequest, registry};

/// A step that has not been entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// Where.
    pub path: StepPath,
    /// Its title, as far as it can be told.
    pub title: String,
}

impl Session {
    /// The steps ahead: the one that comes next, once that is known, and then
    /// as if every step took its first branch: flow authors write the healthy
    /// way first. Inner flows count as one step until they are entered.
    pub fn ahead(&self) -> Vec<Ahead> {
        let mut ahead = Vec::new();
        for (depth, frame) in self.state.frames.iter().rev().enumerate() {
            let mut seen = BTreeSet::from([frame.step.clone()]);
            let mut next = match &self.state.phase {
                Phase::Showing { next } if depth == 0 => Some(next.clone()),
                _ => first_goto(&frame.flow, &frame.step),
            };
            while let Some(id) = next {
                let Some(step) = frame.flow.steps.get(&id) else {
                    break;
                };
                if !seen.insert(id.clone()) {
                    break;
                }
                if !matches!(step.action, Action::Finish(_)) {
                    let title = expr::render(&step.title.source, &frame.scope)
                        .unwrap_or_else(|_| id.replace('_', " "));
                    ahead.push(Ahead {
                        path: frame.path.join(&id),
                        title,
                    });
                }
                next = first_goto(&frame.flow, &id);
            }
        }
        ahead
    }

    /// Probe requests of later steps whose arguments are known now, and that
    /// leave no trace or are allowed: a driver may ask them ahead. The likeliest
    /// first. `known` gives the outcomes that the driver has already: what they
    /// say is known to the steps behind them, too.
    pub fn foreseeable(
        &self,
        known: &dyn Fn(&ProbeRequest) -> Option<Outcome>,
    ) -> Vec<ProbeRequest> {
        let mut look = Look {
            session: self,
            known,
            requests: Vec::new(),
        };
        let mut inner = None;
        for frame in self.state.frames.iter().rev() {
            let mut scope = frame.scope.clone();
            if let Some(outputs) = inner.take() {
                scope.entry(frame.step.clone()).or_insert(outputs);
            }
            look.ahead(&frame.flow, &frame.step, &mut scope, false, 0);
            inner = outputs(&frame.flow, &scope);
        }
        let mut requests = look.requests;
        let mut seen = BTreeSet::new();
        requests.retain(|request| seen.insert(request.key()));
        requests
    }
}

/// A look at the steps ahead.
struct Look<'a> {
    session: &'a Session,
    known: &'a dyn Fn(&ProbeRequest) -> Option<Outcome>,
    requests: Vec<ProbeRequest>,
}

impl Look<'_> {
    /// The healthy way from a step first, then the others. What is known of a
    /// step that was passed is put into the scope, for those that use it.
    fn ahead(
        &mut self,
        flow: &Arc<Flow>,
        start: &str,
        scope: &mut Map<String, Value>,
        include_start: bool,
        depth: usize,
    ) {
        if depth > 4 {
            return;
        }
        let mut seen = BTreeSet::from([start.to_owned()]);
        let mut waiting = vec![(start.to_owned(), true)];
        while let Some((id, healthy)) = waiting.pop() {
            let Some(step) = flow.steps.get(&id) else {
                continue;
            };
            if (include_start || id != start)
                && let Some(result) = self.step(&step.action, scope, healthy, depth)
            {
                scope.entry(id).or_insert(result);
            }
            let first = waiting.len();
            for (number, branch) in step.branches.iter().enumerate() {
                if seen.insert(branch.goto.clone()) {
                    waiting.push((branch.goto.clone(), healthy && number == 0));
                }
            }
            waiting[first..].reverse();
        }
    }

    /// What is known of a step's result.
    fn step(
        &mut self,
        action: &Action,
        scope: &Map<String, Value>,
        healthy: bool,
        depth: usize,
    ) -> Option<Value> {
        match action {
            Action::Probe {
                probe, arguments, ..
            } => {
                let request = advance::request(probe, arguments, scope).ok()?;
                let silent = registry::declaration(probe)
                    .is_some_and(|declared| declared.consent == Consent::Silent);
                let outcome = (self.known)(&request);
                // What may leave a trace is asked ahead only where the walk
                // comes to if all is well, and the user has allowed it.
                if silent || (healthy && self.session.allowed.contains(probe)) {
                    self.requests.push(request);
                }
                outcome.map(|outcome| {
                    let mut result = outcome.facts;
                    result.entry("reason").or_insert(Value::Null);
                    result.insert("status".to_owned(), Value::from(outcome.status));
                    Value::Object(result)
                })
            }
            Action::Flow { flow, with } => {
                let inner = self.session.library.flow(flow)?;
                let mut inner_scope = Map::new();
                for (name, input) in &inner.inputs {
                    let value = match with.get(name) {
                        Some(value) => expr::resolve(value, scope).ok(),
                        None => Some(input.default.clone().unwrap_or(Value::Null)),
                    };
                    // An input that is not known yet stays out, so that what
                    // uses it is not foreseeable either.
                    if let Some(value) = value {
                        inner_scope.insert(name.clone(), value);
                    }
                }
                inner_scope.insert(GIVEN.to_owned(), self.session.given.clone());
                let start = inner.start.clone();
                self.ahead(&inner, &start, &mut inner_scope, true, depth + 1);
                outputs(&inner, &inner_scope)
            }
            Action::Ask(_) | Action::Tell(_) | Action::Finish(_) => None,
        }
    }
}

/// The outputs of a flow as far as they are known before it has ended; none
/// when nothing is, for it may never be walked.
fn outputs(flow: &Flow, scope: &Map<String, Value>) -> Option<Value> {
    let known: Map<String, Value> = flow
        .outputs
        .iter()
        .filter_map(|(name, output)| {
            let value = expr::evaluate(&output.value.source, scope).ok()?;
            Some((name.clone(), value))
        })
        .collect();
    (!known.is_empty()).then_some(Value::Object(known))
}

fn first_goto(flow: &Flow, id: &str) -> Option<String> {
    flow.steps
        .get(id)?
        .branches
        .first()
        .map(|branch| branch.goto.clone())
}
