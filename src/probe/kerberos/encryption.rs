//! Encryption types, keys, and what is done with them: RFC 3961, RFC 3962
//! (AES) and RFC 4757 (RC4, which many service accounts still have).

use picky_krb::crypto::{ChecksumSuite, CipherSuite};
use zeroize::Zeroizing;

use super::rc4_hmac;

/// AES-256 with SHA-1, RFC 3962.
pub const AES256: i32 = 18;
/// AES-128 with SHA-1, RFC 3962.
pub const AES128: i32 = 17;
/// RC4, RFC 4757.
pub const RC4: i32 = 23;

/// What this program can encrypt with, the strongest first.
pub const SUPPORTED: [i32; 3] = [AES256, AES128, RC4];

/// Key usage numbers, RFC 4120 7.5.1 and RFC 4121 2.
pub mod usage {
    /// PA-ENC-TIMESTAMP, with the client's key.
    pub const TIMESTAMP: i32 = 1;
    /// The encrypted part of an AS-REP, with the client's key.
    pub const AS_REPLY: i32 = 3;
    /// The checksum in the authenticator of a TGS-REQ.
    pub const TGS_CHECKSUM: i32 = 6;
    /// The authenticator of a TGS-REQ.
    pub const TGS_AUTHENTICATOR: i32 = 7;
    /// The encrypted part of a TGS-REP, with the session key.
    pub const TGS_REPLY: i32 = 8;
    /// The authenticator of an AP-REQ.
    pub const AP_AUTHENTICATOR: i32 = 11;
    /// The encrypted part of an AP-REP.
    pub const AP_REPLY: i32 = 12;
}

/// The names of encryption types, IANA registry "Kerberos Encryption Type
/// Numbers", with the short names that krb5.conf takes.
const NAMES: &[(i32, &str, &[&str])] = &[
    (1, "des-cbc-crc", &[]),
    (3, "des-cbc-md5", &["des"]),
    (
        16,
        "des3-cbc-sha1",
        &["des3-hmac-sha1", "des3-cbc-sha1-kd", "des3"],
    ),
    (
        AES128,
        "aes128-cts-hmac-sha1-96",
        &["aes128-cts", "aes128-sha1"],
    ),
    (
        AES256,
        "aes256-cts-hmac-sha1-96",
        &["aes256-cts", "aes256-sha1"],
    ),
    (19, "aes128-cts-hmac-sha256-128", &["aes128-sha2"]),
    (20, "aes256-cts-hmac-sha384-192", &["aes256-sha2"]),
    (
        RC4,
        "rc4-hmac",
        &["arcfour-hmac", "arcfour-hmac-md5", "rc4"],
    ),
    (
        24,
        "rc4-hmac-exp",
        &["arcfour-hmac-exp", "arcfour-hmac-md5-exp"],
    ),
    (25, "camellia128-cts-cmac", &["camellia128-cts"]),
    (26, "camellia256-cts-cmac", &["camellia256-cts"]),
];

/// The name of an encryption type; the number for one that has none.
pub fn name(number: i32) -> String {
    NAMES
        .iter()
        .find(|(known, _, _)| *known == number)
        .map_or_else(
            || format!("type {number}"),
            |(_, name, _)| (*name).to_owned(),
        )
}

/// The encryption types that a word of krb5.conf's `permitted_enctypes` means;
/// none for an unknown word.
pub fn numbers(word: &str) -> Option<Vec<i32>> {
    match word {
        "aes" => Some(vec![AES256, AES128, 20, 19]),
        "camellia" => Some(vec![26, 25]),
        _ => NAMES
            .iter()
            .find(|(_, name, short)| *name == word || short.contains(&word))
            .map(|(number, _, _)| vec![*number]),
    }
}

/// Why something could not be encrypted or decrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptionFault {
    /// This program does not know the encryption type.
    #[error("this program cannot use the encryption type {}", name(*.0))]
    Unsupported(i32),
    /// The key does not fit, or the data was changed.
    #[error("the data cannot be decrypted with this key")]
    Integrity,
    /// The key's length is not that of its type.
    #[error("a key has the wrong length")]
    KeyLength,
    /// The KDC asks for another number of rounds than the standard one.
    #[error("the KDC derives keys with parameters that this program does not support")]
    Parameters,
    /// The system gave no random numbers.
    #[error("the system gave no random numbers")]
    Random,
}

/// A key. Its bytes are wiped when it is dropped and shown nowhere.
#[derive(Clone)]
pub struct Key {
    kind: i32,
    bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Key({}, hidden)", name(self.kind))
    }
}

impl Key {
    /// A key of this encryption type.
    pub fn new(kind: i32, bytes: &[u8]) -> Self {
        Self {
            kind,
            bytes: Zeroizing::new(bytes.to_vec()),
        }
    }

    /// Its encryption type's number.
    pub fn kind(&self) -> i32 {
        self.kind
    }

    /// Its bytes, for the one message that must carry them.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// A random key of the same type.
    pub fn random_like(&self) -> Result<Self, EncryptionFault> {
        let mut bytes = Zeroizing::new(vec![0; key_length(self.kind)?]);
        getrandom::fill(&mut bytes).map_err(|_| EncryptionFault::Random)?;
        Ok(Self {
            kind: self.kind,
            bytes,
        })
    }

