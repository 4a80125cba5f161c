//! `kerberos-kdc`: does each KDC of a realm answer, how fast, and what is its time?

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declaration::{
    ArgumentDeclaration, Consent, FactDeclaration, FactKind, ProbeDeclaration, StatusDeclaration,
    Tone,
};
use crate::probe::{Context, Outcome, Probe, ProbeRequest};

/// One KDC as it was seen.
const KDC: FactKind = FactKind::Record(&[
    FactDeclaration {
        name: "host",
        kind: FactKind::HostName,
        help: "its name",
    },
    FactDeclaration {
        name: "address",
        kind: FactKind::Address,
        help: "its address that answered, or the last one tried",
    },
    FactDeclaration {
        name: "port",
        kind: FactKind::Port,
        help: "its TCP port",
    },
    FactDeclaration {
        name: "status",
        kind: FactKind::Text,
        help: "`answering`, `refused`, `silent`, `no-address`, `not-kerberos` or `wrong-realm`",
    },
    FactDeclaration {
        name: "elapsed_ms",
        kind: FactKind::Integer,
        help: "from connecting to the answer, in milliseconds",
    },
    FactDeclaration {
        name: "time",
        kind: FactKind::Time,
        help: "its clock",
    },
    FactDeclaration {
        name: "clock_offset_seconds",
        kind: FactKind::Seconds,
        help: "its clock minus this host's; whole seconds are what a KDC tells for certain",
    },
    FactDeclaration {
        name: "kdc_code",
        kind: FactKind::Integer,
        help: "the error code of its answer; 6 and 25 are the normal ones here",
    },
]);

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-kdc",
    title: "Reach and clock of the KDCs",
    help: "Asks every KDC of a realm, at the same time, for a ticket without sending any \
           credential (AS-REQ without pre-authentication, for a name that cannot exist). The \
           refusal that comes back proves that the KDC answers and tells its clock. No bad logon \
           is counted.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(10),
    arguments: &[
        ArgumentDeclaration {
            name: "realm",
            kind: FactKind::HostName,
            required: false,
            help: "the realm; the user's own realm when absent",
        },
        ArgumentDeclaration {
            name: "hosts",
            kind: FactKind::List(&FactKind::HostName),
            required: false,
            help: "the KDCs, as `host` or `host:port`, instead of krb5.conf and DNS",
        },
    ],
    statuses: &[
        StatusDeclaration {
            name: "answering",
            tone: Tone::Good,
            help: "every KDC answers and its clock is within 300 s of this host's",
        },
        StatusDeclaration {
            name: "some-silent",
            tone: Tone::Fault,
            help: "at least one KDC answers and at least one does not: logins are slow whenever \
                   the silent one is asked first",
        },
        StatusDeclaration {
            name: "none-answers",
            tone: Tone::Fault,
            help: "KDCs are known, and none answers",
        },
        StatusDeclaration {
            name: "no-kdc-found",
            tone: Tone::Fault,
            help: "neither krb5.conf nor DNS names a KDC of this realm",
        },
        StatusDeclaration {
            name: "no-realm",
            tone: Tone::Fault,
            help: "no realm was given, there is no ticket, and krb5.conf has no default realm",
        },
        StatusDeclaration {
            name: "skewed",
            tone: Tone::Fault,
            help: "a KDC's clock is more than 300 s from this host's, which Kerberos does not \
                   accept; this is told even when another KDC is silent",
        },
    ],
    facts: &[
        FactDeclaration {
            name: "realm",
            kind: FactKind::HostName,
            help: "the realm that was asked",
        },
        FactDeclaration {
            name: "source",
            kind: FactKind::Text,
            help: "where the KDCs are from: `krb5.conf`, `dns` or `argument`",
        },
        FactDeclaration {
            name: "kdcs",
            kind: FactKind::List(&KDC),
            help: "each KDC as it was seen",
        },
        FactDeclaration {
            name: "answering",
            kind: FactKind::List(&FactKind::HostName),
            help: "the KDCs that answer",
        },
        FactDeclaration {
            name: "silent",
            kind: FactKind::List(&FactKind::HostName),
            help: "the KDCs that do not",
        },
        FactDeclaration {
            name: "largest_offset_seconds",
            kind: FactKind::Seconds,
            help: "the clock offset that is farthest from zero, with its sign",
        },
        FactDeclaration {
            name: "largest_offset_kdc",
            kind: FactKind::HostName,
            help: "the KDC that has it",
        },
        FactDeclaration {
            name: "spread_seconds",
            kind: FactKind::Seconds,
            help: "how far the KDCs' clocks are from each other; null when fewer than two answer",
        },
        FactDeclaration {
            name: "fastest",
            kind: FactKind::HostName,
            help: "the KDC that answered first",
        },
        FactDeclaration {
            name: "fastest_ms",
            kind: FactKind::Integer,
            help: "its time in milliseconds",
        },
        FactDeclaration {
            name: "slowest",
            kind: FactKind::HostName,
            help: "the KDC that answered last",
        },
        FactDeclaration {
            name: "slowest_ms",
            kind: FactKind::Integer,
            help: "its time in milliseconds",
        },
        FactDeclaration {
            name: "default_realm",
            kind: FactKind::HostName,
            help: "krb5.conf's default realm",
        },
    ],
};

/// The probe.
#[derive(Debug)]
pub struct KerberosKdc;

impl Probe for KerberosKdc {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        _request: &'a ProbeRequest,
        _context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async { Outcome::not_observed(&DECLARATION, "this build cannot look yet") })
    }
}
