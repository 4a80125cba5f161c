//! msDS-SupportedEncryptionTypes ([MS-KILE] 2.2.7) and Kerberos encryption
//! type numbers (RFC 3961, RFC 4757).

/// The bits and their words.
const BITS: &[(u32, &str)] = &[
    (0x1, "DES-CBC-CRC"),
    (0x2, "DES-CBC-MD5"),
    (0x4, "RC4-HMAC"),
    (0x8, "AES128-CTS-HMAC-SHA1-96"),
    (0x10, "AES256-CTS-HMAC-SHA1-96"),
    (0x20, "AES256 session keys"),
    (0x1_0000, "FAST"),
    (0x2_0000, "compound identity"),
    (0x4_0000, "claims"),
    (0x8_0000, "no resource SID compression"),
];

const KEYS: u32 = 0x1f;
const RC4: u32 = 0x4;
const AES: u32 = 0x18;

/// The bits in words, unknown ones as a number.
pub fn words(value: u32) -> Vec<String> {
    let mut words: Vec<String> = BITS
        .iter()
        .filter(|(bit, _)| value & bit != 0)
        .map(|(_, word)| (*word).to_owned())
        .collect();
    let known = BITS.iter().fold(0, |known, (bit, _)| known | bit);
    if value & !known != 0 {
        words.push(format!("0x{:x}", value & !known));
    }
    words
}

/// Whether AES tickets may be issued; nothing when no key type is named, for
/// then the KDC's default decides.
pub fn allows_aes(value: u32) -> Option<bool> {
    (value & KEYS != 0).then_some(value & AES != 0)
}

/// Whether RC4 tickets may be issued; nothing when no key type is named.
pub fn allows_rc4(value: u32) -> Option<bool> {
    (value & KEYS != 0).then_some(value & RC4 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_in_words() {
        assert_eq!(
            words(0x1c),
            [
                "RC4-HMAC",
                "AES128-CTS-HMAC-SHA1-96",
                "AES256-CTS-HMAC-SHA1-96"
            ]
        );
        assert_eq!(words(0x100), ["0x100"]);
        assert!(words(0).is_empty());
    }

    #[test]
    fn unset_means_that_the_kdc_decides() {
        assert_eq!(allows_aes(0), None);
        assert_eq!(allows_aes(0x20), None);
        assert_eq!((allows_aes(4), allows_rc4(4)), (Some(false), Some(true)));
        assert_eq!((allows_aes(24), allows_rc4(24)), (Some(true), Some(false)));
    }
}
