//! What `ldap-allowed-to-authenticate` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{ACCOUNT, Consent, FactDeclaration, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{ACCOUNTS, fact, fault, good, required, unknown};
use crate::probe::ldap::requirements::{DETAIL, DRAWING, STATE};

/// One requirement.
const REQUIREMENT_FIELDS: &[FactDeclaration] = &[
    fact("name", FactKind::Text, "`allowed-to-authenticate`"),
    STATE,
    DETAIL,
];

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-allowed-to-authenticate",
    title: "Allowed to authenticate",
    help: "For a trust with selective authentication: reads from the security descriptors of the \
           accounts that hold SQL Server's SPNs, and of its computer, whether the user or one of the \
           user's groups has the right `Allowed to authenticate` there.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(15),
    arguments: &[
        required(
            "host",
            FactKind::HostName,
            "the server's fully qualified name, as it stands in its SPNs",
        ),
        required(
            "domain",
            FactKind::HostName,
            "DNS name of the server's domain",
        ),
        required(
            "user",
            FactKind::AccountName,
            "the user who signs in, in any form",
        ),
        required(
            "user_domain",
            FactKind::HostName,
            "DNS name of the user's domain",
        ),
    ],
    statuses: &[
        good("allowed", "the user has the right on each of the accounts"),
        fault(
            "not-allowed",
            "the user lacks the right on at least one of the accounts",
        ),
        unknown(
            "not-found",
            "the directory shows neither a holder of the server's SPNs nor its computer",
        ),
        unknown(
            "not-readable",
            "a security descriptor or the user cannot be read",
        ),
        unknown(
            "unreachable",
            "no domain controller was found or none takes a connection",
        ),
    ],
    facts: &[
        fact(
            "requirements",
            FactKind::List(&FactKind::Record(REQUIREMENT_FIELDS)),
            "one for each of the accounts",
        ),
        DRAWING,
        fact(
            "lacking",
            ACCOUNTS,
            "the accounts on which the right is not there",
        ),
        fact(
            "spn_account",
            ACCOUNT,
            "who holds the server's SPNs; the computer when nobody else does",
        ),
        fact("computer_account", ACCOUNT, "the server's computer"),
        fact("user_account", ACCOUNT, "the user"),
        fact(
            "identities",
            FactKind::List(&FactKind::Sid),
            "the SIDs for which the right was looked for",
        ),
    ],
};
