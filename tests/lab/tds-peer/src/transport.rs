//! The byte stream under a connection: clear, TLS inside PRELOGIN packets
//! (TDS 7.x, [MS-TDS] 3.3.5.2), or TLS around everything (TDS 8).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConfig;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::packet::{DEFAULT_PACKET_SIZE, Framer, HEADER, Message, kind, more_follows, split};
use crate::unique::{Handshake, MasterSecret};
use crate::wire::Malformed;

/// Why a connection ended.
#[derive(Debug, Error)]
pub enum TransportError {
    /// The client closed it.
    #[error("the client closed the connection")]
    Closed,
    /// The client sent something that is not TDS.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The operating system says so.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The client did not do its next step in time.
    #[error("the client was silent for too long {0}")]
    Deadline(&'static str),
}

/// A TCP stream that, while `wrapped`, carries its bytes inside TDS packets of
/// type 0x12, one message for each flush.
#[derive(Debug)]
pub struct Tunnel {
    tcp: TcpStream,
    wrapped: bool,
    header: Vec<u8>,
    left_in_packet: usize,
    staged: Vec<u8>,
    sending: Vec<u8>,
    /// The TLS handshake, while it is under way.
    handshake: Option<Handshake>,
}

impl Tunnel {
    fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            wrapped: false,
            header: Vec::new(),
            left_in_packet: 0,
            staged: Vec::new(),
            sending: Vec::new(),
            handshake: None,
        }
    }

    fn note(&mut self, bytes: &[u8]) {
        if let Some(handshake) = &mut self.handshake {
            handshake.note(bytes);
        }
    }

    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.header.len() < HEADER {
            let mut byte = [0; HEADER];
            let missing = HEADER - self.header.len();
            let mut buffer = ReadBuf::new(&mut byte[..missing]);
            ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(false));
            }
            self.header.extend_from_slice(buffer.filled());
        }
        let length = usize::from(u16::from_be_bytes([self.header[2], self.header[3]]));
        if self.header[0] != kind::PRELOGIN || length <= HEADER {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a TLS handshake record must come inside a TDS packet of type 0x12",
            )));
        }
        self.left_in_packet = length - HEADER;
        self.header.clear();
        Poll::Ready(Ok(true))
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.wrapped {
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.tcp).poll_read(cx, buf))?;
            this.note(&buf.filled()[before..]);
            return Poll::Ready(Ok(()));
        }
        if this.left_in_packet == 0 && !ready!(this.poll_header(cx))? {
            return Poll::Ready(Ok(()));
        }
        let mut part = buf.take(this.left_in_packet);
        ready!(Pin::new(&mut this.tcp).poll_read(cx, &mut part))?;
        let count = part.filled().len();
        this.left_in_packet -= count;
        // `part` borrows the unfilled half of `buf`; the bytes are there, and
        // copying them onto themselves marks them as filled without unsafe.
        let bytes = part.filled().to_vec();
        buf.put_slice(&bytes);
        this.note(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.wrapped {
            this.staged.extend_from_slice(buf);
            this.note(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        let count = ready!(Pin::new(&mut this.tcp).poll_write(cx, buf))?;
        this.note(&buf[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.staged.is_empty() {
            let packets = split(kind::PRELOGIN, &this.staged, DEFAULT_PACKET_SIZE, 0);
            this.sending.extend(packets);
            this.staged.clear();
        }
        while !this.sending.is_empty() {
            let count = ready!(Pin::new(&mut this.tcp).poll_write(cx, &this.sending))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.sending.drain(..count);
        }
        Pin::new(&mut this.tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(cx)
    }
}

#[derive(Debug)]
enum Stream {
    Clear(Tunnel),
    Tls(Box<TlsStream<Tunnel>>),
    /// Only while a handshake is under way, or after it failed.
    Gone,
}

/// Messages to and from one client.
#[derive(Debug)]
pub struct Transport {
    stream: Stream,
    framer: Framer,
    /// The largest packet that the peer sends.
    pub packet_size: usize,
    /// The session id in each packet header.
    pub spid: u16,
    /// `tls-unique` of its channel, with TLS 1.2.
    pub unique: Option<[u8; 12]>,
}

impl Transport {
    /// A transport in the clear over an accepted connection.
    pub fn new(tcp: TcpStream, spid: u16) -> Self {
        Self {
            stream: Stream::Clear(Tunnel::new(tcp)),
            framer: Framer::default(),
            packet_size: DEFAULT_PACKET_SIZE,
            spid,
            unique: None,
        }
    }

    /// The next message. Dropping the future loses nothing that has arrived.
    pub async fn read(&mut self) -> Result<Message, TransportError> {
        loop {
            if let Some(message) = self.framer.next_message()? {
                return Ok(message);
            }
            let received = &mut self.framer.received;
            let count = match &mut self.stream {
                Stream::Clear(stream) => stream.read_buf(received).await?,
                Stream::Tls(stream) => stream.read_buf(received).await?,
                Stream::Gone => 0,
            };
            if count == 0 {
                return Err(TransportError::Closed);
            }
        }
    }

    /// Sends one whole message.
    pub async fn write(&mut self, packet_kind: u8, payload: &[u8]) -> Result<(), TransportError> {
        let packets = split(packet_kind, payload, self.packet_size, self.spid);
        self.write_packets(&packets).await
    }

    /// Writes the beginning of a message, of which more follows.
    pub async fn write_beginning(
        &mut self,
        packet_kind: u8,
        payload: &[u8],
    ) -> Result<(), TransportError> {
        let mut packets = split(packet_kind, payload, self.packet_size, self.spid);
        more_follows(&mut packets);
        self.write_packets(&packets).await
    }

    async fn write_packets(&mut self, packets: &[u8]) -> Result<(), TransportError> {
        match &mut self.stream {
            Stream::Clear(stream) => {
                stream.write_all(packets).await?;
                stream.flush().await?;
            }
            Stream::Tls(stream) => {
                stream.write_all(packets).await?;
                stream.flush().await?;
            }
            Stream::Gone => return Err(TransportError::Closed),
        }
        Ok(())
    }

    /// Does the TLS handshake as the server: inside PRELOGIN packets when
    /// `in_prelogin`, else directly on the connection.
    pub async fn start_tls(
        &mut self,
        config: Arc<ServerConfig>,
        in_prelogin: bool,
    ) -> Result<(), TransportError> {
        let Stream::Clear(mut tunnel) = std::mem::replace(&mut self.stream, Stream::Gone) else {
            return Err(TransportError::Closed);
        };
        if !self.framer.received.is_empty() {
            return Err(
                Malformed::new("PRELOGIN", "more bytes follow it before the answer").into(),
            );
        }
        tunnel.wrapped = in_prelogin;
        tunnel.handshake = Some(Handshake::default());
        let secret = Arc::new(MasterSecret::default());
        let mut config = ServerConfig::clone(&config);
        config.key_log = Arc::<MasterSecret>::clone(&secret);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let mut stream = acceptor.accept(tunnel).await?;
        let (tunnel, connection) = stream.get_mut();
        tunnel.wrapped = false;
        self.unique = tunnel
            .handshake
            .take()
            .and_then(|handshake| handshake.unique(connection, &secret));
        self.stream = Stream::Tls(Box::new(stream));
        Ok(())
    }

    /// Goes on in the clear, as both sides do after LOGIN7 when only the login
    /// was to be encrypted ([MS-TDS] 2.2.6.5).
    pub fn drop_tls(&mut self) {
        if let Stream::Tls(_) = &self.stream
            && let Stream::Tls(stream) = std::mem::replace(&mut self.stream, Stream::Gone)
        {
            self.stream = Stream::Clear(stream.into_inner().0);
        }
    }

    /// True while TLS protects what is sent.
    pub fn is_encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    /// The protocol that TLS agreed on through ALPN.
    pub fn alpn(&self) -> Option<String> {
        match &self.stream {
            Stream::Tls(stream) => stream
                .get_ref()
                .1
                .alpn_protocol()
                .map(|name| String::from_utf8_lossy(name).into_owned()),
            Stream::Clear(_) | Stream::Gone => None,
        }
    }

    /// Ends the connection in order, so that what was sent still arrives.
    pub async fn close(&mut self) {
        let ended = match &mut self.stream {
            Stream::Clear(stream) => stream.shutdown().await,
            Stream::Tls(stream) => stream.shutdown().await,
            Stream::Gone => Ok(()),
        };
        // The client may have gone first; there is nothing left to do then.
        drop(ended);
    }
}
