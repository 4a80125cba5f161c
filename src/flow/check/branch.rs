//! The ways on from a step: every status is handled, and no branch is there in
//! vain.

use std::collections::BTreeSet;

use super::Checker;
use super::conclusion::Conclusion;
use super::doing::Doing;
use super::scope::View;
use crate::flow::raw::{RawBranch, RawStep};
use crate::flow::suggest;
use crate::flow::tree::Path;
use crate::probe::NOT_OBSERVED;

impl Checker<'_> {
    /// Remarks and branches of a step.
    pub(super) fn branches(&mut self, index: usize) {
        let Some((id, step)) = self.raw().steps.get_index(index) else {
            return;
        };
        let path = self.step_path(index);
        let doing = self.doings[index];
        for (number, remark) in step.keys.also.iter().enumerate() {
            let place = path.key("also").item(number);
            self.statuses(&place, &remark.on.0, doing, id);
            if let Some(when) = &remark.when {
                self.expression(&place.key("when"), when, View::After(index));
            }
            let conclusion = Conclusion::of_remark(remark);
            if conclusion.is_empty() {
                let fault = self
                    .at(&place, "this remark says nothing")
                    .hint("add `tell`, `found`, `rules-out` or `unknown`");
                self.push(fault);
            }
            self.conclusion(&place, &conclusion, index);
        }
        for (number, branch) in step.keys.branch.iter().enumerate() {
            let place = path.key("branch").item(number);
            self.statuses(&place, &branch.on.0, doing, id);
            if let Some(when) = &branch.when {
                self.expression(&place.key("when"), when, View::After(index));
            }
            self.conclusion(&place, &Conclusion::of_branch(branch), index);
        }
        match doing {
            Doing::Finish => self.nothing_after_the_end(&path, step),
            Doing::Nothing => {}
            _ => self.ways_on(&path, id, step, doing),
        }
    }

    fn statuses(&mut self, place: &Path, on: &[String], doing: Doing<'_>, id: &str) {
        let known = doing.statuses();
        if known.is_empty() {
            return;
        }
        for (index, status) in on.iter().enumerate() {
            if !known.contains(&status.as_str()) {
                let fault = self
                    .at(
                        &place.key("on").item(index),
                        format!("`{id}` never has the status `{status}`"),
                    )
                    .note(format!("it has {}", suggest::list(&known)))
                    .hint(suggest::hint(status, known.iter().copied()));
                self.push(fault);
            }
        }
    }

    fn nothing_after_the_end(&mut self, path: &Path, step: &RawStep) {
        let keys = &step.keys;
        for (key, present) in [
            ("also", !keys.also.is_empty()),
            ("branch", !keys.branch.is_empty()),
            ("goto", keys.goto.is_some()),
        ] {
            if present {
                let fault = self
                    .at_key(
                        &path.key(key),
                        format!("a step that finishes has no `{key}`"),
                    )
                    .hint("remove it, or make it a step with `tell`");
                self.push(fault);
            }
        }
    }

    fn ways_on(&mut self, path: &Path, id: &str, step: &RawStep, doing: Doing<'_>) {
        let keys = &step.keys;
        match (&keys.goto, keys.branch.is_empty()) {
            (Some(_), true) => return,
            (None, true) => {
                let fault = self
                    .at_key(path, format!("the step `{id}` leads nowhere"))
                    .hint("add `branch` or `goto`; the last step has `finish`");
                self.push(fault);
                return;
            }
            (Some(_), false) => {
                let fault = self
                    .at_key(
                        &path.key("goto"),
                        "`goto` stands beside `branch`, where it is never taken",
                    )
                    .hint("make it the last branch: `- else: true`");
                self.push(fault);
            }
            (None, false) => {}
        }
        let mut open: BTreeSet<&str> = doing.statuses().into_iter().collect();
        for (number, branch) in keys.branch.iter().enumerate() {
            let place = path.key("branch").item(number);
            self.form(&place, branch, number + 1 == keys.branch.len());
            let takes: BTreeSet<&str> = if branch.on.0.is_empty() {
                open.clone()
            } else {
                branch.on.0.iter().map(String::as_str).collect()
            };
            let known = doing.statuses();
            let sensible = takes.iter().all(|status| known.contains(status));
            if sensible && takes.is_disjoint(&open) {
                let fault = self
                    .at(&place, "this branch is never taken")
                    .hint("the branches before it take every status that it names: reorder them, or remove it");
                self.push(fault);
            }
            if branch.when.is_none() {
                for status in takes {
                    open.remove(status);
                }
            }
        }
        if !open.is_empty() {
            let open: Vec<&str> = open.into_iter().collect();
            let mut fault = self
                .at_key(
                    &path.key("branch"),
                    format!("no branch of `{id}` takes {}", suggest::list(&open)),
                )
                .hint("add a branch for each, or `- else: true` at the end");
            if open == [NOT_OBSERVED] {
                fault = fault.note(
                    "every probe has this status: it did not look, was skipped or not allowed to",
                );
            }
            self.push(fault);
        }
    }

    /// `else: true` stands alone, and last.
    fn form(&mut self, place: &Path, branch: &RawBranch, last: bool) {
        let conditional = !branch.on.0.is_empty() || branch.when.is_some();
        let fault = if branch.otherwise && conditional {
            self.at_key(
                &place.key("else"),
                "`else` takes whatever is left, and has no `on` or `when`",
            )
            .hint("remove `else`, or the conditions")
        } else if branch.otherwise && !last {
            self.at_key(&place.key("else"), "`else` stands before other branches")
                .hint("make it the last branch")
        } else if !branch.otherwise && !conditional {
            self.at(place, "this branch has no condition")
                .hint("add `on`, `when` or `else: true`")
        } else {
            return;
        };
        self.push(fault);
    }
}
