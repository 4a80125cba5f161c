//! Which conditions hold: remarks and branches of a step against its scope.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::entry::StepPath;
use super::finding::{Finding, RuledOut, UnknownCause};
use crate::cause::Catalogue;
use crate::flow::expr;
use crate::flow::{Conclusion, Expression, Step};
use crate::probe::Outcome;

/// Everything that a step came to.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    pub(super) branch: usize,
    pub(super) condition: String,
    pub(super) saw: BTreeMap<String, Value>,
    pub(super) means: Vec<String>,
    pub(super) found: Vec<Finding>,
    pub(super) ruled_out: Vec<RuledOut>,
    pub(super) unknown: Vec<UnknownCause>,
    /// The next step; none when no branch held.
    pub(super) goto: Option<String>,
}

/// The names that a step's conditions can use: the flow's scope and, bare, the
/// step's own status and facts.
pub(super) fn scope_of(
    scope: &Map<String, Value>,
    status: &str,
    facts: &Map<String, Value>,
) -> Map<String, Value> {
    let mut merged = scope.clone();
    for (name, value) in facts {
        merged.insert(name.clone(), value.clone());
    }
    merged.entry("reason").or_insert(Value::Null);
    merged.insert("status".to_owned(), Value::from(status));
    merged
}

/// Judges a step.
pub(super) fn judge(
    step: &Step,
    path: &StepPath,
    status: &str,
    scope: &Map<String, Value>,
    outcome: Option<&Outcome>,
    catalogue: &Catalogue,
) -> Judgement {
    let mut judgement = Judgement::default();
    let place = Place {
        path,
        outcome,
        catalogue,
        scope,
    };
    for remark in &step.also {
        if holds(
            &remark.on,
            remark.when.as_ref(),
            status,
            scope,
            &mut judgement,
        ) {
            conclude(&remark.conclusion, &place, &mut judgement);
        }
    }
    for (index, branch) in step.branches.iter().enumerate() {
        if holds(
            &branch.on,
            branch.when.as_ref(),
            status,
            scope,
            &mut judgement,
        ) {
            judgement.branch = index + 1;
            judgement.condition = describe(&branch.on, branch.when.as_ref());
            conclude(&branch.conclusion, &place, &mut judgement);
            judgement.goto = Some(branch.goto.clone());
            break;
        }
    }
    judgement
}

struct Place<'a> {
    path: &'a StepPath,
    outcome: Option<&'a Outcome>,
    catalogue: &'a Catalogue,
    scope: &'a Map<String, Value>,
}

fn holds(
    on: &[String],
    when: Option<&Expression>,
    status: &str,
    scope: &Map<String, Value>,
    judgement: &mut Judgement,
) -> bool {
    if !on.is_empty() && !on.iter().any(|name| name == status) {
        return false;
    }
    let Some(when) = when else { return true };
    for name in expr::names(&when.source).unwrap_or_default() {
        let value = lookup(scope, &name);
        judgement.saw.insert(name, value);
    }
    match expr::holds(&when.source, scope) {
        Ok(answer) => answer,
        Err(fault) => {
            judgement.means.push(format!(
                "The condition `{}` could not be decided: {fault}",
                when.source
            ));
            false
        }
    }
}

fn lookup(scope: &Map<String, Value>, name: &str) -> Value {
    let mut parts = name.split('.');
    let Some(mut value) = parts.next().and_then(|first| scope.get(first)) else {
        return Value::Null;
    };
    for part in parts {
        match value.get(part) {
            Some(inner) => value = inner,
            None => return Value::Null,
        }
    }
    value.clone()
}

fn describe(on: &[String], when: Option<&Expression>) -> String {
    match (on.is_empty(), when) {
        (true, None) => "in every other case".to_owned(),
        (true, Some(when)) => format!("when {}", when.source),
        (false, None) => format!("on {}", on.join(" or ")),
        (false, Some(when)) => format!("on {}, when {}", on.join(" or "), when.source),
    }
}

fn conclude(conclusion: &Conclusion, place: &Place<'_>, judgement: &mut Judgement) {
    let text = |source: &str| {
        expr::render(source, place.scope)
            .unwrap_or_else(|fault| format!("(this text of the flow could not be made: {fault})"))
    };
    if let Some(tell) = &conclusion.tell {
        judgement.means.push(text(&tell.source));
    }
    let seen = seen(place.outcome);
    for found in &conclusion.found {
        let values = given(&found.with, place);
        match place.catalogue.resolve(&found.cause, &values) {
            Ok(resolved) => judgement.found.push(Finding {
                cause: found.cause.clone(),
                severity: resolved.severity,
                title: resolved.title,
                meaning: resolved.meaning,
                step: place.path.clone(),
                evidence: seen.clone(),
                values,
                fix: resolved.fix,
            }),
            // The cause itself is certain: it must not be lost for the sake of
            // a text about it.
            Err(fault) => judgement.found.push(Finding {
                cause: found.cause.clone(),
                severity: super::finding::Severity::SomeLogins,
                title: found.cause.clone(),
                meaning: format!("The catalogue's text could not be made: {fault}"),
                step: place.path.clone(),
                evidence: seen.clone(),
                values,
                fix: Vec::new(),
            }),
        }
    }
    for cause in &conclusion.rules_out {
        judgement.ruled_out.push(RuledOut {
            cause: cause.clone(),
            step: place.path.clone(),
            why: place
                .outcome
                .map(|outcome| outcome.summary.clone())
                .unwrap_or_default(),
            excluded: place.catalogue.excluded(cause, place.scope),
        });
    }
    for unknown in &conclusion.unknown {
        judgement.unknown.push(UnknownCause {
            cause: unknown.cause.clone(),
            step: place.path.clone(),
            why: text(&unknown.why.source),
            values: given(&unknown.with, place),
        });
    }
}

/// What is given with a cause.
fn given(with: &IndexMap<String, Value>, place: &Place<'_>) -> Map<String, Value> {
    with.iter()
        .map(|(name, value)| {
            // A part that is not known must not hide what was found.
            let value = expr::resolve(value, place.scope).unwrap_or(Value::Null);
            (name.clone(), value)
        })
        .collect()
}

/// The exchanges of an outcome as lines.
fn seen(outcome: Option<&Outcome>) -> Vec<String> {
    outcome
        .map(|outcome| {
            outcome
                .evidence
                .iter()
                .map(|evidence| format!("{}: {}", evidence.asked, evidence.saw))
                .collect()
        })
        .unwrap_or_default()
}
