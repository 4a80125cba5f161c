//! Answers of name servers.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use hickory_resolver::proto::op::Message;
use sspi_doctor::probe::dns::answer::{AskedName, ServerAnswer};
use sspi_doctor::probe::dns::query::{Answer, QueryResult};
use sspi_doctor::probe::dns::services_in;

use super::screen;

const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53));

/// An answer over UDP becomes evidence: addresses, a chain of aliases that ends,
/// servers of SRV records, all of it in clean words.
pub fn answer(data: &[u8]) {
    let Ok(message) = Message::from_vec(data) else {
        return;
    };
    let name = message.queries.first().map_or_else(
        || "sql1.corp.example".to_owned(),
        |query| query.name().to_string(),
    );
    let records = message.answers.len();
    let answer = Answer {
        server: SERVER,
        result: QueryResult::Found,
        records: message.answers,
        elapsed: Duration::ZERO,
    };
    let read = ServerAnswer::of(&name, &answer, &answer);
    assert!(read.chain.len() <= 16, "a chain of aliases has no end");
    assert!(read.addresses.len() <= records);
    assert_eq!(read.canonical_name.is_some(), !read.addresses.is_empty());

    let services = services_in(&answer);
    assert!(services.len() <= records);
    assert!(services.is_sorted_by_key(|service| service.priority));

    let mut outcome = screen::outcome("dns-forward");
    for service in &services {
        outcome.saw(service.host.as_str(), service.port.to_string());
    }
    outcome
        .saw(name.as_str(), read.words())
        .fact("answers", vec![read.record()])
        .fact("cname_chain", read.chain.clone())
        .summary(read.words());
    screen::assert_clean_value(&outcome.finish("resolved"));

    let asked = AskedName {
        name,
        answers: vec![read],
    };
    assert!(asked.addresses().len() <= records);
    assert_eq!(asked.agree(), None, "one answer agrees with nobody");
}
