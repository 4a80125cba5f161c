//! `dns-reverse`: from addresses back to names.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use serde_json::{Value, json};

use super::LookupFault;
use super::declaration::REVERSE;
use super::lookup::plain_name;
use super::query::{Answer, QueryResult};
use super::system::ResolvConf;
use crate::probe::declare::{exchange, milliseconds};
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};

/// See the declaration.
#[derive(Debug)]
pub(super) struct DnsReverse;

impl Probe for DnsReverse {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &REVERSE
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let texts = match request.texts("addresses") {
                Ok(texts) => texts,
                Err(fault) => return Outcome::not_observed(&REVERSE, &fault.to_string()),
            };
            let mut addresses: Vec<IpAddr> = Vec::new();
            for text in &texts {
                match text.parse() {
                    Ok(address) if !addresses.contains(&address) => addresses.push(address),
                    Ok(_) => {}
                    Err(_) => {
                        let reason = format!("`{text}` is no IP address");
                        return Outcome::not_observed(&REVERSE, &reason);
                    }
                }
            }
            if addresses.is_empty() {
                return Outcome::not_observed(&REVERSE, "there is no address to look up");
            }
            let expected = request.optional_text("name").map(plain_name);
            observe(&addresses, expected.as_deref(), context).await
        })
    }
}

/// What one address leads to.
struct Reversed {
    address: IpAddr,
    answers: Vec<Answer>,
    /// Of all name servers together, each once.
    names: Vec<String>,
}

async fn observe(addresses: &[IpAddr], expected: Option<&str>, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&REVERSE);
    let conf = ResolvConf::read(&context.session.settings);
    if conf.servers.is_empty() {
        outcome
            .summary("no name server")
            .reason(LookupFault::NoNameServer(conf.path).to_string());
        return outcome.finish("no-answer");
    }
    let deadline = context.deadline - Duration::from_millis(100);
    let resolvers = &context.session.resolvers;
    let reversed = join_all(addresses.iter().map(|address| {
        let conf = &conf;
        async move {
            let name = Name::from(*address).to_string();
            let answers = resolvers
                .ask_each(conf, &name, RecordType::PTR, deadline)
                .await;
            let mut names = Vec::new();
            for name in answers.iter().flat_map(pointers) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            Reversed {
                address: *address,
                answers,
                names,
            }
        }
    }))
    .await;
    tell(outcome, &reversed, expected)
}

fn tell(mut outcome: OutcomeBuilder, reversed: &[Reversed], expected: Option<&str>) -> Outcome {
    let mut records = Vec::new();
    for Reversed {
        address, answers, ..
    } in reversed
    {
        for answer in answers {
            let names = pointers(answer);
            let words = if names.is_empty() {
                match answer.result {
                    QueryResult::NoSuchName | QueryResult::NoRecords => {
                        "no reverse record (PTR)".to_owned()
                    }
                    _ => answer.result.words(),
                }
            } else {
                names.join(", ")
            };
            let asked = format!("{}: PTR of {address}", answer.server);
            outcome.evidence(exchange(asked, words, answer.elapsed));
            records.push(record(*address, answer, &names));
        }
        outcome
            .by_hand_linux(format!("dig -x {address}"))
            .by_hand_windows(format!("ping -a {address}"))
            .by_hand_windows(format!("Resolve-DnsName -Name {address} -Type PTR"));
    }
    let mut names: Vec<&str> = Vec::new();
    for name in reversed.iter().flat_map(|one| &one.names) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let missing: Vec<&Reversed> = reversed.iter().filter(|one| one.is_missing()).collect();
    let is_other = |name: &String| expected.is_some_and(|expected| !same_host(name, expected));
    let differing: Vec<&Reversed> = reversed
        .iter()
        .filter(|one| one.names.iter().any(is_other))
        .collect();
    outcome
        .fact("expected", expected)
        .fact(
            "first_name",
            reversed.first().and_then(|one| one.names.first().cloned()),
        )
        .fact("missing", texts(&missing))
        .fact(
            "differing",
            differing
                .iter()
                .map(|one| json!({"address": one.address.to_string(), "names": one.names}))
                .collect::<Vec<_>>(),
        )
        .fact("answers", records)
        .fact("agree", agree(reversed))
        .summary(if names.is_empty() {
            "no name".to_owned()
        } else {
            names.join(", ")
        })
        .fact("names", names);
    let silent = |one: &&Reversed| !one.answers.iter().any(|answer| answer.result.is_definite());
    if differing.iter().any(|one| one.names.iter().all(is_other)) {
        outcome.finish("differs")
    } else if reversed.iter().any(|one| one.names.len() > 1) {
        outcome.finish("several")
    } else if !missing.is_empty() {
        outcome
            .reason(format!(
                "no reverse record for {}",
                texts(&missing).join(", ")
            ))
            .summary("no reverse record");
        outcome.finish("missing")
    } else if reversed.iter().any(|one| silent(&one)) {
        outcome
            .reason("no name server answered; check that they are up and reachable")
            .summary("no answer");
        outcome.finish("no-answer")
    } else {
        outcome.finish("matches")
    }
}

impl Reversed {
    /// Whether a name server says that there is no name, and none gives one.
    fn is_missing(&self) -> bool {
        self.names.is_empty()
            && self
                .answers
                .iter()
                .any(|answer| answer.result.is_definite())
    }
}

/// The names that an answer gives.
fn pointers(answer: &Answer) -> Vec<String> {
    answer
        .records
        .iter()
        .filter_map(|record| match &record.data {
            RData::PTR(name) => Some(plain_name(&name.to_string())),
            _ => None,
        })
        .collect()
}

/// Whether a name from DNS is the expected one; a short expected name has no
/// domain to compare.
fn same_host(name: &str, expected: &str) -> bool {
    let is_short = !expected.contains('.');
    name == expected || (is_short && name.split('.').next() == Some(expected))
}

/// Whether all name servers that answered gave the same names for every
/// address; unknown when no address was answered by two.
fn agree(reversed: &[Reversed]) -> Option<bool> {
    let mut compared = None;
    for one in reversed {
        let mut sets: Vec<Vec<String>> = one
            .answers
            .iter()
            .filter(|answer| answer.result.is_definite())
            .map(|answer| {
                let mut names = pointers(answer);
                names.sort_unstable();
                names
            })
            .collect();
        if sets.len() > 1 {
            sets.dedup();
            compared = Some(compared.unwrap_or(true) && sets.len() == 1);
        }
    }
    compared
}

fn texts(reversed: &[&Reversed]) -> Vec<String> {
    reversed.iter().map(|one| one.address.to_string()).collect()
}

fn record(address: IpAddr, answer: &Answer, names: &[String]) -> Value {
    let result = match answer.result {
        QueryResult::Found => "found",
        QueryResult::NoSuchName | QueryResult::NoRecords => "missing",
        QueryResult::Refused => "refused",
        QueryResult::Failed(_) => "failed",
        QueryResult::Silent => "no-answer",
    };
    json!({
        "address": address.to_string(),
        "server": answer.server.to_string(),
        "result": result,
        "names": names,
        "ttl": answer.ttl(),
        "elapsed_ms": milliseconds(answer.elapsed),
    })
}
