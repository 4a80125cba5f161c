//! A conversation with SQL Server up to its answer to a login.

use std::net::{IpAddr, SocketAddr};

use tokio::time::Instant;

use super::fault::TdsFault;
use super::greeting::{self, Encryption, Greeting, Offer};
use super::login::{self, SspiLogin};
use super::packet;
use super::tls::{self, TlsReport};
use super::token::{self, ServerMessage, Token};
use super::wire::{HandshakeWire, Wire};
use crate::probe::Settings;
use crate::probe::tcp::connect_first;

/// Whom to talk to.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// The host as it was typed: for the certificate and the login.
    pub host: &'a str,
    /// Its addresses, of which the first that answers is taken.
    pub addresses: &'a [IpAddr],
    /// The TCP port.
    pub port: u16,
    /// The instance that should be there, to have it confirmed.
    pub instance: Option<&'a str>,
}

/// A conversation after PRELOGIN and, where the server has it, TLS.
pub struct Connection {
    pub(super) wire: Box<dyn Wire>,
    pub(super) address: SocketAddr,
    pub(super) greeting: Greeting,
    pub(super) tls: Option<TlsReport>,
}

/// A conversation that did not come off, with what was seen before.
#[derive(Debug)]
pub struct OpenFault {
    /// Why.
    pub fault: TdsFault,
    /// The address, when it was reached.
    pub address: Option<SocketAddr>,
    /// The greeting, when it was answered.
    pub greeting: Option<Greeting>,
    /// The certificate, when TLS got so far.
    pub tls: Option<TlsReport>,
}

impl OpenFault {
    /// The server for the evidence: the address that was reached, else what was
    /// tried.
    pub fn whom(&self, server: Server<'_>) -> String {
        self.address.map_or_else(
            || format!("{},{}", server.host, server.port),
            |address| address.to_string(),
        )
    }
}

/// The server's answer to a login or to an SSPI token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// In the order in which they came.
    pub tokens: Vec<Token>,
}

impl Reply {
    /// The server's SSPI token.
    pub fn sspi(&self) -> Option<&[u8]> {
        self.tokens.iter().find_map(|token| match token {
            Token::Sspi(bytes) => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// The server's errors.
    pub fn errors(&self) -> impl Iterator<Item = &ServerMessage> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Error(message) => Some(message),
            _ => None,
        })
    }

    /// Whether the login is done.
    pub fn is_logged_in(&self) -> bool {
        self.tokens
            .iter()
            .any(|token| matches!(token, Token::LoginAck { .. }))
    }
}

impl Connection {
    /// Connects, exchanges PRELOGIN and sets TLS up. A server that hangs up on
    /// a TDS 7 greeting is asked in TDS 8. Untrusted certificates are reported
    /// and not refused, and with [`Offer::Session`] a server whose TLS is too
    /// old for us and that does not insist on it is spoken to in clear: never
    /// send a password over it.
    pub async fn open(
        server: Server<'_>,
        offer: Offer,
        settings: &Settings,
        deadline: Instant,
    ) -> Result<Self, OpenFault> {
        let mut progress = Progress::default();
        let opened = open_7(server, offer, settings, deadline, &mut progress);
        let fault = match by(deadline, opened).await {
            Ok(connection) => return Ok(connection),
            Err(fault) => fault,
        };
        if let (Offer::Session, TdsFault::Tls(_), Some(greeting)) =
            (offer, &fault, &progress.greeting)
            && greeting.encryption != Encryption::Required
        {
            let mut second = Progress::default();
            let opened = open_7(server, Offer::None, settings, deadline, &mut second);
            return match by(deadline, opened).await {
                Ok(connection) => Ok(Self {
                    tls: progress.tls,
                    ..connection
                }),
                Err(_) => Err(progress.fault(fault)),
            };
        }
        if progress.greeting.is_some() || !may_be_strict(&fault) {
            return Err(progress.fault(fault));
        }
        let mut second = Progress::default();
        let opened = open_8(server, settings, deadline, &mut second);
        match by(deadline, opened).await {
            Ok(connection) => Ok(connection),
            // It did TLS, so that is the better story.
            Err(strict) if second.tls.is_some() => Err(second.fault(strict)),
            Err(_) => Err(progress.fault(fault)),
        }
    }

    /// The address that answered.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's greeting.
    pub fn greeting(&self) -> &Greeting {
        &self.greeting
    }

    /// What TLS came to; none when the server has none.
    pub fn tls(&self) -> Option<&TlsReport> {
        self.tls.as_ref()
    }

