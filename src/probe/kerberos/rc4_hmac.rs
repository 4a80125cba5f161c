//! The RC4 encryption type, RFC 4757. Weak, and still what an old service
//! account's tickets and session keys are made with: a tool that could not
//! read them could not say so.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md4::{Digest as _, Md4};
use md5::Md5;
use rc4::Rc4;
use rc4::StreamCipher as _;
use zeroize::Zeroizing;

use super::encryption::EncryptionFault;

/// Length of the random bytes before the data.
pub const CONFOUNDER: usize = 8;
/// Length of an MD5 HMAC.
const CHECKSUM: usize = 16;

/// RFC 4757 2: MD4 of the password in UTF-16, little endian.
pub fn string_to_key(password: &str) -> Zeroizing<Vec<u8>> {
    let utf16: Zeroizing<Vec<u8>> =
        Zeroizing::new(password.encode_utf16().flat_map(u16::to_le_bytes).collect());
    Zeroizing::new(Md4::digest(&*utf16).to_vec())
}

/// RFC 4757 3: the usage numbers that differ from RFC 4120's.
fn salt(usage: i32) -> [u8; 4] {
    match usage {
        3 | 9 => 8_i32,
        23 => 13,
        other => other,
    }
    .to_le_bytes()
}

/// HMAC-MD5 of the parts.
pub fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> Result<Zeroizing<[u8; CHECKSUM]>, EncryptionFault> {
    let mut mac = Hmac::<Md5>::new_from_slice(key).map_err(|_| EncryptionFault::KeyLength)?;
    for part in parts {
        mac.update(part);
    }
    Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
}

/// RC4: the same encrypts and decrypts.
pub fn apply(key: &[u8], data: &mut [u8]) -> Result<(), EncryptionFault> {
    let mut cipher =
        <Rc4 as rc4::KeyInit>::new_from_slice(key).map_err(|_| EncryptionFault::KeyLength)?;
    cipher.apply_keystream(data);
    Ok(())
}

/// RFC 4757 4, ENCRYPT.
pub fn encrypt(
    key: &[u8],
    usage: i32,
    confounder: [u8; CONFOUNDER],
    plain: &[u8],
) -> Result<Vec<u8>, EncryptionFault> {
    let usage_key = hmac_md5(key, &[&salt(usage)])?;
    let checksum = hmac_md5(&usage_key[..], &[&confounder, plain])?;
    let cipher_key = hmac_md5(&usage_key[..], &[&checksum[..]])?;
    let mut bytes = [&checksum[..], &confounder, plain].concat();
    apply(&cipher_key[..], &mut bytes[CHECKSUM..])?;
    Ok(bytes)
}

/// RFC 4757 4, DECRYPT.
pub fn decrypt(
    key: &[u8],
    usage: i32,
    cipher: &[u8],
) -> Result<Zeroizing<Vec<u8>>, EncryptionFault> {
    if cipher.len() < CHECKSUM + CONFOUNDER {
        return Err(EncryptionFault::Integrity);
    }
    let (checksum, data) = cipher.split_at(CHECKSUM);
    let usage_key = hmac_md5(key, &[&salt(usage)])?;
    let cipher_key = hmac_md5(&usage_key[..], &[checksum])?;
    let mut data = Zeroizing::new(data.to_vec());
    apply(&cipher_key[..], &mut data)?;
    let mut mac =
        Hmac::<Md5>::new_from_slice(&usage_key[..]).map_err(|_| EncryptionFault::KeyLength)?;
    mac.update(&data);
    mac.verify_slice(checksum)
        .map_err(|_| EncryptionFault::Integrity)?;
    Ok(Zeroizing::new(data[CONFOUNDER..].to_vec()))
}

/// RFC 4757 4, HMAC: checksum type -138.
pub fn checksum(key: &[u8], usage: i32, data: &[u8]) -> Result<Vec<u8>, EncryptionFault> {
    let signing_key = hmac_md5(key, &[b"signaturekey\0"])?;
    let digest = Md5::new()
        .chain_update(salt(usage))
        .chain_update(data)
        .finalize();
    Ok(hmac_md5(&signing_key[..], &[&digest])?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_foo_is_that_of_the_rfc() {
        // RFC 4757 2.
        assert_eq!(
            *string_to_key("foo"),
            [
                0xac, 0x8e, 0x65, 0x7f, 0x83, 0xdf, 0x82, 0xbe, 0xea, 0x5d, 0x43, 0xbd, 0xaf, 0x78,
                0x00, 0xcc
            ]
        );
    }
}
