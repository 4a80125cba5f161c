//! Between a directory server and the LDAP library: the library has one end of
//! a socket pair, and at the other the bytes are sealed or not, and checked by
//! the [`Guard`].

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::UnixStream;

use super::guard::{Guard, GuardFault};

/// How much is read at once.
const BLOCK: usize = 16 * 1024;

/// Why the pump ended the connection; empty as long as it did not.
pub(super) type Ended = Arc<OnceLock<&'static str>>;

/// What stands on the wire for what is said.
pub(super) trait Layer: Send + 'static {
    /// The bytes on the wire; nothing when it cannot go on.
    fn wrap(&mut self, plain: &[u8]) -> Option<Vec<u8>>;
    /// What can be read so far; the fault is a part of a sentence about the
    /// server.
    fn unwrap(&mut self, wire: &[u8]) -> Result<Vec<u8>, &'static str>;
}

/// No layer: in clear, or inside TLS.
pub(super) struct Clear;

impl Layer for Clear {
    fn wrap(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        Some(plain.to_vec())
    }

    fn unwrap(&mut self, wire: &[u8]) -> Result<Vec<u8>, &'static str> {
        Ok(wire.to_vec())
    }
}

/// A layer with the guard inside.
struct Guarded<L> {
    layer: L,
    guard: Guard,
}

impl<L: Layer> Layer for Guarded<L> {
    fn wrap(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        self.guard.ask(plain);
        self.layer.wrap(plain)
    }

    fn unwrap(&mut self, wire: &[u8]) -> Result<Vec<u8>, &'static str> {
        let plain = self.layer.unwrap(wire)?;
        self.guard.pass(&plain).map_err(GuardFault::words)
    }
}

/// Carries everything between the server and the end that this gives. At most
/// `chunk` bytes are wrapped at once.
pub(super) fn carry(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    layer: impl Layer,
    chunk: usize,
) -> io::Result<(std::os::unix::net::UnixStream, Ended)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let ours = UnixStream::from_std(ours)?;
    let layer = Guarded {
        layer,
        guard: Guard::default(),
    };
    let ended = Ended::default();
    tokio::spawn(pump(stream, ours, layer, chunk, Arc::clone(&ended)));
    Ok((theirs, ended))
}

/// Carries bytes both ways until either end closes, or the server sends what
/// cannot be.
pub(super) async fn pump(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    plain: UnixStream,
    layer: impl Layer,
    chunk: usize,
    ended: Ended,
) {
    let layer = Arc::new(Mutex::new(layer));
    let (mut from_server, mut to_server) = tokio::io::split(stream);
    let (mut from_client, mut to_client) = plain.into_split();
    let wrapping = Arc::clone(&layer);
    let outward = async move {
        let mut buffer = vec![0; chunk];
        loop {
            let count = match from_client.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => count,
            };
            let wire = wrapping
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .wrap(&buffer[..count]);
            let Some(wire) = wire else { return };
            if to_server.write_all(&wire).await.is_err() || to_server.flush().await.is_err() {
                return;
            }
        }
    };
    let inward = async move {
        let mut buffer = vec![0; BLOCK];
        loop {
            let count = match from_server.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => count,
            };
            let plain = layer
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .unwrap(&buffer[..count]);
            let plain = match plain {
                Ok(plain) => plain,
                Err(why) => {
                    let _ = ended.set(why);
                    return;
                }
            };
            if to_client.write_all(&plain).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = outward => {}
        () = inward => {}
    }
}
