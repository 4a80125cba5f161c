//! Lines of LDIF.

/// A line `attribute: value`, or `attribute:: base64` when the value is not
/// safe as it is (RFC 2849, SAFE-STRING), or could act on a terminal.
///
/// ```
/// use sspi_doctor::fix::quote::ldif;
/// assert_eq!(ldif("cn", "plain"), "cn: plain");
/// assert_eq!(ldif("cn", "a\nb"), "cn:: YQpi");
/// ```
pub fn ldif(attribute: &str, value: &str) -> String {
    if ldif_is_safe(value) {
        format!("{attribute}: {value}")
    } else {
        format!("{attribute}:: {}", base64(value.as_bytes()))
    }
}

/// A line `attribute:: base64` of a binary value.
pub fn ldif_bytes(attribute: &str, value: &[u8]) -> String {
    format!("{attribute}:: {}", base64(value))
}

/// Whether a value can stand in LDIF as it is.
pub fn ldif_is_safe(value: &str) -> bool {
    !value.starts_with([' ', ':', '<'])
        && !value.ends_with(' ')
        && value
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .chain([0, 0].iter())
            .take(3)
            .fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
        for position in 0..4_usize {
            if position <= chunk.len() {
                let index = (word >> (18 - 6 * position)) & 63;
                text.push(char::from(ALPHABET[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
