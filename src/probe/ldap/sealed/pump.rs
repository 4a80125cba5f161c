//! The sealed stream: each buffer with its length in front (RFC 4752 3.3).

use std::sync::{Arc, Mutex, PoisonError};

use libgssapi::context::{ClientCtx, SecurityContext as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

/// The largest sealed buffer that we take.
pub(super) const LARGEST_BUFFER: u32 = 0x00ff_ffff;

/// What seals and opens. Nothing comes back when the other side's bytes are not
/// what it sent.
pub(super) trait Layer: Send + 'static {
    /// Encrypts and signs.
    fn seal(&mut self, plain: &[u8]) -> Option<Vec<u8>>;
    /// Decrypts and verifies.
    fn open(&mut self, sealed: &[u8]) -> Option<Vec<u8>>;
}

impl Layer for ClientCtx {
    fn seal(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        self.wrap(true, plain).ok().map(|sealed| sealed.to_vec())
    }

    fn open(&mut self, sealed: &[u8]) -> Option<Vec<u8>> {
        self.unwrap(sealed).ok().map(|plain| plain.to_vec())
    }
}

/// Carries bytes both ways until either end closes, or the server sends what
/// does not verify. At most `chunk` bytes are sealed at once.
pub(super) async fn pump(stream: TcpStream, plain: UnixStream, layer: impl Layer, chunk: usize) {
    let layer = Arc::new(Mutex::new(layer));
    let (mut from_server, mut to_server) = stream.into_split();
    let (mut from_client, mut to_client) = plain.into_split();
    let sealing = Arc::clone(&layer);
    let outward = async move {
        let mut buffer = vec![0; chunk];
        loop {
            let count = match from_client.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => count,
            };
            let sealed = sealing
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .seal(&buffer[..count]);
            let Some(sealed) = sealed else { return };
            let Ok(length) = u32::try_from(sealed.len()) else {
                return;
            };
            let mut framed = length.to_be_bytes().to_vec();
            framed.extend_from_slice(&sealed);
            if to_server.write_all(&framed).await.is_err() {
                return;
            }
        }
    };
    let inward = async move {
        let mut sealed = Vec::new();
        loop {
            let Ok(length) = from_server.read_u32().await else {
                return;
            };
            if length > LARGEST_BUFFER {
                return;
            }
            let Ok(length) = usize::try_from(length) else {
                return;
            };
            sealed.resize(length, 0);
            if from_server.read_exact(&mut sealed).await.is_err() {
                return;
            }
            let opened = layer
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .open(&sealed);
            let Some(opened) = opened else { return };
            if to_client.write_all(&opened).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = outward => {}
        () = inward => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;

    /// A layer that turns every bit and adds a byte that proves it.
    struct Turned;

    impl Layer for Turned {
        fn seal(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
            let mut sealed = vec![0x5a];
            sealed.extend(plain.iter().map(|byte| !byte));
            Some(sealed)
        }

        fn open(&mut self, sealed: &[u8]) -> Option<Vec<u8>> {
            let (proof, rest) = sealed.split_first()?;
            (*proof == 0x5a).then(|| rest.iter().map(|byte| !byte).collect())
        }
    }

    fn frame(plain: &[u8]) -> Vec<u8> {
        let sealed = Turned.seal(plain).unwrap();
        let length = u32::try_from(sealed.len()).unwrap();
        [length.to_be_bytes().to_vec(), sealed].concat()
    }

    async fn ends() -> (TcpStream, UnixStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (inner, outer) = UnixStream::pair().unwrap();
        tokio::spawn(pump(ours.unwrap(), inner, Turned, 1000));
        (theirs.unwrap().0, outer)
    }

    #[tokio::test]
    async fn buffers_that_arrive_together_or_in_pieces_all_come_through() {
        let (mut server, mut client) = ends().await;
        let together = [
            frame(b"entry one, entry two, "),
            frame(b"done; "),
            frame(b"next"),
        ]
        .concat();
        server.write_all(&together).await.unwrap();
        let mut got = vec![0; 32];
        client.read_exact(&mut got).await.unwrap();
        assert_eq!(got, b"entry one, entry two, done; next");
        for byte in frame(b"slow") {
            server.write_all(&[byte]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut got = vec![0; 4];
        client.read_exact(&mut got).await.unwrap();
        assert_eq!(got, b"slow");
    }

    #[tokio::test]
    async fn a_long_request_is_sealed_in_pieces() {
        let (mut server, mut client) = ends().await;
        client.write_all(&[7; 2500]).await.unwrap();
        let mut plain = Vec::new();
        while plain.len() < 2500 {
            let length = usize::try_from(server.read_u32().await.unwrap()).unwrap();
            assert!(length <= 1001);
            let mut sealed = vec![0; length];
            server.read_exact(&mut sealed).await.unwrap();
            plain.extend(Turned.open(&sealed).unwrap());
        }
        assert_eq!(plain, [7; 2500]);
    }

    #[tokio::test]
    async fn what_does_not_verify_or_is_too_long_ends_it() {
        for bytes in [&[0, 0, 0, 2, 1, 2][..], &[0xff, 0xff, 0xff, 0xff]] {
            let (mut server, mut client) = ends().await;
            server.write_all(bytes).await.unwrap();
            let mut got = Vec::new();
            client.read_to_end(&mut got).await.unwrap();
            assert!(got.is_empty());
        }
    }
}
