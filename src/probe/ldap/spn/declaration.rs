//! What `ldap-spn` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{ACCOUNT, Consent, FactDeclaration, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{
    ACCOUNTS, AS_WHOM, DIRECTORY, HOST_NAMES, SPNS, fact, fault, good, optional, required, unknown,
};

/// One SPN of `by_spn`.
const ANSWER_FIELDS: &[FactDeclaration] = &[
    fact("spn", FactKind::Spn, "the SPN as it was asked for"),
    fact(
        "status",
        FactKind::Text,
        "`held`, `missing`, `duplicate` or `collision`, as the probe's own statuses",
    ),
    fact(
        "words",
        FactKind::Text,
        "the state in the words of Kerberos Configuration Manager: `Good`, `Required SPN is missing`, \
         `SPN on wrong account`, `Duplicate SPN`; beyond those `userPrincipalName collision`",
    ),
    fact("holders", ACCOUNTS, "every account that holds it"),
    fact(
        "expected_holds",
        FactKind::Boolean,
        "whether `expected` is among the holders; null without a known `expected`",
    ),
    fact(
        "wrong_holders",
        ACCOUNTS,
        "the holders that are not `expected`; null without a known `expected`",
    ),
    fact(
        "collisions",
        ACCOUNTS,
        "the accounts whose userPrincipalName equals the SPN and that do not hold it alone",
    ),
];
const ANSWERS: FactKind = FactKind::List(&FactKind::Record(ANSWER_FIELDS));

/// One value of `related`.
const RELATED_FIELDS: &[FactDeclaration] = &[
    fact(
        "spn",
        FactKind::Spn,
        "the value as it stands in the directory",
    ),
    fact("account", ACCOUNT, "the account that holds it"),
    fact(
        "kind",
        FactKind::Text,
        "`asked` (one of `spns`), `other-port`, `other-instance`, `other-form` or `malformed`",
    ),
    fact(
        "port",
        FactKind::Port,
        "the port in it, null when there is none",
    ),
    fact(
        "instance",
        FactKind::Text,
        "the instance name in it, or null",
    ),
    fact(
        "remark",
        FactKind::Text,
        "what it is good for, or what is wrong with it",
    ),
    fact(
        "account_disabled",
        FactKind::Boolean,
        "whether the account is disabled; null when that cannot be read",
    ),
];
const RELATED: FactKind = FactKind::List(&FactKind::Record(RELATED_FIELDS));

/// One pair of `wrong_pairs`.
const PAIR_FIELDS: &[FactDeclaration] = &[
    fact("spn", FactKind::Spn, "the SPN"),
    fact("account", ACCOUNT, "who holds it and should not"),
];
const PAIRS: FactKind = FactKind::List(&FactKind::Record(PAIR_FIELDS));

/// One driver of `by_driver`.
const DRIVER_FIELDS: &[FactDeclaration] = &[
    fact("id", FactKind::Text, "a short name that stays the same"),
    fact(
        "driver",
        FactKind::Text,
        "the driver and programs that use it",
    ),
    fact(
        "spn",
        FactKind::Spn,
        "what it gets a ticket for: the first of its SPNs that somebody holds, else the first",
    ),
    fact("words", FactKind::Text, "the state, as in `by_spn`"),
    fact(
        "holders",
        FactKind::AccountName,
        "the names of those who hold it",
    ),
    fact(
        "works",
        FactKind::Boolean,
        "whether one account holds it, and as far as known the right one",
    ),
];
const DRIVERS: FactKind = FactKind::List(&FactKind::Record(DRIVER_FIELDS));

