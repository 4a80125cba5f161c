//! `tls-unique` of a TLS 1.2 channel (RFC 5929 3), worked out from its handshake
//! as it went over the wire (RFC 5246 7.4.9).

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rustls::{KeyLog, ServerConnection, SupportedCipherSuite};

/// The types of a TLS record, RFC 5246 6.2.1.
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
/// Type, version and length.
const RECORD_HEADER: usize = 5;
/// No handshake is longer; what comes later is not wanted.
const MOST: usize = 64 * 1024;

/// Takes the master secret of one connection from the TLS library.
#[derive(Default)]
pub struct MasterSecret(Mutex<Vec<u8>>);

impl fmt::Debug for MasterSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterSecret")
    }
}

impl KeyLog for MasterSecret {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        // The name that TLS 1.2 has for it in key logs.
        if label == "CLIENT_RANDOM" {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = secret.to_vec();
        }
    }
}

/// The records of a handshake in the order in which they came and went.
#[derive(Debug, Default)]
pub struct Handshake {
    records: Vec<u8>,
}

impl Handshake {
    /// Notes what came or went.
    pub fn note(&mut self, bytes: &[u8]) {
        let room = MOST.saturating_sub(self.records.len());
        self.records
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// All messages before the client's Finished, which its change of the cipher
    /// announces.
    fn messages(&self) -> Vec<u8> {
        let mut messages = Vec::new();
        let mut rest = self.records.as_slice();
        while let Some((header, after)) = rest.split_at_checked(RECORD_HEADER) {
            let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
            let Some((content, next)) = after.split_at_checked(length) else {
                break;
            };
            match header[0] {
                HANDSHAKE => messages.extend_from_slice(content),
                CHANGE_CIPHER_SPEC => break,
                _ => {}
            }
            rest = next;
        }
        messages
    }

    /// The client's Finished message; none with TLS 1.3.
    pub fn unique(&self, connection: &ServerConnection, secret: &MasterSecret) -> Option<[u8; 12]> {
        let SupportedCipherSuite::Tls12(suite) = connection.negotiated_cipher_suite()? else {
            return None;
        };
        let secret = secret.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = suite.common.hash_provider.hash(&self.messages());
        let mut value = [0; 12];
        let label = b"client finished";
        suite
            .prf_provider
            .for_secret(&mut value, &secret, label, sum.as_ref());
        Some(value)
    }
}
