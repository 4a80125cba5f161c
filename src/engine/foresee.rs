//! What lies ahead: the steps that a walk will come to if all is well, and the
//! probes whose arguments are known already.

use std::collections::BTreeSet;
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

    /// Probe requests of later steps whose arguments are known now, and that
    /// leave no trace: a driver may ask them ahead. The likeliest
    /// first. `known` gives the results ([`Outcome::result`]) that the driver has
    /// already: what they say is known to the steps behind them, too.
    ///
    /// [`Outcome::result`]: crate::probe::Outcome::result
    pub fn foreseeable(&self, known: &dyn Fn(&ProbeRequest) -> Option<Value>) -> Vec<ProbeRequest> {
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
    known: &'a dyn Fn(&ProbeRequest) -> Option<Value>,
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
        let mut waiting = vec![start.to_owned()];
        while let Some(id) = waiting.pop() {
            let Some(step) = flow.steps.get(&id) else {
                continue;
            };
            if (include_start || id != start)
                && let Some(result) = self.step(&step.action, scope, depth)
            {
                scope.entry(id).or_insert(result);
            }
            let first = waiting.len();
            for branch in &step.branches {
                if seen.insert(branch.goto.clone()) {
                    waiting.push(branch.goto.clone());
                }
            }
            waiting[first..].reverse();
        }
    }

    /// What is known of a step's result.
    fn step(&mut self, action: &Action, scope: &Map<String, Value>, depth: usize) -> Option<Value> {
        match action {
            Action::Probe {
                probe, arguments, ..
            } => {
                let request = advance::request(probe, arguments, scope).ok()?;
                let declared = registry::declaration(probe)?;
                let silent = declared.consent == Consent::Silent;
                let result = (self.known)(&request);
                // What may leave a trace is not asked ahead, even where the user
                // has allowed it: the walk may not come there. What people tell
                // is not either: they may tell more.
                if silent && result.is_none() && !super::told::listens(declared) {
                    self.requests.push(request);
                }
                result
            }
            Action::Flow { flow, with } => {
                let inner = self.session.library.flow(flow)?;
                let mut inner_scope = self.session.inner_scope(&inner, with, scope);
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
