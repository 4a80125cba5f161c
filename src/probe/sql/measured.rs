//! A stream that ends when the other side sends more than any answer has. The
//! SQL library reads a row however long it is.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Reads at most so much in all.
pub(super) struct Measured<S> {
    inner: S,
    left: usize,
}

impl<S> Measured<S> {
    /// Lets `left` bytes through.
    pub(super) fn new(inner: S, left: usize) -> Self {
        Self { inner, left }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Measured<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(Err(io::Error::other(
                "the server sent more than any answer to these questions has",
            )));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.inner).poll_read(context, buffer);
        this.left = this.left.saturating_sub(buffer.filled().len() - before);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Measured<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn what_fits_is_read_and_no_more() {
        let mut few = Measured::new(&b"12345"[..], 6);
        let mut read = Vec::new();
        few.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, b"12345");
        let mut endless = Measured::new(tokio::io::repeat(0), 1000);
        let fault = endless.read_to_end(&mut read).await.unwrap_err();
        assert!(fault.to_string().contains("more than any answer"));
        assert!(read.len() < 100_000);
    }
}
