//! The SQL Server Resolution Protocol, [MC-SQLR].

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::future::{Either, join_all, select};
use serde_json::{Value, json};
use tokio::net::UdpSocket;

/// The Browser's port, [MC-SQLR] 2.1.
pub(super) const PORT: u16 = 1434;
/// The instance that clients mean when they name none.
pub(super) const DEFAULT_INSTANCE: &str = "MSSQLSERVER";

/// CLNT_UCAST_EX: all instances, [MC-SQLR] 2.2.2.
const ALL: u8 = 0x03;
/// CLNT_UCAST_INST: one instance, [MC-SQLR] 2.2.3.
const ONE: u8 = 0x04;
/// SVR_RESP, [MC-SQLR] 2.2.5.
const RESPONSE: u8 = 0x05;
/// UDP loses packets: how often we ask, and how long we wait each time.
const TRIES: u32 = 3;
const WAIT: Duration = Duration::from_secs(1);
/// How long the second question may take longer than the first.
const GRACE: Duration = Duration::from_millis(700);

/// An instance as the Browser tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The host's NetBIOS name.
    pub server_name: String,
    /// In upper case.
    pub name: String,
    /// Without service packs and updates.
    pub version: Option<String>,
    /// Whether it is a failover cluster instance.
    pub clustered: Option<bool>,
    /// Whether it listens on TCP.
    pub tcp_enabled: bool,
    /// Its TCP port.
    pub tcp_port: Option<u16>,
    /// Its named pipe.
    pub named_pipe: Option<String>,
}

impl Instance {
    /// The record of the fact `instances`.
    pub(super) fn record(&self) -> Value {
        json!({
            "server_name": self.server_name,
            "name": self.name,
            "version": self.version,
            "clustered": self.clustered,
            "tcp_enabled": self.tcp_enabled,
            "tcp_port": self.tcp_port,
            "named_pipe": self.named_pipe,
        })
    }
}

