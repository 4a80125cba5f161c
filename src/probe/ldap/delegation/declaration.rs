//! What `ldap-delegation` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{ACCOUNT, Consent, FactDeclaration, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{
    ACCOUNTS, AS_WHOM, DIRECTORY, SPNS, fact, fault, good, optional, required, unknown,
};
use crate::probe::ldap::requirements::{DETAIL, DRAWING, STATE};

/// One requirement.
const REQUIREMENT_FIELDS: &[FactDeclaration] = &[
    fact(
        "name",
        FactKind::Text,
        "`first-hop-kerberos`, `back-end-spn`, `middle-trusted`, `back-end-spn-listed`, \
         `resource-based-entry`, `protocol-transition`, `crosses`, `user-not-sensitive` or \
         `user-not-protected`",
    ),
    STATE,
    DETAIL,
];
const REQUIREMENTS: FactKind = FactKind::List(&FactKind::Record(REQUIREMENT_FIELDS));

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-delegation",
    title: "Delegation",
    help: "May the middle server's account hand the user's identity on to the back end? Reads which \
           kind of delegation applies, whether the exact back-end SPN is listed, the resource-based \
           entry on the back end's account, and whether the user may be delegated at all.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(15),
    arguments: &[
        required(
            "middle",
            FactKind::AccountName,
            "the account that the middle SQL Server runs under, in any form",
        ),
        required(
            "domain",
            FactKind::HostName,
            "DNS name of a domain of the middle account's forest; bare names are looked for in it",
        ),
        required(
            "back_end_spns",
            SPNS,
            "the SPNs that the middle server's driver asks for; the first is the one that must be there",
        ),
        optional(
            "middle_host",
            FactKind::HostName,
            "the middle server's DNS name, for an account that acts as the computer",
        ),
        optional(
            "back_end_domain",
            FactKind::HostName,
            "DNS name of a domain of the back end's forest, when it is not `domain`'s",
        ),
        optional(
            "user",
            FactKind::AccountName,
            "the user who signs in to the middle server, in any form",
        ),
        optional(
            "user_domain",
            FactKind::HostName,
            "DNS name of the user's domain, when it is not `domain`",
        ),
        optional(
            "first_hop",
            FactKind::Text,
            "how the user came to the middle server: `KERBEROS` or `NTLM`; with anything but Kerberos a list needs protocol transition",
        ),
        optional(
            "tgt_delegation",
            FactKind::Boolean,
            "for a user of another forest: whether the trust carries unconstrained delegation, as `ldap-trusts` tells it",
        ),
    ],
    statuses: &[
        good("allowed", "every requirement that could be read is met"),
        fault(
            "not-trusted",
            "the middle account has no delegation of any kind: no flag, no list, no resource-based entry",
        ),
        fault(
            "list-lacks-spn",
            "the middle account's list does not have the exact SPN that is asked for",
        ),
        fault(
            "resource-based-entry-wrong",
            "the back end's resource-based entry names other accounts, not the middle one",
        ),
        fault(
            "protocol-transition-missing",
            "the list is right, but only for Kerberos users, and the first hop is not Kerberos",
        ),
        fault(
            "user-not-delegable",
            "the user is marked sensitive or is a member of Protected Users",
        ),
        fault(
            "does-not-cross",
            "everything is right, but delegation of this kind does not cross the domain's or the forest's border: see `crosses_words`",
        ),
        fault("not-found", "the middle account or the user does not exist"),
        unknown("not-readable", "the settings that decide cannot be read"),
        unknown(
            "unreachable",
            "no domain controller was found or none takes a connection",
        ),
    ],
    facts: &[
        fact(
            "kind",
            FactKind::Text,
            "`none`, `unconstrained`, `constrained`, `constrained-any-protocol` or `resource-based`: \
             the kind that applies",
        ),
        fact(
            "requirements",
            REQUIREMENTS,
            "each requirement and whether it is met",
        ),
        DRAWING,
        fact(
            "crosses",
            FactKind::Boolean,
            "whether delegation of this kind crosses the border that lies on the way; null when there is none, see `crosses_words`",
        ),
        fact(
            "crosses_words",
            FactKind::Text,
            "which border, as a sentence; null when there is none",
        ),
        fact("middle_account", ACCOUNT, "the middle account"),
        fact(
            "back_end_account",
            ACCOUNT,
            "the one holder of the first back-end SPN; null without one",
        ),
        fact("user_account", ACCOUNT, "the user"),
        fact(
            "delegation_list",
            SPNS,
            "the middle account's msDS-AllowedToDelegateTo",
        ),
        fact(
            "missing_spns",
            SPNS,
            "those of `back_end_spns` that the list does not have",
        ),
        fact(
            "resource_based_accounts",
            ACCOUNTS,
            "the accounts that the back end's resource-based entry names; null when unreadable",
        ),
        fact(
            "mixed",
            FactKind::Boolean,
            "whether there are both a list and a resource-based entry: the list wins",
        ),
        fact(
            "protocol_transition",
            FactKind::Boolean,
            "whether `use any authentication protocol` is set (userAccountControl 0x1000000)",
        ),
        fact(
            "user_sensitive",
            FactKind::Boolean,
            "the user's flag 0x100000",
        ),
        fact(
            "user_protected",
            FactKind::Boolean,
            "the user's membership of Protected Users",
        ),
        fact(
            "same_forest",
            FactKind::Boolean,
            "whether middle and back end are in one forest",
        ),
        DIRECTORY,
        AS_WHOM,
    ],
};
