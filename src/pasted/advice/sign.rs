//! By which words each piece of bad advice is known.

use super::super::text::{command, is_option};
use crate::directory::spn::{SQL_SERVER_CLASS, Spn};

/// Advice that is known by any of some phrases, in lower case.
const PHRASES: &[(&str, &[&str])] = &[
    (
        "validated-write-user",
        &["validated write to service principal name"],
    ),
    (
        "restart-netlogon",
        &[
            "restart netlogon",
            "restart the netlogon",
            "restarting netlogon",
            "restart-service netlogon",
            "net stop netlogon",
            "netlogon service restart",
        ],
    ),
    (
        "use-ntlm",
        &[
            "use ntlm",
            "force ntlm",
            "using ntlm instead",
            "switch to ntlm",
            "disable kerberos",
            "disabling kerberos",
            "turn off kerberos",
        ],
    ),
    (
        "trust-server-certificate",
        &["trustservercertificate", "trust server certificate"],
    ),
    (
        "dns-canonicalize",
        &[
            "dns_canonicalize_hostname = false",
            "dns_canonicalize_hostname=false",
            "dns_canonicalize_hostname to false",
        ],
    ),
    (
        "by-address",
        &[
            "use the ip address",
            "connect by ip",
            "connect using the ip",
            "connect with the ip",
            "ip address instead of the",
            "use ip instead",
        ],
    ),
    (
        "unconstrained-delegation",
        &[
            "delegation to any service",
            "trustedfordelegation $true",
            "delegation:any",
        ],
    ),
];

/// Words that enable RC4.
const RC4: &[&str] = &[
    "enable rc4",
    "enabling rc4",
    "allow rc4",
    "rc4_hmac_md5",
    "kerberosencryptiontype rc4",
    "allow_weak_crypto = true",
    "allow_weak_crypto=true",
    "permitted_enctypes = rc4",
    "tick rc4",
    "check rc4",
];

/// Words that take every SPN away.
const REMOVES_ALL: &[&str] = &[
    "delete all spn",
    "remove all spn",
    "delete the spns",
    "remove the spns",
    "delete all the spn",
    "remove all the spn",
];

/// Whether this advice is given in the text.
pub(super) fn is_in(id: &str, text: &str) -> bool {
    let lower = text.to_lowercase();
    // Line breaks stand anywhere in what is copied from a page.
    let flat = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    match id {
        "setspn-a" => adds(text).iter().any(|add| add.unchecked),
        "spn-on-both" => {
            twice(&adds(text))
                || (flat.contains("spn")
                    && any(&flat, &["both accounts", "on both the", "to both the"]))
        }
        "host-spn-with-port" => {
            host_with_port(text) || flat.contains("host\\") && flat.contains(":1433")
        }
        "malformed-spn" => malformed(text),
        "enable-rc4" => !negated(&flat, "rc4") && any(&flat, RC4),
        "remove-all-spns" => {
            any(&flat, REMOVES_ALL)
                || flat.contains("setspn -d")
                    && any(&flat, &["fall back to ntlm", "falls back to ntlm"])
        }
        "domain-admin" => {
            flat.contains("domain admin")
                && any(
                    &flat,
                    &[
                        "service account",
                        "sql server",
                        "add the account",
                        "make it",
                        "run the service",
                    ],
                )
        }
        "disable-extended-protection" => {
            flat.contains("extended protection")
                && any(&flat, &["turn off", "disable", "set to off", "to off"])
        }
        _ => PHRASES
            .iter()
            .any(|(known, phrases)| *known == id && any(&flat, phrases)),
    }
}

/// `HOST/server:1433`.
fn host_with_port(text: &str) -> bool {
    spns(text).any(|(class, rest)| {
        class.eq_ignore_ascii_case("HOST")
            && rest
                .split_once(':')
                .is_some_and(|(_, port)| port.starts_with(|c: char| c.is_ascii_digit()))
    })
}

fn any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|words| text.contains(words))
}

/// Whether the text warns of it: `do not enable rc4`, `disable rc4`.
fn negated(text: &str, what: &str) -> bool {
    [
        "disable ",
        "do not enable ",
        "don't enable ",
        "never enable ",
    ]
    .iter()
    .any(|no| text.contains(&format!("{no}{what}")))
}

/// A command that adds an SPN.
struct Add<'a> {
    spn: &'a str,
    account: &'a str,
    unchecked: bool,
}

fn adds(text: &str) -> Vec<Add<'_>> {
    text.lines()
        .filter_map(|line| {
            let words = command(line, "setspn")?;
            let at = words
                .iter()
                .position(|word| is_option(word, 'a') || is_option(word, 's'))?;
            Some(Add {
                spn: words.get(at + 1).copied().unwrap_or_default(),
                account: words.get(at + 2).copied().unwrap_or_default(),
                unchecked: is_option(words[at], 'a'),
            })
        })
        .collect()
}

