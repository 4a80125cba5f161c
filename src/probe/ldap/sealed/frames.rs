//! The sealed stream: each buffer with its length in front (RFC 4752 3.3).

use crate::probe::kerberos::gss::wrap::Wrapping;
use crate::probe::ldap::pump::Layer;

/// The largest sealed buffer that we take.
pub(super) const LARGEST_BUFFER: u32 = 0x00ff_ffff;
const LENGTH: usize = 4;
const NOT_SEALED: &str = "what it sent is not sealed as was agreed";

/// What seals and opens. Nothing comes back when the other side's bytes are not
/// what it sent.
pub(super) trait Seal: Send + 'static {
    /// Encrypts and signs.
    fn seal(&mut self, plain: &[u8]) -> Option<Vec<u8>>;
    /// Decrypts and verifies.
    fn open(&mut self, sealed: &[u8]) -> Option<Vec<u8>>;
}

impl Seal for Wrapping {
    fn seal(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        Self::seal(self, plain).ok()
    }

    fn open(&mut self, sealed: &[u8]) -> Option<Vec<u8>> {
        Self::open(self, sealed).ok().map(|plain| plain.to_vec())
    }
}

/// Buffers with their lengths, as far as they have come.
pub(super) struct Sealed<S> {
    seal: S,
    received: Vec<u8>,
}

impl<S> Sealed<S> {
    /// Nothing has come yet.
    pub(super) fn new(seal: S) -> Self {
        Self {
            seal,
            received: Vec::new(),
        }
    }
}

impl<S: Seal> Layer for Sealed<S> {
    fn wrap(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        let sealed = self.seal.seal(plain)?;
        let mut framed = u32::try_from(sealed.len()).ok()?.to_be_bytes().to_vec();
        framed.extend_from_slice(&sealed);
        Some(framed)
    }

    fn unwrap(&mut self, wire: &[u8]) -> Result<Vec<u8>, &'static str> {
        self.received.extend_from_slice(wire);
        let mut plain = Vec::new();
        let mut read = 0;
        while let Some(length) = self.received[read..].first_chunk::<LENGTH>() {
            let length = u32::from_be_bytes(*length);
            if length > LARGEST_BUFFER {
                return Err(NOT_SEALED);
            }
            let from = read + LENGTH;
            let to = from + usize::try_from(length).map_err(|_| NOT_SEALED)?;
            let Some(sealed) = self.received.get(from..to) else {
                break;
            };
            plain.extend(self.seal.open(sealed).ok_or(NOT_SEALED)?);
            read = to;
        }
        self.received.drain(..read);
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream, UnixStream};

    use super::*;
    use crate::probe::ldap::pump::{Ended, pump};

    /// A layer that turns every bit and adds a byte that proves it.
    struct Turned;

    impl Seal for Turned {
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
        tokio::spawn(pump(
            ours.unwrap(),
            inner,
            Sealed::new(Turned),
            1000,
            Ended::default(),
        ));
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
