//! What lies ahead: the steps that a walk will come to if all is well, and the
//! probes whose arguments are known already.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::advance;
use super::entry::StepPath;
use super::session::Session;
use super::state::Phase;
use crate::flow::model::GIVEN;
use crate::flow::{Action, Flow, expr};
use crate::probe::{Consent, ProbeRequest, registry};

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

    /// Probe requests of later steps whose arguments are known now, that leave
    /// no trace: a driver may ask them ahead. The nearest first.
    pub fn foreseeable(&self) -> Vec<ProbeRequest> {
        let mut requests = Vec::new();
        for frame in self.state.frames.iter().rev() {
            self.look_ahead(
                &frame.flow,
                &frame.step,
                &frame.scope,
                false,
                &mut requests,
                0,
            );
        }
        let mut seen = BTreeSet::new();
        requests.retain(|request| seen.insert(request.key()));
        requests
    }

    /// Breadth first from a step: the nearest probes are the likeliest.
    fn look_ahead(
        &self,
        flow: &Arc<Flow>,
        start: &str,
        scope: &Map<String, Value>,
        include_start: bool,
        requests: &mut Vec<ProbeRequest>,
        depth: usize,
    ) {
        if depth > 4 {
            return;
        }
        let mut seen = BTreeSet::from([start.to_owned()]);
        let mut queue = VecDeque::from([start.to_owned()]);
        while let Some(id) = queue.pop_front() {
            let Some(step) = flow.steps.get(&id) else {
                continue;
            };
            if include_start || id != start {
                self.collect(&step.action, scope, requests, depth);
            }
            for branch in &step.branches {
                if seen.insert(branch.goto.clone()) {
                    queue.push_back(branch.goto.clone());
                }
            }
        }
    }

    fn collect(
        &self,
        action: &Action,
        scope: &Map<String, Value>,
        requests: &mut Vec<ProbeRequest>,
        depth: usize,
    ) {
        match action {
            Action::Probe {
                probe, arguments, ..
            } => {
                // What people tell is not asked ahead: they may tell more.
                let silent = registry::declaration(probe).is_some_and(|declared| {
                    declared.consent == Consent::Silent && !super::told::listens(declared)
                });
                if silent && let Ok(request) = advance::request(probe, arguments, scope) {
                    requests.push(request);
                }
            }
            Action::Flow { flow, with } => {
                let Some(inner) = self.library.flow(flow) else {
                    return;
                };
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
                inner_scope.insert(GIVEN.to_owned(), self.given.clone());
                let start = inner.start.clone();
                self.look_ahead(&inner, &start, &inner_scope, true, requests, depth + 1);
            }
            Action::Ask(_) | Action::Tell(_) | Action::Finish(_) => {}
        }
    }
}

fn first_goto(flow: &Flow, id: &str) -> Option<String> {
    flow.steps
        .get(id)?
        .branches
        .first()
        .map(|branch| branch.goto.clone())
}
