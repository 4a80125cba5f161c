//! A session with a SQL login, through tiberius.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use tiberius::error::{Error, IoErrorKind};
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, QueryItem, Row};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

use super::batch;
use super::measured::Measured;
use super::told::{Asked, Refusal, Told};
use crate::probe::credential::UserPassword;
use crate::probe::declare::{exchange, milliseconds};
use crate::probe::tds::results::ResultSet;
use crate::probe::tds::{Certificate, Connection, Encryption, Offer, Server};
use crate::probe::{Evidence, Settings};

/// How we are named in the server's lists of sessions.
const PROGRAM: &str = "sspi-doctor";
/// All answers together are shorter by far.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Whom to ask, and as whom.
pub(super) struct Target<'a> {
    /// The server.
    pub(super) server: Server<'a>,
    /// The SQL login.
    pub(super) login: UserPassword,
    /// Whether the password may go to a server whose certificate is not checked.
    pub(super) trust_certificate: bool,
}

/// A logged in session.
type Session = Client<Compat<Measured<TcpStream>>>;

/// Logs in and asks everything.
pub(super) async fn hold(
    target: Target<'_>,
    settings: &Settings,
    deadline: Instant,
) -> Result<Told, Refusal> {
    let (address, encryption) = greet(&target, settings, deadline).await?;
    let credential = format!("SQL login {}", target.login.user);
    let evidence = |saw: String, elapsed: Duration| Evidence {
        asked: format!("{address}: login"),
        saw,
        elapsed_ms: Some(milliseconds(elapsed)),
        credential: Some(credential.clone()),
    };
    let started = Asked::now();
    match log_in(&target, address, encryption, settings, deadline).await {
        Ok(session) => {
            let login = vec![evidence("logged in".to_owned(), started.elapsed())];
            Ok(ask(session, address, login, deadline).await)
        }
        Err(refusal) => Err(Refusal {
            evidence: vec![evidence(refusal.words.clone(), started.elapsed())],
            ..refusal
        }),
    }
}

/// The greeting comes first: it says how the server encrypts, and whether the
/// password may be sent.
async fn greet(
    target: &Target<'_>,
    settings: &Settings,
    deadline: Instant,
) -> Result<(SocketAddr, Encryption), Refusal> {
    let server = target.server;
    let started = Asked::now();
    let opened = Connection::open(server, Offer::LoginOnly, settings, deadline).await;
    let greeted = opened.map_err(|failed| {
        let words = failed.fault.to_string();
        Refusal {
            evidence: vec![exchange(
                format!("{},{}: SQL Server's greeting", server.host, server.port),
                words.as_str(),
                started.elapsed(),
            )],
            ..Refusal::new(failed.fault.status(), words)
        }
    })?;
    let encryption = greeted.greeting().encryption;
    let certificate = greeted.tls().and_then(|tls| tls.certificate.as_ref());
    if !target.trust_certificate
        && let Some(why) = password_in_danger(encryption, certificate)
    {
        return Err(Refusal::new("tls-failed", why));
    }
    Ok((greeted.address(), encryption))
}

/// Why a password must not be sent, if so.
fn password_in_danger(encryption: Encryption, certificate: Option<&Certificate>) -> Option<String> {
    let advice = "The password was not sent. Add the certificate's authority (--ca-file), or let \
                  the step trust the certificate";
    if encryption == Encryption::NotSupported {
        return Some("the server has no TLS, so the password would travel in clear".to_owned());
    }
    let certificate = certificate?;
    if let Some(fault) = &certificate.fault {
        return Some(format!(
            "the server's certificate is not trusted: {fault}. {advice}"
        ));
    }
    (!certificate.name_matches).then(|| {
        format!(
            "the server's certificate is for {}. {advice}",
            certificate.names.join(", ")
        )
    })
}

