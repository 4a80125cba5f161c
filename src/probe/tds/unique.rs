//! `tls-unique`, RFC 5929 3: the client's Finished message, which both sides of
//! a TLS 1.2 channel know and nobody else. SQL Server wants a login bound to it
//! when Extended Protection is required.
//!
//! The TLS library does not tell its Finished messages. But it works each of
//! them out with a function that it takes from us (RFC 5246 7.4.9), and there
//! it is noted on its way.

use std::cell::Cell;
use std::sync::OnceLock;

use rustls::crypto::tls12::Prf;
use rustls::crypto::{ActiveKeyExchange, CryptoProvider, aws_lc_rs};
use rustls::{CipherSuiteCommon, Error, SupportedCipherSuite, Tls12CipherSuite};

/// The value: 12 bytes in every suite that there is.
pub type Unique = [u8; 12];

tokio::task_local! {
    /// Of the handshake that this task is in.
    static FINISHED: Cell<Option<Unique>>;
}

/// Runs a handshake that uses [`provider`], and tells its channel's value; none
/// when it did not get so far, or speaks TLS 1.3, which has no such value.
pub(super) async fn noted<T>(handshake: impl Future<Output = T>) -> (T, Option<Unique>) {
    FINISHED
        .scope(Cell::new(None), async {
            let result = handshake.await;
            (result, FINISHED.with(Cell::get))
        })
        .await
}

/// The usual provider, with functions that note what they make.
pub(super) fn provider() -> CryptoProvider {
    static SUITES: OnceLock<Vec<SupportedCipherSuite>> = OnceLock::new();
    let mut provider = aws_lc_rs::default_provider();
    let suites = SUITES.get_or_init(|| provider.cipher_suites.iter().map(noting).collect());
    provider.cipher_suites.clone_from(suites);
    provider
}

/// The same suite; it lives as long as the program, once.
fn noting(suite: &SupportedCipherSuite) -> SupportedCipherSuite {
    let SupportedCipherSuite::Tls12(suite) = *suite else {
        return *suite;
    };
    let noting: &'static Noting = Box::leak(Box::new(Noting(suite.prf_provider)));
    SupportedCipherSuite::Tls12(Box::leak(Box::new(Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: suite.common.suite,
            hash_provider: suite.common.hash_provider,
            confidentiality_limit: suite.common.confidentiality_limit,
        },
        prf_provider: noting,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: suite.aead_alg,
    })))
}

/// The function of RFC 5246 5, which notes what it makes of this label.
struct Noting(&'static dyn Prf);

/// The label of the client's Finished message, RFC 5246 7.4.9.
const CLIENT_FINISHED: &[u8] = b"client finished";

impl Prf for Noting {
    fn for_key_exchange(
        &self,
        output: &mut [u8; 48],
        exchange: Box<dyn ActiveKeyExchange>,
        peer: &[u8],
        label: &[u8],
        seed: &[u8],
    ) -> Result<(), Error> {
        self.0.for_key_exchange(output, exchange, peer, label, seed)
    }

    fn for_secret(&self, output: &mut [u8], secret: &[u8], label: &[u8], seed: &[u8]) {
        self.0.for_secret(output, secret, label, seed);
        if label == CLIENT_FINISHED
            && let Ok(value) = Unique::try_from(&*output)
        {
            // Nobody asks for the value of a handshake without a slot.
            let _ = FINISHED.try_with(|slot| slot.set(Some(value)));
        }
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::super::tls;
    use crate::probe::Settings;

    /// Another program's TLS, which tells the value itself.
    const SERVER: &str = r#"
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
for _ in range(2):
    with context.wrap_socket(listener.accept()[0], server_side=True) as stream:
        print((stream.get_channel_binding("tls-unique") or b"").hex(), stream.version(), flush=True)
        stream.recv(1)
"#;

    #[tokio::test]
    async fn it_is_what_another_tls_library_tells() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut server = Command::new("python3")
            .args(["-c", SERVER])
            .args([&certificate, &key])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let port: u16 = lines.next().unwrap().unwrap().parse().unwrap();
        for strict in [false, true] {
            let stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .unwrap();
            let address = std::net::Ipv4Addr::LOCALHOST.into();
            let settings = Settings::default();
            let (result, report) = tokio::time::timeout(
                Duration::from_secs(20),
                tls::handshake(stream, "localhost", address, &settings, strict),
            )
            .await
            .unwrap();
            let told = lines.next().unwrap().unwrap();
            let hex = |value: [u8; 12]| value.map(|byte| format!("{byte:02x}")).concat();
            let ours = report.unique.map(hex).unwrap_or_default();
            if strict {
                assert_eq!((ours.as_str(), report.version), ("", Some("TLS 1.3")));
            } else {
                assert_eq!(told, format!("{ours} TLSv1.2"));
            }
            drop(result);
        }
        server.wait().unwrap();
    }
}
