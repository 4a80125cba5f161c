//! LDAP search filters (RFC 4515) from values that nobody checked.

/// The value as it may stand in a filter: everything that has a meaning there,
/// and everything that is not printable ASCII, as `\xx` of its UTF-8 bytes.
pub fn escape(value: &str) -> String {
    escape_bytes(value.as_bytes())
}

/// As [`escape`], for binary values such as SIDs.
pub fn escape_bytes(value: &[u8]) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value {
        match byte {
            b'(' | b')' | b'*' | b'\\' | 0..=0x1f | 0x7f..=0xff => {
                escaped.push('\\');
                for nibble in [byte >> 4, byte & 15] {
                    escaped.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
                }
            }
            byte => escaped.push(char::from(*byte)),
        }
    }
    escaped
}

/// `(attribute=value)`.
pub fn equals(attribute: &str, value: &str) -> String {
    format!("({attribute}={})", escape(value))
}

/// `(attribute=value)` for a binary value: every byte escaped.
pub fn equals_bytes(attribute: &str, value: &[u8]) -> String {
    let mut filter = format!("({attribute}=");
    for byte in value {
        filter.push('\\');
        for nibble in [byte >> 4, byte & 15] {
            filter.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    filter.push(')');
    filter
}

/// `(attribute=value*)`.
pub fn starts_with(attribute: &str, value: &str) -> String {
    format!("({attribute}={}*)", escape(value))
}

/// `(|…)` of several filters; one alone stands as it is.
pub fn any(filters: &[String]) -> String {
    match filters {
        [one] => one.clone(),
        several => format!("(|{})", several.concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_injected_filter_stays_a_value() {
        assert_eq!(
            equals("servicePrincipalName", "x*)(objectClass=*"),
            "(servicePrincipalName=x\\2a\\29\\28objectClass=\\2a)"
        );
        assert_eq!(escape("\u{0}é"), "\\00\\c3\\a9");
        assert_eq!(
            equals_bytes("objectSid", &[1, 0xff]),
            "(objectSid=\\01\\ff)"
        );
    }

    proptest! {
        #[test]
        fn nothing_with_a_meaning_is_left(value in "\\PC*") {
            let escaped = escape(&value);
            prop_assert!(!escaped.contains(['(', ')', '*']));
            prop_assert!(escaped.is_ascii());
        }
    }
}
