//! `ldap-spn`: who holds an SPN, in the whole forest.

pub(super) mod classify;
mod declaration;
mod drivers;
mod gather;
mod others;
mod question;
mod repair;
mod services;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::by_hand;
use super::ending;
use super::entry::Entry;
use super::forest;
use super::search::Search;
use crate::directory::filter;
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};
use gather::Gathered;
use question::Question;

/// The probe `ldap-spn`.
pub struct LdapSpn;

impl Probe for LdapSpn {
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

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let question = match Question::read(request) {
        Ok(question) => question,
        Err(what) => return outcome.not_observed(&what),
    };
    outcome.fact("spn", question.spns[0].clone());
    for spn in &question.spns {
        outcome.by_hand_windows(format!("setspn -F -Q {}", by_hand::cmd(spn)));
    }
    let mut evidence = Vec::new();
    let gathered = gather::gather(context, &question, &mut evidence).await;
    for evidence in evidence {
        outcome.evidence(evidence);
    }
    match gathered {
        Ok(gathered) => look(&question, &gathered, outcome),
        Err(fault) => ending::failed(outcome, "the global catalog", &fault, "no-directory"),
    }
}

fn look(question: &Question<'_>, gathered: &Gathered, mut outcome: OutcomeBuilder) -> Outcome {
    let (connection, forest) = (&gathered.connection, &gathered.forest);
    let domains: Vec<&str> = forest
        .domains
        .iter()
        .map(|domain| domain.name.as_str())
        .collect();
    outcome
        .fact("forest", forest.name.clone())
        .fact("domains", domains)
        .fact("directory", connection.server())
        .fact("as_whom", connection.as_whom());
    for spn in &question.spns {
        let filter = filter::any(&[
            filter::equals("servicePrincipalName", spn),
            filter::equals("userPrincipalName", spn),
        ]);
        let search = Search::below("", &filter, &["sAMAccountName", "servicePrincipalName"]);
        outcome.by_hand_linux(by_hand::on(connection, &search));
    }
    if forest.domains.is_empty() {
        outcome.reason(
            "the directory shows us no domain of the forest, so that nothing found means nothing",
        );
        outcome.summary("not readable");
        return outcome.finish("not-readable");
    }
    outcome.fact("expected_account", gathered.expected_account.clone());
    let related = gathered
        .related
        .as_ref()
        .map(|found| classify::related(&question.spns, &found.entries, forest));
    if let Some(related) = &related {
        tell_related(&mut outcome, related);
    }
    if let Some(services) = &gathered.services {
        let records = services::records(&question.spns, &services.entries, forest);
        outcome.fact("other_services", records);
    }
    drivers::tell(&mut outcome, question, gathered);
    let truncated = [Some(&gathered.found), gathered.related.as_ref()]
        .into_iter()
        .flatten()
        .any(|found| found.truncated);
    if truncated {
        outcome.reason("there are more accounts than were taken");
    }
    tell(outcome, question, gathered, related.as_deref())
}

fn tell_related(outcome: &mut OutcomeBuilder, related: &[Value]) {
    let of_kind = |kind: &str| -> Vec<Value> {
        related
            .iter()
            .filter(|record| record["kind"] == kind)
            .cloned()
            .collect()
    };
    outcome
        .fact("malformed_spns", of_kind("malformed"))
        .fact("other_ports", of_kind("other-port"))
        .fact("related", related.to_vec());
}

fn tell(
    mut outcome: OutcomeBuilder,
    question: &Question<'_>,
    gathered: &Gathered,
    related: Option<&[Value]>,
) -> Outcome {
    let (entries, forest) = (&gathered.found.entries, &gathered.forest);
    let expected = gathered.expected_sid.as_ref();
    let answers: Vec<classify::Answer<'_>> = question
        .spns
        .iter()
        .map(|spn| classify::answer(spn, entries))
        .collect();
    let with_state = |state: classify::State| -> Vec<&str> {
        answers
            .iter()
            .filter(|answer| answer.state == state)
            .map(|answer| answer.spn)
            .collect()
    };
    outcome
        .fact("missing_spns", with_state(classify::State::Missing))
        .fact("present_spns", with_state(classify::State::Held));
    let records: Vec<Value> = answers
        .iter()
        .map(|answer| answer.record(forest, expected))
        .collect();
    outcome.fact("by_spn", records);
    repair::tell(&mut outcome, &answers, forest, expected);
    let Some(first) = answers.first() else {
        return outcome.not_observed("no SPN was asked about");
    };
    let holders = classify::accounts(forest, &first.holders);
    let disabled: Vec<&Entry> = first
        .holders
        .iter()
        .filter(|entry| classify::disabled(entry) == Some(true))
        .copied()
        .collect();
    outcome
        .fact("disabled_holders", classify::accounts(forest, &disabled))
        .fact("expected_holds", first.held_by(expected))
        .fact(
            "wrong_holders",
            first
                .wrong_holders(expected)
                .map(|wrong| classify::accounts(forest, &wrong)),
        )
        .fact("collisions", classify::accounts(forest, &first.collisions));
    if let [only] = first.holders.as_slice() {
        let holder = forest.account(only);
        outcome
            .fact(
                "other_accounts",
                related.map(|related| others::than(&holder, related)),
            )
            .fact("holder", holder)
            .fact("holder_disabled", classify::disabled(only))
            .fact("holder_stale", repair::stale(only, first.spn, expected));
    }
    let summary = match first.state {
        classify::State::Missing => "nobody holds it".to_owned(),
        classify::State::Held | classify::State::Duplicate => forest::names(&holders),
        classify::State::Collision => format!(
            "userPrincipalName of {}",
            forest::names(&classify::accounts(forest, &first.collisions))
        ),
    };
    outcome.summary(summary);
    outcome.fact("holders", holders);
    outcome.finish(first.state.word())
}
