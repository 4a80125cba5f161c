//! What the probes of DNS take and tell.

use std::time::Duration;

use crate::probe::declare::{fact, fault, good, optional, required, unknown};
use crate::probe::{Consent, FactKind, ProbeDeclaration};

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

/// `dns-forward`.
pub(super) static FORWARD: ProbeDeclaration = ProbeDeclaration {
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
            "an IP address or `localhost` was given instead of a name: there is nothing to look up",
        ),
        fault(
            "no-such-name",
            "the name servers that answered say that the name does not exist",
        ),
        fault(
            "no-address",
            "the name exists but has neither an A nor an AAAA record, or is an alias of a name that has none",
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
            "the names on the way from `fqdn` to `canonical_name`, both included; empty when the name is no alias; with `no-address`, the alias and the name that does not exist",
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
            "this_machine",
            FactKind::Boolean,
            "whether one of the addresses belongs to this machine, loopback or not",
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

/// `dns-reverse`.
pub(super) static REVERSE: ProbeDeclaration = ProbeDeclaration {
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

/// `dns-locate`.
pub(super) static LOCATE: ProbeDeclaration = ProbeDeclaration {
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
