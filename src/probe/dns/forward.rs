//! `dns-forward`: from a name to its addresses, asked of each name server.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declare::{fact, fault, good, required, unknown};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "dns-forward",
    title: "Forward lookup",
    help: "Looks up the addresses (A and AAAA) of a name, with the aliases (CNAME) on the way, \
           at each configured name server on its own. A short name is tried with every search \
           suffix.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(8),
    arguments: &[required(
        "name",
        FactKind::HostName,
        "the name as it was typed, short or full",
    )],
    statuses: &[
        good(
            "resolved",
            "at least one name server knows an address of the name",
        ),
        good(
            "is-address",
            "an IP address was given instead of a name: there is nothing to look up",
        ),
        fault(
            "no-such-name",
            "the name servers that answered say that the name does not exist",
        ),
        fault(
            "no-address",
            "the name exists but has neither an A nor an AAAA record",
        ),
        unknown(
            "no-answer",
            "no name server answered, or all refused or failed",
        ),
        unknown(
            "no-name-server",
            "this machine has no name server configured",
        ),
    ],
    facts: &[
        fact(
            "fqdn",
            FactKind::HostName,
            "the full name that has the addresses, in lower case: the typed one, or with the search suffix that matched first",
        ),
        fact(
            "canonical_name",
            FactKind::HostName,
            "where the chain of aliases ends; the same as `fqdn` when the name is no alias",
        ),
        fact(
            "is_alias",
            FactKind::Boolean,
            "whether the name is an alias (CNAME) of another",
        ),
        fact(
            "cname_chain",
            FactKind::List(&FactKind::HostName),
            "the names on the way from `fqdn` to `canonical_name`, both included; empty when the name is no alias",
        ),
        fact(
            "addresses",
            FactKind::List(&FactKind::Address),
            "all addresses that any name server gave, IPv4 first",
        ),
        fact(
            "loopback",
            FactKind::Boolean,
            "whether one of the addresses is this machine itself (127.0.0.0/8, ::1)",
        ),
        fact(
            "ttl",
            FactKind::Integer,
            "seconds for which the answer may be kept, the smallest of all records",
        ),
        fact(
            "agree",
            FactKind::Boolean,
            "whether all name servers that answered gave the same addresses; null when fewer than two answered",
        ),
        fact(
            "answers",
            FactKind::List(&FactKind::Record(&[
                fact("server", FactKind::Address, "the name server"),
                fact(
                    "result",
                    FactKind::Text,
                    "`resolved`, `no-such-name`, `no-address`, `refused`, `failed` or `no-answer`",
                ),
                fact(
                    "addresses",
                    FactKind::List(&FactKind::Address),
                    "the addresses that it gave",
                ),
                fact(
                    "canonical_name",
                    FactKind::HostName,
                    "where its chain of aliases ends",
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
            "what each name server answered",
        ),
        fact(
            "silent_servers",
            FactKind::List(&FactKind::Address),
            "name servers that did not answer, refused or failed",
        ),
        fact(
            "names_tried",
            FactKind::List(&FactKind::HostName),
            "the full names that were looked up: one for a full name, one for each search suffix for a short one",
        ),
        fact(
            "matching_names",
            FactKind::List(&FactKind::HostName),
            "those of `names_tried` that have addresses; more than one means that the short name is ambiguous",
        ),
    ],
};

/// See the declaration.
#[derive(Debug)]
pub(super) struct DnsForward;

impl Probe for DnsForward {
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
