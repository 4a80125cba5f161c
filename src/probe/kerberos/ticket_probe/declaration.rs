//! What `kerberos-ticket` takes and can answer.

use std::time::Duration;

use crate::probe::declaration::{Consent, FactKind, ProbeDeclaration};
use crate::probe::declare::{fact, fault, good, optional, unknown};

/// A service ticket that lies in the cache.
const CACHED_TICKET: FactKind = FactKind::Record(&[
    fact("spn", FactKind::Spn, "the service that the ticket is for"),
    fact("realm", FactKind::HostName, "the service's realm"),
    fact("ends", FactKind::Time, "until when it is valid"),
    fact(
        "encryption_type",
        FactKind::Text,
        "what the ticket is encrypted with, such as `aes256-cts-hmac-sha1-96`",
    ),
    fact(
        "kvno",
        FactKind::Integer,
        "version number of the service's key",
    ),
]);

/// The declaration.
pub static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "kerberos-ticket",
    title: "Your Kerberos ticket",
    help: "Reads the Kerberos ticket cache of this session: whose ticket-granting ticket it \
             holds, from which realm, until when. With a user and password instead of a cache, asks \
             the KDC for a ticket once (AS-REQ); a password that the KDC refuses is never tried \
             again.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(15),
    arguments: &[optional(
        "user",
        FactKind::AccountName,
        "the user that it should be, as `name`, `DOMAIN\\name` or `name@REALM`",
    )],
    statuses: &[
        good(
            "valid",
            "there is a ticket-granting ticket that is valid now: from the cache, or got \
             with the password",
        ),
        fault("expired", "the cache's ticket-granting ticket has expired"),
        fault(
            "not-yet-valid",
            "the ticket starts later than this host's clock says it is: the clock is \
             behind, or the ticket is postdated",
        ),
        fault(
            "no-cache",
            "there is no ticket cache: nobody has run kinit in this session",
        ),
        fault(
            "no-tgt",
            "there is a cache, but no ticket-granting ticket of its principal's realm in it",
        ),
        unknown(
            "unreadable",
            "the cache cannot be read: of another user, damaged, or its daemon (KCM) or the kernel \
             (KEYRING) does not give it",
        ),
        fault(
            "client-refused",
            "the KDC refused user and password; `kdc_code` says why: 6 unknown, 12 policy, \
             14 no common encryption type, 18 disabled, expired or locked, 23 password \
             expired, 24 wrong password",
        ),
        fault(
            "clock-skew",
            "the KDC refused because this host's clock differs from its own by too much",
        ),
        fault(
            "no-realm",
            "the user was given without a realm and krb5.conf has no default realm",
        ),
        fault(
            "kdc-unreachable",
            "no KDC of the realm was found, or none answered",
        ),
    ],
    facts: &[
        fact("credential", FactKind::Text, "`cache` or `password`"),
        fact(
            "cache",
            FactKind::Text,
            "the cache's name, such as `FILE:/tmp/krb5cc_1000`",
        ),
        fact(
            "cache_type",
            FactKind::Text,
            "`FILE`, `DIR`, `KCM`, `KEYRING`, …",
        ),
        fact(
            "cache_chosen_by",
            FactKind::Text,
            "`option`, `KRB5CCNAME`, `krb5.conf` or `default`",
        ),
        fact(
            "cache_owner_matches",
            FactKind::Boolean,
            "whether the cache file belongs to the user who runs this program",
        ),
        fact(
            "principal",
            FactKind::AccountName,
            "whose ticket it is, as `name@REALM`",
        ),
        fact(
            "user",
            FactKind::AccountName,
            "the principal's name without the realm",
        ),
        fact(
            "realm",
            FactKind::HostName,
            "the principal's realm, which is an Active Directory domain in capitals",
        ),
        fact(
            "default_realm",
            FactKind::HostName,
            "krb5.conf's default realm",
        ),
        fact(
            "realm_is_default",
            FactKind::Boolean,
            "whether the principal's realm is krb5.conf's default realm",
        ),
        fact(
            "expected_principal_matches",
            FactKind::Boolean,
            "whether the ticket belongs to the user that the argument `user` names",
        ),
        fact("starts", FactKind::Time, "since when the ticket is valid"),
        fact("ends", FactKind::Time, "until when the ticket is valid"),
        fact(
            "renew_until",
            FactKind::Time,
            "until when it can be renewed",
        ),
        fact(
            "seconds_left",
            FactKind::Seconds,
            "seconds until it ends; negative when it has ended",
        ),
        fact(
            "forwardable",
            FactKind::Boolean,
            "whether it may be forwarded, which unconstrained delegation needs",
        ),
        fact("renewable", FactKind::Boolean, "whether it can be renewed"),
        fact(
            "encryption_type",
            FactKind::Text,
            "what the ticket is encrypted with",
        ),
        fact(
            "session_encryption_type",
            FactKind::Text,
            "the kind of its session key",
        ),
        fact(
            "cached_service_tickets",
            FactKind::List(&CACHED_TICKET),
            "service tickets that lie in the cache: a program uses such a ticket until it \
             ends, even when the service's key has changed since",
        ),
        fact(
            "permitted_encryption_types",
            FactKind::List(&FactKind::Text),
            "what krb5.conf restricts this client to (permitted_enctypes); null when it \
             restricts nothing",
        ),
        fact(
            "krb5_conf",
            FactKind::Text,
            "the Kerberos configuration that was read",
        ),
        fact(
            "krb5_conf_faults",
            FactKind::List(&FactKind::Text),
            "what is wrong in it, with file and line",
        ),
        fact(
            "kdc",
            FactKind::HostName,
            "the KDC that answered the AS-REQ",
        ),
        fact(
            "kdc_code",
            FactKind::Integer,
            "the KDC's error code, RFC 4120 7.5.9",
        ),
        fact(
            "kdc_code_name",
            FactKind::Text,
            "the code's name in the RFC",
        ),
        fact("kdc_text", FactKind::Text, "what the KDC added in words"),
        fact(
            "kdc_time",
            FactKind::Time,
            "the KDC's clock, when it told it",
        ),
        fact(
            "clock_offset_seconds",
            FactKind::Seconds,
            "the KDC's clock minus this host's",
        ),
    ],
};
