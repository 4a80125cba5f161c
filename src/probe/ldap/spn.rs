//! `ldap-spn`: who holds an SPN, in the whole forest.

mod classify;
mod declaration;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::by_hand;
use super::connection::Connection;
use super::entry::Entry;
use super::fault::{DirectoryFault, FaultKind};
use super::forest::{self, Forest};
use super::resolve::{self, Place, Resolution};
use super::search::Search;
use crate::directory::filter;
use crate::directory::service_account;
use crate::directory::sid::Sid;
use crate::directory::spn::Spn;
use crate::probe::{
    Context, Evidence, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

/// What is wanted of a holder.
const HOLDER: &[&str] = &[
    "sAMAccountName",
    "objectSid",
    "objectClass",
    "userAccountControl",
    "userPrincipalName",
    "servicePrincipalName",
];

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

/// The arguments.
struct Question<'a> {
    spns: Vec<String>,
    domain: &'a str,
    server: Option<&'a str>,
    expected: Option<&'a str>,
    also_for_host: bool,
}

impl Question<'_> {
    /// Everyone who holds one of the SPNs, or has its text as a user principal
    /// name.
    fn holders_filter(&self) -> String {
        let mut filters = Vec::new();
        for spn in &self.spns {
            filters.push(filter::equals("servicePrincipalName", spn));
            filters.push(filter::equals("userPrincipalName", spn));
            filters.push(filter::starts_with("userPrincipalName", &format!("{spn}@")));
        }
        filter::any(&filters)
    }

    /// Everyone who holds an SPN of the same class and host in any form, right
    /// or wrong.
    fn related_filter(&self) -> Option<String> {
        let mut filters = Vec::new();
        for spn in self.spns.iter().filter_map(|text| Spn::parse(text).ok()) {
            let (class, host) = (spn.class(), spn.host());
            let short = host.split('.').next().unwrap_or(host);
            filters.push(filter::starts_with(
                "servicePrincipalName",
                &format!("{class}/{host}"),
            ));
            filters.push(filter::equals(
                "servicePrincipalName",
                &format!("{class}/{short}"),
            ));
            for separator in [":", "\\", "/", ","] {
                let start = format!("{class}/{short}{separator}");
                filters.push(filter::starts_with("servicePrincipalName", &start));
            }
            filters.push(filter::starts_with(
                "servicePrincipalName",
                &format!("{class}\\{short}"),
            ));
        }
        filters.sort();
        filters.dedup();
        (!filters.is_empty()).then(|| filter::any(&filters))
    }
}

async fn observe(request: &ProbeRequest, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&declaration::DECLARATION);
    let question = match question(request) {
        Ok(question) => question,
        Err(what) => return outcome.not_observed(&what),
    };
    outcome.fact("spn", question.spns[0].clone());
    for spn in &question.spns {
        outcome.by_hand_windows(format!("setspn -F -Q {}", by_hand::cmd(spn)));
    }
    let directory = &context.session.directory;
    let catalog = directory
        .catalog(context, question.domain, question.server)
        .await;
    match catalog {
        Ok((connection, forest)) => look(context, &question, &connection, &forest, outcome).await,
        Err(fault) => failed(outcome, &fault),
    }
}

fn question(request: &ProbeRequest) -> Result<Question<'_>, String> {
    let mut spns = Vec::new();
    for spn in request.texts("spns").map_err(|fault| fault.to_string())? {
        let spn = spn.trim().to_owned();
        if !spn.is_empty() && !spns.contains(&spn) {
            spns.push(spn);
        }
    }
    if spns.is_empty() {
        return Err("the probe `ldap-spn` needs `spns` as a list of at least one SPN".to_owned());
    }
    Ok(Question {
        spns,
        domain: request.text("domain").map_err(|fault| fault.to_string())?,
        server: request.optional_text("server"),
        expected: request.optional_text("expected"),
        also_for_host: request.flag("also_for_host"),
    })
}

fn failed(mut outcome: OutcomeBuilder, fault: &DirectoryFault) -> Outcome {
    outcome.reason(fault.to_string());
    outcome.saw("the global catalog", fault.to_string());
    let status = match fault.kind() {
        FaultKind::NoServer => "no-directory",
        FaultKind::Unreachable => "unreachable",
        FaultKind::NotReadable => "not-readable",
    };
    outcome.summary(status.replace('-', " "));
    outcome.finish(status)
}

