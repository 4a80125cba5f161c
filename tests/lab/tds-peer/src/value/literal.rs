//! Times, GUIDs and bytes as they are written in a scenario, and as they are
//! sent ([MS-TDS] 2.2.5.5.1.8, 2.2.5.5.1.9).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))?;
    if digits.len() % 2 != 0 || !digits.is_ascii() {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect()
}

/// A time as text, with its offset from UTC in minutes (0 when it has none).
pub(super) fn moment(text: &str) -> Option<(DateTime, i16)> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        let minutes = offset_minutes(text)?;
        let offset = Offset::from_seconds(i32::from(minutes) * 60).ok()?;
        return Some((offset.to_datetime(timestamp), minutes));
    }
    text.parse::<DateTime>().ok().map(|time| (time, 0))
}

/// The offset at the end of a time stamp, which was found well formed.
fn offset_minutes(text: &str) -> Option<i16> {
    if text.ends_with(['Z', 'z']) {
        return Some(0);
    }
    let at = text.rfind(['+', '-'])?;
    let digits: String = text[at + 1..]
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let hours: i16 = digits.get(..2)?.parse().ok()?;
    let minutes: i16 = digits.get(2..4).unwrap_or("00").parse().ok()?;
    let sign = if text[at..].starts_with('-') { -1 } else { 1 };
    Some(sign * (hours * 60 + minutes))
}

fn days_since(year: i16, time: DateTime) -> Option<i32> {
    let start = Date::new(year, 1, 1).ok()?;
    Some(time.date().since(start).ok()?.get_days())
}

/// Five bytes of 100 ns since midnight and three bytes of days since year 1.
pub(super) fn datetime2(time: DateTime) -> Option<[u8; 8]> {
    let clock = time.time();
    let seconds =
        i64::from(clock.hour()) * 3600 + i64::from(clock.minute()) * 60 + i64::from(clock.second());
    let ticks = (seconds * 10_000_000 + i64::from(clock.subsec_nanosecond()) / 100).to_le_bytes();
    let days = days_since(1, time)?.to_le_bytes();
    Some([
        ticks[0], ticks[1], ticks[2], ticks[3], ticks[4], days[0], days[1], days[2],
    ])
}

/// Days since 1900 and 1/300 s since midnight.
pub(super) fn datetime(time: DateTime) -> Option<[u8; 8]> {
    let clock = time.time();
    let seconds =
        i32::from(clock.hour()) * 3600 + i32::from(clock.minute()) * 60 + i32::from(clock.second());
    let ticks = seconds * 300 + clock.subsec_nanosecond() / 10_000 * 3 / 1000;
    let mut out = [0; 8];
    out[..4].copy_from_slice(&days_since(1900, time)?.to_le_bytes());
    out[4..].copy_from_slice(&ticks.to_le_bytes());
    Some(out)
}

/// A GUID with its first three groups in little-endian order.
pub(super) fn guid(text: &str) -> Option<[u8; 16]> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | '{' | '}'))
        .collect();
    let bytes: [u8; 16] = hex(&format!("0x{digits}"))?.try_into().ok()?;
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    Some(order.map(|at: usize| bytes[at]))
}
