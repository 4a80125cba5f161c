//! What `ldap-trusts` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{Consent, FactDeclaration, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{
    AS_WHOM, HOST_NAMES, TEXTS, fact, fault, good, optional, required, unknown,
};
use crate::probe::ldap::requirements::{DETAIL, DRAWING, STATE};

const BOOLEAN: FactKind = FactKind::Boolean;

/// One trustedDomain object.
const TRUST_FIELDS: &[FactDeclaration] = &[
    fact(
        "read_in",
        FactKind::HostName,
        "the domain in which this trust was read",
    ),
    fact("partner", FactKind::HostName, "DNS name of the other side"),
    fact(
        "netbios_name",
        FactKind::AccountName,
        "NetBIOS name of the other side",
    ),
    fact("sid", FactKind::Sid, "SID of the other side's domain"),
    fact(
        "direction",
        FactKind::Text,
        "as seen from `read_in`: `outbound` (it trusts the partner), `inbound` (the partner trusts \
         it), `both` or `disabled`",
    ),
    fact(
        "direction_words",
        FactKind::Text,
        "whose users can sign in to whose servers, as a sentence",
    ),
    fact(
        "kind",
        FactKind::Text,
        "`forest`, `external`, `within-forest`, `realm` (not Windows) or `nt4`",
    ),
    fact("attributes", TEXTS, "trustAttributes in words"),
    fact(
        "attributes_value",
        FactKind::Integer,
        "trustAttributes as it stands",
    ),
    fact(
        "transitive",
        BOOLEAN,
        "whether it reaches further than the two domains",
    ),
    fact(
        "selective_authentication",
        BOOLEAN,
        "whether the partner's users need `Allowed to authenticate` on each server",
    ),
    fact(
        "sid_filtering",
        BOOLEAN,
        "whether foreign SIDs are taken out of the partner's tickets",
    ),
    fact(
        "tgt_delegation",
        BOOLEAN,
        "whether unconstrained delegation may cross this trust",
    ),
    fact(
        "encryption_types",
        TEXTS,
        "msDS-SupportedEncryptionTypes in words; empty when unset",
    ),
    fact(
        "suffixes",
        HOST_NAMES,
        "the name suffixes that are routed to the partner; null when there is no list",
    ),
    fact(
        "excluded_suffixes",
        HOST_NAMES,
        "the name suffixes that are excluded or switched off",
    ),
];
/// One requirement.
const REQUIREMENT_FIELDS: &[FactDeclaration] = &[
    fact(
        "name",
        FactKind::Text,
        "`trust`, `direction`, `kind`, `both-sides`, `suffix-routed`, `selective-authentication` or \
         `encryption-types`",
    ),
    STATE,
    DETAIL,
];
const REQUIREMENTS: FactKind = FactKind::List(&FactKind::Record(REQUIREMENT_FIELDS));
const TRUSTS: FactKind = FactKind::List(&FactKind::Record(TRUST_FIELDS));