async fn look(
    context: &Context,
    question: &Question<'_>,
    connection: &Arc<Connection>,
    forest: &Arc<Forest>,
    mut outcome: OutcomeBuilder,
) -> Outcome {
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
    let holders_filter = question.holders_filter();
    let related_filter = question.related_filter().filter(|_| question.also_for_host);
    let holders_search = Search::below("", &holders_filter, HOLDER);
    for spn in &question.spns {
        let filter = filter::any(&[
            filter::equals("servicePrincipalName", spn),
            filter::equals("userPrincipalName", spn),
        ]);
        let search = Search::below("", &filter, &["sAMAccountName", "servicePrincipalName"]);
        outcome.by_hand_linux(by_hand::on(connection, &search));
    }
    let (mut first, mut second, mut third) = (Vec::new(), Vec::new(), Vec::new());
    let (found, related, expected) = tokio::join!(
        resolve::ask(context, connection, &holders_search, forest, &mut first),
        async {
            match &related_filter {
                Some(filter) => {
                    let search = Search::below("", filter, HOLDER);
                    resolve::ask(context, connection, &search, forest, &mut second)
                        .await
                        .map(Some)
                }
                None => Ok(None),
            }
        },
        expected(context, question, connection, forest, &mut third),
    );
    if let (Ok(found), Some(evidence)) = (&found, first.first_mut()) {
        evidence.saw = in_words(question, &found.entries, forest);
    }
    for evidence in first.into_iter().chain(second).chain(third) {
        outcome.evidence(evidence);
    }
    let (found, related, (expected_sid, expected_account)) = match (found, related, expected) {
        (Ok(found), Ok(related), Ok(expected)) => (found, related, expected),
        (Err(fault), ..) | (_, Err(fault), _) | (.., Err(fault)) => return failed(outcome, &fault),
    };
    if forest.domains.is_empty() {
        outcome.reason(
            "the directory shows us no domain of the forest, so that nothing found means nothing",
        );
        outcome.summary("not readable");
        return outcome.finish("not-readable");
    }
    outcome.fact("expected_account", expected_account);
    if let Some(related) = related {
        tell_related(&mut outcome, question, &related.entries, forest);
    }
    tell(
        outcome,
        question,
        &found.entries,
        forest,
        expected_sid.as_ref(),
    )
}

/// Who holds each SPN, a line each.
fn in_words(question: &Question<'_>, entries: &[Entry], forest: &Forest) -> String {
    let lines: Vec<String> = question
        .spns
        .iter()
        .map(|spn| {
            let answer = classify::answer(spn, entries);
            let holders = forest::names(&classify::accounts(forest, &answer.holders));
            let collisions = forest::names(&classify::accounts(forest, &answer.collisions));
            match (holders.as_str(), collisions.as_str()) {
                ("", "") => format!("{spn}: nobody holds it"),
                (holders, "") => format!("{spn}: {holders}"),
                ("", collisions) => {
                    format!("{spn}: nobody; it is the userPrincipalName of {collisions}")
                }
                (holders, collisions) => {
                    format!("{spn}: {holders}; it is also the userPrincipalName of {collisions}")
                }
            }
        })
        .collect();
    lines.join("\n")
}

/// The SID and the record of the account that should hold the SPNs.
async fn expected(
    context: &Context,
    question: &Question<'_>,
    connection: &Arc<Connection>,
    forest: &Forest,
    evidence: &mut Vec<Evidence>,
) -> Result<(Option<Sid>, Value), DirectoryFault> {
    let Some(expected) = question.expected else {
        return Ok((None, Value::Null));
    };
    let host = Spn::parse(&question.spns[0])
        .ok()
        .map(|spn| spn.host().to_owned());
    let text = service_account::understand(expected, host.as_deref());
    let place = Place {
        connection,
        forest,
        domain: question.domain,
        host: host.as_deref(),
    };
    let given = Sid::parse(expected);
    match resolve::resolve(context, &place, &text, evidence).await? {
        Resolution::One(entry) => Ok((entry.sid("objectSid"), forest.account(&entry))),
        _ => Ok((given, Value::Null)),
    }
}

fn tell_related(
    outcome: &mut OutcomeBuilder,
    question: &Question<'_>,
    entries: &[Entry],
    forest: &Forest,
) {
    let related = classify::related(&question.spns, entries, forest);
    let of_kind = |kind: &str| -> Vec<Value> {
        related
            .iter()
            .filter(|record| record["kind"] == kind)
            .cloned()
            .collect()
    };
    outcome
        .fact("malformed_spns", of_kind("malformed"))
        .fact("other_ports", of_kind("other-port"));
    outcome.fact("related", related);
}

fn tell(
    mut outcome: OutcomeBuilder,
    question: &Question<'_>,
    entries: &[Entry],
    forest: &Forest,
    expected: Option<&Sid>,
) -> Outcome {
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
        outcome
            .fact("holder", forest.account(only))
            .fact("holder_disabled", classify::disabled(only));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_spns_cannot_widen_the_search() {
        let question = Question {
            spns: vec!["MSSQLSvc/x*)(objectClass=*".to_owned()],
            domain: "corp.example",
            server: None,
            expected: None,
            also_for_host: true,
        };
        assert!(!question.holders_filter().contains("objectClass=*"));
        assert!(
            !question
                .related_filter()
                .unwrap()
                .contains("(objectClass=*")
        );
    }

    #[test]
    fn an_empty_list_is_told() {
        let request = ProbeRequest::new("ldap-spn").with("domain", "corp.example");
        assert!(question(&request).is_err_and(|what| what.contains("at least one SPN")));
    }
}
