//! The answers to hand-over cards: what the command of a cause's card says
//! about that cause. Some answers are a bare `True`, so the card that was asked
//! must be known.

mod client;
mod directory;
mod server;

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::text;

/// An answer, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardAnswer {
    /// The cause whose card was asked.
    pub cause: String,
    /// What it says about the cause.
    pub says: Says,
    /// What stands there, in a sentence.
    pub words: String,
    /// What it says of the cause's parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub values: Map<String, Value>,
    /// Numbers in it that can be compared, such as key versions.
    #[serde(default)]
    pub numbers: Vec<u32>,
    /// Where it stands.
    pub source: String,
}

/// What an answer says about the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// It is so.
    Confirms,
    /// It is not so.
    Excludes,
    /// Neither, but it belongs to it.
    Unclear,
}

/// What a reader of client or server finds: what it says, in which words.
type Reading = Option<(Says, String)>;

/// The same with what it says of the cause's parameters.
type FullReading = Option<(Says, String, Map<String, Value>)>;

/// A reader of one card's answer; the time is that at which it is read.
type Reader = fn(&str, Timestamp) -> FullReading;

/// The readers by cause. The cards that ask for the service account or for a
/// keytab are read whoever asked (`service`, `klist`).
const READERS: &[(&str, Reader)] = &[
    ("secure-channel-broken", |text, _| {
        full(server::secure_channel(text))
    }),
    ("encryption-policy-mismatch", |text, _| {
        full(server::encryption_policy(text))
    }),
    ("keytab-misconfigured", |text, _| {
        full(server::keytab_setting(text))
    }),
    ("server-access-denied-by-policy", |text, _| {
        full(server::network_logon(text))
    }),
    ("impersonate-right-missing", |text, _| {
        full(server::impersonate(text))
    }),
    ("job-double-hop", |text, _| full(server::job_owners(text))),
    ("name-points-elsewhere", |text, _| {
        full(server::addresses(text))
    }),
    ("client-alias", |text, _| full(client::aliases(text))),
    ("legacy-driver", |text, _| full(client::drivers(text))),
    ("credential-guard", |text, _| {
        full(client::credential_guard(text))
    }),
    ("sid-filtering", |text, _| full(client::groups(text))),
    ("clock-skew", |text, _| full(client::clock(text))),
    ("service-account-unusable", directory::account_state),
];

/// A reading that says nothing of the cause's parameters.
fn full(reading: Reading) -> FullReading {
    reading.map(|(says, words)| (says, words, Map::new()))
}

/// Causes whose card asks for something that is recognised by itself.
const RECOGNISED: &[&str] = &[
    "spn-missing",
    "spn-duplicate",
    "spn-on-wrong-account",
    "password-changed-after-start",
    "keytab-stale",
];

/// Whether the answer to the card of this cause can be read.
pub fn is_readable(cause: &str) -> bool {
    RECOGNISED.contains(&cause) || READERS.iter().any(|(known, _)| *known == cause)
}

/// Reads an answer to the card of a cause, at this time; none when it is none.
pub fn read(cause: &str, text: &str, from: &str, now: Timestamp) -> Option<CardAnswer> {
    let (_, reader) = READERS.iter().find(|(known, _)| *known == cause)?;
    let (says, words, values) = reader(&text::clean(text), now)?;
    Some(CardAnswer {
        cause: cause.to_owned(),
        says,
        words,
        values,
        numbers: Vec::new(),
        source: from.to_owned(),
    })
}

/// Some of a list, in words.
fn some(items: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut words = items
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if items.len() > SHOWN {
        let _ = write!(words, " and {} more", items.len() - SHOWN);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn every_card_has_answers_of_each_sort() {
        use Says::{Confirms, Excludes, Unclear};
        for (cause, text, says) in [
            ("secure-channel-broken", "True", Excludes),
            (
                "secure-channel-broken",
                "VERBOSE: Performing operation\nFalse",
                Confirms,
            ),
            ("secure-channel-broken", "Join is OK", Excludes),
            (
                "secure-channel-broken",
                "I_NetLogonControl failed: Status = 1789 0x6fd ERROR_TRUSTED_RELATIONSHIP_FAILURE",
                Confirms,
            ),
            (
                "encryption-policy-mismatch",
                "    SupportedEncryptionTypes    REG_DWORD    0x7ffffff8",
                Unclear,
            ),
            (
                "keytab-misconfigured",
                "kerberoskeytabfile : /var/opt/mssql/secrets/mssql.keytab\n-r-------- 1 mssql mssql 144 Nov 22 09:00 mssql.keytab\n",
                Excludes,
            ),
            (
                "keytab-misconfigured",
                "kerberoskeytabfile : /var/opt/mssql/secrets/mssql.keytab\n-rw-r--r-- 1 root root 144 Nov 22 09:00 mssql.keytab\n",
                Confirms,
            ),
            (
                "keytab-misconfigured",
                "No setting for the given section: network",
                Confirms,
            ),
            (
                "server-access-denied-by-policy",
                "SeNetworkLogonRight = *S-1-5-32-544\ncrashonauditfail    REG_DWORD    0x2",
                Confirms,
            ),
            (
                "server-access-denied-by-policy",
                "SeNetworkLogonRight = *S-1-1-0,*S-1-5-32-544",
                Excludes,
            ),
            (
                "server-access-denied-by-policy",
                "SeNetworkLogonRight = *S-1-5-32-544\nSeDenyNetworkLogonRight = Guest",
                Unclear,
            ),
            (
                "impersonate-right-missing",
                "SeImpersonatePrivilege = *S-1-5-19,*S-1-5-20,*S-1-5-32-544,*S-1-5-6",
                Excludes,
            ),
            (
                "impersonate-right-missing",
                "SeImpersonatePrivilege = *S-1-5-32-544",
                Unclear,
            ),
            ("credential-guard", "1\n2\n", Confirms),
            ("credential-guard", "0", Excludes),
            (
                "client-alias",
                "ERROR: The system was unable to find the specified registry key or value.",
                Excludes,
            ),
            (
                "client-alias",
                "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSSQLServer\\Client\\ConnectTo\n    SQL1    REG_SZ    DBMSSOCN,other.corp.example,1433",
                Unclear,
            ),
            (
                "legacy-driver",
                "ODBC Driver 18 for SQL Server  64-bit",
                Excludes,
            ),
            (
                "legacy-driver",
                "SQL Server                     32-bit",
                Unclear,
            ),
            ("clock-skew", "Source: Local CMOS Clock", Unclear),
            (
                "name-points-elsewhere",
                "   IPv4 Address. . . : 10.0.4.7(Preferred)",
                Unclear,
            ),
            (
                "sid-filtering",
                "Group Name: CORP\\sql_users\nType: Group",
                Unclear,
            ),
            ("job-double-hop", "nightly  CORP\\bob  run  NULL", Unclear),
        ] {
            let answer = read(cause, text, "a", NOW);
            assert_eq!(
                answer.map(|answer| answer.says),
                Some(says),
                "{cause}: {text}"
            );
        }
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for (cause, _) in READERS {
            assert!(read(cause, "", "a", NOW).is_none(), "{cause}");
        }
        assert!(read("secure-channel-broken", "I do not know", "a", NOW).is_none());
        assert!(read("no-such-cause", "True", "a", NOW).is_none());
    }
}
