//! Which KDCs a realm has, and asking them over TCP.
//!
//! UDP is not used: every domain controller takes TCP, and an answer with a
//! user's groups seldom fits into a datagram (RFC 4120 7.2.1, 7.2.2).

mod ask;
mod locate;
mod spare;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::probe::declare::milliseconds;
use crate::probe::{Evidence, LiveSession};
pub use ask::{Answered, RealmFault, ask};
pub use locate::{Located, NotKnown, addresses, locate};
pub use spare::Spare;

/// The port of a KDC.
pub const PORT: u16 = 88;
/// The time that one KDC has before the next is asked.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// How many KDCs are asked at once: a name server can name thousands.
pub const MOST_AT_ONCE: usize = 32;
/// The longest answer that is read.
const LARGEST: usize = 1024 * 1024;

/// A KDC by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kdc {
    /// Its name or address.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
}

impl std::fmt::Display for Kdc {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

impl Kdc {
    /// `host`, `host:port`, `[address]:port`, with `tcp/` before it as MIT
    /// krb5 allows; none for a form that this program does not speak, such as
    /// `https://…`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("tcp/").unwrap_or(text);
        if text.is_empty() || text.contains('/') {
            return None;
        }
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':'))
        } else {
            match text.split_once(':') {
                Some((host, port)) if !port.contains(':') => (host, Some(port)),
                _ => (text, None),
            }
        };
        Some(Self {
            host: host.trim_end_matches('.').to_owned(),
            port: match port {
                Some(port) => port.parse().ok().filter(|port| *port != 0)?,
                None => PORT,
            },
        })
    }
}

/// Why one address gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// Nothing listens there.
    #[error("the connection was refused: nothing listens on the port")]
    Refused,
    /// The connection was not made in time.
    #[error("no answer to the connection: the host is down or a firewall drops the packets")]
    NoConnection,
    /// The connection was made, and then nothing came.
    #[error("it took the connection, but sent no answer")]
    NoAnswer,
    /// It ended the connection, or sent what is not Kerberos.
    #[error("it took the connection, but does not speak Kerberos")]
    NotKerberos,
    /// What the system says.
    #[error("the connection failed: {0}")]
    System(String),
}

/// Sends one message to one address and reads the answer.
pub async fn send(
    address: SocketAddr,
    message: &[u8],
    until: Instant,
) -> Result<Vec<u8>, SendFault> {
    let mut stream = connect(address, until).await?;
    say(&mut stream, message, until).await
}

/// Connects to the first address of a KDC that will be asked for a ticket next, as
/// far as that can be foreseen.
pub async fn foresee(session: &LiveSession, kdc: &Kdc, deadline: Instant) {
    let Ok(addresses) = addresses(session, kdc, deadline).await else {
        return;
    };
    let Some(first) = addresses.first() else {
        return;
    };
    let address = SocketAddr::new(*first, kdc.port);
    let spare = &session.tickets.spare;
    // What comes of it is told to who asks.
    if let Ok(stream) = connect(address, deadline).await {
        spare.put(address, stream);
    }
}

/// Connects to one address.
async fn connect(address: SocketAddr, until: Instant) -> Result<TcpStream, SendFault> {
    tokio::time::timeout_at(until, TcpStream::connect(address))
        .await
        .map_err(|_| SendFault::NoConnection)?
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => SendFault::Refused,
            std::io::ErrorKind::TimedOut => SendFault::NoConnection,
            std::io::ErrorKind::ConnectionReset => SendFault::NotKerberos,
            _ => SendFault::System(error.to_string()),
        })
}

/// Says one message over a connection and reads the answer: RFC 4120 7.2.2, four
/// bytes of length before each.
async fn say(stream: &mut TcpStream, message: &[u8], until: Instant) -> Result<Vec<u8>, SendFault> {
    let exchange = async {
        let length = u32::try_from(message.len()).map_err(std::io::Error::other)?;
        let framed = [&length.to_be_bytes()[..], message].concat();
        stream.write_all(&framed).await?;
        let length = stream.read_u32().await?;
        let length = usize::try_from(length).map_err(std::io::Error::other)?;
        if length > LARGEST {
            return Err(std::io::Error::other("too long"));
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    tokio::time::timeout_at(until, exchange)
        .await
        .map_err(|_| SendFault::NoAnswer)?
        .map_err(|_| SendFault::NotKerberos)
}

fn whom(kdc: &Kdc, address: Option<IpAddr>) -> String {
    match address {
        Some(address) if address.to_string() != kdc.host => format!("KDC {kdc} ({address})"),
        _ => format!("KDC {kdc}"),
    }
}

/// A clock minus this host's, in whole seconds, at the moment when both were read.
pub fn offset_seconds(theirs: Timestamp, ours: Timestamp) -> i64 {
    let millis = theirs.as_millisecond() - ours.as_millisecond();
    // To the nearest second: a KDC may tell whole seconds only.
    (millis + 500 * millis.signum()) / 1000
}

/// One exchange in words.
pub fn evidence(asked: &str, saw: impl Into<String>, elapsed: Option<Duration>) -> Evidence {
    Evidence {
        asked: asked.to_owned(),
        saw: saw.into(),
        elapsed_ms: elapsed.map(milliseconds),
        credential: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kdcs_are_read_as_krb5_conf_writes_them() {
        let kdc = |text: &str| Kdc::parse(text).map(|kdc| (kdc.host, kdc.port));
        assert_eq!(
            kdc("dc1.corp.example."),
            Some(("dc1.corp.example".into(), 88))
        );
        assert_eq!(kdc("dc1:1088"), Some(("dc1".into(), 1088)));
        assert_eq!(kdc("[2001:db8::1]:88"), Some(("2001:db8::1".into(), 88)));
        assert_eq!(kdc("2001:db8::1"), Some(("2001:db8::1".into(), 88)));
        assert_eq!(kdc("tcp/dc1"), Some(("dc1".into(), 88)));
        assert_eq!(kdc("https://proxy/KdcProxy"), None);
        assert_eq!(kdc("dc1:0"), None);
    }

    #[test]
    fn offsets_are_rounded_to_the_nearest_second() {
        let ours: Timestamp = "2026-11-22T10:00:00.6Z".parse().unwrap();
        let of = |text: &str| offset_seconds(text.parse().unwrap(), ours);
        assert_eq!(of("2026-11-22T10:00:00Z"), -1);
        assert_eq!(of("2026-11-22T10:00:01Z"), 0);
        assert_eq!(of("2026-11-22T10:06:00.6Z"), 360);
        assert_eq!(of("2026-11-22T09:54:00.6Z"), -360);
    }

    #[tokio::test]
    async fn silent_refusing_and_babbling_ports_are_told_apart() {
        let until = || Instant::now() + Duration::from_millis(200);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(send(address, b"x", until()).await, Err(SendFault::NoAnswer));
        let babbler = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.write_all(b"HTTP/1.0 400\r\n\r\n").await;
            }
        });
        // The first connection is still in the queue: it is answered first.
        assert_eq!(
            send(address, b"x", until()).await,
            Err(SendFault::NotKerberos)
        );
        babbler.abort();
        let _ = babbler.await;
        assert_eq!(send(address, b"x", until()).await, Err(SendFault::Refused));
    }
}
