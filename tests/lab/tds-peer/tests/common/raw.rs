//! A client that sends exactly the bytes that a test wants.

use std::net::SocketAddr;
use std::time::Duration;

use tds_peer::packet::{Framer, Message, kind, split};
use tds_peer::wire::utf16_bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub const V7_4: u32 = 0x7400_0004;

/// A connection in the clear or under TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub struct RawClient {
    stream: Box<dyn Stream>,
    framer: Framer,
}

impl RawClient {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.expect("a connection"))
    }

    /// A client over a connection that is there.
    pub fn over(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            framer: Framer::default(),
        }
    }

    /// Connects and gets PRELOGIN behind it, without encryption.
    pub async fn with_prelogin(address: SocketAddr) -> Self {
        let mut client = Self::connect(address).await;
        client.prelogin().await;
        client
    }

    /// Gets PRELOGIN behind it, without encryption inside of it.
    pub async fn prelogin(&mut self) {
        self.send(kind::PRELOGIN, &[1, 0, 6, 0, 1, 0xFF, 2]).await;
        let answer = self.receive().await.expect("an answer to PRELOGIN");
        assert_eq!(answer.kind, kind::TABULAR);
    }

    /// Connects and logs in as `probe`.
    pub async fn logged_in(address: SocketAddr) -> Self {
        let mut client = Self::with_prelogin(address).await;
        client
            .send(kind::LOGIN7, &login7(V7_4, "probe", "Secret1", &[]))
            .await;
        let answer = client.receive().await.expect("an answer to LOGIN7");
        assert!(answer.payload.contains(&0xAD), "no LOGINACK");
        client
    }

    pub async fn send(&mut self, packet_kind: u8, payload: &[u8]) {
        self.send_bytes(&split(packet_kind, payload, 4096, 0)).await;
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("sent");
        self.stream.flush().await.expect("sent");
    }

    /// The next message; `None` when the peer closed the connection.
    pub async fn receive(&mut self) -> Option<Message> {
        let next = async {
            loop {
                if let Some(message) = self.framer.next_message().expect("well formed") {
                    return Some(message);
                }
                match self.stream.read_buf(&mut self.framer.received).await {
                    Ok(0) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        };
        timeout(Duration::from_secs(10), next)
            .await
            .expect("an answer within 10 s")
    }

    /// Sends a batch and gives back the answer.
    pub async fn batch(&mut self, sql: &str) -> Message {
        self.send(
            kind::SQL_BATCH,
            &[&[4, 0, 0, 0][..], &utf16_bytes(sql)].concat(),
        )
        .await;
        self.receive().await.expect("an answer")
    }
}

/// A LOGIN7 message for an integrated login when there is a token.
pub fn login7(version: u32, user: &str, password: &str, sspi: &[u8]) -> Vec<u8> {
    const HEADER: usize = 94;
    let short = |number: usize| u16::try_from(number).expect("short").to_le_bytes();
    let mut out = vec![0; 36];
    out[4..8].copy_from_slice(&version.to_le_bytes());
    out[8..12].copy_from_slice(&4096u32.to_le_bytes());
    out[25] = if sspi.is_empty() { 0 } else { 0x80 };
    let scrambled: Vec<u8> = utf16_bytes(password)
        .iter()
        .map(|byte| byte.rotate_left(4) ^ 0xA5)
        .collect();
    let mut data = Vec::new();
    for text in [
        utf16_bytes("ws1"),
        utf16_bytes(user),
        scrambled,
        utf16_bytes("raw"),
        utf16_bytes("sql1"),
    ] {
        out.extend(short(HEADER + data.len()));
        out.extend(short(text.len() / 2));
        data.extend(text);
    }
    // Extension, library, language and database are empty.
    out.extend([0; 16]);
    out.extend([0; 6]);
    out.extend(short(HEADER + data.len()));
    out.extend(short(sspi.len()));
    out.extend([0; 8]);
    out.extend([0; 4]);
    assert_eq!(out.len(), HEADER);
    data.extend(sspi);
    out.extend(data);
    let length = u32::try_from(out.len()).expect("short");
    out[..4].copy_from_slice(&length.to_le_bytes());
    out
}

/// The security token of a message that holds nothing else.
pub fn only_token(message: &Message) -> Vec<u8> {
    let [0xED, low, high, token @ ..] = &message.payload[..] else {
        panic!("it does not begin with a security token");
    };
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    assert_eq!(token.len(), length, "something follows the security token");
    token.to_vec()
}

/// Number, state and message of the first error of a message.
pub fn first_error(message: &Message) -> Option<(u32, u8, String)> {
    let [0xAA, _, _, a, b, c, d, state, _class, low, high, rest @ ..] = &message.payload[..] else {
        return None;
    };
    let length = usize::from(u16::from_le_bytes([*low, *high])) * 2;
    let text = tds_peer::wire::utf16_text(&rest[..length]);
    Some((u32::from_le_bytes([*a, *b, *c, *d]), *state, text))
}
