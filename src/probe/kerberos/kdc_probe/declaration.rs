//! What `kerberos-kdc` takes and can answer.

use std::time::Duration;

use crate::probe::declaration::{Consent, FactKind, ProbeDeclaration};
use crate::probe::declare::{fact, fault, good, optional, unknown};

/// No name server said anything: a status of the probe, and of one KDC.
pub const NAMES_UNANSWERED: &str = "names-unanswered";

/// One KDC as it was seen.
const KDC: FactKind = FactKind::Record(&[
    fact("host", FactKind::HostName, "its name"),
    fact(
        "address",
        FactKind::Address,
        "its address that answered, or the last one tried",
    ),
    fact("port", FactKind::Port, "its TCP port"),
    fact(
        "status",
        FactKind::Text,
        "`answering`, `refused`, `silent`, `no-address`, `names-unanswered`, `not-kerberos` or `wrong-realm`",
    ),
    fact(
        "elapsed_ms",
        FactKind::Integer,
        "from connecting to the answer, in milliseconds",
    ),
    fact("time", FactKind::Time, "its clock"),
    fact(
        "clock_offset_seconds",
        FactKind::Seconds,
        "its clock minus this host's; whole seconds are what a KDC tells for certain",
    ),
    fact(
        "kdc_code",
        FactKind::Integer,
        "the error code of its answer; 6 and 25 are the normal ones here",
    ),
]);

/// The declaration.
pub static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-kdc",
    title: "Reach and clock of the KDCs",
    help: "Asks every KDC of a realm, at the same time, for a ticket without sending any \
             credential (AS-REQ without pre-authentication, for a name that cannot exist). The \
             refusal that comes back proves that the KDC answers and tells its clock. No bad logon \
             is counted.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(10),
    arguments: &[
        optional(
            "realm",
            FactKind::HostName,
            "the realm; the user's own realm when absent",
        ),
        optional(
            "hosts",
            FactKind::List(&FactKind::HostName),
            "the KDCs, as `host` or `host:port`, instead of krb5.conf and DNS",
        ),
    ],
    statuses: &[
        good(
            "answering",
            "every KDC answers and its clock is within 300 s of this host's",
        ),
        fault(
            "some-silent",
            "at least one KDC answers and at least one does not: logins are slow whenever \
             the silent one is asked first",
        ),
        fault("none-answers", "KDCs are known, and none answers"),
        fault(
            "no-kdc-found",
            "neither krb5.conf nor DNS names a KDC of this realm",
        ),
        unknown(
            NAMES_UNANSWERED,
            "no name server answers, so it is not known which KDCs there are, or where",
        ),
        fault(
            "no-realm",
            "no realm was given, there is no ticket, and krb5.conf has no default realm",
        ),
        fault(
            "skewed",
            "a KDC's clock is more than 300 s from this host's, which Kerberos does not \
             accept; this is told even when another KDC is silent",
        ),
    ],
    facts: &[
        fact("realm", FactKind::HostName, "the realm that was asked"),
        fact(
            "source",
            FactKind::Text,
            "where the KDCs are from: `krb5.conf`, `dns` or `argument`",
        ),
        fact("kdcs", FactKind::List(&KDC), "each KDC as it was seen"),
        fact(
            "answering",
            FactKind::List(&FactKind::HostName),
            "the KDCs that answer",
        ),
        fact(
            "silent",
            FactKind::List(&FactKind::HostName),
            "the KDCs that do not",
        ),
        fact(
            "largest_offset_seconds",
            FactKind::Seconds,
            "the clock offset that is farthest from zero, with its sign",
        ),
        fact(
            "largest_offset_kdc",
            FactKind::HostName,
            "the KDC that has it",
        ),
        fact(
            "spread_seconds",
            FactKind::Seconds,
            "how far the KDCs' clocks are from each other; null when fewer than two answer",
        ),
        fact("fastest", FactKind::HostName, "the KDC that answered first"),
        fact("fastest_ms", FactKind::Integer, "its time in milliseconds"),
        fact("slowest", FactKind::HostName, "the KDC that answered last"),
        fact("slowest_ms", FactKind::Integer, "its time in milliseconds"),
        fact(
            "default_realm",
            FactKind::HostName,
            "krb5.conf's default realm",
        ),
    ],
};