    /// Sends LOGIN7 with a first SSPI token and receives the answer. The
    /// session must have been opened with [`Offer::Session`].
    ///
    /// With Kerberos, SQL Server answers an accepted token first with a
    /// message that holds only its own token, then with one that holds
    /// LOGINACK: [`Self::receive`] gets the second.
    pub async fn login(
        &mut self,
        login: &SspiLogin<'_>,
        deadline: Instant,
    ) -> Result<Reply, TdsFault> {
        let strict = self.greeting.encryption == Encryption::Strict;
        let message = login::message(login, strict);
        by(deadline, async {
            packet::send(&mut *self.wire, packet::LOGIN7, &message).await?;
            Ok(())
        })
        .await?;
        self.receive(deadline).await
    }

    /// Sends a further SSPI token and receives the answer.
    pub async fn continue_login(
        &mut self,
        token: &[u8],
        deadline: Instant,
    ) -> Result<Reply, TdsFault> {
        by(deadline, async {
            packet::send(&mut *self.wire, packet::SSPI, token).await?;
            Ok(())
        })
        .await?;
        self.receive(deadline).await
    }

    /// Receives one answer of the server.
    pub async fn receive(&mut self, deadline: Instant) -> Result<Reply, TdsFault> {
        let message = by(deadline, packet::receive(&mut *self.wire)).await?;
        let tokens = token::parse(&message)?;
        Ok(Reply { tokens })
    }
}

/// What was seen so far.
#[derive(Default)]
struct Progress {
    address: Option<SocketAddr>,
    greeting: Option<Greeting>,
    tls: Option<TlsReport>,
}

impl Progress {
    fn fault(self, fault: TdsFault) -> OpenFault {
        OpenFault {
            fault,
            address: self.address,
            greeting: self.greeting,
            tls: self.tls,
        }
    }
}

/// TDS 7: PRELOGIN in clear, then TLS inside TDS.
async fn open_7(
    server: Server<'_>,
    offer: Offer,
    settings: &Settings,
    deadline: Instant,
    progress: &mut Progress,
) -> Result<Connection, TdsFault> {
    let (mut stream, address) = connect_first(server.addresses, server.port, deadline).await?;
    progress.address = Some(address);
    let request = greeting::request(offer, server.instance);
    packet::send(&mut stream, packet::PRELOGIN, &request).await?;
    let answer = packet::receive(&mut stream).await?;
    let greeting = greeting::parse(&answer, false)?;
    progress.greeting = Some(greeting.clone());
    if greeting.encryption == Encryption::NotSupported {
        if offer == Offer::Session {
            // Offer and answer do not fit, so that the server hangs up now.
            return Box::pin(open_7(server, Offer::None, settings, deadline, progress)).await;
        }
        return Ok(Connection {
            wire: Box::new(stream),
            address,
            greeting,
            tls: None,
        });
    }
    let wire = HandshakeWire::new(stream);
    let (result, report) = tls::handshake(wire, server.host, address.ip(), settings, false).await;
    progress.tls = Some(report.clone());
    let mut stream = result?;
    stream.get_mut().0.unwrap();
    Ok(Connection {
        wire: Box::new(stream),
        address,
        greeting,
        tls: Some(report),
    })
}

/// TDS 8: TLS first, then everything else inside.
async fn open_8(
    server: Server<'_>,
    settings: &Settings,
    deadline: Instant,
    progress: &mut Progress,
) -> Result<Connection, TdsFault> {
    let (stream, address) = connect_first(server.addresses, server.port, deadline).await?;
    progress.address = Some(address);
    let (result, report) = tls::handshake(stream, server.host, address.ip(), settings, true).await;
    let mut stream = result?;
    progress.tls = Some(report.clone());
    let request = greeting::request(Offer::None, server.instance);
    packet::send(&mut stream, packet::PRELOGIN, &request).await?;
    let answer = packet::receive(&mut stream).await?;
    let greeting = greeting::parse(&answer, true)?;
    Ok(Connection {
        wire: Box::new(stream),
        address,
        greeting,
        tls: Some(report),
    })
}

/// Whether a server that insists on TDS 8 would have done this: it reads our
/// greeting as a broken TLS record, and closes or sends an alert (0x15).
fn may_be_strict(fault: &TdsFault) -> bool {
    match fault {
        TdsFault::Closed => true,
        TdsFault::NotSqlServer(seen) => seen.contains("bytes 15 03"),
        _ => false,
    }
}

/// By the deadline, or a time-out.
pub(super) async fn by<T>(
    deadline: Instant,
    work: impl Future<Output = Result<T, TdsFault>>,
) -> Result<T, TdsFault> {
    tokio::time::timeout_at(deadline, work)
        .await
        .unwrap_or(Err(TdsFault::TimedOut))
}
