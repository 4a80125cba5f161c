//! `dns-forward`: from a name to its addresses, asked of each name server.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use hickory_resolver::proto::rr::RecordType;
use serde_json::Value;

use super::LookupFault;
use super::answer::{AskedName, ServerAnswer, chain};
use super::declaration::FORWARD;
use super::query::QueryResult;
use super::system::ResolvConf;
use crate::probe::by_hand::{posix, powershell};
use crate::probe::declare::exchange;
use crate::probe::{Context, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest};

/// See the declaration.
#[derive(Debug)]
pub(super) struct DnsForward;

impl Probe for DnsForward {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &FORWARD
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match request.text("name") {
                Ok(name) => observe(name, context).await,
                Err(fault) => Outcome::not_observed(&FORWARD, &fault.to_string()),
            }
        })
    }
}

async fn observe(name: &str, context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&FORWARD);
    if let Some(address) = stands_for(name) {
        outcome
            .fact("addresses", vec![address.to_string()])
            .fact("loopback", address.is_loopback())
            .fact("this_machine", is_of_this_machine(&[address]))
            .summary(if address.is_loopback() {
                "this machine itself"
            } else {
                "an IP address"
            });
        return outcome.finish("is-address");
    }
    let conf = ResolvConf::read(&context.session.settings);
    if conf.servers.is_empty() {
        outcome
            .summary("no name server")
            .reason(LookupFault::NoNameServer(conf.path).to_string());
        return outcome.finish("no-name-server");
    }
    // What is seen now replaces what the session has kept.
    context.session.resolvers.forget(name);
    let [first, second] = conf.candidates(name);
    let mut asked = ask(&conf, first, context).await;
    if asked.iter().all(|name| name.addresses().is_empty()) && !second.is_empty() {
        asked.extend(ask(&conf, second, context).await);
    }
    // The other probes need not ask again.
    if let Some(addresses) = asked.iter().find_map(AskedName::first_answer) {
        let resolvers = &context.session.resolvers;
        resolvers.remember(name, addresses.to_vec());
    }
    let mut alias = Vec::new();
    if asked.iter().all(|name| name.addresses().is_empty()) {
        alias = dangling(&conf, &asked, context).await;
    }
    tell(outcome, name, &asked, alias)
}

