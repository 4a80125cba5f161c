//! What `spn-names` takes and tells.

use std::time::Duration;

use crate::probe::declare::{fact, good, optional, required, unknown};
use crate::probe::{Consent, FactDeclaration, FactKind, ProbeDeclaration};

const SPNS: FactKind = FactKind::List(&FactKind::Spn);

const NEEDED_FIELDS: &[FactDeclaration] = &[
    fact("spn", FactKind::Spn, "the SPN"),
    fact("need", FactKind::Text, "`required` or `recommended`"),
    fact("why", FactKind::Text, "who asks for it"),
];
const NEEDED: FactKind = FactKind::List(&FactKind::Record(NEEDED_FIELDS));

const DRIVER_FIELDS: &[FactDeclaration] = &[
    fact("id", FactKind::Text, "a short name that stays the same"),
    fact(
        "driver",
        FactKind::Text,
        "the driver and programs that use it",
    ),
    fact("rule", FactKind::Text, "how it forms the SPN"),
    fact(
        "spns",
        SPNS,
        "what it asks for, in the order in which it tries",
    ),
    fact(
        "covered",
        FactKind::Boolean,
        "whether one of them is among the required ones, so that it needs nothing more",
    ),
];
const BY_DRIVER: FactKind = FactKind::List(&FactKind::Record(DRIVER_FIELDS));

pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "spn-names",
    title: "Names that are asked for",
    help: "Works out which SPNs the instance needs and which one each client driver asks for, from what \
           was typed and what DNS and the Browser service answered. Asks nobody.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(1),
    arguments: &[
        required("host", FactKind::HostName, "the host as it was typed"),
        optional(
            "canonical",
            FactKind::HostName,
            "the name at the end of the CNAME chain",
        ),
        optional(
            "reverse",
            FactKind::HostName,
            "the name that the address leads back to",
        ),
        optional(
            "server_name",
            FactKind::HostName,
            "the server's own DNS name, as it says itself; else `canonical` or `host`",
        ),
        optional("typed_port", FactKind::Port, "the port that was typed"),
        optional(
            "port",
            FactKind::Port,
            "the port in the end, also when an instance was typed",
        ),
        optional("instance", FactKind::Text, "the instance that was typed"),
        optional(
            "domain",
            FactKind::HostName,
            "the client's own DNS domain, which is added to short names",
        ),
        optional(
            "listeners",
            FactKind::Any,
            "the availability group listeners, as `sql-session` tells them",
        ),
        optional(
            "replicas",
            FactKind::Any,
            "the availability group replicas, as `sql-session` tells them",
        ),
    ],
    statuses: &[
        good("named", "the SPNs are known"),
        unknown(
            "no-name",
            "an address was typed and no name leads back: clients have no name to ask a ticket for",
        ),
    ],
    facts: &[
        fact("asked", FactKind::Spn, "what the Microsoft drivers ask for"),
        fact(
            "needed",
            NEEDED,
            "every SPN that the instance should have, and why",
        ),
        fact("required", SPNS, "those without which Kerberos logins fail"),
        fact("recommended", SPNS, "those that only some drivers ask for"),
        fact("by_driver", BY_DRIVER, "what each driver asks for"),
        fact("all", SPNS, "`asked`, then everything needed, each once"),
        fact(
            "listener_spns",
            SPNS,
            "what the listeners need: with and without the port",
        ),
        fact(
            "replica_spns",
            SPNS,
            "one SPN of each replica, without a port: its holder is the account that the replica runs under",
        ),
        fact(
            "server_name",
            FactKind::HostName,
            "the name that the needed SPNs are made of",
        ),
    ],
};