/// The same SPN added to two accounts.
fn twice(adds: &[Add<'_>]) -> bool {
    adds.iter().enumerate().any(|(index, one)| {
        adds[index + 1..].iter().any(|other| {
            !one.spn.is_empty()
                && one.spn.eq_ignore_ascii_case(other.spn)
                && !one.account.eq_ignore_ascii_case(other.account)
        })
    })
}

/// What looks like an SPN: class and rest.
fn spns(text: &str) -> impl Iterator<Item = (&str, &str)> {
    words(text).filter_map(|word| word.split_once('/'))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || "\"'`<>()[]{};".contains(letter))
        .map(|word| word.trim_end_matches(['.', ',', '!', '?']))
}

/// An `MSSQLSvc` SPN with a form that no driver asks for. Placeholders such as
/// `MSSQLSvc/<host>` are cut at the bracket and are none.
fn malformed(text: &str) -> bool {
    words(text).any(|word| {
        word.get(..SQL_SERVER_CLASS.len())
            .is_some_and(|class| class.eq_ignore_ascii_case(SQL_SERVER_CLASS))
            && word[SQL_SERVER_CLASS.len()..].starts_with(['/', '\\'])
            && word.len() > SQL_SERVER_CLASS.len() + 1
            && !word.ends_with([':', '/'])
            // As the KDC and MIT write it: with the realm.
            && Spn::parse(word.split('@').next().unwrap_or(word)).is_err()
    })
}

#[cfg(test)]
mod tests {
    use super::super::read;

    fn ids(text: &str) -> Vec<&'static str> {
        read(text).iter().map(|advice| advice.id).collect()
    }

    #[test]
    fn each_is_known_by_what_people_write() {
        for (text, id) in [
            (
                "Just run: setspn -A MSSQLSvc/sql1:1433 CORP\\svc",
                "setspn-a",
            ),
            (
                "setspn \u{2013}a MSSQLSvc/sql1.corp.example svc",
                "setspn-a",
            ),
            (
                "Register the SPN on both accounts to be safe",
                "spn-on-both",
            ),
            (
                "setspn -S MSSQLSvc/a.b:1433 CORP\\x\nsetspn -S MSSQLSvc/a.b:1433 CORP\\y",
                "spn-on-both",
            ),
            (
                "setspn -S HOST/sql1.corp.example:1433 svc",
                "host-spn-with-port",
            ),
            ("the SPN is MSSQLSvc/sql1\\INST1", "malformed-spn"),
            ("setspn -S MSSQLSvc/sql1:1433:INST1 svc", "malformed-spn"),
            ("You have to enable RC4 again in the GPO", "enable-rc4"),
            (
                "Consider enabling RC4_HMAC_MD5 for compatibility",
                "enable-rc4",
            ),
            (
                "tick \"Validated write to service principal name\" for the account",
                "validated-write-user",
            ),
            (
                "restart the netlogon\nservice on the DC",
                "restart-netlogon",
            ),
            ("As a workaround force NTLM", "use-ntlm"),
            ("delete the SPNs and it works", "remove-all-spns"),
            (
                "add TrustServerCertificate=True to it",
                "trust-server-certificate",
            ),
            ("set dns_canonicalize_hostname = false", "dns-canonicalize"),
            ("connect by IP, that always works", "by-address"),
            ("make the service account a Domain Admin", "domain-admin"),
            (
                "choose Trust this user for delegation to any service",
                "unconstrained-delegation",
            ),
            (
                "turn off Extended Protection",
                "disable-extended-protection",
            ),
        ] {
            assert!(ids(text).contains(&id), "{id} is not seen in: {text}");
        }
    }

    #[test]
    fn good_advice_is_left_alone() {
        for text in [
            "setspn -F -Q MSSQLSvc/sql1.corp.example:1433",
            "setspn -F -U -S MSSQLSvc/sql1.corp.example:1433 CORP\\svc_sql",
            "setspn -S MSSQLSvc/sql1:INST1 CORP\\svc_sql",
            "Server MSSQLSvc/sql1.corp.example:1433@CORP.EXAMPLE not found",
            "MSSQLSvc/<host>:<port> must be registered",
            "Do not enable RC4",
            "HOST/sql1.corp.example is the computer's",
            "Login failed for user 'CORP\\alice'.",
        ] {
            assert!(ids(text).is_empty(), "{text}: {:?}", ids(text));
        }
    }

    #[test]
    fn every_advice_has_a_sign_and_all_its_words() {
        for advice in super::super::ALL {
            assert!(advice.source.len() > 10 && advice.why.len() > 20 && advice.instead.len() > 20);
        }
    }
}
