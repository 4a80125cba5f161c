//! `ldap-trusts`: the trusts of both sides and the way between two domains.

mod declaration;
mod evaluate;
mod requirement;
mod side;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::by_hand;
use super::fault::{DirectoryFault, FaultKind};
use crate::directory::naming;
use crate::directory::trust::Attributes;
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};
use evaluate::{Evaluation, Known};
use side::{Side, TrustRead};

/// The probe `ldap-trusts`.
pub struct LdapTrusts;

impl Probe for LdapTrusts {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &declaration::DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(observe(request, context))
    }
}

/// A side's forest by name, and what it says.
type Seen = (Option<String>, Result<Side, DirectoryFault>);

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let (from, to) = match (request.text("from_domain"), request.text("to_domain")) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(fault), _) | (_, Err(fault)) => return outcome.not_observed(&fault.to_string()),
    };
    let (from, to) = (from.trim_matches('.'), to.trim_matches('.'));
    by_hand(&mut outcome, from, to);
    outcome
        .fact("from_domain", from.to_lowercase())
        .fact("to_domain", to.to_lowercase());
    let ((from_forest, from_side), (to_forest, to_side)) = tokio::join!(
        see(context, from, request.optional_text("from_server")),
        see(context, to, request.optional_text("to_server")),
    );
    let same = naming::same_name(from, to);
    let mut missing = Vec::new();
    for (domain, side) in [(from, &from_side), (to, &to_side)] {
        match side {
            Ok(side) => tell_side(&mut outcome, side),
            Err(fault) if !missing.contains(&domain) => {
                outcome.saw(format!("the directory of {domain}"), fault.to_string());
                missing.push(domain);
            }
            Err(_) => {}
        }
        if same {
            break;
        }
    }
    if let (Err(one), Err(other)) = (&from_side, &to_side) {
        let forests = from_forest.as_ref().zip(to_forest.as_ref());
        let one_forest = forests.is_some_and(|(one, other)| naming::same_name(one, other));
        // The names alone settle these two.
        if !same && !one_forest {
            outcome.fact("missing_side", missing);
            return failed(outcome, one, other);
        }
    }
    let known = Known {
        from: (from, from_forest.as_deref()),
        to: (to, to_forest.as_deref()),
        from_side: from_side.as_ref().ok(),
        to_side: to_side.as_ref().ok(),
        host: request.optional_text("host"),
    };
    let evaluation = evaluate::evaluate(&known);
    outcome.fact("missing_side", missing);
    tell(outcome, &known, evaluation)
}

/// A side, as far as it lets itself be seen.
async fn see(context: &Context, domain: &str, server: Option<&str>) -> Seen {
    let directory = &context.session.directory;
    match directory.forest_of(context, domain).await {
        Ok(forest) => {
            let side = match side::read(context, domain, &forest, server).await {
                Err(fault) if fault.is_broken() => {
                    side::read(context, domain, &forest, server).await
                }
                other => other,
            };
            (Some(forest), side)
        }
        Err(fault) => (None, Err(fault)),
    }
}

fn failed(mut outcome: OutcomeBuilder, one: &DirectoryFault, other: &DirectoryFault) -> Outcome {
    outcome.reason(if one == other {
        one.to_string()
    } else {
        format!("{one}; {other}")
    });
    let readable = [one, other]
        .iter()
        .all(|fault| fault.kind() != FaultKind::NotReadable);
    let status = if readable {
        "unreachable"
    } else {
        "not-readable"
    };
    outcome.summary(status.replace('-', " "));
    outcome.finish(status)
}

fn by_hand(outcome: &mut OutcomeBuilder, from: &str, to: &str) {
    if naming::same_name(from, to) {
        outcome.by_hand_windows("nltest /domain_trusts /all_trusts /v");
        return;
    }
    for domain in [to, from] {
        outcome.by_hand_windows(format!(
            "nltest /domain_trusts /all_trusts /v /server:{}",
            by_hand::cmd(domain)
        ));
    }
    outcome.by_hand_windows(format!(
        "netdom trust {} /domain:{} /verify",
        by_hand::cmd(to),
        by_hand::cmd(from)
    ));
}

fn tell_side(outcome: &mut OutcomeBuilder, side: &Side) {
    for evidence in &side.evidence {
        outcome.evidence(evidence.clone());
    }
    for command in &side.by_hand {
        outcome.by_hand_linux(command.clone());
    }
}

fn tell(mut outcome: OutcomeBuilder, known: &Known<'_>, evaluation: Evaluation) -> Outcome {
    let mut domains: Vec<Value> = Vec::new();
    let mut trusts: Vec<Value> = Vec::new();
    let mut directories: Vec<String> = Vec::new();
    for side in [known.from_side, known.to_side].into_iter().flatten() {
        for domain in &side.forest.domains {
            domains.push(json!({
                "name": domain.name,
                "netbios_name": domain.netbios_name,
                "forest": side.forest.name,
                "distinguished_name": domain.distinguished_name,
                "parent": domain.parent,
            }));
        }
        trusts.extend(side.trusts.iter().map(TrustRead::record));
        directories.extend(side.directories.iter().cloned());
    }
    // Two domains of one forest show the same twice.
    unique(&mut domains);
    unique(&mut trusts);
    directories.dedup();
    let as_whom = [known.to_side, known.from_side]
        .into_iter()
        .flatten()
        .find_map(|side| side.as_whom.clone());
    let requirements = requirement::list(known, &evaluation);
    let drawing = requirement::draw(known, &evaluation, &requirements);
    let legs: Vec<Value> = evaluation.legs.iter().map(TrustRead::record).collect();
    outcome
        .fact("path", evaluation.path)
        .fact("path_words", evaluation.words.clone())
        .fact("from_forest", known.from.1)
        .fact("to_forest", known.to.1)
        .fact("domains", domains)
        .fact("trusts", trusts)
        .fact("legs", legs)
        .fact("requirements", requirements)
        .fact("drawing", drawing)
        .fact(
            "selective_authentication",
            evaluation.selective_authentication,
        )
        .fact("tgt_delegation", evaluation.tgt_delegation)
        .fact(
            "quarantined",
            evaluation
                .legs
                .iter()
                .any(|read| read.trust.attributes.has(Attributes::QUARANTINED)),
        )
        .fact(
            "sid_filter",
            known.to_side.map(|_| sid_filter(&evaluation.legs)),
        )
        .fact("suffix_routed", evaluation.suffix_routed)
        .fact("one_sided", evaluation.one_sided)
        .fact("directories", directories)
        .fact("as_whom", as_whom);
    outcome.reason(evaluation.words);
    outcome.summary(match evaluation.status {
        "trusted" => format!("{} trusts {}", known.to.0, known.from.0),
        status => status.replace('-', " "),
    });
    outcome.finish(evaluation.status)
}

/// The strictest of the filters on the way ([MS-PAC] 4.1.2.2).
fn sid_filter(legs: &[TrustRead]) -> &'static str {
    let any = |is: &dyn Fn(&TrustRead) -> bool| legs.iter().any(is);
    if any(&|read| read.trust.attributes.has(Attributes::QUARANTINED)) {
        "quarantine"
    } else if any(&|read| read.trust.filters_sids()) {
        "forest"
    } else {
        "none"
    }
}

fn unique(values: &mut Vec<Value>) {
    let mut seen: Vec<Value> = Vec::new();
    values.retain(|value| {
        let new = !seen.contains(value);
        if new {
            seen.push(value.clone());
        }
        new
    });
}
