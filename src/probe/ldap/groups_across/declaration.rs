//! What `ldap-groups-across` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{ACCOUNT, Consent, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{
    ACCOUNTS, AS_WHOM, DIRECTORY, fact, fault, good, optional, required, unknown,
};

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-groups-across",
    title: "Groups that do not arrive",
    help: "Reads the user's groups, their scope and former SIDs (tokenGroups, groupType, \
           sIDHistory), and tells which of them a server in another forest does not see: \
           domain-local groups, and what the trust's SID filter takes out.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(15),
    arguments: &[
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
        required(
            "server_domain",
            FactKind::HostName,
            "DNS name of the server's domain",
        ),
        optional(
            "sid_filter",
            FactKind::Text,
            "what the trust takes out, as `ldap-trusts` tells it: `quarantine`, `forest` (when \
             absent) or `none`",
        ),
        optional(
            "trusted_domain",
            FactKind::HostName,
            "the domain that the trust names; the user's own when absent",
        ),
    ],
    statuses: &[
        good("all-arrive", "every group and SID of the user arrives"),
        fault("some-stay", "some groups or SIDs of the user do not arrive"),
        unknown("not-found", "the directory does not show the user"),
        unknown("not-readable", "the user's groups cannot be read"),
        unknown(
            "unreachable",
            "no domain controller was found or none takes a connection",
        ),
    ],
    facts: &[
        fact("user", ACCOUNT, "the user"),
        fact(
            "domain_local",
            ACCOUNTS,
            "groups of the user that count in their own domain only",
        ),
        fact(
            "filtered",
            FactKind::List(&FactKind::Sid),
            "SIDs of the user that the trust takes out",
        ),
        fact(
            "filtered_words",
            FactKind::AccountName,
            "the same, each with what it is",
        ),
        fact(
            "not_arriving",
            FactKind::List(&FactKind::AccountName),
            "the names of both: what a login must not be made for",
        ),
        DIRECTORY,
        AS_WHOM,
    ],
};
