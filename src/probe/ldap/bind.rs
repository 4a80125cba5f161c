//! Signing in: with a Kerberos ticket, sealed on the plain port; with a
//! password only inside TLS; never a password in the clear.

use std::sync::Arc;
use std::time::Duration;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, StdStream};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use super::authorities::tls_config;
use super::fault::{self, DirectoryFault};
use super::pump::{self, Clear, Ended};
use super::reach::{self, Reached, Role};
use crate::hostile::clean_line;
use crate::probe::LiveSession;
use crate::probe::credential::{KerberosCredential, UserPassword};

/// How much is sent at once, in clear or inside TLS.
const CHUNK: usize = 16 * 1024;
/// What is kept of the deadline to tell which KDC is silent.
const MARGIN: Duration = Duration::from_millis(200);

/// A library handle whose connection is driven by a task.
pub(super) struct Opened {
    /// The handle.
    pub(super) ldap: Ldap,
    /// Ends when the connection does.
    pub(super) driver: JoinHandle<()>,
    /// Why we ended the connection, once we have.
    pub(super) ended: Ended,
    /// As whom we signed in; nothing for nobody.
    pub(super) principal: Option<String>,
    /// How, in words.
    pub(super) how: String,
    /// The port in the end.
    pub(super) port: u16,
}

/// Where to sign in.
pub(super) struct Target<'a> {
    /// The server.
    pub(super) host: &'a str,
    /// What it is asked for.
    pub(super) role: Role,
    /// Its domain's name, when known: the realm of its tickets.
    pub(super) domain: Option<&'a str>,
    /// When it must have ended.
    pub(super) deadline: Instant,
}

impl Target<'_> {
    fn server(&self) -> String {
        format!("{}:{}", self.host, self.role.port())
    }
}

/// Opens without signing in: good for the rootDSE only.
pub(super) async fn anonymous(
    reached: Reached,
    target: &Target<'_>,
) -> Result<Opened, DirectoryFault> {
    let server = target.server();
    let carried = pump::carry(reached.stream, Clear, CHUNK);
    let (ldap, driver, ended) = library(carried, &server).await?;
    Ok(Opened {
        ldap,
        driver,
        ended,
        principal: None,
        how: "not signed in".to_owned(),
        port: target.role.port(),
    })
}

/// Opens and signs in with the session's credential.
pub(super) async fn signed_in(
    session: &LiveSession,
    reached: Reached,
    target: &Target<'_>,
) -> Result<Opened, DirectoryFault> {
    let work = async {
        match &session.credentials.kerberos {
            KerberosCredential::DefaultCache | KerberosCredential::Cache(_) => {
                let how = "Kerberos ticket, sealed";
                Box::pin(sealed(session, reached.stream, target, how)).await
            }
            KerberosCredential::Password(login) => {
                with_password(session, reached, target, login).await
            }
        }
    };
    tokio::time::timeout_at(target.deadline, work)
        .await
        .map_err(|_| DirectoryFault::TimedOut(format!("{}, or the KDC for it,", target.server())))?
}

/// Signs in with the session's Kerberos credential, and seals what follows.
async fn sealed(
    session: &LiveSession,
    stream: TcpStream,
    target: &Target<'_>,
    how: &str,
) -> Result<Opened, DirectoryFault> {
    let server = target.server();
    let name = format!("ldap/{}", target.host);
    let mut services = Vec::new();
    if let Some(domain) = target.domain {
        let realm = crate::directory::naming::realm_of(domain);
        services.push((name.clone(), Some(realm)));
    }
    services.push((name, None));
    let tickets = &session.tickets.shared;
    let soon = target.deadline.checked_sub(MARGIN);
    let ticket = tickets
        .get(session, &services, soon.unwrap_or(target.deadline))
        .await
        .map_err(|fault| super::sealed::no_ticket(&server, fault))?;
    let signed_in = super::sealed::sign_in(stream, &ticket, &server).await;
    if signed_in.as_ref().is_err_and(|fault| !fault.is_broken()) {
        tickets.forget(&ticket).await;
    }
    let (ldap, driver, ended) = library(Ok(signed_in?), &server).await?;
    Ok(Opened {
        ldap,
        driver,
        ended,
        principal: Some(clean_line(&ticket.principal())),
        how: how.to_owned(),
        port: target.role.port(),
    })
}

async fn with_password(
    session: &LiveSession,
    reached: Reached,
    target: &Target<'_>,
    login: &UserPassword,
) -> Result<Opened, DirectoryFault> {
    let settings = session.settings.clone();
    let config = tokio::task::spawn_blocking(move || tls_config(&settings))
        .await
        .unwrap_or_else(|_| {
            Err(DirectoryFault::Tls {
                server: target.server(),
                what: "the system's certificates could not be read".to_owned(),
            })
        })?;
    let first = over_tls(reached.stream, target, login, &config, true).await;
    let Err(fault @ DirectoryFault::Tls { .. }) = first else {
        return first;
    };
    // A server without StartTLS may have the port for TLS from the start.
    let hosts = [target.host.to_owned()];
    let port = target.role.tls_port();
    let soon = target.deadline.min(Instant::now() + Duration::from_secs(2));
    if let Ok(other) = reach::reach(session, &hosts, port, soon).await {
        let second = over_tls(other.stream, target, login, &config, false).await;
        if !matches!(second, Err(DirectoryFault::Tls { .. })) {
            return second;
        }
    }
    without_tls(session, target, login, fault).await
}

