//! What `ldap-account` takes and tells.

use std::time::Duration;

use crate::probe::declaration::{ACCOUNT, Consent, FactKind, ProbeDeclaration};
use crate::probe::ldap::declare::{
    ACCOUNTS, AS_WHOM, DIRECTORY, SPNS, TEXTS, fact, fault, good, optional, required, unknown,
};

const BOOLEAN: FactKind = FactKind::Boolean;

/// The declaration.
pub(super) static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "ldap-account",
    title: "Account",
    help: "Finds a user, computer or managed service account by any of the ways in which one is \
           written (`DOMAIN\\name`, `name@domain`, a bare name, a distinguished name, a SID, or a \
           service account such as `NT SERVICE\\MSSQLSERVER` with its `host`), and reads its state, \
           keys, SPNs and delegation settings from a domain controller of its own domain. What cannot \
           be read with the rights at hand is null and is named in `unreadable`.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(12),
    arguments: &[
        required("account", FactKind::AccountName, "the account, in any form"),
        required(
            "domain",
            FactKind::HostName,
            "DNS name of a domain of the account's forest; a bare name is looked for in it",
        ),
        optional(
            "host",
            FactKind::HostName,
            "the server's own DNS name, needed when the account is one that acts as the computer \
             (LocalSystem, NETWORK SERVICE, NT SERVICE)",
        ),
        optional(
            "server",
            FactKind::HostName,
            "the domain controller to ask, instead of one found by SRV records",
        ),
    ],
    statuses: &[
        good(
            "found",
            "exactly one account was found and read; see `usable`",
        ),
        fault("not-found", "the forest has no such account"),
        fault("ambiguous", "several accounts of the forest have this name"),
        fault(
            "local-account",
            "this is an account of one machine only: Kerberos cannot work with it",
        ),
        unknown(
            "not-readable",
            "the directory did not let us sign in or look",
        ),
        unknown(
            "unreachable",
            "no domain controller was found or none takes a connection",
        ),
    ],
    facts: &[
        fact("account", ACCOUNT, "the account"),
        fact(
            "candidates",
            ACCOUNTS,
            "every account that the name fits, when it is ambiguous",
        ),
        fact(
            "meaning",
            FactKind::Text,
            "what the account text means, in words, such as that a virtual account acts as its computer",
        ),
        fact(
            "acts_as_computer",
            BOOLEAN,
            "whether the text is a service account that acts as the computer on the network",
        ),
        fact(
            "usable",
            BOOLEAN,
            "false when it is disabled, locked out or expired; null when that cannot be read",
        ),
        fact(
            "unusable_reason",
            FactKind::Text,
            "`disabled`, `locked-out`, `expired`, `password-expired` or `must-change-password`",
        ),
        fact(
            "unusable_reasons",
            TEXTS,
            "every reason in words, such as `locked out`; null when not all could be read",
        ),
        fact(
            "unreadable",
            TEXTS,
            "the attributes that our account may not read; facts made of them are null",
        ),
        fact(
            "group_scope",
            FactKind::Text,
            "`domain-local`, `global` or `universal` when it is a group; else null",
        ),
        fact(
            "user_principal_name",
            FactKind::AccountName,
            "userPrincipalName, null when unset or unreadable",
        ),
        fact(
            "dns_host_name",
            FactKind::HostName,
            "dNSHostName of a computer",
        ),
        fact("disabled", BOOLEAN, "userAccountControl 0x2"),
        fact(
            "locked_out",
            BOOLEAN,
            "whether it is locked out now (msDS-User-Account-Control-Computed 0x10)",
        ),
        fact(
            "password_expired",
            BOOLEAN,
            "whether the password has expired now (msDS-User-Account-Control-Computed 0x800000)",
        ),
        fact(
            "password_never_expires",
            BOOLEAN,
            "userAccountControl 0x10000",
        ),
        fact(
            "must_change_password",
            BOOLEAN,
            "whether the password must be changed at the next sign-in (pwdLastSet is 0)",
        ),
        fact(
            "password_last_set",
            FactKind::Time,
            "when the password was last changed, on the account's domain controller",
        ),
        fact(
            "password_expires",
            FactKind::Time,
            "when the password will expire; null for never",
        ),
        fact("expired", BOOLEAN, "whether accountExpires has passed"),
        fact(
            "account_expires",
            FactKind::Time,
            "accountExpires; null for never",
        ),
        fact(
            "key_version",
            FactKind::Integer,
            "msDS-KeyVersionNumber: the kvno that a fresh ticket for it has",
        ),
        fact(
            "encryption_types",
            TEXTS,
            "msDS-SupportedEncryptionTypes in words; empty when unset: then the KDC's default counts",
        ),
        fact(
            "encryption_types_value",
            FactKind::Integer,
            "msDS-SupportedEncryptionTypes as it stands; 0 when unset, null when unreadable",
        ),
        fact(
            "aes",
            BOOLEAN,
            "whether AES tickets may be issued for it; null when no type is set: the KDC's default counts",
        ),
        fact(
            "rc4",
            BOOLEAN,
            "whether RC4 tickets may be issued for it; null when no type is set: the KDC's default counts",
        ),
        fact("des_only", BOOLEAN, "userAccountControl 0x200000"),
        fact("smartcard_required", BOOLEAN, "userAccountControl 0x40000"),
        fact(
            "preauthentication_required",
            BOOLEAN,
            "userAccountControl without 0x400000, as is usual",
        ),
        fact("flags", TEXTS, "userAccountControl in words"),
        fact(
            "user_account_control",
            FactKind::Integer,
            "userAccountControl as it stands",
        ),
        fact("spns", SPNS, "every servicePrincipalName"),
        fact(
            "cluster_virtual_name",
            BOOLEAN,
            "whether it is no computer of its own but a virtual name of a failover cluster, such as \
             that of a listener (an SPN MSClusterVirtualServer/…); null when its SPNs are unreadable",
        ),
        fact(
            "may_write_spn",
            BOOLEAN,
            "whether you, as you are signed in, may change its SPNs (allowedAttributesEffective)",
        ),
        fact(
            "registers_itself",
            FactKind::Text,
            "whether the account may register its own SPNs: `yes`, `validated-only` (its own host \
             name and port, never an instance name) or `no`; null when the rights cannot be read",
        ),
        fact(
            "registers_itself_words",
            FactKind::Text,
            "the same as a sentence",
        ),
        fact(
            "delegation",
            FactKind::Text,
            "`none`, `unconstrained`, `constrained` or `constrained-any-protocol`",
        ),
        fact(
            "delegation_list",
            SPNS,
            "msDS-AllowedToDelegateTo: the SPNs that it may delegate to",
        ),
        fact(
            "resource_based_accounts",
            ACCOUNTS,
            "the accounts that may delegate to it (msDS-AllowedToActOnBehalfOfOtherIdentity)",
        ),
        fact(
            "sensitive",
            BOOLEAN,
            "`Account is sensitive and cannot be delegated` (userAccountControl 0x100000)",
        ),
        fact(
            "protected_user",
            BOOLEAN,
            "whether it is a member of Protected Users, also through other groups",
        ),
        fact(
            "authentication_policy",
            FactKind::DistinguishedName,
            "msDS-AssignedAuthNPolicy or the silo's, null when none is set",
        ),
        fact(
            "password_readers",
            ACCOUNTS,
            "for a group managed service account: who may fetch its password",
        ),
        fact(
            "group_count",
            FactKind::Integer,
            "how many groups its token has; above about 1,000 sign-in fails",
        ),
        fact(
            "token_bytes",
            FactKind::Integer,
            "an estimate of the token's size in bytes (1200 + 40 for each group at most)",
        ),
        fact("created", FactKind::Time, "when the account was made"),
        fact(
            "security_identifiers",
            FactKind::List(&FactKind::Sid),
            "the account's SID and those of its groups, where readable",
        ),
        DIRECTORY,
        AS_WHOM,
    ],
};
