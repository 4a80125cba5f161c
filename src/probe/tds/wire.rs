//! TLS handshakes inside TDS 7: each record stands in a PRELOGIN packet, until
//! the handshake is done, [MS-TDS] 2.2.6.5 and 3.2.5.2.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::packet::{HEADER, LARGEST, PRELOGIN, header};

/// What a conversation in TDS runs over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Wraps what is written and unwraps what is read, until [`Self::unwrap`].
pub(super) struct HandshakeWire<S> {
    inner: S,
    wrapping: bool,
    /// Packets that are not yet sent, and how much of them is.
    outgoing: Vec<u8>,
    sent: usize,
    /// A flight's bytes that are not yet in packets.
    flight: Vec<u8>,
    /// A header as far as it is read, and what is left of its packet.
    incoming: [u8; HEADER],
    incoming_filled: usize,
    left: usize,
}

impl<S> HandshakeWire<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            wrapping: true,
            outgoing: Vec::new(),
            sent: 0,
            flight: Vec::new(),
            incoming: [0; HEADER],
            incoming_filled: 0,
            left: 0,
        }
    }

    /// From now on TLS records go as they are.
    pub(super) fn unwrap(&mut self) {
        self.wrapping = false;
    }
}

impl<S: AsyncWrite + Unpin> HandshakeWire<S> {
    /// Puts the flight into packets and sends them.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.flight.is_empty() {
            let flight = std::mem::take(&mut self.flight);
            let count = flight.chunks(LARGEST - HEADER).count();
            for (index, chunk) in flight.chunks(LARGEST - HEADER).enumerate() {
                let last = u8::from(index + 1 == count);
                let header = header(PRELOGIN, last, chunk.len(), 0);
                self.outgoing.extend_from_slice(&header);
                self.outgoing.extend_from_slice(chunk);
            }
        }
        while self.sent < self.outgoing.len() {
            let rest = &self.outgoing[self.sent..];
            let count = ready!(Pin::new(&mut self.inner).poll_write(context, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += count;
        }
        self.outgoing.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for HandshakeWire<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.wrapping {
            return Pin::new(&mut this.inner).poll_read(context, buffer);
        }
        ready!(this.poll_send(context))?;
        while this.left == 0 {
            let mut header = ReadBuf::new(&mut this.incoming[this.incoming_filled..]);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut header))?;
            let count = header.filled().len();
            if count == 0 {
                return Poll::Ready(Ok(()));
            }
            this.incoming_filled += count;
            if this.incoming_filled == HEADER {
                this.incoming_filled = 0;
                let [_, _, high, low, ..] = this.incoming;
                this.left = usize::from(u16::from_be_bytes([high, low]))
                    .checked_sub(HEADER)
                    .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
            }
        }
        let mut part = buffer.take(this.left);
        ready!(Pin::new(&mut this.inner).poll_read(context, &mut part))?;
        let count = part.filled().len();
        this.left -= count;
        // `part` wrote into the unfilled space of `buffer`.
        buffer.initialize_unfilled_to(count);
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HandshakeWire<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if !this.wrapping {
            return Pin::new(&mut this.inner).poll_write(context, bytes);
        }
        this.flight.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(context))?;
        Pin::new(&mut this.inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(context))?;
        Pin::new(&mut this.inner).poll_shutdown(context)
    }
}
