//! SQL Server Browser: SSRP over UDP 1434, [MC-SQLR].

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::declare::{fact, fault, good, optional, required, unknown};
use super::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&SqlBrowser];

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "sql-browser",
    title: "SQL Server Browser",
    help: "Asks the SQL Server Browser service (UDP 1434) which instances the host has and on which \
           TCP ports. Clients do the same for HOST\\INSTANCE.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(5),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the host, as a name or an address",
        ),
        optional(
            "instance",
            FactKind::Text,
            "the instance to look for; without it the default instance, MSSQLSERVER",
        ),
    ],
    statuses: &[
        good(
            "listed",
            "the Browser answered, and the instance is among those it lists",
        ),
        fault(
            "instance-not-listed",
            "the Browser answered, but does not list the instance",
        ),
        unknown(
            "silent",
            "no answer: the Browser is stopped, UDP 1434 is blocked, or the instance is hidden",
        ),
        fault(
            "unreachable",
            "the host answered that nothing listens on UDP 1434: the Browser is stopped",
        ),
        fault(
            "malformed",
            "something answered that is not a Browser's answer",
        ),
        unknown(
            "no-address",
            "the host's name has no address that could be asked",
        ),
    ],
    facts: &[
        fact(
            "instance",
            FactKind::Text,
            "the instance that was looked for, in upper case",
        ),
        fact(
            "port",
            FactKind::Port,
            "its TCP port; null when it is not listed or TCP is off",
        ),
        fact(
            "tcp_enabled",
            FactKind::Boolean,
            "whether it listens on TCP",
        ),
        fact(
            "server_name",
            FactKind::HostName,
            "the host's NetBIOS name, as the Browser tells it",
        ),
        fact(
            "version",
            FactKind::Text,
            "its version, as the Browser tells it: service packs and updates are not in it",
        ),
        fact(
            "clustered",
            FactKind::Boolean,
            "whether it is a failover cluster instance",
        ),
        fact(
            "named_pipe",
            FactKind::Text,
            "its named pipe; null when named pipes are off",
        ),
        fact(
            "instances",
            FactKind::List(&FactKind::Record(&[
                fact("server_name", FactKind::HostName, "the host's NetBIOS name"),
                fact("name", FactKind::Text, "the instance, in upper case"),
                fact("version", FactKind::Text, "its version"),
                fact(
                    "clustered",
                    FactKind::Boolean,
                    "whether it is a failover cluster instance",
                ),
                fact(
                    "tcp_enabled",
                    FactKind::Boolean,
                    "whether it listens on TCP",
                ),
                fact("tcp_port", FactKind::Port, "its TCP port"),
                fact("named_pipe", FactKind::Text, "its named pipe"),
            ])),
            "all instances that the Browser lists",
        ),
        fact("address", FactKind::Address, "the address that answered"),
    ],
};

/// See the declaration.
#[derive(Debug)]
struct SqlBrowser;

impl Probe for SqlBrowser {
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