/// One domain of a forest.
const DOMAIN_FIELDS: &[FactDeclaration] = &[
    fact("name", FactKind::HostName, "DNS name"),
    fact("netbios_name", FactKind::AccountName, "NetBIOS name"),
    fact("forest", FactKind::HostName, "DNS name of its forest"),
    fact(
        "distinguished_name",
        FactKind::DistinguishedName,
        "its naming context",
    ),
    fact(
        "parent",
        FactKind::HostName,
        "the domain above it in the forest; null for a tree's root",
    ),
];
const DOMAINS: FactKind = FactKind::List(&FactKind::Record(DOMAIN_FIELDS));

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-trusts",
    title: "Domains and trust",
    help: "Reads the domains and trusts of both sides and works out the way from the domain of the \
           user to the domain of the server. Kerberos needs the server's side to trust the user's \
           side; between forests it needs a forest trust. A side that cannot be read is named in \
           `missing_side`; then the other side's view alone counts.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(15),
    arguments: &[
        required(
            "from_domain",
            FactKind::HostName,
            "DNS name of the user's domain",
        ),
        required(
            "to_domain",
            FactKind::HostName,
            "DNS name of the server's domain",
        ),
        optional(
            "host",
            FactKind::HostName,
            "the server's DNS name: is its suffix routed over the trust?",
        ),
        optional(
            "from_server",
            FactKind::HostName,
            "a domain controller of `from_domain`, instead of one found by SRV records",
        ),
        optional(
            "to_server",
            FactKind::HostName,
            "a domain controller of `to_domain`, instead of one found by SRV records",
        ),
    ],
    statuses: &[
        good("same-domain", "user and server are in one domain"),
        good(
            "same-forest",
            "two domains of one forest, which trust each other",
        ),
        good(
            "trusted",
            "the server's forest trusts the user's by a forest trust",
        ),
        fault(
            "trusted-wrong-way",
            "there is a trust, but only the user's side trusts the server's",
        ),
        fault(
            "not-forest-trust",
            "the trust is an external one, which does not carry Kerberos between forests",
        ),
        fault(
            "no-trust",
            "no trust leads from the server's domain to the user's",
        ),
        unknown(
            "not-readable",
            "the directory did not let us sign in or look, on either side",
        ),
        unknown(
            "unreachable",
            "no domain controller was found or none takes a connection, on either side",
        ),
    ],
    facts: &[
        fact(
            "from_domain",
            FactKind::HostName,
            "the user's domain, as it was asked for",
        ),
        fact(
            "to_domain",
            FactKind::HostName,
            "the server's domain, as it was asked for",
        ),
        fact(
            "requirements",
            REQUIREMENTS,
            "what a ticket needs on this way, and whether it is met",
        ),
        DRAWING,
        fact(
            "path",
            HOST_NAMES,
            "the domains from the user's to the server's, both included; empty without a way",
        ),
        fact("path_words", FactKind::Text, "the same as a sentence"),
        fact(
            "from_forest",
            FactKind::HostName,
            "the forest of the user's domain",
        ),
        fact(
            "to_forest",
            FactKind::HostName,
            "the forest of the server's domain",
        ),
        fact(
            "domains",
            DOMAINS,
            "the domains of both forests, as far as they could be read",
        ),
        fact("trusts", TRUSTS, "every trust that was read, on both sides"),
        fact(
            "legs",
            TRUSTS,
            "the trusts that the path crosses, as the trusting (server's) side has them where that could be read",
        ),
        fact(
            "selective_authentication",
            BOOLEAN,
            "whether a trust of the path asks for `Allowed to authenticate` on the server",
        ),
        fact(
            "tgt_delegation",
            BOOLEAN,
            "whether unconstrained delegation may cross the whole path; true within a forest",
        ),
        fact(
            "quarantined",
            BOOLEAN,
            "whether a trust of the path is quarantined (trustAttributes 0x4): SIDs of other domains are filtered",
        ),
        fact(
            "sid_filter",
            FactKind::Text,
            "what the trusts of the path take out of tokens: `quarantine` (all SIDs but those of the \
             trusted domain), `forest` (SIDs of domains outside the forest) or `none`; null when the \
             server's side could not be read",
        ),
        fact(
            "suffix_routed",
            BOOLEAN,
            "whether the suffix of `host` is routed to the server's side; null without `host` or list",
        ),
        fact(
            "one_sided",
            BOOLEAN,
            "whether the trust stands on one side only, so that it is half made or half removed; null \
             unless both sides were read",
        ),
        fact(
            "missing_side",
            HOST_NAMES,
            "the domains whose directory could not be read; empty when both could",
        ),
        fact(
            "directories",
            HOST_NAMES,
            "the directory servers that answered, as `host:port`",
        ),
        AS_WHOM,
    ],
};
