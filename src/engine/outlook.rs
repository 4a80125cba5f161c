//! What a flow can still come to: which branches of a step are possible, as far
//! as inputs, answers and finished steps decide it already.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::flow::expr::{self, token};
use crate::flow::library::Library;
use crate::flow::{Action, Branch, Expression, Flow, Step};
use crate::probe::registry;

/// A flow from a step on, and what is known in it.
pub(super) struct Outlook<'a> {
    library: &'a Library,
    flow: &'a Flow,
    scope: &'a Map<String, Value>,
    /// Steps that can still be entered.
    reachable: BTreeSet<&'a str>,
}

/// A branch that may be taken.
struct Possible<'a> {
    branch: &'a Branch,
    /// Whether its condition is not known to hold.
    open: bool,
}

impl<'a> Outlook<'a> {
    /// The outlook from a step, whose own result is not known.
    pub(super) fn from(
        library: &'a Library,
        flow: &'a Flow,
        scope: &'a Map<String, Value>,
        step: &'a str,
    ) -> Self {
        let mut reachable = BTreeSet::new();
        let mut queue = vec![step];
        while let Some(id) = queue.pop() {
            if reachable.insert(id)
                && let Some(step) = flow.steps.get(id)
            {
                queue.extend(step.branches.iter().map(|branch| branch.goto.as_str()));
            }
        }
        Self {
            library,
            flow,
            scope,
            reachable,
        }
    }

    /// The steps after this one if all is well: every step takes its first
    /// possible branch, as flow authors write the healthy way first. The ends of
    /// flows are left out. True marks a step that may as well be passed by.
    pub(super) fn after(&self, step: &str) -> Vec<(&'a Step, bool)> {
        match self.next(step, 0) {
            Some((next, maybe)) => self.way(next, maybe, 0),
            None => Vec::new(),
        }
    }

    /// As [`Outlook::after`], with the step itself.
    pub(super) fn at_step(&self, step: &'a str) -> Vec<(&'a Step, bool)> {
        self.way(step, BTreeSet::new(), 0)
    }

    fn way(&self, first: &'a str, maybe: BTreeSet<&'a str>, depth: usize) -> Vec<(&'a Step, bool)> {
        let mut way = Vec::new();
        let mut maybe = maybe;
        let mut seen = BTreeSet::new();
        let mut next = Some(first);
        while let Some(id) = next {
            let Some(step) = self.flow.steps.get(id).filter(|_| seen.insert(id)) else {
                break;
            };
            if !is_end(step) {
                way.push((step, maybe.contains(id)));
            }
            next = self.next(id, depth).map(|(next, more)| {
                maybe.extend(more);
                next
            });
        }
        way
    }

    /// The step that follows if all is well, and the steps from it on that
    /// another way, as healthy as this one, leaves out.
    fn next(&self, id: &str, depth: usize) -> Option<(&'a str, BTreeSet<&'a str>)> {
        let step = self.flow.steps.get(id)?;
        let possible = self.possible(step);
        let first = possible.first()?;
        let goto = first.branch.goto.as_str();
        let other = possible.iter().skip(1).find(|other| {
            // What stands for every other case is no healthy way.
            other.branch.when.is_some()
                && other.branch.goto != first.branch.goto
                && overlap(&first.branch.on, &other.branch.on)
                && self
                    .flow
                    .steps
                    .get(&other.branch.goto)
                    .is_some_and(|step| !is_end(step))
        });
        let mut passed = BTreeSet::new();
        if let Some(other) = other.filter(|_| first.open && depth < 2) {
            let around: BTreeSet<&str> = self
                .way(&other.branch.goto, BTreeSet::new(), depth + 1)
                .iter()
                .map(|(step, _)| step.id.as_str())
                .collect();
            passed = self
                .way(goto, BTreeSet::new(), depth + 1)
                .iter()
                .map(|(step, _)| step.id.as_str())
                .filter(|id| !around.contains(id))
                .collect();
        }
        Some((goto, passed))
    }

    /// The branches of a step that is still to come, without those that cannot
    /// be taken any more.
    fn possible(&self, step: &'a Step) -> Vec<Possible<'a>> {
        let own = self.own_names(step);
        let mut possible = Vec::new();
        for branch in &step.branches {
            let holds = match &branch.when {
                None => Some(true),
                Some(when) => self.decide(when, &own),
            };
            match holds {
                Some(false) => {}
                Some(true) => {
                    possible.push(Possible {
                        branch,
                        open: false,
                    });
                    if branch.on.is_empty() {
                        break;
                    }
                }
                None => possible.push(Possible { branch, open: true }),
            }
        }
        possible
    }

    /// Whether a condition holds; none when that is not known yet.
    fn decide(&self, when: &Expression, own: &BTreeSet<String>) -> Option<bool> {
        let mut all = true;
        for part in conjuncts(&when.source) {
            let names = expr::names(part).unwrap_or_default();
            let known = names.iter().all(|name| {
                let first = name.split('.').next().unwrap_or_default();
                !own.contains(first)
                    && (self.scope.contains_key(first)
                        // A step that cannot be entered any more stays undefined.
                        || (self.flow.steps.contains_key(first) && !self.reachable.contains(first)))
            });
            match expr::holds(part, self.scope).ok().filter(|_| known) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => all = false,
            }
        }
        all.then_some(true)
    }

    /// The names that only the step's own result gives.
    fn own_names(&self, step: &Step) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = ["status", "reason"].map(str::to_owned).into();
        match &step.action {
            Action::Probe { probe, .. } => {
                if let Some(declaration) = registry::declaration(probe) {
                    names.extend(declaration.facts.iter().map(|fact| fact.name.to_owned()));
                }
            }
            Action::Flow { flow, .. } => {
                if let Some(flow) = self.library.flow(flow) {
                    names.extend(flow.outputs.keys().cloned());
                }
            }
            Action::Ask(_) => {
                names.insert("answer".to_owned());
            }
            Action::Tell(_) | Action::Finish(_) => {}
        }
        names
    }
}

fn is_end(step: &Step) -> bool {
    matches!(step.action, Action::Finish(_))
}

/// Whether both branches can be met with the same status. A branch for every
/// status stands for failure beside one that names its own.
fn overlap(one: &[String], other: &[String]) -> bool {
    one.is_empty() || one.iter().any(|status| other.contains(status))
}

/// The parts of an expression that are joined by `and`; the whole of one that
/// is joined otherwise.
fn conjuncts(expression: &str) -> Vec<&str> {
    let tokens = token::tokens(token::Source::Expression(expression)).unwrap_or_default();
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for token in &tokens {
        match token.text {
            "(" | "[" | "{" if token.kind == token::TokenKind::Symbol => depth += 1,
            ")" | "]" | "}" if token.kind == token::TokenKind::Symbol => depth -= 1,
            _ if depth > 0 => {}
            _ if token.is("or") || token.is("if") => return vec![expression],
            _ if token.is("and") => {
                parts.push(&expression[start..token.range.start]);
                start = token.range.end;
            }
            _ => {}
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::conjuncts;

    #[test]
    fn only_the_outermost_and_separates() {
        assert_eq!(
            conjuncts("a and (b and c) and d == 'x and y'"),
            ["a ", " (b and c) ", " d == 'x and y'"]
        );
        assert_eq!(conjuncts("a and b or c"), ["a and b or c"]);
    }
}