/// The address that a name is without being looked up: one that is written as
/// such, and `localhost`, which no name server is asked for (RFC 6761 6.3).
fn stands_for(name: &str) -> Option<IpAddr> {
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse() {
        return Some(address);
    }
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    (name == "localhost" || name == "(local)" || name == "." || name.ends_with(".localhost"))
        .then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// Whether one of the addresses belongs to this machine: only then can a socket
/// be bound to it.
fn is_of_this_machine(addresses: &[IpAddr]) -> bool {
    addresses
        .iter()
        .any(|address| UdpSocket::bind((*address, 0)).is_ok())
}

/// The chain of an alias whose end does not exist: the answer to A and AAAA is
/// then only that there is none.
async fn dangling(conf: &ResolvConf, asked: &[AskedName], context: &Context) -> Vec<String> {
    let deadline = context.deadline - Duration::from_millis(100);
    for asked in asked {
        let was_answered = asked.answers.iter().any(|one| one.result.is_definite());
        if !was_answered {
            continue;
        }
        let resolvers = &context.session.resolvers;
        let answers = resolvers
            .ask_each(conf, &asked.name, RecordType::CNAME, deadline)
            .await;
        let records = answers.iter().flat_map(|answer| &answer.records).collect();
        let chain = chain(&asked.name, records);
        if !chain.is_empty() {
            return chain;
        }
    }
    Vec::new()
}

/// Asks all name servers for all names at once.
async fn ask(conf: &ResolvConf, names: Vec<String>, context: &Context) -> Vec<AskedName> {
    let resolvers = &context.session.resolvers;
    // Leaves time to tell what was seen.
    let deadline = context.deadline - Duration::from_millis(100);
    join_all(names.into_iter().map(|name| async move {
        let (four, six) = tokio::join!(
            resolvers.ask_each(conf, &name, RecordType::A, deadline),
            resolvers.ask_each(conf, &name, RecordType::AAAA, deadline),
        );
        let answers = four
            .into_iter()
            .zip(six)
            .map(|(four, six)| ServerAnswer::of(&name, &four, &six))
            .collect();
        AskedName { name, answers }
    }))
    .await
}

fn tell(
    mut outcome: OutcomeBuilder,
    typed: &str,
    asked: &[AskedName],
    alias: Vec<String>,
) -> Outcome {
    for name in asked {
        for answer in &name.answers {
            outcome.evidence(exchange(
                format!("{}: A and AAAA of {}", answer.server, name.name),
                answer.words(),
                answer.elapsed,
            ));
            let server = answer.server.to_string();
            let full = format!("{}.", name.name);
            outcome
                .by_hand_linux(format!("dig @{server} {} A", posix(&full)))
                .by_hand_windows(format!(
                    "Resolve-DnsName -Name {} -Server {server}",
                    powershell(&full)
                ));
        }
    }
    outcome
        .by_hand_linux(format!("getent ahosts {}", posix(typed)))
        .by_hand_windows(format!("ping -4 {}", powershell(typed)));
    let matching: Vec<&AskedName> = asked
        .iter()
        .filter(|name| !name.addresses().is_empty())
        .collect();
    let tried: Vec<&str> = asked.iter().map(|name| name.name.as_str()).collect();
    let names: Vec<&str> = matching.iter().map(|name| name.name.as_str()).collect();
    outcome
        .fact("names_tried", tried)
        .fact("matching_names", names);
    let Some(told) = matching.first().copied().or(asked.first()) else {
        return outcome.not_observed("there was nothing to look up");
    };
    let silent: Vec<String> = told
        .answers
        .iter()
        .filter(|answer| !answer.result.is_definite())
        .map(|answer| answer.server.to_string())
        .collect();
    let answers: Vec<Value> = told.answers.iter().map(ServerAnswer::record).collect();
    outcome
        .fact("answers", answers)
        .fact("silent_servers", silent)
        .fact("agree", told.agree());
    if matching.is_empty() {
        return tell_absence(outcome, typed, asked, alias);
    }
    let addresses = told.addresses();
    let texts: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    let first = told
        .answers
        .iter()
        .find(|answer| !answer.addresses.is_empty());
    let chain = first.map(|answer| answer.chain.clone()).unwrap_or_default();
    outcome
        .summary(texts.join(", "))
        .fact("fqdn", told.name.as_str())
        .fact(
            "canonical_name",
            chain.last().unwrap_or(&told.name).as_str(),
        )
        .fact("is_alias", !chain.is_empty())
        .fact("cname_chain", chain)
        .fact("addresses", texts)
        .fact("loopback", addresses.iter().any(IpAddr::is_loopback))
        .fact("this_machine", is_of_this_machine(&addresses))
        .fact(
            "ttl",
            told.answers.iter().filter_map(|answer| answer.ttl).min(),
        );
    outcome.finish("resolved")
}

/// The statuses in which no name server gave an address.
fn tell_absence(
    mut outcome: OutcomeBuilder,
    typed: &str,
    asked: &[AskedName],
    alias: Vec<String>,
) -> Outcome {
    if let [_, .., target] = alias.as_slice() {
        outcome
            .saw(
                format!("CNAME of {typed}"),
                format!("an alias of {target}, which has no address"),
            )
            .summary("alias of nothing")
            .reason(format!(
                "`{typed}` is an alias (CNAME) of `{target}`, which has no address"
            ))
            .fact("is_alias", true)
            .fact("cname_chain", alias);
        return outcome.finish("no-address");
    }
    let all = || asked.iter().flat_map(|name| &name.answers);
    if all().any(|answer| answer.result == QueryResult::NoRecords) {
        outcome
            .summary("no address")
            .reason(format!("`{typed}` exists in DNS, but without an address"));
        return outcome.finish("no-address");
    }
    if all().any(|answer| answer.result == QueryResult::NoSuchName) {
        outcome
            .summary("no such name")
            .reason(format!("no name server knows `{typed}`"));
        return outcome.finish("no-such-name");
    }
    outcome
        .summary("no answer")
        .reason("no name server answered; check that they are up and reachable");
    outcome.finish("no-answer")
}