/// A password makes a ticket too, where it is known whose it is.
async fn without_tls(
    session: &LiveSession,
    target: &Target<'_>,
    login: &UserPassword,
    fault: DirectoryFault,
) -> Result<Opened, DirectoryFault> {
    if !login.user.contains('@') {
        return Err(fault);
    }
    let hosts = [target.host.to_owned()];
    let reached = reach::reach(session, &hosts, target.role.port(), target.deadline).await?;
    let how = "Kerberos with the password, sealed";
    Box::pin(sealed(session, reached.stream, target, how)).await
}

async fn over_tls(
    stream: TcpStream,
    target: &Target<'_>,
    login: &UserPassword,
    config: &Arc<rustls::ClientConfig>,
    start_tls: bool,
) -> Result<Opened, DirectoryFault> {
    let port = if start_tls {
        target.role.port()
    } else {
        target.role.tls_port()
    };
    let server = format!("{}:{port}", target.host);
    let tls_fault = |what: String| DirectoryFault::Tls {
        server: server.clone(),
        what,
    };
    let mut stream = stream;
    if start_tls {
        super::start_tls::ask(&mut stream)
            .await
            .map_err(tls_fault)?;
    }
    let name = ServerName::try_from(target.host.to_owned())
        .map_err(|_| tls_fault(format!("`{}` is no name for a certificate", target.host)))?;
    let stream = TlsConnector::from(Arc::clone(config))
        .connect(name, stream)
        .await
        .map_err(|error| tls_fault(fault::io_words(&error)))?;
    let carried = pump::carry(stream, Clear, CHUNK);
    let (mut ldap, driver, ended) = library(carried, &server).await?;
    let result = ldap
        .simple_bind(&login.user, login.password.expose())
        .await
        .map_err(|error| told(library_fault(&server, &error), &ended))?;
    if result.rc != 0 {
        let mut what = fault::bind_refusal(result.rc, &result.text);
        if is_from_elsewhere(&login.user, target) {
            what.push_str("; it may not take a password of another domain over LDAP");
        }
        return Err(DirectoryFault::SignInRefused { server, what });
    }
    let how = if start_tls { "StartTLS" } else { "LDAPS" };
    Ok(Opened {
        ldap,
        driver,
        ended,
        principal: Some(login.user.clone()),
        how: format!("password over {how}"),
        port,
    })
}

/// Whether the user's name ends with another domain than the server's.
fn is_from_elsewhere(user: &str, target: &Target<'_>) -> bool {
    let suffix = user.rsplit_once('@').map(|(_, suffix)| suffix);
    suffix.is_some_and(|suffix| !crate::directory::naming::is_within(target.host, suffix))
}

/// The LDAP library on the plain end of what [`pump::carry`] carries.
async fn library(
    carried: std::io::Result<(std::os::unix::net::UnixStream, Ended)>,
    server: &str,
) -> Result<(Ldap, JoinHandle<()>, Ended), DirectoryFault> {
    let (plain, ended) = carried.map_err(|error| DirectoryFault::Broken {
        server: server.to_owned(),
        what: fault::io_words(&error),
    })?;
    let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(plain));
    let (connection, ldap) = LdapConnAsync::with_settings(settings, "ldapi://carried")
        .await
        .map_err(|error| library_fault(server, &error))?;
    let driver = tokio::spawn(async move {
        // Whoever waits for an answer learns of the end by itself.
        let _ = connection.drive().await;
    });
    Ok((ldap, driver, ended))
}

/// The fault, with our own reason when it was us who ended the connection.
pub(super) fn told(fault: DirectoryFault, ended: &Ended) -> DirectoryFault {
    match (fault, ended.get()) {
        (DirectoryFault::Broken { server, .. }, Some(why)) => DirectoryFault::Broken {
            server,
            what: (*why).to_owned(),
        },
        (fault, _) => fault,
    }
}

/// An error of the LDAP library in words.
pub(super) fn library_words(error: &LdapError) -> String {
    match error {
        LdapError::Io { source } => fault::io_words(source),
        LdapError::Rustls { source } => fault::tls_words(source),
        LdapError::LdapResult { result } => fault::result_words(result.rc, &result.text),
        LdapError::Timeout { .. } => "no answer in time".to_owned(),
        LdapError::ResultRecv { .. } | LdapError::OpSend { .. } | LdapError::EndOfStream => {
            "the other side closed the connection".to_owned()
        }
        other => crate::hostile::shown_line(&other.to_string()),
    }
}

/// An error of the LDAP library as a fault.
pub(super) fn library_fault(server: &str, error: &LdapError) -> DirectoryFault {
    match error {
        LdapError::LdapResult { result } => DirectoryFault::Search {
            server: server.to_owned(),
            what: fault::result_words(result.rc, &result.text),
        },
        LdapError::Timeout { .. } => DirectoryFault::TimedOut(server.to_owned()),
        _ => DirectoryFault::Broken {
            server: server.to_owned(),
            what: library_words(error),
        },
    }
}
