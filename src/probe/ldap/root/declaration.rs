//! What `ldap-root` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{Consent, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{
    DIRECTORY, HOST_NAMES, TEXTS, fact, fault, good, optional, unknown,
};

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-root",
    title: "Domain controller",
    help: "Finds a domain controller of the domain by its SRV records and reads its rootDSE, which \
           needs no sign-in: the domain's and forest's real names, the functional levels, whether it \
           is a global catalog, and its clock against ours.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(8),
    arguments: &[
        optional(
            "domain",
            FactKind::HostName,
            "DNS name of the domain whose controller is asked; this or `server` is needed",
        ),
        optional(
            "server",
            FactKind::HostName,
            "the domain controller to ask, instead of one found by SRV records",
        ),
    ],
    statuses: &[
        good("answered", "a domain controller answered with its rootDSE"),
        fault(
            "no-domain-controller",
            "DNS names no domain controller for this domain",
        ),
        fault(
            "unreachable",
            "DNS names domain controllers, but none takes a connection on port 389",
        ),
        fault(
            "timed-out",
            "a domain controller took the connection and did not answer in time",
        ),
        unknown(
            "not-readable",
            "a domain controller answered, but not with a rootDSE that can be understood",
        ),
    ],
    facts: &[
        DIRECTORY,
        fact("address", FactKind::Address, "the address that answered"),
        fact(
            "dns_host_name",
            FactKind::HostName,
            "the domain controller's own name",
        ),
        fact("domain", FactKind::HostName, "DNS name of its domain"),
        fact(
            "forest",
            FactKind::HostName,
            "DNS name of the forest, which is that of the forest's root domain",
        ),
        fact(
            "realm",
            FactKind::HostName,
            "the Kerberos realm of its domain, in capitals",
        ),
        fact(
            "default_naming_context",
            FactKind::DistinguishedName,
            "the domain's distinguished name",
        ),
        fact(
            "root_naming_context",
            FactKind::DistinguishedName,
            "the forest root domain's distinguished name",
        ),
        fact(
            "configuration_naming_context",
            FactKind::DistinguishedName,
            "the configuration partition's distinguished name; the same in the whole forest",
        ),
        fact(
            "current_time",
            FactKind::Time,
            "the domain controller's clock",
        ),
        fact(
            "clock_offset_seconds",
            FactKind::Seconds,
            "the domain controller's clock minus ours; Kerberos takes up to 300 either way",
        ),
        fact(
            "domain_level",
            FactKind::Text,
            "the domain's functional level, such as `Windows Server 2016`",
        ),
        fact(
            "forest_level",
            FactKind::Text,
            "the forest's functional level",
        ),
        fact(
            "controller_level",
            FactKind::Text,
            "the level that the domain controller itself could serve",
        ),
        fact(
            "controller_level_number",
            FactKind::Integer,
            "the same as a number: 7 is Windows Server 2016, 10 is 2025",
        ),
        fact(
            "global_catalog",
            FactKind::Boolean,
            "whether this domain controller is a ready global catalog",
        ),
        fact(
            "synchronized",
            FactKind::Boolean,
            "whether it has finished its first replication",
        ),
        fact(
            "site",
            FactKind::Text,
            "the Active Directory site that the domain controller is in",
        ),
        fact(
            "vendor",
            FactKind::Text,
            "who made the domain controller, where it says so: Samba does, Windows does not",
        ),
        fact(
            "sasl_mechanisms",
            TEXTS,
            "the sign-in methods that it offers",
        ),
        fact(
            "domain_controllers",
            HOST_NAMES,
            "every domain controller that DNS names, in the order in which they are tried",
        ),
        fact(
            "silent_controllers",
            HOST_NAMES,
            "those that were tried before and did not answer",
        ),
    ],
};
