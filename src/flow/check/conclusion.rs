//! What may be concluded: causes that exist, with what they need.

use indexmap::IndexMap;
use serde_json::Value;

use super::doing::Doing;
use super::scope::View;
use super::{CauseParameters, Checker};
use crate::flow::raw::{RawBranch, RawFound, RawRemark, RawUnknown};
use crate::flow::suggest;
use crate::flow::tree::Path;

/// What remarks and branches have in common.
pub(super) struct Conclusion<'a> {
    tell: Option<&'a String>,
    found: &'a [RawFound],
    rules_out: &'a [String],
    unknown: &'a [RawUnknown],
}

impl<'a> Conclusion<'a> {
    /// The conclusion of a remark.
    pub(super) fn of_remark(remark: &'a RawRemark) -> Self {
        Self {
            tell: remark.tell.as_ref(),
            found: &remark.found.0,
            rules_out: &remark.rules_out.0,
            unknown: &remark.unknown.0,
        }
    }

    /// The conclusion of a branch.
    pub(super) fn of_branch(branch: &'a RawBranch) -> Self {
        Self {
            tell: branch.tell.as_ref(),
            found: &branch.found.0,
            rules_out: &branch.rules_out.0,
            unknown: &branch.unknown.0,
        }
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.tell.is_none()
            && self.found.is_empty()
            && self.rules_out.is_empty()
            && self.unknown.is_empty()
    }
}

impl Checker<'_> {
    pub(super) fn conclusion(&mut self, place: &Path, conclusion: &Conclusion<'_>, step: usize) {
        let view = View::After(step);
        if let Some(tell) = conclusion.tell {
            self.template(&place.key("tell"), tell, view);
        }
        for (index, found) in conclusion.found.iter().enumerate() {
            self.found(&place.key("found").item(index), found, view);
        }
        for (index, cause) in conclusion.rules_out.iter().enumerate() {
            let at = place.key("rules-out").item(index);
            if self.cause(&at, cause).is_some()
                && conclusion.found.iter().any(|found| found.cause == *cause)
            {
                let fault = self
                    .at(&at, format!("`{cause}` is found and ruled out at once"))
                    .hint("remove one of the two");
                self.push(fault);
            }
        }
        for (index, unknown) in conclusion.unknown.iter().enumerate() {
            let at = place.key("unknown").item(index);
            let path = if unknown.why.is_some() {
                at.key("cause")
            } else {
                at.clone()
            };
            let parameters = self.cause(&path, &unknown.cause);
            self.given_with(
                &at,
                &unknown.cause,
                &unknown.with,
                parameters.as_ref(),
                view,
            );
            match &unknown.why {
                Some(why) => self.template(&at.key("why"), why, view),
                None if matches!(self.doings[step], Doing::Probe(_) | Doing::Nothing) => {}
                None => {
                    let fault = self
                        .at(&at, "it is not said why this is unknown")
                        .hint(format!(
                            "only a probe has a reason of its own; write `{{ cause: {}, why: \"…\" }}`",
                            unknown.cause
                        ));
                    self.push(fault);
                }
            }
        }
    }

    fn found(&mut self, at: &Path, found: &RawFound, view: View) {
        let bare = self
            .draft
            .tree
            .at(at)
            .is_some_and(|node| node.get("cause").is_none());
        let cause_path = if bare { at.clone() } else { at.key("cause") };
        let parameters = self.cause(&cause_path, &found.cause);
        self.given_with(at, &found.cause, &found.with, parameters.as_ref(), view);
        let Some(parameters) = parameters else {
            return;
        };
        let missing: Vec<&str> = parameters
            .required
            .iter()
            .filter(|(name, required)| **required && !found.with.contains_key(*name))
            .map(|(name, _)| name.as_str())
            .collect();
        if !missing.is_empty() {
            let fault = self
                .at(
                    &cause_path,
                    format!(
                        "the cause `{}` needs {}",
                        found.cause,
                        suggest::list(&missing)
                    ),
                )
                .hint(format!(
                    "write `found: {{ cause: {}, with: {{ {}: … }} }}`; its fix is made from them",
                    found.cause,
                    missing.join(": …, ")
                ));
            self.push(fault);
        }
    }

    /// What is given with a cause: parameters that it has.
    fn given_with(
        &mut self,
        at: &Path,
        cause: &str,
        with: &IndexMap<String, Value>,
        parameters: Option<&CauseParameters>,
        view: View,
    ) {
        for (name, value) in with {
            self.templates(&at.key("with").key(name), value, view);
        }
        let Some(parameters) = parameters else {
            return;
        };
        for name in with.keys() {
            if !parameters.required.contains_key(name) {
                let fault = self
                    .at_key(
                        &at.key("with").key(name),
                        format!("the cause `{cause}` has no parameter `{name}`"),
                    )
                    .hint(suggest::hint(
                        name,
                        parameters.required.keys().map(String::as_str),
                    ));
                self.push(fault);
            }
        }
    }

    /// The parameters of a cause; a fault when there is no such cause.
    fn cause(&mut self, at: &Path, id: &str) -> Option<CauseParameters> {
        let known = self.knowledge.causes;
        if let Some(parameters) = known.0.get(id) {
            return Some(parameters.clone());
        }
        let fault = self
            .at(at, format!("there is no cause `{id}`"))
            .hint(suggest::hint(id, known.0.keys().map(String::as_str)));
        self.push(fault);
        None
    }
}
