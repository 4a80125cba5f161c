//! What `ldap-spn-consistency` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{ACCOUNT, Consent, FactDeclaration, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{
    ACCOUNTS, HOST_NAMES, SPNS, TEXTS, fact, fault, good, optional, required, unknown,
};

/// One controller of `by_controller`.
const VIEW_FIELDS: &[FactDeclaration] = &[
    fact("controller", FactKind::HostName, "the domain controller"),
    fact(
        "holders",
        ACCOUNTS,
        "who holds the first SPN there; null when it did not answer",
    ),
    fact("words", FactKind::Text, "the same in words"),
];
/// One pair of `foreign_pairs`.
const PAIR_FIELDS: &[FactDeclaration] = &[
    fact("spn", FactKind::Spn, "the SPN"),
    fact("account", ACCOUNT, "who holds it there"),
];
const PAIRS: FactKind = FactKind::List(&FactKind::Record(PAIR_FIELDS));
const VIEWS: FactKind = FactKind::List(&FactKind::Record(VIEW_FIELDS));

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-spn-consistency",
    title: "The SPN on every domain controller",
    help: "Asks every domain controller of the domain who holds the SPNs, because a login depends on the \
           one that the client happens to ask; and the global catalogs of the forests with which there is \
           a forest trust, because an SPN is unique in one forest only. Reads from the replication \
           metadata when the SPNs were changed last and on which domain controller.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(15),
    arguments: &[
        required(
            "spns",
            SPNS,
            "the SPNs; the first is the one that the client asks for",
        ),
        required(
            "domain",
            FactKind::HostName,
            "DNS name of the domain whose controllers are asked, normally the server's domain",
        ),
        optional(
            "account",
            FactKind::DistinguishedName,
            "the account whose last change is wanted; without it the one holder",
        ),
        optional(
            "service_start",
            FactKind::Time,
            "when SQL Server was started, to compare the last change with",
        ),
    ],
    statuses: &[
        good(
            "agree",
            "all that answered say the same, or there is one only",
        ),
        fault(
            "differ",
            "they do not say the same: replication is not through",
        ),
        unknown(
            "not-readable",
            "the directory did not let us sign in or look",
        ),
        unknown("unreachable", "no domain controller answered"),
        unknown(
            "no-directory",
            "DNS names no domain controller of the domain",
        ),
    ],
    facts: &[
        fact(
            "spn",
            FactKind::Spn,
            "the SPN that `seen` is about: the first of which they differ",
        ),
        fact("by_controller", VIEWS, "what each domain controller says"),
        fact(
            "seen",
            TEXTS,
            "the same as sentences, such as `dc1.corp.example: CORP\\svc_sql`",
        ),
        fact(
            "unanswered",
            TEXTS,
            "the domain controllers that did not answer, with the reason",
        ),
        fact(
            "trusted_forests",
            HOST_NAMES,
            "the forests with which there is a forest trust",
        ),
        fact(
            "foreign_holders",
            ACCOUNTS,
            "the accounts of those forests that hold one of the SPNs",
        ),
        fact("foreign_pairs", PAIRS, "the same, each SPN on each account"),
        fact(
            "unanswered_forests",
            TEXTS,
            "the forests that could not be asked, with the reason",
        ),
        fact(
            "changed_at",
            FactKind::Time,
            "when the account's SPNs were changed last; null when that cannot be read",
        ),
        fact(
            "changed_on",
            FactKind::HostName,
            "the domain controller on which that was done",
        ),
        fact(
            "changed_seconds_ago",
            FactKind::Seconds,
            "the same in seconds before now",
        ),
        fact(
            "changed_before_start_seconds",
            FactKind::Seconds,
            "the same in seconds before `service_start`; negative when it was after",
        ),
    ],
};
