//! Decryption and encryption by encryption type: AES with SHA-1 (RFC 3962)
//! and RC4-HMAC (RFC 4757).

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use picky_krb::crypto::CipherSuite;
use rc4::{Rc4, StreamCipher};
use thiserror::Error;

/// Encryption type numbers.
pub mod etype {
    /// aes128-cts-hmac-sha1-96.
    pub const AES128: i32 = 17;
    /// aes256-cts-hmac-sha1-96.
    pub const AES256: i32 = 18;
    /// rc4-hmac.
    pub const RC4: i32 = 23;
}

/// Key usage numbers (RFC 4120 7.5.1).
pub mod usage {
    /// A ticket's encrypted part.
    pub const TICKET: i32 = 2;
    /// The authenticator of an AP-REQ.
    pub const AP_REQ_AUTHENTICATOR: i32 = 11;
    /// The encrypted part of an AP-REP.
    pub const AP_REP: i32 = 12;
    /// The encrypted part of a KRB-CRED.
    pub const KRB_CRED: i32 = 14;
}

/// Why something cannot be decrypted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CryptoError {
    /// The encryption type is not known here.
    #[error("encryption type {0} is not supported")]
    Unsupported(i32),
    /// The key is not the one it was encrypted with, or the data was changed.
    #[error("the key does not fit")]
    Integrity,
}

const CHECKSUM: usize = 16;
const CONFOUNDER: usize = 8;

/// Decrypts and checks the integrity.
pub fn decrypt(etype: i32, key: &[u8], usage: i32, cipher: &[u8]) -> Result<Vec<u8>, CryptoError> {
    if etype == etype::RC4 {
        return rc4_decrypt(key, usage, cipher);
    }
    let suite = aes(etype)?.cipher();
    if key.len() != suite.key_size() {
        return Err(CryptoError::Integrity);
    }
    suite
        .decrypt(key, usage, cipher)
        .map_err(|_| CryptoError::Integrity)
}

/// Encrypts with a random confounder.
pub fn encrypt(etype: i32, key: &[u8], usage: i32, clear: &[u8]) -> Result<Vec<u8>, CryptoError> {
    if etype == etype::RC4 {
        return rc4_encrypt(key, usage, clear, rand::random());
    }
    let suite = aes(etype)?.cipher();
    if key.len() != suite.key_size() {
        return Err(CryptoError::Integrity);
    }
    suite
        .encrypt(key, usage, clear)
        .map_err(|_| CryptoError::Integrity)
}

fn aes(etype: i32) -> Result<CipherSuite, CryptoError> {
    match etype {
        etype::AES128 => Ok(CipherSuite::Aes128CtsHmacSha196),
        etype::AES256 => Ok(CipherSuite::Aes256CtsHmacSha196),
        other => Err(CryptoError::Unsupported(other)),
    }
}

fn hmac_md5(key: &[u8], data: &[u8]) -> Result<[u8; CHECKSUM], CryptoError> {
    let mut mac = Hmac::<Md5>::new_from_slice(key).map_err(|_| CryptoError::Integrity)?;
    mac.update(data);
    Ok(mac.finalize().into_bytes().into())
}

fn apply_rc4(key: &[u8], data: &mut [u8]) -> Result<(), CryptoError> {
    let mut stream = Rc4::new_from_slice(key).map_err(|_| CryptoError::Integrity)?;
    stream.apply_keystream(data);
    Ok(())
}

/// RFC 4757 section 5; the usages used here are the same there.
fn rc4_decrypt(key: &[u8], usage: i32, cipher: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let Some((checksum, encrypted)) = cipher.split_at_checked(CHECKSUM) else {
        return Err(CryptoError::Integrity);
    };
    let usage_key = hmac_md5(key, &usage.to_le_bytes())?;
    let stream_key = hmac_md5(&usage_key, checksum)?;
    let mut clear = encrypted.to_vec();
    apply_rc4(&stream_key, &mut clear)?;
    if clear.len() < CONFOUNDER || hmac_md5(&usage_key, &clear)? != checksum {
        return Err(CryptoError::Integrity);
    }
    Ok(clear.split_off(CONFOUNDER))
}

fn rc4_encrypt(
    key: &[u8],
    usage: i32,
    clear: &[u8],
    confounder: [u8; CONFOUNDER],
) -> Result<Vec<u8>, CryptoError> {
    let usage_key = hmac_md5(key, &usage.to_le_bytes())?;
    let mut data = confounder.to_vec();
    data.extend(clear);
    let checksum = hmac_md5(&usage_key, &data)?;
    apply_rc4(&hmac_md5(&usage_key, &checksum)?, &mut data)?;
    let mut out = checksum.to_vec();
    out.extend(data);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encrypted_comes_back_and_other_keys_do_not_fit() {
        for (etype, length) in [(etype::AES128, 16), (etype::AES256, 32), (etype::RC4, 16)] {
            let key = vec![7; length];
            for size in [0, 1, 15, 16, 17, 100] {
                let clear = vec![9; size];
                let cipher = encrypt(etype, &key, usage::AP_REP, &clear).expect("a known type");
                assert_eq!(decrypt(etype, &key, usage::AP_REP, &cipher), Ok(clear));
                assert_eq!(
                    decrypt(etype, &vec![8; length], usage::AP_REP, &cipher),
                    Err(CryptoError::Integrity)
                );
                assert_eq!(
                    decrypt(etype, &key, usage::TICKET, &cipher),
                    Err(CryptoError::Integrity)
                );
            }
            assert_eq!(
                decrypt(etype, &key, usage::TICKET, &[1, 2, 3]),
                Err(CryptoError::Integrity)
            );
            assert_eq!(
                decrypt(etype, &key[1..], usage::TICKET, &[1; 64]),
                Err(CryptoError::Integrity)
            );
        }
        assert_eq!(
            decrypt(3, &[0; 8], usage::TICKET, &[0; 64]),
            Err(CryptoError::Unsupported(3))
        );
    }
}
