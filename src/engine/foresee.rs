//! What lies ahead: the steps that a walk will come to if all is well, and the
//! probes whose arguments are known already.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::advance;
use super::entry::StepPath;
use super::outlook::Outlook;
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
    /// Whether the walk may as well pass it by.
    pub maybe: bool,
    /// How many steps it is: more than one for a flow.
    pub steps: usize,
}

impl Session {
    /// The steps ahead: the one that comes next, once that is known, and then
    /// as if every step took its first branch that is still possible: flow
    /// authors write the healthy way first. Inner flows count as one step until
    /// they are entered.
    pub fn ahead(&self) -> Vec<Ahead> {
        let mut ahead = Vec::new();
        for (depth, frame) in self.state.frames.iter().rev().enumerate() {
            let outlook = Outlook::from(&self.library, &frame.flow, &frame.scope, &frame.step);
            let way = match &self.state.phase {
                Phase::Showing { next } if depth == 0 => outlook.at_step(next),
                _ => outlook.after(&frame.step),
            };
            ahead.extend(way.into_iter().map(|(step, maybe)| Ahead {
                path: frame.path.join(&step.id),
                title: title(&step.title.source, &frame.scope),
                maybe,
                steps: self.steps_of(&step.action, &frame.scope, 0),
            }));
        }
        ahead
    }

    /// How many steps there are in a step, those that are certain if all is
    /// well; flows are no steps of their own.
    fn steps_of(&self, action: &Action, scope: &Map<String, Value>, depth: usize) -> usize {
        let Action::Flow { flow, with } = action else {
            return 1;
        };
        let Some(inner) = self.library.flow(flow).filter(|_| depth < 4) else {
            return 1;
        };
        let inner_scope = self.inner_scope(&inner, with, scope);
        let outlook = Outlook::from(&self.library, &inner, &inner_scope, &inner.start);
        outlook
            .at_step(&inner.start)
            .iter()
            .filter(|(_, maybe)| !maybe)
            .map(|(step, _)| self.steps_of(&step.action, &inner_scope, depth + 1))
            .sum()
    }

    /// The inputs of an inner flow. One that is not known yet stays out, so
    /// that what uses it is not known either.
    fn inner_scope(
        &self,
        inner: &Flow,
        with: &indexmap::IndexMap<String, Value>,
        scope: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut inner_scope = Map::new();
        for (name, input) in &inner.inputs {
            let value = match with.get(name) {
                Some(value) => expr::resolve(value, scope).ok(),
                None => Some(input.default.clone().unwrap_or(Value::Null)),
            };
            if let Some(value) = value {
                inner_scope.insert(name.clone(), value);
            }
        }
        inner_scope.insert(GIVEN.to_owned(), self.given.clone());
        inner_scope
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
                let inner_scope = self.inner_scope(&inner, with, scope);
                let start = inner.start.clone();
                self.look_ahead(&inner, &start, &inner_scope, true, requests, depth + 1);
            }
            Action::Ask(_) | Action::Tell(_) | Action::Finish(_) => {}
        }
    }
}

/// A title as far as its values are known; the others are left open.
fn title(source: &str, scope: &Map<String, Value>) -> String {
    if let Ok(Value::String(title)) = expr::resolve_known(&Value::from(source), scope) {
        return title;
    }
    let mut title = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("{{") {
        title.push_str(before);
        title.push_str("...");
        rest = after.split_once("}}").map_or("", |(_, rest)| rest);
    }
    title + rest
}
