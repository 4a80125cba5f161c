//! Why a directory server gave no answer, in words with a remedy.

use std::io;

use crate::hostile::shown_line;

/// What went wrong on the way to a directory server or at it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryFault {
    /// DNS names no server.
    #[error("{0}")]
    NoServer(String),
    /// No server takes a connection.
    #[error("no directory server could be reached: {0}")]
    Unreachable(String),
    /// Time ran out.
    #[error("{0} did not answer in time")]
    TimedOut(String),
    /// The connection broke.
    #[error("the connection to {server} broke: {what}")]
    Broken {
        /// The server, as `host:port`.
        server: String,
        /// What happened.
        what: String,
    },
    /// There is nothing to sign in with.
    #[error("{0}")]
    NoCredential(String),
    /// The server, or the KDC on the way to it, did not take the credential.
    #[error("{server} did not let us sign in: {what}")]
    SignInRefused {
        /// The server, as `host:port`.
        server: String,
        /// Why, in words.
        what: String,
    },
    /// No TLS could be agreed on, so that no password was sent.
    #[error("no TLS with {server}, so the password was not sent: {what}")]
    Tls {
        /// The server, as `host:port`.
        server: String,
        /// Why, in words.
        what: String,
    },
    /// A search was answered with an error.
    #[error("{server} answered the search with an error: {what}")]
    Search {
        /// The server, as `host:port`.
        server: String,
        /// The result in words.
        what: String,
    },
}

/// The three ways in which probes take a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// DNS names no server.
    NoServer,
    /// The network is in the way.
    Unreachable,
    /// The directory does not let us look.
    NotReadable,
}

impl DirectoryFault {
    /// How a probe takes it.
    pub const fn kind(&self) -> FaultKind {
        match self {
            Self::NoServer(_) => FaultKind::NoServer,
            Self::Unreachable(_) | Self::TimedOut(_) | Self::Broken { .. } => {
                FaultKind::Unreachable
            }
            Self::NoCredential(_)
            | Self::SignInRefused { .. }
            | Self::Tls { .. }
            | Self::Search { .. } => FaultKind::NotReadable,
        }
    }

    /// Whether the connection broke, so that it is opened again and the question
    /// asked once more.
    pub const fn is_broken(&self) -> bool {
        matches!(self, Self::Broken { .. })
    }

    /// Whether asking again with the same password could lock the account out.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::SignInRefused { .. })
    }
}

/// The sub-code of a refused bind, `data 52e` in the server's text, in words
/// ("LDAP: error code 49" codes; [MS-ERREF] 2.2).
pub fn bind_refusal(result_code: u32, text: &str) -> String {
    let code = text.split("data ").nth(1).map(|rest| {
        rest.chars()
            .take_while(char::is_ascii_hexdigit)
            .collect::<String>()
            .to_lowercase()
    });
    let known = match code.as_deref() {
        Some("525") => Some("there is no such user (525)"),
        Some("52e") => Some("the password is wrong (52e)"),
        Some("52f") => Some(
            "the account is restricted: a member of Protected Users, or without a password (52f)",
        ),
        Some("530") => Some("the account may not sign in at this hour (530)"),
        Some("531") => Some("the account may not sign in from this computer (531)"),
        Some("532") => Some("the password has expired (532)"),
        Some("533") => Some("the account is disabled (533)"),
        Some("701") => Some("the account has expired (701)"),
        Some("773") => Some("the password must be changed first (773)"),
        Some("775") => Some("the account is locked out (775)"),
        _ => None,
    };
    if let Some(words) = known {
        return words.to_owned();
    }
    let words = match result_code {
        8 => "the server wants the connection signed or encrypted",
        48 | 49 => "the user or the password is wrong",
        53 => "the server is unwilling",
        _ => "the sign-in failed",
    };
    with_text(words, result_code, text)
}

/// The result of an operation in words.
pub fn result_words(result_code: u32, text: &str) -> String {
    let words = match result_code {
        1 if text.contains("bind must be completed") || text.contains("000004DC") => {
            "it answers only those who have signed in"
        }
        1 => "operations error",
        3 => "it took longer than the server allows",
        4 => "there is more than the server gives at once",
        8 => "the server wants the connection signed or encrypted",
        10 => "it refers to another server, which is not followed",
        11 => "it exceeds the server's limits",
        12 => "the server does not know a control that is needed",
        32 => "there is no such object, or we may not see it",
        50 => "we may not read this",
        51 => "the server is busy",
        52 => "the server is not available",
        53 => "the server is unwilling",
        _ => "error",
    };
    with_text(words, result_code, text)
}

fn with_text(words: &str, result_code: u32, text: &str) -> String {
    let text: String = shown_line(text.trim_end_matches('\0'))
        .chars()
        .take(200)
        .collect();
    if text.is_empty() {
        format!("{words} (LDAP result {result_code})")
    } else {
        format!("{words} (LDAP result {result_code}: {text})")
    }
}

/// An I/O error in words, TLS errors included.
pub fn io_words(error: &io::Error) -> String {
    if let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        return tls_words(tls);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection was refused".to_owned(),
        io::ErrorKind::TimedOut => "no answer".to_owned(),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no route to it".to_owned()
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => "the other side closed the connection".to_owned(),
        _ => shown_line(&error.to_string()),
    }
}

/// A TLS error in words with the remedy.
pub fn tls_words(error: &rustls::Error) -> String {
    use rustls::{CertificateError, Error};
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate comes from an authority that this machine does not trust; give the \
             authority's certificate with --ca-file"
                .to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "its certificate has expired".to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name".to_owned(),
        other => shown_line(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_codes_of_a_refused_bind() {
        let text = "80090308: LdapErr: DSID-0C090449, comment: AcceptSecurityContext error, data 775, v4f7c\0";
        assert_eq!(bind_refusal(49, text), "the account is locked out (775)");
        assert_eq!(
            bind_refusal(49, "Simple Bind Failed: NT_STATUS_LOGON_FAILURE"),
            "the user or the password is wrong (LDAP result 49: Simple Bind Failed: NT_STATUS_LOGON_FAILURE)"
        );
        assert!(
            bind_refusal(8, "BindSimple: Transport encryption required.").contains("encrypted")
        );
    }

    #[test]
    fn a_refused_search_of_the_unknown() {
        let text = "000004DC: LdapErr: DSID-0C090A71, comment: In order to perform this operation a \
                    successful bind must be completed on the connection., data 0, v4563";
        assert!(result_words(1, text).starts_with("it answers only those who have signed in"));
    }

    #[test]
    fn only_a_refused_credential_is_never_tried_again() {
        let refused = DirectoryFault::SignInRefused {
            server: String::new(),
            what: String::new(),
        };
        assert!(refused.is_refusal());
        assert!(!DirectoryFault::TimedOut(String::new()).is_refusal());
    }
}
