//! The hosts file of this machine, hosts(5), and where nsswitch.conf(5) puts it.

mod file;

use std::time::Duration;

use futures_util::future::BoxFuture;

pub(crate) use file::HostsFile;

use super::declare::{fact, fault, good, optional, required, unknown};
use super::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&HostsFileProbe];

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "hosts-file",
    title: "Hosts file",
    help: "Reads the hosts file of this machine: an entry there overrides DNS, forward and reverse, \
           for programs on this machine only.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(2),
    arguments: &[
        required("name", FactKind::HostName, "the name to look for"),
        optional(
            "addresses",
            FactKind::List(&FactKind::Address),
            "what DNS says, to compare with, and to look for in reverse",
        ),
    ],
    statuses: &[
        good(
            "no-entry",
            "the hosts file says nothing of the name or of its addresses",
        ),
        good(
            "same-as-dns",
            "there is an entry, and it says what DNS says",
        ),
        fault(
            "differs",
            "an entry gives the name other addresses than DNS, or one of the addresses another name",
        ),
        unknown("unreadable", "the hosts file could not be read"),
    ],
    facts: &[
        fact("path", FactKind::Text, "the file that was read"),
        fact(
            "entries",
            FactKind::List(&FactKind::Record(&[
                fact("line", FactKind::Integer, "the line in the file, from 1"),
                fact("address", FactKind::Address, "the address"),
                fact(
                    "names",
                    FactKind::List(&FactKind::HostName),
                    "the names, canonical one first",
                ),
            ])),
            "the entries with the name or one of the addresses",
        ),
        fact(
            "addresses",
            FactKind::List(&FactKind::Address),
            "the addresses that the file gives the name",
        ),
        fact(
            "canonical_name",
            FactKind::HostName,
            "the first name of the first entry with the name: what programs take as canonical",
        ),
        fact(
            "reverse_names",
            FactKind::List(&FactKind::HostName),
            "the canonical names that the file gives the addresses which were handed in",
        ),
        fact(
            "loopback",
            FactKind::Boolean,
            "whether the file leads the name to this machine itself",
        ),
        fact(
            "before_dns",
            FactKind::Boolean,
            "whether nsswitch.conf asks the file before DNS; null when it cannot be read",
        ),
    ],
};

/// See the declaration.
#[derive(Debug)]
struct HostsFileProbe;

impl Probe for HostsFileProbe {
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
