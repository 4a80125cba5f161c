//! Where steps lead: every target exists, every step is reached, and every
//! walk ends.

use std::collections::BTreeSet;

use super::Checker;
use super::doing::Doing;
use crate::flow::raw::{RawFlow, RawStep};
use crate::flow::suggest;
use crate::flow::tree::Path;

/// The steps that each step leads to, by number; targets that do not exist are
/// left out.
pub fn of(flow: &RawFlow) -> Vec<BTreeSet<usize>> {
    flow.steps
        .values()
        .map(|step| {
            targets(step)
                .filter(|_| step.keys.finish.is_none())
                .filter_map(|(_, target)| flow.steps.get_index_of(target))
                .collect()
        })
        .collect()
}

/// Every target of a step with the number of its branch, none for `goto`.
fn targets(step: &RawStep) -> impl Iterator<Item = (Option<usize>, &str)> {
    step.keys
        .branch
        .iter()
        .enumerate()
        .map(|(index, branch)| (Some(index), branch.goto.as_str()))
        .chain(step.keys.goto.as_deref().map(|goto| (None, goto)))
}

impl Checker<'_> {
    pub(super) fn ways(&mut self) {
        let raw = self.raw();
        let before = self.faults.len();
        self.target(&Path::top().key("start"), &raw.start);
        for (index, step) in raw.steps.values().enumerate() {
            let path = self.step_path(index);
            for (branch, target) in targets(step) {
                let place = match branch {
                    Some(branch) => path.key("branch").item(branch).key("goto"),
                    None => path.key("goto"),
                };
                self.target(&place, target);
            }
        }
        self.circle();
        let leads_nowhere = |step: &RawStep| {
            step.keys.finish.is_none() && step.keys.branch.is_empty() && step.keys.goto.is_none()
        };
        // A step may only seem not to be reached when a target is mistyped or
        // missing, which is told already.
        if self.faults.len() == before && !raw.steps.values().any(leads_nowhere) {
            self.unreached();
        }
    }

    fn target(&mut self, place: &Path, target: &str) {
        let steps = &self.raw().steps;
        if !steps.contains_key(target) {
            let hint = suggest::hint(target, steps.keys().map(String::as_str));
            let fault = self
                .at(place, format!("there is no step `{target}`"))
                .hint(hint);
            self.push(fault);
        }
    }

    fn circle(&mut self) {
        let Some(circle) = self.graph.circle().map(<[usize]>::to_vec) else {
            return;
        };
        let names: Vec<&str> = circle
            .iter()
            .chain(circle.first())
            .filter_map(|index| self.raw().steps.get_index(*index))
            .map(|(id, _)| id.as_str())
            .collect();
        let (Some(last), Some(first)) = (circle.last(), names.first()) else {
            return;
        };
        let path = self.step_path(*last);
        let place = self
            .raw()
            .steps
            .get_index(*last)
            .into_iter()
            .flat_map(|(_, step)| targets(step))
            .find(|(_, target)| target == first)
            .map_or(path.clone(), |(branch, _)| match branch {
                Some(branch) => path.key("branch").item(branch).key("goto"),
                None => path.key("goto"),
            });
        let fault = self
            .at(
                &place,
                format!("the steps go in a circle: {}", names.join(" -> ")),
            )
            .hint("a walk only goes forward; the user can retry a step or go back at any time");
        self.push(fault);
    }

    fn unreached(&mut self) {
        for (index, (id, _)) in self.raw().steps.iter().enumerate() {
            if !self.graph.is_reached(index) {
                let fault = self
                    .at_key(
                        &self.step_path(index),
                        format!("no walk comes to the step `{id}`"),
                    )
                    .hint("lead to it with `goto`, or remove it");
                self.push(fault);
            }
        }
        if !self
            .doings
            .iter()
            .any(|doing| matches!(doing, Doing::Finish))
        {
            let fault = self
                .at_key(&Path::top().key("steps"), "no step ends the flow")
                .hint("add a step with `finish:` and lead to it");
            self.push(fault);
        }
    }
}
