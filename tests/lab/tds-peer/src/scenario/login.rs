//! Who may log in, and how the refusals look.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A password of a test login, kept out of debug output.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Wraps a password.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// True when `text` is the password.
    pub fn is(&self, text: &str) -> bool {
        self.0 == text
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A login that is known and still refused with 18456.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Refusal {
    /// The state that SQL Server writes into its own error log, for example 7
    /// for a disabled login, 11 for one without a right to connect. It goes to
    /// the peer's log.
    pub state: u8,
    /// The state that the client sees; SQL Server shows 1 for all of them.
    #[serde(default = "masked_state")]
    pub visible_state: u8,
}

fn masked_state() -> u8 {
    1
}

/// A login by name and password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SqlLogin {
    /// Its name, compared without regard to case.
    pub name: String,
    /// Its password.
    pub password: Password,
    /// The database it starts in.
    #[serde(default = "master")]
    pub default_database: String,
    /// Refuses it although the password is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<Refusal>,
}

/// A login of a Windows account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WindowsLogin {
    /// `DOMAIN\user`, or `DOMAIN\*` for everybody of the domain.
    pub name: String,
    /// The database it starts in.
    #[serde(default = "master")]
    pub default_database: String,
    /// Refuses it although it is authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<Refusal>,
}

fn master() -> String {
    "master".into()
}

impl SqlLogin {
    /// A login that is let in.
    pub fn new(name: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: Password::new(password),
            default_database: master(),
            refuse: None,
        }
    }
}

impl WindowsLogin {
    /// A login that is let in: `DOMAIN\user` or `DOMAIN\*`.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            default_database: master(),
            refuse: None,
        }
    }

    /// True when this entry speaks of `account` (`DOMAIN\user`).
    pub fn covers(&self, account: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(prefix) => account
                .get(..prefix.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
            None => self.name.eq_ignore_ascii_case(account),
        }
    }
}

/// How Kerberos tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KerberosAcceptor {
    /// An MIT keytab file with the keys of the service account.
    pub keytab: PathBuf,
    /// Whose way of choosing the key, and whose error codes.
    #[serde(default)]
    pub personality: Personality,
    /// What is sent when the token is refused.
    #[serde(default)]
    pub refusal: KerberosRefusal,
    /// The difference of clocks that is still accepted ([MS-KILE] 3.3.1).
    #[serde(default = "five_minutes")]
    pub skew_seconds: i64,
    /// Extended Protection is required: a login must be bound to the TLS channel
    /// that carries it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub channel_binding_required: bool,
}

impl KerberosAcceptor {
    /// An acceptor with the keys of `keytab` and everything else as usual.
    pub fn with_keytab(keytab: impl Into<PathBuf>) -> Self {
        Self {
            keytab: keytab.into(),
            personality: Personality::default(),
            refusal: KerberosRefusal::default(),
            skew_seconds: five_minutes(),
            channel_binding_required: false,
        }
    }
}

fn five_minutes() -> i64 {
    300
}

/// Whose behaviour the acceptor shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personality {
    /// SQL Server on Windows: the ticket is decrypted with the service
    /// account's keys whatever its SPN says; a ticket that cannot be decrypted
    /// is KRB_AP_ERR_MODIFIED (41).
    #[default]
    Windows,
    /// SQL Server on Linux: principal and key version must be in the keytab
    /// (KRB_AP_ERR_NOKEY 45, KRB_AP_ERR_BADKEYVER 44), and a wrong key is
    /// KRB_AP_ERR_BAD_INTEGRITY (31).
    Linux,
}

/// What a client gets whose Kerberos token is refused. How SQL Server itself
/// does it was never observed; all forms are here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KerberosRefusal {
    /// The KRB-ERROR token, then the error 18452, each a message of its own.
    #[default]
    TokenAndMessage,
    /// The KRB-ERROR token, then the end of the connection.
    TokenOnly,
    /// The error 18452 without a token.
    MessageOnly,
    /// The end of the connection, without a word.
    Close,
}

/// What the NTLM challenge tells about the server ([MS-NLMP] 2.2.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NtlmAcceptor {
    /// NetBIOS name of the computer.
    pub computer: String,
    /// NetBIOS name of its domain.
    pub domain: String,
    /// DNS name of the computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_computer: Option<String>,
    /// DNS name of its domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_domain: Option<String>,
    /// DNS name of the forest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_tree: Option<String>,
    /// Leaves the server's clock out of the challenge.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_timestamp: bool,
    /// Believes every answer to the challenge; the peer knows no password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept: bool,
}
