//! `kerberos-ticket`: is there a ticket-granting ticket, whose, and for how long?

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::probe::declaration::{
    ArgumentDeclaration, Consent, FactDeclaration, FactKind, ProbeDeclaration, StatusDeclaration,
    Tone,
};
use crate::probe::{Context, Outcome, Probe, ProbeRequest};

/// A service ticket that lies in the cache.
const CACHED_TICKET: FactKind = FactKind::Record(&[
    FactDeclaration {
        name: "spn",
        kind: FactKind::Spn,
        help: "the service that the ticket is for",
    },
    FactDeclaration {
        name: "realm",
        kind: FactKind::HostName,
        help: "the service's realm",
    },
    FactDeclaration {
        name: "ends",
        kind: FactKind::Time,
        help: "until when it is valid",
    },
    FactDeclaration {
        name: "encryption_type",
        kind: FactKind::Text,
        help: "what the ticket is encrypted with, such as `aes256-cts-hmac-sha1-96`",
    },
    FactDeclaration {
        name: "kvno",
        kind: FactKind::Integer,
        help: "version number of the service's key",
    },
]);

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-ticket",
    title: "Your Kerberos ticket",
    help: "Reads the Kerberos ticket cache of this session: whose ticket-granting ticket it \
           holds, from which realm, until when. With a user and password instead of a cache, asks \
           the KDC for a ticket once (AS-REQ); a password that the KDC refuses is never tried \
           again.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(15),
    arguments: &[ArgumentDeclaration {
        name: "user",
        kind: FactKind::AccountName,
        required: false,
        help: "the user that it should be, as `name`, `DOMAIN\\name` or `name@REALM`",
    }],
    statuses: &[
        StatusDeclaration {
            name: "valid",
            tone: Tone::Good,
            help: "there is a ticket-granting ticket that is valid now: from the cache, or got \
                   with the password",
        },
        StatusDeclaration {
            name: "expired",
            tone: Tone::Fault,
            help: "the cache's ticket-granting ticket has expired",
        },
        StatusDeclaration {
            name: "not-yet-valid",
            tone: Tone::Fault,
            help: "the ticket starts later than this host's clock says it is: the clock is \
                   behind, or the ticket is postdated",
        },
        StatusDeclaration {
            name: "no-cache",
            tone: Tone::Fault,
            help: "there is no ticket cache: nobody has run kinit in this session",
        },
        StatusDeclaration {
            name: "no-tgt",
            tone: Tone::Fault,
            help: "there is a cache, but no ticket-granting ticket of its principal's realm in it",
        },
        StatusDeclaration {
            name: "unreadable",
            tone: Tone::Unknown,
            help: "the cache cannot be read: of another user, damaged, or kept where only the \
                   system's Kerberos library reads it (KCM, KEYRING)",
        },
        StatusDeclaration {
            name: "client-refused",
            tone: Tone::Fault,
            help: "the KDC refused user and password; `kdc_code` says why: 6 unknown, 12 policy, \
                   14 no common encryption type, 18 disabled, expired or locked, 23 password \
                   expired, 24 wrong password",
        },
        StatusDeclaration {
            name: "clock-skew",
            tone: Tone::Fault,
            help: "the KDC refused because this host's clock differs from its own by too much",
        },
        StatusDeclaration {
            name: "no-realm",
            tone: Tone::Fault,
            help: "the user was given without a realm and krb5.conf has no default realm",
        },
        StatusDeclaration {
            name: "kdc-unreachable",
            tone: Tone::Fault,
            help: "no KDC of the realm was found, or none answered",
        },
    ],
    facts: &[
        FactDeclaration {
            name: "credential",
            kind: FactKind::Text,
            help: "`cache` or `password`",
        },
        FactDeclaration {
            name: "cache",
            kind: FactKind::Text,
            help: "the cache's name, such as `FILE:/tmp/krb5cc_1000`",
        },
        FactDeclaration {
            name: "cache_type",
            kind: FactKind::Text,
            help: "`FILE`, `DIR`, `KCM`, `KEYRING`, …",
        },
        FactDeclaration {
            name: "cache_chosen_by",
            kind: FactKind::Text,
            help: "`option`, `KRB5CCNAME`, `krb5.conf` or `default`",
        },
        FactDeclaration {
            name: "cache_owner_matches",
            kind: FactKind::Boolean,
            help: "whether the cache file belongs to the user who runs this program",
        },
        FactDeclaration {
            name: "principal",
            kind: FactKind::AccountName,
            help: "whose ticket it is, as `name@REALM`",
        },
        FactDeclaration {
            name: "user",
            kind: FactKind::AccountName,
            help: "the principal's name without the realm",
        },
        FactDeclaration {
            name: "realm",
            kind: FactKind::HostName,
            help: "the principal's realm, which is an Active Directory domain in capitals",
        },
        FactDeclaration {
            name: "default_realm",
            kind: FactKind::HostName,
            help: "krb5.conf's default realm",
        },
        FactDeclaration {
            name: "realm_is_default",
            kind: FactKind::Boolean,
            help: "whether the principal's realm is krb5.conf's default realm",
        },
        FactDeclaration {
            name: "expected_principal_matches",
            kind: FactKind::Boolean,
            help: "whether the ticket belongs to the user that the argument `user` names",
        },
        FactDeclaration {
            name: "starts",
            kind: FactKind::Time,
            help: "since when the ticket is valid",
        },
        FactDeclaration {
            name: "ends",
            kind: FactKind::Time,
            help: "until when the ticket is valid",
        },
        FactDeclaration {
            name: "renew_until",
            kind: FactKind::Time,
            help: "until when it can be renewed",
        },
        FactDeclaration {
            name: "seconds_left",
            kind: FactKind::Seconds,
            help: "seconds until it ends; negative when it has ended",
        },
        FactDeclaration {
            name: "forwardable",
            kind: FactKind::Boolean,
            help: "whether it may be forwarded, which unconstrained delegation needs",
        },
        FactDeclaration {
            name: "renewable",
            kind: FactKind::Boolean,
            help: "whether it can be renewed",
        },
        FactDeclaration {
            name: "encryption_type",
            kind: FactKind::Text,
            help: "what the ticket is encrypted with",
        },
        FactDeclaration {
            name: "session_encryption_type",
            kind: FactKind::Text,
            help: "the kind of its session key",
        },
        FactDeclaration {
            name: "cached_service_tickets",
            kind: FactKind::List(&CACHED_TICKET),
            help: "service tickets that lie in the cache: a program uses such a ticket until it \
                   ends, even when the service's key has changed since",
        },
        FactDeclaration {
            name: "permitted_encryption_types",
            kind: FactKind::List(&FactKind::Text),
            help: "what krb5.conf restricts this client to (permitted_enctypes); null when it \
                   restricts nothing",
        },
        FactDeclaration {
            name: "krb5_conf",
            kind: FactKind::Text,
            help: "the Kerberos configuration that was read",
        },
        FactDeclaration {
            name: "krb5_conf_faults",
            kind: FactKind::List(&FactKind::Text),
            help: "what is wrong in it, with file and line",
        },
        FactDeclaration {
            name: "kdc",
            kind: FactKind::HostName,
            help: "the KDC that answered the AS-REQ",
        },
        FactDeclaration {
            name: "kdc_code",
            kind: FactKind::Integer,
            help: "the KDC's error code, RFC 4120 7.5.9",
        },
        FactDeclaration {
            name: "kdc_code_name",
            kind: FactKind::Text,
            help: "the code's name in the RFC",
        },
        FactDeclaration {
            name: "kdc_text",
            kind: FactKind::Text,
            help: "what the KDC added in words",
        },
        FactDeclaration {
            name: "kdc_time",
            kind: FactKind::Time,
            help: "the KDC's clock, when it told it",
        },
        FactDeclaration {
            name: "clock_offset_seconds",
            kind: FactKind::Seconds,
            help: "the KDC's clock minus this host's",
        },
    ],
};

/// The probe.
#[derive(Debug)]
pub struct KerberosTicket;

impl Probe for KerberosTicket {
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
