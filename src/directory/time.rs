//! The two ways in which the directory writes a time.

use jiff::Timestamp;

/// 1601-01-01 to 1970-01-01 in seconds.
const EPOCH_DIFFERENCE: i64 = 11_644_473_600;

/// A FILETIME: 100 ns since 1601 ([MS-DTYP] 2.3.3). Zero and the greatest value
/// mean that there is no such time ([MS-ADA1] 2.2).
pub fn from_filetime(value: i64) -> Option<Timestamp> {
    if value <= 0 || value == i64::MAX {
        return None;
    }
    let seconds = value / 10_000_000 - EPOCH_DIFFERENCE;
    let nanoseconds = i32::try_from(value % 10_000_000 * 100).ok()?;
    Timestamp::new(seconds, nanoseconds).ok()
}

/// A generalized time in UTC, `20261122095321.0Z` (RFC 4517 3.3.13).
pub fn from_generalized(text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    let (digits, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| -> Option<i8> { digits[from..to].parse().ok() };
    let milliseconds: i32 = match fraction {
        "" => 0,
        fraction => format!("{fraction:0<3}").get(..3)?.parse().ok()?,
    };
    jiff::civil::DateTime::new(
        digits[..4].parse().ok()?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
        milliseconds * 1_000_000,
    )
    .ok()?
    .to_zoned(jiff::tz::TimeZone::UTC)
    .ok()
    .map(|zoned| zoned.timestamp())
}

/// RFC 3339 in UTC, as facts tell it.
pub fn rfc3339(time: Timestamp) -> String {
    format!("{time:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_forms() {
        let time = from_generalized("20261122095321.0Z").unwrap();
        assert_eq!(rfc3339(time), "2026-11-22T09:53:21Z");
        let filetime = from_filetime(134_090_816_000_000_000).unwrap();
        assert_eq!(filetime.as_second(), 1_764_608_000);
        assert_eq!(from_filetime(0), None);
        assert_eq!(from_filetime(i64::MAX), None);
        assert_eq!(from_generalized("20261322095321.0Z"), None);
        assert_eq!(from_generalized("Z"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(value in any::<i64>(), text in "\\PC{0,20}") {
            let _ = from_filetime(value);
            let _ = from_generalized(&text);
        }
    }
}
