//! `dns-locate`: where a domain says its servers are, [MS-ADTS] 6.3.2.3.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// A server that an SRV record names.
const SERVER: FactKind = FactKind::Record(&[
    fact("host", FactKind::HostName, "the server, in lower case"),
    fact("port", FactKind::Port, "the port of the service"),
    fact(
        "addresses",
        FactKind::List(&FactKind::Address),
        "the server's addresses; empty when it has none",
    ),
    fact("priority", FactKind::Integer, "lower is tried first"),
    fact(
        "weight",
        FactKind::Integer,
        "share among servers of equal priority",
    ),
]);

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "dns-locate",
    title: "Locate domain controllers",
    help: "Asks DNS for the service records (SRV) with which an Active Directory domain says where \
           its domain controllers, KDCs, primary domain controller and global catalogs are, and \
           resolves the names that they give.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(8),
    arguments: &[
        required(
            "domain",
            FactKind::HostName,
            "the DNS name of the domain, such as corp.example",
        ),
        optional(
            "forest",
            FactKind::HostName,
            "the DNS name of the forest root, where the global catalogs are recorded; without it the domain and each of its parents are tried",
        ),
    ],
    statuses: &[
        good("found", "at least one domain controller is recorded"),
        fault(
            "no-domain-controllers",
            "the domain's name exists in DNS, but no domain controller is recorded",
        ),
        fault(
            "no-such-domain",
            "the name servers do not know the domain's name at all",
        ),
        unknown(
            "no-answer",
            "no name server answered, or none is configured",
        ),
    ],
    facts: &[
        fact("domain", FactKind::HostName, "the domain, in lower case"),
        fact(
            "domain_controllers",
            FactKind::List(&SERVER),
            "from `_ldap._tcp.dc._msdcs.DOMAIN`, best first",
        ),
        fact(
            "kdcs",
            FactKind::List(&SERVER),
            "from `_kerberos._tcp.DOMAIN`, best first",
        ),
        fact(
            "primary_domain_controller",
            SERVER,
            "from `_ldap._tcp.pdc._msdcs.DOMAIN`; null when it is not recorded",
        ),
        fact(
            "global_catalogs",
            FactKind::List(&SERVER),
            "from `_gc._tcp.FOREST`, best first",
        ),
        fact(
            "forest",
            FactKind::HostName,
            "the domain at which the global catalogs were found; null when none were",
        ),
        fact(
            "without_address",
            FactKind::List(&FactKind::HostName),
            "servers that are recorded but whose name does not resolve",
        ),
    ],
};

/// See the declaration.
#[derive(Debug)]
pub(super) struct DnsLocate;

impl Probe for DnsLocate {
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