/// One SPN of `other_services`.
const SERVICE_FIELDS: &[FactDeclaration] = &[
    fact("service", FactKind::Text, "what uses it"),
    fact("spn", FactKind::Spn, "the SPN"),
    fact("words", FactKind::Text, "`Good` or `Duplicate SPN`"),
    fact("holders", ACCOUNTS, "every account that holds it"),
];
const SERVICES: FactKind = FactKind::List(&FactKind::Record(SERVICE_FIELDS));

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-spn",
    title: "Who holds the SPN",
    help: "Asks a global catalog of the forest which accounts hold the SPNs, in every domain of the \
           forest, and whether another account's userPrincipalName equals one. Owners are compared by \
           SID, never by name. The status is about the first of `spns`, the one that the client asks \
           for; `by_spn` has all of them. Zero holders and two holders look the same to a client (the \
           KDC answers 7 to both), so this is asked before anything is added.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(12),
    arguments: &[
        required(
            "spns",
            SPNS,
            "the SPNs to look for; the first is the one that the client asks for",
        ),
        required(
            "domain",
            FactKind::HostName,
            "DNS name of a domain of the forest to search, normally the server's domain",
        ),
        optional(
            "expected",
            FactKind::AccountName,
            "the account that should hold them: its SID, `DOMAIN\\name`, `name@domain` or a \
             distinguished name; best the SID from `ldap-account`",
        ),
        optional(
            "also_for_host",
            FactKind::Boolean,
            "also list every SPN of the same service class and host, whoever holds it, as `related`",
        ),
        optional(
            "drivers",
            FactKind::Any,
            "what each driver asks for, `by_driver` of `spn-names`: then `by_driver` tells what each finds",
        ),
        optional(
            "server",
            FactKind::HostName,
            "the global catalog to ask, instead of one found by SRV records",
        ),
    ],
    statuses: &[
        good("held", "exactly one account holds the first SPN"),
        fault("missing", "no account of the forest holds it"),
        fault(
            "duplicate",
            "two or more accounts hold it: the KDC cannot choose and answers as if nobody did",
        ),
        fault(
            "collision",
            "another account's userPrincipalName equals the SPN, and the KDC looks there first",
        ),
        unknown(
            "not-readable",
            "the directory did not let us sign in or look; nobody knows who holds it",
        ),
        unknown(
            "unreachable",
            "no global catalog of the forest takes a connection on port 3268 or 3269",
        ),
        unknown(
            "no-directory",
            "DNS names no domain controller of the domain, or no global catalog of its forest",
        ),
    ],
    facts: &[
        fact("spn", FactKind::Spn, "the first of `spns`"),
        fact("holders", ACCOUNTS, "the accounts that hold the first SPN"),
        fact(
            "holder",
            ACCOUNT,
            "the one account that holds the first SPN; null when there is none or more than one",
        ),
        fact(
            "holder_disabled",
            FactKind::Boolean,
            "whether that one account is disabled; null when that cannot be read",
        ),
        fact(
            "disabled_holders",
            ACCOUNTS,
            "those holders of the first SPN that are known to be disabled",
        ),
        fact(
            "expected_account",
            ACCOUNT,
            "`expected` as the directory knows it; null when it was not given or not found",
        ),
        fact(
            "expected_holds",
            FactKind::Boolean,
            "whether `expected` holds the first SPN; null without a known `expected`",
        ),
        fact(
            "wrong_holders",
            ACCOUNTS,
            "the holders of the first SPN that are not `expected`; null without a known `expected`",
        ),
        fact(
            "collisions",
            ACCOUNTS,
            "the accounts whose userPrincipalName equals the first SPN",
        ),
        fact(
            "by_spn",
            ANSWERS,
            "the answer for each of `spns`, in their order",
        ),
        fact("missing_spns", SPNS, "those of `spns` that nobody holds"),
        fact(
            "present_spns",
            SPNS,
            "those of `spns` that exactly one account holds",
        ),
        fact(
            "related",
            RELATED,
            "every SPN of the same class and host, whoever holds it; null unless `also_for_host`",
        ),
        fact(
            "other_accounts",
            RELATED,
            "who else may run the service: of `related`, one SPN of each account that is not \
             disabled and not `holder`; null unless `also_for_host` and one account holds the first SPN",
        ),
        fact(
            "malformed_spns",
            RELATED,
            "those of `related` that no driver can ask for; null unless `also_for_host`",
        ),
        fact(
            "other_ports",
            RELATED,
            "those of `related` that name another port; null unless `also_for_host`",
        ),
        fact(
            "wrong_pairs",
            PAIRS,
            "each of `spns` on each account that is not `expected`; null without a known `expected`",
        ),
        fact(
            "missing_on_expected",
            SPNS,
            "those of `spns` that `expected` does not hold; null without a known `expected`",
        ),
        fact(
            "holder_stale",
            FactKind::Text,
            "what shows that the one holder is no longer in use, such as `which is disabled`; null \
             when nothing does, or it is `expected`",
        ),
        fact(
            "by_driver",
            DRIVERS,
            "what each driver finds; null without `drivers`",
        ),
        fact(
            "drivers_without",
            FactKind::List(&FactKind::Text),
            "the drivers none of whose SPNs anybody holds; null without `drivers`",
        ),
        fact(
            "drivers_missing",
            SPNS,
            "the SPNs that those drivers ask for; null without `drivers`",
        ),
        fact(
            "other_services",
            SERVICES,
            "the SPNs of Reporting Services and Analysis Services for the host; null unless `also_for_host`",
        ),
        fact("forest", FactKind::HostName, "the forest that was searched"),
        fact("domains", HOST_NAMES, "the domains of that forest"),
        DIRECTORY,
        AS_WHOM,
    ],
};
