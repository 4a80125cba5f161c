//! Name servers on loopback for the tests: a zone in lines, over real sockets.

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, PTR, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};
use tokio::net::UdpSocket;

/// What a name server does.
pub(super) enum Conduct {
    /// Answers from these lines: `name ttl type data`.
    Serves(&'static str),
    /// Answers REFUSED.
    Refuses,
    /// Takes questions and never answers.
    IsSilent,
}

/// Starts one name server for each conduct, on 127.0.0.2, 127.0.0.3 and so on,
/// all on the port that is returned; they end with the test's runtime.
pub(super) async fn serve(conducts: Vec<Conduct>) -> u16 {
    let (port, sockets) = bind(conducts.len()).await;
    for (conduct, socket) in conducts.into_iter().zip(sockets) {
        let records = match &conduct {
            Conduct::Serves(zone) => parse(zone),
            _ => Vec::new(),
        };
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let query = Message::from_vec(&buffer[..length]).unwrap();
                let answer = match conduct {
                    Conduct::IsSilent => continue,
                    Conduct::Refuses => {
                        let mut refusal = answer(&query, &[]);
                        refusal.metadata.response_code = ResponseCode::Refused;
                        refusal
                    }
                    Conduct::Serves(_) => answer(&query, &records),
                };
                socket
                    .send_to(&answer.to_vec().unwrap(), peer)
                    .await
                    .unwrap();
            }
        });
    }
    port
}

/// Sockets with one port on consecutive addresses.
async fn bind(count: usize) -> (u16, Vec<UdpSocket>) {
    loop {
        let first = UdpSocket::bind("127.0.0.2:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut sockets = vec![first];
        while sockets.len() < count {
            let last = u8::try_from(sockets.len() + 2).unwrap();
            match UdpSocket::bind(SocketAddr::from(([127, 0, 0, last], port))).await {
                Ok(socket) => sockets.push(socket),
                Err(_) => break,
            }
        }
        if sockets.len() == count {
            return (port, sockets);
        }
    }
}

fn answer(query: &Message, records: &[Record]) -> Message {
    let question = query.queries.first().unwrap().clone();
    let mut reply = Message::response(query.metadata.id, OpCode::Query);
    reply.metadata.recursion_available = true;
    reply.metadata.recursion_desired = true;
    reply.add_query(question.clone());
    let mut at = question.name().clone();
    loop {
        let here = || records.iter().filter(|record| record.name == at);
        reply.add_answers(
            here()
                .filter(|record| record.record_type() == question.query_type())
                .cloned(),
        );
        let alias = here().find_map(|record| match &record.data {
            RData::CNAME(target) => Some((record.clone(), target.0.clone())),
            _ => None,
        });
        let Some((record, target)) = alias else { break };
        reply.add_answer(record);
        at = target;
    }
    if !records.iter().any(|record| at.zone_of(&record.name)) {
        reply.metadata.response_code = ResponseCode::NXDomain;
    }
    reply
}

fn parse(zone: &str) -> Vec<Record> {
    let name = |text: &str| {
        let mut name = Name::from_utf8(text).unwrap();
        name.set_fqdn(true);
        name
    };
    zone.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |index: usize| words[index].parse::<u16>().unwrap();
            let data = match words[2] {
                "A" | "AAAA" => match words[3].parse().unwrap() {
                    IpAddr::V4(address) => RData::A(A(address)),
                    IpAddr::V6(address) => RData::AAAA(AAAA(address)),
                },
                "CNAME" => RData::CNAME(CNAME(name(words[3]))),
                "PTR" => RData::PTR(PTR(name(words[3]))),
                "SRV" => RData::SRV(SRV::new(number(3), number(4), number(5), name(words[6]))),
                other => panic!("no record type {other} in test zones"),
            };
            Record::from_rdata(name(words[0]), words[1].parse().unwrap(), data)
        })
        .collect()
}
