//! A session through tiberius.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tiberius::error::{Error, IoErrorKind};
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

use super::measured::Measured;
use crate::probe::tds::Encryption;
use crate::secret::Secret;

/// A logged in session.
pub(super) type Session = Client<Compat<Measured<TcpStream>>>;

/// How we are named in the server's lists of sessions.
const PROGRAM: &str = "sspi-doctor";
/// All answers together are shorter by far.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// One question may take no longer.
const QUESTION: Duration = Duration::from_secs(5);

/// How to log in.
#[derive(Clone, Debug)]
pub(super) enum Login {
    /// With the Kerberos ticket of the process.
    Integrated,
    /// With a SQL login.
    Sql {
        /// Its name.
        user: String,
        /// Its password.
        password: Secret,
    },
}

/// Whom to log in to, and how.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The host as it was typed: for the certificate.
    pub(super) host: String,
    /// The host in the SPN.
    pub(super) spn_host: String,
    /// The address that answered.
    pub(super) address: SocketAddr,
    /// How to log in.
    pub(super) login: Login,
    /// How the server encrypts.
    pub(super) encryption: Encryption,
    /// Whether the certificate is checked before anything is sent.
    pub(super) check_certificate: bool,
    /// PEM certificates to trust beside the system's.
    pub(super) authorities: Option<PathBuf>,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LoginFault {
    /// SQL Server's error.
    Refused {
        /// Such as 18456.
        number: u32,
        /// A hint at the reason; 1 when the server hides it.
        state: u8,
        /// Its words.
        message: String,
    },
    /// libkrb5's words; there is no ticket to begin with.
    #[cfg_attr(
        not(feature = "gssapi"),
        expect(dead_code, reason = "only libkrb5 says so")
    )]
    NoTicket(String),
    /// libkrb5's words.
    Kerberos(String),
    /// TLS, or no TLS.
    Tls(String),
    /// An availability group sends us elsewhere.
    Routed(String),
    /// Silence.
    TimedOut,
    /// The conversation broke.
    Broken(String),
}

/// Logs in by the deadline. Without [`Login::Sql`] libkrb5 is called, which
/// blocks: run it on a thread of its own.
pub(super) async fn log_in(target: &Target, deadline: Instant) -> Result<Session, LoginFault> {
    let mut config = Config::new();
    // These two make the SPN.
    config.host(&target.spn_host);
    config.port(target.address.port());
    config.hostname_in_certificate(&target.host);
    config.application_name(PROGRAM);
    config.handshake_timeout(Some(deadline.saturating_duration_since(Instant::now())));
    config.command_timeout(Some(QUESTION));
    config.encryption(match target.encryption {
        Encryption::Strict => EncryptionLevel::Strict,
        Encryption::NotSupported => EncryptionLevel::NotSupported,
        Encryption::Off | Encryption::On | Encryption::Required => EncryptionLevel::On,
    });
    if target.check_certificate {
        if let Some(file) = &target.authorities
            && let Ok(bundle) = std::fs::read(file)
        {
            config.trust_cert_ca_bundle(bundle);
        }
    } else {
        config.trust_cert();
    }
    config.authentication(match &target.login {
        #[cfg(feature = "gssapi")]
        Login::Integrated => AuthMethod::Integrated,
        #[cfg(not(feature = "gssapi"))]
        Login::Integrated => {
            return Err(LoginFault::Kerberos(
                "this build has no Kerberos library".to_owned(),
            ));
        }
        Login::Sql { user, password } => AuthMethod::sql_server(user, password.expose()),
    });
    let connected = async {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let stream = Measured::new(stream, MOST_BYTES);
        Box::pin(Client::connect(config, stream.compat_write())).await
    };
    match timeout_at(deadline, connected).await {
        Ok(result) => result.map_err(|error| classify(&error)),
        Err(_) => Err(LoginFault::TimedOut),
    }
}

/// tiberius tells Kerberos faults as the text of libkrb5 only.
fn classify(error: &Error) -> LoginFault {
    match error {
        Error::Server(refusal) => LoginFault::Refused {
            number: refusal.code(),
            state: refusal.state(),
            message: refusal.message().to_owned(),
        },
        #[cfg(feature = "gssapi")]
        Error::Gssapi(words) => {
            let is_missing = [
                "No Kerberos credentials available",
                "No credentials were supplied",
                "Ticket expired",
                "No credentials cache found",
            ]
            .iter()
            .any(|sign| words.contains(sign));
            if is_missing {
                LoginFault::NoTicket(inner_words(words))
            } else {
                LoginFault::Kerberos(inner_words(words))
            }
        }
        Error::Tls(words) => LoginFault::Tls(words.clone()),
        Error::Protocol(words) if words.contains("encryption") => {
            LoginFault::Tls(words.clone().into_owned())
        }
        Error::Io {
            kind: IoErrorKind::TimedOut,
            ..
        } => LoginFault::TimedOut,
        Error::Routing { host, port } => LoginFault::Routed(format!("{host},{port}")),
        other => LoginFault::Broken(other.to_string()),
    }
}

/// What libkrb5 says inside what GSS-API says around it.
#[cfg(feature = "gssapi")]
fn inner_words(words: &str) -> String {
    words
        .split_once("may provide more information (")
        .or_else(|| words.split_once("inaccessible ("))
        .map_or(words, |(_, inner)| inner.strip_suffix(')').unwrap_or(inner))
        .to_owned()
}

#[cfg(all(test, feature = "gssapi"))]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_libkrb5_are_taken_out_and_told_apart() {
        let unknown = Error::Gssapi(
            "Unspecified GSS failure.  Minor code may provide more information (Server \
             MSSQLSvc/sql1:1433@CORP.EXAMPLE not found in Kerberos database)"
                .to_owned(),
        );
        assert_eq!(
            classify(&unknown),
            LoginFault::Kerberos(
                "Server MSSQLSvc/sql1:1433@CORP.EXAMPLE not found in Kerberos database".to_owned()
            )
        );
        let none = Error::Gssapi(
            "No credentials were supplied, or the credentials were unavailable or inaccessible \
             (No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_0))"
                .to_owned(),
        );
        assert_eq!(
            classify(&none),
            LoginFault::NoTicket(
                "No Kerberos credentials available (default cache: FILE:/tmp/krb5cc_0)".to_owned()
            )
        );
    }
}
