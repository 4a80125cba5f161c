//! What a ticket needs on its way between two domains, each with its state.

use serde_json::Value;

use super::evaluate::{Evaluation, Known};
use crate::directory::encryption_type;
use crate::directory::trust::{Direction, Kind};
use crate::probe::ldap::requirements::{drawing, record};

/// Every requirement; within one forest there is only one.
pub(super) fn list(known: &Known<'_>, evaluation: &Evaluation) -> Vec<Value> {
    let (from, to) = (known.from.0, known.to.0);
    match evaluation.status {
        "same-domain" => {
            return vec![record("trust", "met", format!("both are in {from}"))];
        }
        "same-forest" => {
            let words = format!("{from} and {to} are in one forest and trust each other");
            return vec![record("trust", "met", words)];
        }
        _ => {}
    }
    vec![
        trust(known, evaluation),
        direction(known, evaluation),
        kind(evaluation),
        both_sides(known, evaluation),
        suffix(known, evaluation),
        selective(known, evaluation),
        encryption(evaluation),
    ]
}

/// The way and the requirements in text.
pub(super) fn draw(known: &Known<'_>, evaluation: &Evaluation, requirements: &[Value]) -> String {
    let way = match evaluation.path.as_slice() {
        [] => format!("{} -/-> {}", known.from.0, known.to.0),
        path => path.join(" -> "),
    };
    drawing(&way, requirements)
}

fn trust(known: &Known<'_>, evaluation: &Evaluation) -> Value {
    let (from, to) = forests(known);
    let (state, words) = match evaluation.leg() {
        Some(leg) if leg.trust.direction == Direction::Disabled => (
            "missing",
            format!("the trust of {to} with {from} is switched off"),
        ),
        Some(_) => ("met", format!("there is a trust between {from} and {to}")),
        None if evaluation.one_sided == Some(true) => ("missing", evaluation.words.clone()),
        None => (
            "missing",
            format!("there is no trust between {from} and {to}"),
        ),
    };
    record("trust", state, words)
}

fn direction(known: &Known<'_>, evaluation: &Evaluation) -> Value {
    let (from, to) = forests(known);
    let (state, words) = match (evaluation.leg(), evaluation.status) {
        (None, _) => ("not-needed", String::new()),
        (Some(leg), "trusted-wrong-way") => (
            "missing",
            format!(
                "{to} does not trust {from}: {}",
                leg.trust.direction_words()
            ),
        ),
        (Some(_), _) => ("met", format!("{to} trusts {from}: the direction is right")),
    };
    record("direction", state, words)
}

fn kind(evaluation: &Evaluation) -> Value {
    let (state, words) = match evaluation.leg().map(|leg| leg.trust.kind()) {
        None => ("not-needed", String::new()),
        Some(Kind::Forest | Kind::WithinForest) => (
            "met",
            "it is a forest trust, which carries Kerberos".to_owned(),
        ),
        Some(Kind::External) => (
            "missing",
            "it is an external trust between two domains, not a forest trust".to_owned(),
        ),
        Some(Kind::Realm) => (
            "missing",
            "it is a trust with a Kerberos realm that is not Windows".to_owned(),
        ),
        Some(Kind::Nt4) => ("missing", "it is a trust of Windows NT 4".to_owned()),
    };
    record("kind", state, words)
}

fn both_sides(known: &Known<'_>, evaluation: &Evaluation) -> Value {
    let unread = match (known.from_side, known.to_side) {
        (None, _) => known.from.0,
        _ => known.to.0,
    };
    let (state, words) = match (evaluation.leg(), evaluation.one_sided) {
        (None, _) => ("not-needed", String::new()),
        (Some(_), Some(false)) => ("met", "it stands on both sides".to_owned()),
        (Some(_), Some(true)) => ("missing", "it stands on one side only".to_owned()),
        (Some(_), None) => (
            "unknown",
            format!("whether it stands on both sides: the directory of {unread} was not read"),
        ),
    };
    record("both-sides", state, words)
}

fn suffix(known: &Known<'_>, evaluation: &Evaluation) -> Value {
    let host = known.host.unwrap_or("the server");
    let (from, to) = forests(known);
    let (state, words) = match (evaluation.leg(), evaluation.suffix_routed) {
        (None, _) => ("not-needed", String::new()),
        (Some(_), None) if known.host.is_none() => ("not-needed", String::new()),
        (Some(leg), _) if leg.trust.kind() != Kind::Forest => ("not-needed", String::new()),
        (Some(_), Some(true)) => ("met", format!("{from} routes the name {host} to {to}")),
        (Some(_), Some(false)) => (
            "missing",
            format!("{from} does not route the suffix of {host} to {to}"),
        ),
        (Some(_), None) => (
            "unknown",
            format!("whether {from} routes the suffix of {host}: its list was not read"),
        ),
    };
    record("suffix-routed", state, words)
}

fn selective(known: &Known<'_>, evaluation: &Evaluation) -> Value {
    let (from, to) = forests(known);
    let (state, words) = match (evaluation.leg(), evaluation.selective_authentication) {
        (None, _) => ("not-needed", String::new()),
        (Some(_), Some(false)) => ("met", format!("{to} admits all users of {from}")),
        (Some(_), Some(true)) => (
            "unknown",
            format!(
                "{to} has selective authentication: users of {from} need the right `Allowed to \
                 authenticate` on the server's account"
            ),
        ),
        (Some(_), None) => (
            "unknown",
            format!(
                "whether {to} has selective authentication: only its own directory tells, and it was \
                 not read"
            ),
        ),
    };
    record("selective-authentication", state, words)
}

fn encryption(evaluation: &Evaluation) -> Value {
    let Some(leg) = evaluation.leg() else {
        return record("encryption-types", "not-needed", "");
    };
    let (state, words) = match leg.encryption_types.filter(|types| *types != 0) {
        None => (
            "not-needed",
            "no encryption types are set on the trust: the domains' defaults apply".to_owned(),
        ),
        Some(types) => (
            "met",
            format!(
                "the trust takes {}",
                encryption_type::words(types).join(", ")
            ),
        ),
    };
    record("encryption-types", state, words)
}

fn forests<'a>(known: &Known<'a>) -> (&'a str, &'a str) {
    (
        known.from.1.unwrap_or(known.from.0),
        known.to.1.unwrap_or(known.to.0),
    )
}

#[cfg(test)]
#[path = "requirement/tests.rs"]
mod tests;
