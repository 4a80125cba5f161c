//! Does a TCP port answer? The Test-NetConnection of a Linux user.

mod connect;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, join_all};
use serde_json::json;

pub(crate) use connect::{ConnectFault, connect, connect_first, look_up};

use super::attempt::attempt;
use super::by_hand::{posix, powershell};
use super::declare::{exchange, fact, fault, good, milliseconds, optional, required, unknown};
use super::{
    Consent, Context, FactKind, Outcome, OutcomeBuilder, Probe, ProbeDeclaration, ProbeRequest,
};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&TcpConnect];

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "tcp-connect",
    title: "TCP port",
    help: "Opens a TCP connection to every address of a host at once, and closes it again.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(5),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the host, as a name or an address",
        ),
        required("port", FactKind::Port, "the TCP port"),
        optional(
            "addresses",
            FactKind::List(&FactKind::Address),
            "the addresses to try; without them the host is looked up",
        ),
    ],
    statuses: &[
        good(
            "connected",
            "at least one address accepts connections on the port",
        ),
        fault(
            "refused",
            "the host answers, but nothing listens on the port (or a firewall rejects or ends the connection)",
        ),
        fault(
            "filtered",
            "no answer at all: a firewall drops the packets, or the host is down",
        ),
        fault(
            "unreachable",
            "the network says that there is no way to the host",
        ),
        unknown(
            "no-address",
            "the host's name has no address that could be tried",
        ),
    ],
    facts: &[
        fact(
            "address",
            FactKind::Address,
            "the address that connected first",
        ),
        fact("port", FactKind::Port, "the port"),
        fact(
            "connected_addresses",
            FactKind::List(&FactKind::Address),
            "the addresses that accept connections",
        ),
        fact(
            "failed_addresses",
            FactKind::List(&FactKind::Address),
            "the addresses that do not; a client may try these first and wait",
        ),
        fact(
            "attempts",
            FactKind::List(&FactKind::Record(&[
                fact("address", FactKind::Address, "the address"),
                fact(
                    "result",
                    FactKind::Text,
                    "`connected`, `refused`, `filtered` or `unreachable`",
                ),
                fact(
                    "error",
                    FactKind::Text,
                    "the system's words when it did not connect",
                ),
                fact(
                    "elapsed_ms",
                    FactKind::Integer,
                    "milliseconds until the result",
                ),
            ])),
            "what happened at each address",
        ),
        fact(
            "elapsed_ms",
            FactKind::Integer,
            "milliseconds until the first connection",
        ),
    ],
};

/// See the declaration.
#[derive(Debug)]
struct TcpConnect;

impl Probe for TcpConnect {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let arguments = (
                request.text("host"),
                request.port("port"),
                request.texts("addresses"),
            );
            match arguments {
                (Ok(host), Ok(port), Ok(addresses)) => {
                    observe(host, port, &addresses, context).await
                }
                (Err(fault), ..) | (_, Err(fault), _) | (.., Err(fault)) => {
                    Outcome::not_observed(&DECLARATION, &fault.to_string())
                }
            }
        })
    }
}

async fn observe(host: &str, port: u16, given: &[String], context: &Context) -> Outcome {
    let mut outcome = Outcome::of(&DECLARATION);
    outcome
        .fact("port", port)
        .by_hand_linux(format!("nc -vz -w 3 {} {port}", posix(host)))
        .by_hand_windows(format!(
            "Test-NetConnection -ComputerName {} -Port {port}",
            powershell(host)
        ));
    let deadline = context.deadline - Duration::from_millis(100);
    let addresses: Vec<IpAddr> = given.iter().filter_map(|text| text.parse().ok()).collect();
    let addresses = if addresses.is_empty() {
        match look_up(host, context).await {
            Ok(addresses) => addresses,
            Err(why) => {
                outcome.summary("no address").reason(why);
                return outcome.finish("no-address");
            }
        }
    } else {
        addresses
    };
    let attempts = join_all(addresses.iter().map(|address| async move {
        let started = Instant::now();
        let connecting = connect(SocketAddr::new(*address, port), deadline);
        let result = attempt(&address.to_string(), connecting, Result::is_ok).await;
        (*address, result.err(), started.elapsed())
    }))
    .await;
    tell(outcome, port, &attempts)
}

type Attempt = (IpAddr, Option<ConnectFault>, Duration);

fn tell(mut outcome: OutcomeBuilder, port: u16, attempts: &[Attempt]) -> Outcome {
    let mut records = Vec::new();
    for (address, fault, elapsed) in attempts {
        let saw = match fault {
            None => "connected".to_owned(),
            Some(fault) => fault.to_string(),
        };
        let target = SocketAddr::new(*address, port);
        outcome.evidence(exchange(
            format!("TCP connection to {target}"),
            saw,
            *elapsed,
        ));
        records.push(json!({
            "address": address.to_string(),
            "result": fault.as_ref().map_or("connected", ConnectFault::status),
            "error": fault.as_ref().map(ConnectFault::to_string),
            "elapsed_ms": milliseconds(*elapsed),
        }));
    }
    let of = |connected: bool| {
        attempts
            .iter()
            .filter(|(_, fault, _)| fault.is_none() == connected)
            .map(|(address, ..)| address.to_string())
            .collect::<Vec<_>>()
    };
    outcome
        .fact("attempts", records)
        .fact("connected_addresses", of(true))
        .fact("failed_addresses", of(false));
    let first = attempts
        .iter()
        .filter(|(_, fault, _)| fault.is_none())
        .min_by_key(|(.., elapsed)| *elapsed);
    if let Some((address, _, elapsed)) = first {
        outcome
            .fact("address", address.to_string())
            .fact("elapsed_ms", milliseconds(*elapsed))
            .summary(format!(
                "{} in {} ms",
                SocketAddr::new(*address, port),
                milliseconds(*elapsed)
            ));
        return outcome.finish("connected");
    }
    // The most telling one: that something answered says more than silence.
    let fault = attempts
        .iter()
        .filter_map(|(_, fault, _)| fault.as_ref())
        .min_by_key(|fault| match fault {
            ConnectFault::Refused | ConnectFault::Reset => 0,
            ConnectFault::Unreachable(_) => 1,
            ConnectFault::TimedOut => 2,
        });
    let Some(fault) = fault else {
        outcome
            .summary("no address")
            .reason("the host has no address");
        return outcome.finish("no-address");
    };
    outcome.summary(fault.to_string());
    outcome.finish(fault.status())
}

#[cfg(test)]
mod tests;
