//! `dns-reverse`: from addresses back to names.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use serde_json::{Value, json};

use super::LookupFault;
use super::lookup::plain_name;
use super::query::{Answer, QueryResult};
use super::system::ResolvConf;
use crate::probe::declare::{
    exchange, fact, fault, good, milliseconds, optional, required, unknown,
};
use crate::probe::{
    Consent, Context, FactKind, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "dns-reverse",
    title: "Reverse lookup",
    help: "Looks up all names (PTR) of all addresses, at each name server on its own, and \
           compares them with the name that is expected. Kerberos libraries with `rdns = true` \
           and the Windows drivers build the SPN from this name.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(8),
    arguments: &[
        required(
            "addresses",
            FactKind::List(&FactKind::Address),
            "the addresses, as `dns-forward` found them",
        ),
        optional(
            "name",
            FactKind::HostName,
            "the name that every address should lead back to: the canonical name of the server",
        ),
    ],
    statuses: &[
        good(
            "matches",
            "every address leads to the expected name and to no other; without an expected name: to one name",
        ),
        fault(
            "missing",
            "an address has no reverse record, and none leads to another name",
        ),
        fault(
            "differs",
            "an address leads to another name only, not to the expected one",
        ),
        fault(
            "several",
            "an address leads to several names: which one is used is chance",
        ),
        unknown("no-answer", "no name server answered for any address"),
    ],
    facts: &[
        fact(
            "expected",
            FactKind::HostName,
            "the name that was expected, in lower case",
        ),
        fact(
            "names",
            FactKind::List(&FactKind::HostName),
            "all names that any address leads to, each once",
        ),
        fact(
            "first_name",
            FactKind::HostName,
            "the name that the first address leads to: what a Kerberos library with `rdns = true` puts into the SPN",
        ),
        fact(
            "missing",
            FactKind::List(&FactKind::Address),
            "addresses without a reverse record",
        ),
        fact(
            "differing",
            FactKind::List(&FactKind::Record(&[
                fact("address", FactKind::Address, "the address"),
                fact(
                    "names",
                    FactKind::List(&FactKind::HostName),
                    "the names that it leads to",
                ),
            ])),
            "addresses that lead to a name other than the expected one",
        ),
        fact(
            "answers",
            FactKind::List(&FactKind::Record(&[
                fact(
                    "address",
                    FactKind::Address,
                    "the address that was looked up",
                ),
                fact("server", FactKind::Address, "the name server"),
                fact(
                    "result",
                    FactKind::Text,
                    "`found`, `missing`, `refused`, `failed` or `no-answer`",
                ),
                fact(
                    "names",
                    FactKind::List(&FactKind::HostName),
                    "the names that it gave",
                ),
                fact(
                    "ttl",
                    FactKind::Integer,
                    "seconds for which its answer may be kept",
                ),
                fact(
                    "elapsed_ms",
                    FactKind::Integer,
                    "milliseconds until it answered",
                ),
            ])),
            "what each name server answered for each address",
        ),
        fact(
            "agree",
            FactKind::Boolean,
            "whether all name servers that answered gave the same names; null when fewer than two answered",
        ),
    ],
};

/// See the declaration.
#[derive(Debug)]
pub(super) struct DnsReverse;

impl Probe for DnsReverse {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let texts = match request.texts("addresses") {
                Ok(texts) => texts,
                Err(fault) => return Outcome::not_observed(&DECLARATION, &fault.to_string()),
            };
            let mut addresses: Vec<IpAddr> = Vec::new();
            for text in &texts {
                match text.parse() {
                    Ok(address) if !addresses.contains(&address) => addresses.push(address),
                    Ok(_) => {}
                    Err(_) => {
                        let reason = format!("`{text}` is no IP address");
                        return Outcome::not_observed(&DECLARATION, &reason);
                    }
                }
            }
            if addresses.is_empty() {
                return Outcome::not_observed(&DECLARATION, "there is no address to look up");
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
    let mut outcome = Outcome::of(&DECLARATION);
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
