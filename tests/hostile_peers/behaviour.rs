//! Hosts that mean harm, each on an address of its own, with the same harm on
//! every port.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::directory::{self, Authority};

/// What a host does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// It says nothing.
    Silent,
    /// It begins an answer and goes on with a byte a second.
    Drip,
    /// It sends what is not the protocol, and waits.
    Garbage,
    /// It sends for ever, as far as possible in the protocol.
    Endless,
    /// It closes when it has been asked.
    Closes,
    /// It takes the connection and resets it.
    Resets,
}

/// A host: its name, its harm, and whether it is a directory that is polite
/// until somebody has signed in.
pub type Behaviour = (&'static str, Harm, bool);

/// Every hostile host.
pub const ALL: [Behaviour; 11] = [
    ("silent", Harm::Silent, false),
    ("drip", Harm::Drip, false),
    ("garbage", Harm::Garbage, false),
    ("endless", Harm::Endless, false),
    ("closes", Harm::Closes, false),
    ("resets", Harm::Resets, false),
    ("later-silent", Harm::Silent, true),
    ("later-drip", Harm::Drip, true),
    ("later-garbage", Harm::Garbage, true),
    ("later-endless", Harm::Endless, true),
    ("later-closes", Harm::Closes, true),
];

const TCP: [u16; 7] = [53, 88, 389, 636, 1433, 3268, 3269];
const UDP: [u16; 3] = [53, 88, 1434];
/// Nobody asks longer than that in one packet.
const BLOCK: usize = 64 * 1024;

/// The address of a hostile host.
pub fn address_of(name: &str) -> Option<Ipv4Addr> {
    let index = ALL.iter().position(|(known, ..)| *known == name)?;
    Some(Ipv4Addr::new(127, 0, 10 + u8::try_from(index).ok()?, 1))
}

/// What a host has seen.
#[derive(Default)]
pub struct Seen {
    open: AtomicUsize,
    all: AtomicUsize,
    most: AtomicUsize,
}

impl Seen {
    fn sent(&self, count: usize) {
        self.most.fetch_max(count, Ordering::Relaxed);
    }
}

/// A hostile host.
pub struct Host {
    behaviour: Behaviour,
    seen: Arc<Seen>,
}

impl Host {
    /// Listens on every port until the test ends.
    pub async fn start(behaviour: Behaviour, authority: &Authority) -> Self {
        let (name, harm, polite) = behaviour;
        let address = address_of(name).unwrap();
        let seen = Arc::<Seen>::default();
        for port in TCP {
            if polite && !matches!(port, 389 | 3268) {
                continue;
            }
            let listener = TcpListener::bind((address, port)).await.unwrap();
            let (seen, acceptor) = (Arc::clone(&seen), authority.acceptor(name));
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    seen.open.fetch_add(1, Ordering::SeqCst);
                    seen.all.fetch_add(1, Ordering::SeqCst);
                    let (seen, acceptor) = (Arc::clone(&seen), acceptor.clone());
                    tokio::spawn(async move {
                        if polite {
                            directory::polite(stream, acceptor, name, harm, &seen).await;
                        } else {
                            meet(stream, harm, port, &seen).await;
                        }
                        seen.open.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            });
        }
        for port in UDP {
            // Where nobody listens the system says so at once.
            if polite || matches!(harm, Harm::Closes | Harm::Resets) {
                continue;
            }
            let socket = UdpSocket::bind((address, port)).await.unwrap();
            tokio::spawn(datagrams(socket, harm));
        }
        Self { behaviour, seen }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.behaviour.0
    }

    /// Whether it is a directory that is polite at first.
    pub fn is_polite(&self) -> bool {
        self.behaviour.2
    }

    /// The most bytes that it could send over one connection.
    pub fn sent_to_one(&self) -> usize {
        self.seen.most.load(Ordering::Relaxed)
    }

    /// How many connections it has taken.
    pub fn connections(&self) -> usize {
        self.seen.all.load(Ordering::SeqCst)
    }

    /// Whether all connections end soon now that nobody asks any more.
    pub async fn is_left_alone(&self) -> bool {
        for _ in 0..100 {
            if self.seen.open.load(Ordering::SeqCst) == 0 {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }
}

async fn meet(mut stream: TcpStream, harm: Harm, port: u16, seen: &Seen) {
    if harm == Harm::Resets {
        let _ = stream.set_zero_linger();
        return;
    }
    let mut request = vec![0; BLOCK];
    match stream.read(&mut request).await {
        Ok(count) if count > 0 => request.truncate(count),
        _ => return,
    }
    do_harm(stream, harm, port, &request, seen).await;
}

/// Does harm to one who has asked.
pub async fn do_harm(
    stream: impl AsyncRead + AsyncWrite,
    harm: Harm,
    port: u16,
    request: &[u8],
    seen: &Seen,
) {
    let (mut from, mut to) = tokio::io::split(stream);
    let gone = async {
        let mut rest = vec![0; BLOCK];
        while from.read(&mut rest).await.is_ok_and(|count| count > 0) {}
    };
    let harmed = async {
        match harm {
            Harm::Silent => std::future::pending::<()>().await,
            Harm::Garbage => {
                let _ = to.write_all(&garbage(port, request)).await;
                let _ = to.flush().await;
                std::future::pending::<()>().await;
            }
            Harm::Drip => {
                let _ = to.write_all(&opening(port)).await;
                loop {
                    let _ = to.flush().await;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    if to.write_all(&[0]).await.is_err() {
                        return;
                    }
                }
            }
            Harm::Endless => {
                let block = unit(port, request);
                let mut sent = 0;
                while let Ok(count) = to.write(&block[sent % block.len()..]).await {
                    sent += count;
                    seen.sent(sent);
                    // Faster than an office's network, but not as fast as this machine can.
                    tokio::time::sleep(Duration::from_micros(500)).await;
                }
            }
            Harm::Closes | Harm::Resets => {}
        }
    };
    tokio::select! {
        () = gone => {}
        () = harmed => {}
    }
}

fn garbage(port: u16, request: &[u8]) -> Vec<u8> {
    if matches!(port, 389 | 3268) && request.first() == Some(&0x30) {
        // The answer to a bind, whatever was asked.
        return vec![
            0x30,
            12,
            2,
            1,
            message_number(request),
            0x61,
            7,
            10,
            1,
            0,
            4,
            0,
            4,
            0,
        ];
    }
    b"HTTP/1.1 400 Bad Request\r\n\r\n<h1>\x1b[2J\xe2\x80\xae</h1>\r\n".to_vec()
}

/// The beginning of an answer that will be long.
fn opening(port: u16) -> Vec<u8> {
    match port {
        53 => vec![0x10, 0],
        88 => vec![0, 0, 0x10, 0],
        636 | 3269 => vec![0x16, 3, 3, 0x40, 0],
        1433 => vec![4, 0, 0x10, 0, 0, 0, 1, 0],
        _ => vec![0x30, 0x84, 0, 0, 0x10, 0],
    }
}

/// What can be sent again and again.
fn unit(port: u16, request: &[u8]) -> Vec<u8> {
    let length = match port {
        53 => 4096,
        88 => 0x0f_ffff,
        636 | 3269 => 0x4000,
        1433 => 4096 - 8,
        _ => return directory::entries(message_number(request)),
    };
    let mut unit = if port == 88 {
        vec![0, 0x0f, 0xff, 0xff]
    } else {
        opening(port)
    };
    unit.resize(unit.len() + length, 0);
    unit
}

/// The number of an LDAP request: the first INTEGER in it.
pub fn message_number(request: &[u8]) -> u8 {
    let at = request.windows(2).position(|pair| pair == [2, 1]);
    at.and_then(|at| request.get(at + 2)).copied().unwrap_or(1)
}

async fn datagrams(socket: UdpSocket, harm: Harm) {
    let mut buffer = [0; 4096];
    while let Ok((_, from)) = socket.recv_from(&mut buffer).await {
        match harm {
            Harm::Drip => {
                for _ in 0..3 {
                    let _ = socket.send_to(&[5], from).await;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Harm::Garbage => {
                let _ = socket.send_to(&garbage(0, &[]), from).await;
            }
            Harm::Endless => {
                for _ in 0..20_000 {
                    let _ = socket.send_to(&[0; 1200], from).await;
                    tokio::task::yield_now().await;
                }
            }
            Harm::Silent | Harm::Closes | Harm::Resets => {}
        }
    }
}
