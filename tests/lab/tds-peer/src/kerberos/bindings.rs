//! Channel bindings: how a login is tied to the TLS channel that carries it.
//!
//! In TLS 1.2 the binding is `tls-unique` (RFC 5929 3), as SQL Server has it. TLS
//! 1.3 has none; there it is `tls-server-end-point` (RFC 5929 4.1), the hash of
//! the server's certificate.

use md5::{Digest, Md5};
use rustls::crypto::aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256;

/// The checksum of the bindings in an authenticator (RFC 4121 4.1.1.2).
pub type Bindings = [u8; 16];

/// The binding of a channel with this Finished message of the client.
pub fn unique(finished: &[u8]) -> Bindings {
    checksum(&[b"tls-unique:".as_slice(), finished].concat())
}

/// The binding of a channel on which the server showed this certificate, in
/// DER; signatures with SHA-256, as all generated ones here have.
pub fn end_point(certificate: &[u8]) -> Bindings {
    let mut data = b"tls-server-end-point:".to_vec();
    if let Some(suite) = TLS13_AES_128_GCM_SHA256.tls13() {
        data.extend(suite.common.hash_provider.hash(certificate).as_ref());
    }
    checksum(&data)
}

/// The MD5 of gss_channel_bindings_struct without addresses.
fn checksum(application_data: &[u8]) -> Bindings {
    let length = u32::try_from(application_data.len()).unwrap_or(u32::MAX);
    let mut hash = Md5::new();
    // Type and length of the initiator's and of the acceptor's address.
    hash.update([0; 16]);
    hash.update(length.to_le_bytes());
    hash.update(application_data);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// From `printf '\0…\003\0\0\0abc' | md5sum`.
    #[test]
    fn the_checksum_is_that_of_the_whole_structure() {
        let hex = checksum(b"abc")
            .iter()
            .fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
        assert_eq!(hex, "420b92da63953711d03790fc6a20013d");
        assert_ne!(end_point(b"one"), end_point(b"another"));
    }
}