/// What one question came to.
#[derive(Debug)]
pub struct Reply {
    /// The question in words.
    pub asked: String,
    /// The answer.
    pub result: Result<Vec<Instance>, SsrpFault>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Reply {
    /// In words, for the evidence.
    pub(super) fn words(&self) -> String {
        let instances = match &self.result {
            Ok(instances) => instances,
            Err(fault) => return fault.to_string(),
        };
        let one = |instance: &Instance| {
            let port = instance
                .tcp_port
                .map_or_else(|| "TCP off".to_owned(), |port| format!("TCP port {port}"));
            format!("{}\\{}: {port}", instance.server_name, instance.name)
        };
        instances.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum SsrpFault {
    /// Nothing came back.
    #[error("no answer: the Browser is stopped, UDP 1434 is blocked, or the instance is hidden")]
    Silent,
    /// An ICMP error came back.
    #[error("the host answered that nothing listens on the port (ICMP): the Browser is stopped")]
    Closed,
    /// No way to the host.
    #[error("unreachable: {0}")]
    Unreachable(io::Error),
    /// Something else listens there.
    #[error("an answer that is not a Browser's: {0}")]
    Malformed(&'static str),
}

/// What one address said.
#[derive(Debug)]
pub struct Seen {
    /// The address.
    pub address: IpAddr,
    /// What it answered, a reply for each question.
    pub replies: Vec<Reply>,
}

/// How much an address told; the best comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Answered,
    Malformed,
    Unreachable,
    Silent,
}

impl Seen {
    pub(super) fn rank(&self) -> Rank {
        let one = |reply: &Reply| match reply.result {
            Ok(_) => Rank::Answered,
            Err(SsrpFault::Malformed(_)) => Rank::Malformed,
            Err(SsrpFault::Closed | SsrpFault::Unreachable(_)) => Rank::Unreachable,
            Err(SsrpFault::Silent) => Rank::Silent,
        };
        self.replies.iter().map(one).min().unwrap_or(Rank::Silent)
    }

    /// All instances of all replies, each once.
    pub(super) fn instances(&self) -> Vec<Instance> {
        let mut instances: Vec<Instance> = Vec::new();
        for instance in self
            .replies
            .iter()
            .flat_map(|reply| reply.result.iter().flatten())
        {
            if !instances.iter().any(|held| held.name == instance.name) {
                instances.push(instance.clone());
            }
        }
        instances
    }
}

/// Asks all addresses at once: for all instances and, because a Browser can
/// be told not to list one that it still resolves, for the wanted one.
pub(super) async fn ask_all(
    addresses: &[IpAddr],
    port: u16,
    wanted: &str,
    deadline: tokio::time::Instant,
) -> Vec<Seen> {
    join_all(addresses.iter().map(|address| async move {
        let target = SocketAddr::new(*address, port);
        let mut question = vec![ONE];
        question.extend_from_slice(wanted.as_bytes());
        question.push(0);
        let list = Box::pin(ask(target, vec![ALL], "all instances".to_owned(), deadline));
        let one = Box::pin(ask(
            target,
            question,
            format!("the instance {wanted}"),
            deadline,
        ));
        let mut replies = Vec::new();
        let (first, other) = match select(list, one).await {
            Either::Left((first, other)) | Either::Right((first, other)) => (first, other),
        };
        let enough = first
            .result
            .as_ref()
            .is_ok_and(|instances| instances.iter().any(|one| one.name == wanted));
        replies.push(first);
        let grace = if enough { GRACE / 3 } else { GRACE };
        if replies[0].result.is_ok() {
            replies.extend(tokio::time::timeout(grace, other).await.ok());
        } else {
            replies.push(other.await);
        }
        Seen {
            address: *address,
            replies,
        }
    }))
    .await
}

async fn ask(
    target: SocketAddr,
    question: Vec<u8>,
    asked: String,
    deadline: tokio::time::Instant,
) -> Reply {
    let started = Instant::now();
    let exchanged = exchange(target, &question);
    let result = tokio::time::timeout_at(deadline, exchanged)
        .await
        .unwrap_or(Err(SsrpFault::Silent));
    Reply {
        asked,
        result,
        elapsed: started.elapsed(),
    }
}

/// The socket is connected, so that an ICMP error comes back to us. An answer
/// from another address than the one that was asked is not seen.
async fn exchange(target: SocketAddr, question: &[u8]) -> Result<Vec<Instance>, SsrpFault> {
    let local: SocketAddr = match target {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::ConnectionRefused => SsrpFault::Closed,
        _ => SsrpFault::Unreachable(error),
    };
    let socket = UdpSocket::bind(local).await.map_err(fault)?;
    socket.connect(target).await.map_err(fault)?;
    let mut buffer = vec![0; 65_536];
    for _ in 0..TRIES {
        socket.send(question).await.map_err(fault)?;
        if let Ok(received) = tokio::time::timeout(WAIT, socket.recv(&mut buffer)).await {
            let length = received.map_err(fault)?;
            return parse(&buffer[..length]).map_err(SsrpFault::Malformed);
        }
    }
    Err(SsrpFault::Silent)
}

/// SVR_RESP: 0x05, a length in two bytes, least first, and the text.
pub fn parse(reply: &[u8]) -> Result<Vec<Instance>, &'static str> {
    let [RESPONSE, low, high, text @ ..] = reply else {
        return Err("it does not begin as one");
    };
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    let text = text.get(..length).ok_or("it is cut off")?;
    let text = String::from_utf8_lossy(text);
    let mut words = text.split(';');
    let mut instances = Vec::new();
    let mut pairs: Vec<(String, String)> = Vec::new();
    while let Some(key) = words.next() {
        if !key.is_empty() {
            let value = words.next().unwrap_or_default();
            pairs.push((key.to_ascii_lowercase(), value.to_owned()));
        } else if !pairs.is_empty() {
            instances.push(instance(&std::mem::take(&mut pairs))?);
        }
    }
    if !pairs.is_empty() {
        instances.push(instance(&pairs)?);
    }
    if instances.is_empty() {
        return Err("it names no instance");
    }
    Ok(instances)
}

fn instance(pairs: &[(String, String)]) -> Result<Instance, &'static str> {
    let value = |wanted: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == wanted)
            .map(|(_, value)| value.clone())
            .filter(|value| !value.is_empty())
    };
    Ok(Instance {
        server_name: value("servername").ok_or("an instance has no server name")?,
        name: value("instancename")
            .ok_or("an instance has no name")?
            .to_uppercase(),
        version: value("version"),
        clustered: value("isclustered").map(|value| value.eq_ignore_ascii_case("yes")),
        tcp_enabled: value("tcp").is_some(),
        tcp_port: value("tcp").and_then(|port| port.parse().ok()),
        named_pipe: value("np"),
    })
}
