//! What the name servers say of one full name.

use std::net::IpAddr;
use std::time::Duration;

use hickory_resolver::proto::rr::{RData, Record};
use serde_json::{Value, json};

use super::lookup::plain_name;
use super::query::{Answer, QueryResult};
use crate::probe::declare::milliseconds;

/// Longer chains of aliases are loops.
const LONGEST_CHAIN: usize = 16;

/// A full name and what each name server says of it.
#[derive(Debug)]
pub struct AskedName {
    /// The full name, in lower case.
    pub name: String,
    /// In the order of resolv.conf.
    pub answers: Vec<ServerAnswer>,
}

impl AskedName {
    /// All addresses, IPv4 first, each once.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in self.answers.iter().flat_map(|answer| &answer.addresses) {
            if !addresses.contains(address) {
                addresses.push(*address);
            }
        }
        addresses.sort_by_key(IpAddr::is_ipv6);
        addresses
    }

    /// The addresses that a program gets: those of the first name server that
    /// answers; none when it knows none.
    pub fn first_answer(&self) -> Option<&[IpAddr]> {
        let mut answers = self.answers.iter();
        let answer = answers.find(|answer| answer.result.is_definite())?;
        (!answer.addresses.is_empty()).then_some(&*answer.addresses)
    }

    /// Whether those that answered gave the same addresses; unknown when
    /// fewer than two did.
    pub fn agree(&self) -> Option<bool> {
        let mut sets = self
            .answers
            .iter()
            .filter(|answer| answer.result.is_definite())
            .map(|answer| {
                let mut sorted = answer.addresses.clone();
                sorted.sort_unstable();
                sorted
            });
        let first = sets.next()?;
        let rest: Vec<Vec<IpAddr>> = sets.collect();
        (!rest.is_empty()).then(|| rest.iter().all(|set| *set == first))
    }
}

/// What one name server says of a name, A and AAAA together.
#[derive(Debug)]
pub struct ServerAnswer {
    /// The name server.
    pub server: IpAddr,
    /// What the two questions came to.
    pub result: QueryResult,
    /// IPv4 first.
    pub addresses: Vec<IpAddr>,
    /// From the name to the canonical one, both included; empty when the name
    /// is no alias.
    pub chain: Vec<String>,
    /// Where the chain ends, the name itself when it is no alias; none without
    /// an address.
    pub canonical_name: Option<String>,
    /// How long it may be kept, in seconds.
    pub ttl: Option<u32>,
    /// How long it took.
    pub elapsed: Duration,
}

impl ServerAnswer {
    /// Puts the answers to A and AAAA together.
    pub fn of(name: &str, four: &Answer, six: &Answer) -> Self {
        let records = || four.records.iter().chain(&six.records);
        let mut addresses: Vec<IpAddr> = Vec::new();
        for address in records().filter_map(|record| record.data.ip_addr()) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        let chain = chain(name, records().collect());
        Self {
            server: four.server,
            result: both(&four.result, &six.result),
            canonical_name: (!addresses.is_empty())
                .then(|| chain.last().map_or_else(|| plain_name(name), Clone::clone)),
            addresses,
            chain,
            ttl: [four.ttl(), six.ttl()].into_iter().flatten().min(),
            elapsed: four.elapsed.max(six.elapsed),
        }
    }

    /// In words, for the evidence.
    pub fn words(&self) -> String {
        if self.addresses.is_empty() {
            return match self.result {
                QueryResult::NoRecords => "the name exists, but has no address".to_owned(),
                _ => self.result.words(),
            };
        }
        let addresses: Vec<String> = self.addresses.iter().map(IpAddr::to_string).collect();
        let ttl = self
            .ttl
            .map(|ttl| format!(" (may be kept {ttl} s)"))
            .unwrap_or_default();
        if self.chain.is_empty() {
            format!("{}{ttl}", addresses.join(", "))
        } else {
            let chain = self.chain.join(", an alias of ");
            format!("{chain}: {}{ttl}", addresses.join(", "))
        }
    }

    /// The record of the fact `answers`.
    pub fn record(&self) -> Value {
        let result = match self.result {
            QueryResult::Found => "resolved",
            QueryResult::NoSuchName => "no-such-name",
            QueryResult::NoRecords => "no-address",
            QueryResult::Refused => "refused",
            QueryResult::Failed(_) => "failed",
            QueryResult::Silent => "no-answer",
        };
        json!({
            "server": self.server.to_string(),
            "result": result,
            "addresses": self.addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>(),
            "canonical_name": self.canonical_name,
            "ttl": self.ttl,
            "elapsed_ms": milliseconds(self.elapsed),
        })
    }
}

/// One result of the two questions: what is definite wins.
fn both(four: &QueryResult, six: &QueryResult) -> QueryResult {
    for wanted in [
        QueryResult::Found,
        QueryResult::NoSuchName,
        QueryResult::NoRecords,
    ] {
        if *four == wanted || *six == wanted {
            return wanted;
        }
    }
    four.clone()
}

/// Follows the aliases from `name`.
pub(super) fn chain(name: &str, records: Vec<&Record>) -> Vec<String> {
    let aliases: Vec<(String, String)> = records
        .into_iter()
        .filter_map(|record| match &record.data {
            RData::CNAME(target) => Some((
                plain_name(&record.name.to_string()),
                plain_name(&target.to_string()),
            )),
            _ => None,
        })
        .collect();
    let mut chain = vec![plain_name(name)];
    while chain.len() < LONGEST_CHAIN {
        let next = aliases
            .iter()
            .find(|(alias, _)| chain.last() == Some(alias));
        let Some((_, target)) = next else { break };
        chain.push(target.clone());
    }
    if chain.len() == 1 {
        chain.clear();
    }
    chain
}
