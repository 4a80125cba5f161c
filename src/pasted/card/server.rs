//! Answers from the server: secure channel, policies, user rights, jobs.

use super::super::text::value;
use super::{Reading, Says, some};

/// `Test-ComputerSecureChannel`, `nltest /sc_query`, `net ads testjoin`.
pub(super) fn secure_channel(text: &str) -> Reading {
    let lower = text.to_ascii_lowercase();
    let alone = |word: &str| {
        text.lines()
            .any(|line| line.trim().eq_ignore_ascii_case(word))
    };
    let broken = alone("False")
        || [
            "0xc000018b",
            "0xc0000022",
            "0x6fd",
            "error_trusted_relationship_failure",
            "error_no_trust_sam_account",
            "join to domain is not valid",
        ]
        .iter()
        .any(|sign| lower.contains(sign));
    if broken {
        return Some((
            Says::Confirms,
            "The server's password does not match the directory's any more.".to_owned(),
        ));
    }
    if alone("True") || lower.contains("join is ok") || lower.contains("nerr_success") {
        return Some((
            Says::Excludes,
            "The server's membership in the domain is fine.".to_owned(),
        ));
    }
    None
}

/// `reg query … /v SupportedEncryptionTypes` ([MS-KILE] 2.2.7).
pub(super) fn encryption_policy(text: &str) -> Reading {
    let lower = text.to_ascii_lowercase();
    if lower.contains("unable to find the specified registry") {
        let words = "No policy of the host limits the encryption types.";
        return Some((Says::Unclear, words.to_owned()));
    }
    let types = registry_number(&lower, "supportedencryptiontypes")?;
    let names: Vec<String> = [(4, "RC4"), (8, "AES128"), (16, "AES256")]
        .iter()
        .filter(|(bit, _)| types & bit != 0)
        .map(|(_, name)| (*name).to_owned())
        .collect();
    let names = if names.is_empty() {
        "neither RC4 nor AES".to_owned()
    } else {
        some(&names)
    };
    Some((
        Says::Unclear,
        format!("The policy of the host allows {names}; the ticket must be one of them."),
    ))
}

/// The number of a `REG_DWORD` value; the text is in lower case.
fn registry_number(lower: &str, name: &str) -> Option<u32> {
    let line = lower
        .lines()
        .find(|line| line.trim_start().starts_with(name) && line.contains("reg_dword"))?;
    let word = line.split_whitespace().last()?;
    u32::from_str_radix(word.strip_prefix("0x")?, 16).ok()
}

/// `mssql-conf get network` and `ls -l` of the secrets.
pub(super) fn keytab_setting(text: &str) -> Reading {
    let file = text
        .lines()
        .find_map(|line| value(line, "kerberoskeytabfile"))
        .filter(|file| !file.is_empty());
    let Some(file) = file else {
        let unset = text.to_ascii_lowercase().contains("no setting")
            || text.lines().any(|line| {
                value(line, "kerberoscredupdatefrequency").is_some()
                    || value(line, "privilegedadaccount").is_some()
            });
        return unset.then(|| {
            (
                Says::Confirms,
                "No keytab is set: network.kerberoskeytabfile has no value.".to_owned(),
            )
        });
    };
    let name = file.rsplit('/').next().unwrap_or(file);
    let listed = text.lines().find(|line| {
        line.trim_start().starts_with('-') && line.split_whitespace().last() == Some(name)
    });
    let Some(listed) = listed else {
        let listing = text
            .lines()
            .any(|line| line.trim_start().starts_with("total "));
        return Some(if listing {
            (
                Says::Confirms,
                format!("{file} is set, and there is no such file."),
            )
        } else {
            (Says::Unclear, format!("The setting names {file}."))
        });
    };
    let words: Vec<&str> = listed.split_whitespace().collect();
    let (mode, owner) = (words.first()?, words.get(2)?);
    let private = mode.get(4..10) == Some("------") && mode.get(1..2) == Some("r");
    Some(if *owner == "mssql" && private {
        (
            Says::Excludes,
            format!("{file} is set, and mssql may read it."),
        )
    } else {
        (
            Says::Confirms,
            format!(
                "{file} belongs to {owner} with mode {mode}; it must be mssql's with mode 400."
            ),
        )
    })
}

/// Network logon rights and CrashOnAuditFail.
pub(super) fn network_logon(text: &str) -> Reading {
    let lower = text.to_ascii_lowercase();
    if registry_number(&lower, "crashonauditfail") == Some(2) {
        return Some((
            Says::Confirms,
            "CrashOnAuditFail is 2: the security log was full, and only administrators are let in."
                .to_owned(),
        ));
    }
    let allowed = right(text, "SeNetworkLogonRight")?;
    let denied = right(text, "SeDenyNetworkLogonRight").unwrap_or_default();
    // Everyone, Authenticated Users, Users.
    let all = ["*S-1-1-0", "*S-1-5-11", "*S-1-5-32-545"];
    if denied.is_empty() && allowed.iter().any(|one| all.contains(&one.as_str())) {
        return Some((
            Says::Excludes,
            "Ordinary users may log on over the network, and nobody is denied it.".to_owned(),
        ));
    }
    let denied = if denied.is_empty() {
        "nobody".to_owned()
    } else {
        some(&denied)
    };
    Some((
        Says::Unclear,
        format!(
            "Network logon is allowed to {} and denied to {denied}.",
            some(&allowed)
        ),
    ))
}

/// `SeImpersonatePrivilege`.
pub(super) fn impersonate(text: &str) -> Reading {
    let who = right(text, "SeImpersonatePrivilege")?;
    Some(if who.iter().any(|one| one == "*S-1-5-6") {
        (
            Says::Excludes,
            "Every service may impersonate (S-1-5-6).".to_owned(),
        )
    } else {
        (
            Says::Unclear,
            format!(
                "Only {} may impersonate; the service account must be among them.",
                some(&who)
            ),
        )
    })
}

/// `Name = *S-1-…,*S-1-…` of an exported policy.
fn right(text: &str, name: &str) -> Option<Vec<String>> {
    let line = text.lines().find_map(|line| value(line, name))?;
    Some(
        line.split(',')
            .map(|one| one.trim().to_owned())
            .filter(|one| !one.is_empty())
            .collect(),
    )
}

/// Jobs with their owners: what is printed is only repeated.
pub(super) fn job_owners(text: &str) -> Reading {
    let rows: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| {
            line.contains('\\')
                || line
                    .split_whitespace()
                    .any(|word| word.eq_ignore_ascii_case("sa"))
        })
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    (!rows.is_empty()).then(|| {
        (
            Says::Unclear,
            format!(
                "Jobs with their owners: {}. The owner or the proxy is who the linked server sees.",
                some(&rows)
            ),
        )
    })
}

/// `ipconfig /all` and `ip -brief address`.
pub(super) fn addresses(text: &str) -> Reading {
    let found: Vec<String> = text
        .split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | '/' | ','))
        .filter(|word| {
            word.parse::<std::net::Ipv4Addr>()
                .is_ok_and(|address| !address.is_loopback())
        })
        .map(str::to_owned)
        .collect();
    (!found.is_empty()).then(|| {
        (
            Says::Unclear,
            format!("The server says that its addresses are {}.", some(&found)),
        )
    })
}
