//! `dns-reverse`: from addresses back to names.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

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
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(&DECLARATION, "not observed yet") })
    }
}
