//! TCP connections by a deadline, with the way in which they fail.

use std::io;
use std::net::{IpAddr, SocketAddr};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::probe::Context;

/// More addresses than this are not tried: nobody has them, and an answer
/// from a hostile name server shall not make us knock everywhere.
const MOST_ADDRESSES: usize = 16;

/// How a connection failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectFault {
    /// RST: the host is there, the port is closed.
    #[error("connection refused: nothing listens on the port, or a firewall rejects it")]
    Refused,
    /// RST after the handshake: something takes connections and ends them.
    #[error("reset at once: a firewall, or the server itself, ends the connection")]
    Reset,
    /// Nothing came back.
    #[error("no answer: a firewall drops the packets, or the host is down")]
    TimedOut,
    /// ICMP, or no route.
    #[error("unreachable: {0}")]
    Unreachable(io::Error),
}

impl ConnectFault {
    /// The status of `tcp-connect`.
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Refused | Self::Reset => "refused",
            Self::TimedOut => "filtered",
            Self::Unreachable(_) => "unreachable",
        }
    }
}

/// Connects by the deadline.
pub(crate) async fn connect(
    target: SocketAddr,
    deadline: Instant,
) -> Result<TcpStream, ConnectFault> {
    match tokio::time::timeout_at(deadline, TcpStream::connect(target)).await {
        Ok(Ok(stream)) => {
            // Small messages that wait for each other: no delay is of use.
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        Ok(Err(error)) => Err(match error.kind() {
            io::ErrorKind::ConnectionRefused => ConnectFault::Refused,
            io::ErrorKind::TimedOut => ConnectFault::TimedOut,
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
                ConnectFault::Reset
            }
            _ => ConnectFault::Unreachable(error),
        }),
        Err(_) => Err(ConnectFault::TimedOut),
    }
}

/// Connects to the address that answers first; of faults, the most telling.
/// `addresses` must not be empty.
pub(crate) async fn connect_first(
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
) -> Result<(TcpStream, SocketAddr), ConnectFault> {
    let mut attempts: FuturesUnordered<_> = addresses
        .iter()
        .take(MOST_ADDRESSES)
        .map(|address| async move {
            let target = SocketAddr::new(*address, port);
            connect(target, deadline)
                .await
                .map(|stream| (stream, target))
        })
        .collect();
    let mut worst = ConnectFault::TimedOut;
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(connected) => return Ok(connected),
            Err(fault) if matches!(worst, ConnectFault::Refused) => drop(fault),
            Err(fault @ ConnectFault::TimedOut) => drop(fault),
            Err(fault) => worst = fault,
        }
    }
    Err(worst)
}

/// The addresses of a host as this machine finds them; the error is a sentence.
pub(crate) async fn look_up(host: &str, context: &Context) -> Result<Vec<IpAddr>, String> {
    let session = &context.session;
    let found = session.resolvers.addresses(&session.settings, host);
    match tokio::time::timeout_at(context.deadline, found).await {
        Ok(Ok(mut addresses)) => {
            addresses.truncate(MOST_ADDRESSES);
            Ok(addresses)
        }
        Ok(Err(fault)) => Err(fault.to_string()),
        Err(_) => Err(format!("no name server answered for `{host}` in time")),
    }
}
