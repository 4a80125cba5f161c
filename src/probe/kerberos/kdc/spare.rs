//! Connections to KDCs that wait for the next question: RFC 4120 7.2.2 lets a
//! client ask several over one, and each that is spared is a round trip less. A
//! KDC that closes after its answer costs nothing: its connection is seen to be
//! closed, and another is made.

use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

/// KDCs keep a silent connection for ten seconds and more.
const KEPT_FOR: Duration = Duration::from_secs(5);
/// A list of a thousand servers keeps no more.
const MOST: usize = 16;

/// The connections.
#[derive(Debug, Default)]
pub struct Spare(Mutex<Vec<(SocketAddr, Instant, TcpStream)>>);

impl Spare {
    /// Keeps a connection over which nothing is under way.
    pub fn put(&self, address: SocketAddr, stream: TcpStream) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.retain(|(_, since, _)| since.elapsed() < KEPT_FOR);
        if spare.len() < MOST {
            spare.push((address, Instant::now(), stream));
        }
    }

    /// Takes a connection to this address that is still open.
    pub fn take(&self, address: SocketAddr) -> Option<TcpStream> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.retain(|(_, since, stream)| since.elapsed() < KEPT_FOR && is_open(stream));
        let at = spare.iter().position(|(other, _, _)| *other == address)?;
        Some(spare.swap_remove(at).2)
    }
}

/// Whether the other side has said nothing, neither a word nor its end.
fn is_open(stream: &TcpStream) -> bool {
    let mut byte = [0];
    matches!(stream.try_read(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn only_what_is_open_is_taken_and_only_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let spare = Spare::default();
        let connect = || async {
            let (ours, theirs) = tokio::join!(TcpStream::connect(address), listener.accept());
            (ours.unwrap(), theirs.unwrap().0)
        };
        let (ours, _theirs) = connect().await;
        spare.put(address, ours);
        assert!(spare.take("127.0.0.1:1".parse().unwrap()).is_none());
        assert!(spare.take(address).is_some());
        assert!(spare.take(address).is_none());
        let (ours, theirs) = connect().await;
        drop(theirs);
        ours.readable().await.unwrap();
        spare.put(address, ours);
        assert!(spare.take(address).is_none());
    }
}
