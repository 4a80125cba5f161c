//! Does a TCP port answer? The Test-NetConnection of a Linux user.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::declare::{fact, fault, good, optional, required, unknown};
use super::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

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
            "the host answers, but nothing listens on the port (or a firewall rejects it)",
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
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(&DECLARATION, "not observed yet") })
    }
}
