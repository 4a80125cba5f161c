//! What of a session may be applied at all: looked at before anything is asked.

use jiff::Timestamp;

use super::refusal::Refusal;
use crate::cause::Catalogue;
use crate::engine::Finding;
use crate::fix::plan::Change;
use crate::fix::{Account, Plan};
use crate::transcript::SessionDocument;

/// How long what a session saw counts, in hours.
const FRESH_HOURS: i64 = 24;
/// The parameter of a cause that names the account that is right.
const OWNER: &str = "service_account";

/// What is applied, and what is not.
#[derive(Clone, Debug, Default)]
pub struct Admitted {
    /// The findings that may be applied.
    pub findings: Vec<Finding>,
    /// Why the others are not.
    pub refused: Vec<Refusal>,
}

/// Whether a session may be applied, and which of its findings: those of
/// `causes`, or all when it is empty.
pub fn admit(
    document: &SessionDocument,
    causes: &[String],
    now: Timestamp,
) -> Result<Admitted, Refusal> {
    if document.source != "live" {
        return Err(Refusal::Recorded(document.source.clone()));
    }
    if let Some(damage) = &document.damage {
        return Err(Refusal::Damaged(damage.clone()));
    }
    fresh(document.ended.unwrap_or(document.started), now)?;
    let mut admitted = Admitted::default();
    for finding in &document.findings {
        let finding = &finding.finding;
        if !causes.is_empty() && !causes.contains(&finding.cause) {
            continue;
        }
        if is_uncertain(finding) {
            admitted.refused.push(Refusal::Uncertain {
                cause: finding.cause.clone(),
                input: if finding.values.contains_key("back_end") {
                    "back_end_account"
                } else {
                    OWNER
                },
            });
        } else {
            admitted.findings.push(finding.clone());
        }
    }
    consistent(&Plan::of(&admitted.findings))?;
    Ok(admitted)
}

fn fresh(seen: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    let hours = now.duration_since(seen).as_hours();
    // A clock that was set back says nothing of the age.
    if hours < 0 {
        return Err(Refusal::Old("less than no time".to_owned()));
    }
    if hours < FRESH_HOURS {
        return Ok(());
    }
    Err(Refusal::Old(if hours < 48 {
        format!("{hours} hours")
    } else {
        format!("{} days", hours / 24)
    }))
}

/// Whether the account that is right is asked for, not known, and nothing can be
/// changed without it.
fn is_uncertain(finding: &Finding) -> bool {
    let asks = Catalogue::embedded()
        .cause(&finding.cause)
        .is_some_and(|cause| cause.parameters.contains_key(OWNER));
    let unknown = finding
        .values
        .get(OWNER)
        .is_none_or(serde_json::Value::is_null);
    asks && unknown
        && !Plan::of(std::slice::from_ref(finding))
            .steps
            .iter()
            .any(|step| step.change.account().is_some())
}

/// Whether what one finding gives another takes.
fn consistent(plan: &Plan) -> Result<(), Refusal> {
    let mut given: Vec<(&str, &Account)> = Vec::new();
    let mut taken: Vec<(&str, &Account)> = Vec::new();
    for step in &plan.steps {
        match &step.change {
            Change::AddSpn { spn, account, .. } => given.push((spn, account)),
            Change::RemoveSpn { spn, account, .. } => taken.push((spn, account)),
            _ => {}
        }
    }
    for (spn, account) in &given {
        let same = |(other, holder): &&(&str, &Account)| {
            other.eq_ignore_ascii_case(spn) && same_account(holder, account)
        };
        if taken.iter().any(|one| same(&one)) {
            return Err(Refusal::Contradiction(format!(
                "{spn} is to be added to {} and to be removed from it",
                account.name
            )));
        }
        if let Some((_, other)) = given.iter().find(|(other, holder)| {
            other.eq_ignore_ascii_case(spn) && !same_account(holder, account)
        }) {
            return Err(Refusal::Contradiction(format!(
                "{spn} is to be added to {} and to {}",
                account.name, other.name
            )));
        }
    }
    Ok(())
}

pub(super) fn same_account(one: &Account, other: &Account) -> bool {
    match (&one.sid, &other.sid) {
        (Some(one), Some(other)) => one == other,
        _ => one.name.eq_ignore_ascii_case(&other.name),
    }
}

#[cfg(test)]
#[path = "admissible/tests.rs"]
mod tests;