    /// The key of a password: RFC 3962 4 for AES, RFC 4757 2 for RC4, which
    /// takes neither salt nor parameters.
    pub fn from_password(
        kind: i32,
        password: &str,
        salt: &[u8],
        parameters: Option<&[u8]>,
    ) -> Result<Self, EncryptionFault> {
        if kind == RC4 {
            return Ok(Self {
                kind,
                bytes: rc4_hmac::string_to_key(password),
            });
        }
        let suite = suite(kind)?;
        // RFC 3962 4: four bytes, the number of rounds; 4096 when absent.
        if parameters.is_some_and(|parameters| parameters != [0, 0, 0x10, 0]) {
            return Err(EncryptionFault::Parameters);
        }
        let bytes = suite
            .cipher()
            .generate_key_from_password(password.as_bytes(), salt)
            .map_err(|_| EncryptionFault::KeyLength)?;
        Ok(Self {
            kind,
            bytes: Zeroizing::new(bytes),
        })
    }

    /// Encrypts for a key usage.
    pub fn encrypt(&self, usage: i32, plain: &[u8]) -> Result<Vec<u8>, EncryptionFault> {
        self.check()?;
        if self.kind == RC4 {
            let mut confounder = [0; rc4_hmac::CONFOUNDER];
            getrandom::fill(&mut confounder).map_err(|_| EncryptionFault::Random)?;
            return rc4_hmac::encrypt(&self.bytes, usage, confounder, plain);
        }
        suite(self.kind)?
            .cipher()
            .encrypt(&self.bytes, usage, plain)
            .map_err(|_| EncryptionFault::KeyLength)
    }

    /// Decrypts and checks what was encrypted for a key usage.
    pub fn decrypt(
        &self,
        usage: i32,
        cipher: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, EncryptionFault> {
        self.check()?;
        if self.kind == RC4 {
            return rc4_hmac::decrypt(&self.bytes, usage, cipher);
        }
        suite(self.kind)?
            .cipher()
            .decrypt(&self.bytes, usage, cipher)
            .map(Zeroizing::new)
            .map_err(|_| EncryptionFault::Integrity)
    }

    /// A keyed checksum and its type's number.
    pub fn checksum(&self, usage: i32, data: &[u8]) -> Result<(i32, Vec<u8>), EncryptionFault> {
        self.check()?;
        let (number, suite) = match self.kind {
            AES256 => (16, ChecksumSuite::HmacSha196Aes256),
            AES128 => (15, ChecksumSuite::HmacSha196Aes128),
            RC4 => return Ok((-138, rc4_hmac::checksum(&self.bytes, usage, data)?)),
            other => return Err(EncryptionFault::Unsupported(other)),
        };
        let sum = suite
            .hasher()
            .checksum(&self.bytes, usage, data)
            .map_err(|_| EncryptionFault::KeyLength)?;
        Ok((number, sum))
    }

    /// Whether the type is known and the length is that of the type.
    pub fn check(&self) -> Result<(), EncryptionFault> {
        if self.bytes.len() == key_length(self.kind)? {
            Ok(())
        } else {
            Err(EncryptionFault::KeyLength)
        }
    }
}

fn key_length(kind: i32) -> Result<usize, EncryptionFault> {
    match kind {
        AES256 => Ok(32),
        AES128 | RC4 => Ok(16),
        other => Err(EncryptionFault::Unsupported(other)),
    }
}

fn suite(kind: i32) -> Result<CipherSuite, EncryptionFault> {
    match kind {
        AES256 => Ok(CipherSuite::Aes256CtsHmacSha196),
        AES128 => Ok(CipherSuite::Aes128CtsHmacSha196),
        other => Err(EncryptionFault::Unsupported(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn keys_derived_with_4096_rounds_agree_with_other_implementations() {
        // RFC 3962's names; its own vectors have other numbers of rounds.
        let salt = b"ATHENA.MIT.EDUraeburn";
        let key = Key::from_password(AES256, "password", salt, None).unwrap();
        assert_eq!(
            key.expose(),
            hex("01b897121d933ab44b47eb5494db15e50eb74530dbdae9b634d65020ff5d88c1")
        );
        let key = Key::from_password(AES128, "password", salt, Some(&[0, 0, 0x10, 0])).unwrap();
        assert_eq!(key.expose(), hex("fca822951813fb252154c883f5ee1cf4"));
        assert!(matches!(
            Key::from_password(AES128, "password", salt, Some(&[0, 0, 0, 1])),
            Err(EncryptionFault::Parameters)
        ));
    }

    #[test]
    fn every_type_decrypts_what_it_encrypted_and_nothing_else() {
        for kind in SUPPORTED {
            let key = Key::new(kind, &[7; 32][..key_length(kind).unwrap()]);
            for length in [0, 1, 15, 16, 17, 100] {
                let plain = vec![3; length];
                let cipher = key.encrypt(usage::TGS_REPLY, &plain).unwrap();
                assert_eq!(
                    key.decrypt(usage::TGS_REPLY, &cipher).unwrap().as_slice(),
                    plain
                );
                assert!(key.decrypt(usage::AP_REPLY, &cipher).is_err());
                let mut changed = cipher.clone();
                changed[length / 2] ^= 1;
                assert!(key.decrypt(usage::TGS_REPLY, &changed).is_err());
            }
            for length in 0..40 {
                assert!(key.decrypt(usage::TGS_REPLY, &vec![0; length]).is_err());
            }
        }
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused_and_never_shown() {
        let key = Key::new(AES256, b"secretsecretsecr");
        assert_eq!(key.encrypt(1, b"x"), Err(EncryptionFault::KeyLength));
        assert!(!format!("{key:?}").contains("secret"));
        assert!(!format!("{key:?}").contains("115"));
    }

    #[test]
    fn words_of_krb5_conf_are_known() {
        assert_eq!(numbers("aes256-cts"), Some(vec![18]));
        assert_eq!(numbers("rc4"), Some(vec![23]));
        assert_eq!(numbers("rot13"), None);
        assert_eq!(name(20), "aes256-cts-hmac-sha384-192");
        assert_eq!(name(99), "type 99");
    }
}