async fn log_in(
    target: &Target<'_>,
    address: SocketAddr,
    encryption: Encryption,
    settings: &Settings,
    deadline: Instant,
) -> Result<Session, Refusal> {
    let mut config = Config::new();
    config.host(target.server.host);
    config.port(address.port());
    config.hostname_in_certificate(target.server.host);
    config.application_name(PROGRAM);
    let left = deadline.saturating_duration_since(Instant::now());
    config.handshake_timeout(Some(left));
    config.command_timeout(Some(left));
    config.encryption(match encryption {
        Encryption::Strict => EncryptionLevel::Strict,
        Encryption::NotSupported => EncryptionLevel::NotSupported,
        Encryption::Off | Encryption::On | Encryption::Required => EncryptionLevel::On,
    });
    if target.trust_certificate {
        config.trust_cert();
    } else if let Some(file) = &settings.ca_file
        && let Ok(bundle) = std::fs::read(file)
    {
        config.trust_cert_ca_bundle(bundle);
    }
    config.authentication(AuthMethod::sql_server(
        &target.login.user,
        target.login.password.expose(),
    ));
    let connected = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let stream = Measured::new(stream, MOST_BYTES);
        Box::pin(Client::connect(config, stream.compat_write())).await
    };
    match timeout_at(deadline, connected).await {
        Ok(result) => result.map_err(classify),
        Err(_) => Err(Refusal::new("timed-out", "no answer in time")),
    }
}

fn classify(error: Error) -> Refusal {
    match error {
        Error::Server(refusal) => {
            let (number, state) = (refusal.code(), refusal.state());
            let message = refusal.message().to_owned();
            Refusal {
                error: Some((i64::from(number), state, message.clone())),
                ..Refusal::new(
                    "login-failed",
                    format!("error {number}, state {state}: {message}"),
                )
            }
        }
        Error::Tls(words) => Refusal::new("tls-failed", words),
        Error::Protocol(words) if words.contains("encryption") => Refusal::new("tls-failed", words),
        Error::Io {
            kind: IoErrorKind::TimedOut,
            ..
        } => Refusal::new("timed-out", "no answer in time"),
        Error::Routing { host, port } => {
            Refusal::new("routed", format!("the server sends us to {host},{port}"))
        }
        other => Refusal::new("not-sql-server", other.to_string()),
    }
}

async fn ask(
    mut session: Session,
    address: SocketAddr,
    login: Vec<Evidence>,
    deadline: Instant,
) -> Told {
    // Leaves time to tell what was seen.
    let deadline = deadline - Duration::from_millis(100);
    let asked = Asked::now();
    let mut first = None;
    let mut sets: Vec<ResultSet> = Vec::new();
    let received = timeout_at(deadline, async {
        let mut stream = session.simple_query(batch::text()).await?;
        while let Some(item) = stream.try_next().await? {
            first.get_or_insert_with(|| asked.elapsed());
            match item {
                QueryItem::Metadata(metadata) => sets.push(ResultSet {
                    columns: metadata
                        .columns()
                        .iter()
                        .map(|column| column.name().to_owned())
                        .collect(),
                    ..ResultSet::default()
                }),
                QueryItem::Row(row) => {
                    if let Some(set) = sets.last_mut() {
                        set.push(texts(&row));
                    }
                }
            }
        }
        Ok::<(), Error>(())
    })
    .await;
    let elapsed = asked.elapsed();
    let broken = match received {
        Ok(Ok(())) => None,
        Ok(Err(Error::Server(refusal))) => {
            Some(format!("error {}: {}", refusal.code(), refusal.message()))
        }
        Ok(Err(Error::Io {
            kind: IoErrorKind::TimedOut,
            ..
        }))
        | Err(_) => Some("no answer in time".to_owned()),
        Ok(Err(other)) => Some(other.to_string()),
    };
    if broken.is_none() {
        let _ = timeout(Duration::from_millis(50), session.close()).await;
    }
    Told {
        address,
        login,
        answers: batch::answers(sets, broken.is_none()),
        at: asked.middle(first.unwrap_or(elapsed)),
        elapsed,
        broken,
    }
}

/// Every value of a row that is a text.
fn texts(row: &Row) -> Vec<Option<String>> {
    (0..row.len())
        .map(|column| {
            row.try_get::<&str, _>(column)
                .ok()
                .flatten()
                .map(str::to_owned)
        })
        .collect()
}
