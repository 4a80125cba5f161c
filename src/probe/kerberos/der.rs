//! The part of DER that Kerberos messages are made of, ITU-T X.690.
//!
//! A Kerberos message is read by hand and not through derived types, because
//! a KDC or an attacker may send anything: fields that are unknown are skipped,
//! strings need not be ASCII (RFC 4120 5.2.1 allows only that, Windows sends
//! UTF-8), and a ticket must be kept byte for byte.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Bytes that are not the DER that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is damaged: {0}")]
pub struct DerFault(pub &'static str);

/// `INTEGER`.
const INTEGER: u8 = 0x02;
/// `BIT STRING`.
const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`.
const OCTET_STRING: u8 = 0x04;
/// `GeneralizedTime`.
const GENERALIZED_TIME: u8 = 0x18;
/// `GeneralString`, as which RFC 4120 5.2.1 sends every KerberosString.
const GENERAL_STRING: u8 = 0x1b;
/// `SEQUENCE` and `SEQUENCE OF`.
const SEQUENCE: u8 = 0x30;

/// The tag of `[n]`, constructed.
const fn context_tag(number: u8) -> u8 {
    0xa0 | number
}

/// The tag of `[APPLICATION n]`, constructed.
pub const fn application_tag(number: u8) -> u8 {
    0x60 | number
}

/// Reads elements one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// One element.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left, as it is.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn element(&mut self) -> Result<Element<'a>, DerFault> {
        let start = self.rest;
        let [tag, first, rest @ ..] = start else {
            return Err(DerFault("it ends too early"));
        };
        if tag & 0x1f == 0x1f {
            return Err(DerFault("it has a tag that Kerberos does not use"));
        }
        let (length, rest) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            long @ 0x81..=0x84 => {
                let count = usize::from(long & 0x7f);
                let (digits, rest) = rest
                    .split_at_checked(count)
                    .ok_or(DerFault("it ends inside a length"))?;
                let length = digits
                    .iter()
                    .fold(0_usize, |sum, digit| (sum << 8) | usize::from(*digit));
                (length, rest)
            }
            _ => return Err(DerFault("it has a length that DER forbids")),
        };
        let (content, rest) = rest
            .split_at_checked(length)
            .ok_or(DerFault("an element is longer than the message"))?;
        self.rest = rest;
        Ok(Element {
            tag: *tag,
            content,
            whole: &start[..start.len() - rest.len()],
        })
    }

    /// The content of the next element, which must have this tag.
    pub fn enter(&mut self, tag: u8) -> Result<Reader<'a>, DerFault> {
        let element = self.element()?;
        if element.tag == tag {
            Ok(Reader::new(element.content))
        } else {
            Err(DerFault("an element is not of the kind that stands here"))
        }
    }

    /// The content of the next element when it is a `SEQUENCE`.
    pub fn sequence(&mut self) -> Result<Reader<'a>, DerFault> {
        self.enter(SEQUENCE)
    }

    /// Field `[number]`; fields before it that are not read are skipped.
    pub fn field(&mut self, number: u8) -> Result<Reader<'a>, DerFault> {
        self.optional_field(number)?
            .ok_or(DerFault("a field is missing"))
    }

    /// Field `[number]` if it is there; fields before it are skipped.
    pub fn optional_field(&mut self, number: u8) -> Result<Option<Reader<'a>>, DerFault> {
        while let Some(tag) = self.peek() {
            if tag & 0xe0 != 0xa0 {
                return Err(DerFault("a field has no number"));
            }
            match (tag & 0x1f).cmp(&number) {
                std::cmp::Ordering::Less => {
                    self.element()?;
                }
                std::cmp::Ordering::Equal => return Ok(Some(Reader::new(self.element()?.content))),
                std::cmp::Ordering::Greater => break,
            }
        }
        Ok(None)
    }

    /// The next element with its tag and length.
    pub fn whole(&mut self) -> Result<&'a [u8], DerFault> {
        Ok(self.element()?.whole)
    }

    /// An `INTEGER` of up to eight bytes.
    pub fn integer(&mut self) -> Result<i64, DerFault> {
        let digits = self.enter(INTEGER)?.rest;
        let Some(first) = digits.first() else {
            return Err(DerFault("a number has no digits"));
        };
        if digits.len() > 8 {
            return Err(DerFault("a number is too large"));
        }
        let sign = if first & 0x80 == 0 { 0 } else { -1 };
        Ok(digits
            .iter()
            .fold(sign, |sum, digit| (sum << 8) | i64::from(*digit)))
    }

    /// An `INTEGER` as RFC 4120's Int32.
    pub fn int32(&mut self) -> Result<i32, DerFault> {
        i32::try_from(self.integer()?).map_err(|_| DerFault("a number is too large"))
    }

    /// An `OCTET STRING`.
    pub fn octets(&mut self) -> Result<&'a [u8], DerFault> {
        Ok(self.enter(OCTET_STRING)?.rest)
    }

    /// A KerberosString, whichever string type it was sent as; bytes that are
    /// not UTF-8 are replaced.
    pub fn text(&mut self) -> Result<String, DerFault> {
        let element = self.element()?;
        if element.tag & 0xe0 != 0 {
            return Err(DerFault("a text is not a text"));
        }
        Ok(String::from_utf8_lossy(element.content).into_owned())
    }

    /// A KerberosTime, RFC 4120 5.2.3: `YYYYMMDDHHMMSSZ`.
    pub fn time(&mut self) -> Result<Timestamp, DerFault> {
        const FAULT: DerFault = DerFault("a time is not one");
        let digits = self.enter(GENERALIZED_TIME)?.rest;
        let text = std::str::from_utf8(digits).map_err(|_| FAULT)?;
        if text.len() != 15 || !text.ends_with('Z') {
            return Err(FAULT);
        }
        DateTime::strptime("%Y%m%d%H%M%S", &text[..14])
            .and_then(|time| time.to_zoned(TimeZone::UTC))
            .map(|time| time.timestamp())
            .map_err(|_| FAULT)
    }

    /// A KerberosFlags `BIT STRING`: the first 32 bits, bit 0 the highest.
    pub fn flags(&mut self) -> Result<u32, DerFault> {
        let content = self.enter(BIT_STRING)?.rest;
        let bits = content.get(1..).unwrap_or_default();
        Ok((0..4).fold(0, |sum, index| {
            (sum << 8) | u32::from(bits.get(index).copied().unwrap_or(0))
        }))
    }
}

/// An element of this tag around the parts.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = Vec::with_capacity(length + 6);
    bytes.push(tag);
    let digits = length.to_be_bytes();
    if length < 0x80 {
        bytes.push(digits[digits.len() - 1]);
    } else {
        let skipped = digits.iter().take_while(|digit| **digit == 0).count();
        let count = u8::try_from(digits.len() - skipped).unwrap_or(8);
        bytes.push(0x80 | count);
        bytes.extend_from_slice(&digits[skipped..]);
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

/// A `SEQUENCE` of the parts.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

/// Field `[number]`.
pub fn field(number: u8, content: &[u8]) -> Vec<u8> {
    element(context_tag(number), &[content])
}

/// An `INTEGER`.
pub fn integer(value: i64) -> Vec<u8> {
    let digits = value.to_be_bytes();
    // DER: no leading byte that only repeats the sign.
    let redundant = digits
        .windows(2)
        .take_while(|pair| {
            (pair[0] == 0 && pair[1] & 0x80 == 0) || (pair[0] == 0xff && pair[1] & 0x80 != 0)
        })
        .count();
    element(INTEGER, &[&digits[redundant..]])
}

/// An `OCTET STRING`.
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    element(OCTET_STRING, &[bytes])
}

/// A KerberosString.
pub fn text(text: &str) -> Vec<u8> {
    element(GENERAL_STRING, &[text.as_bytes()])
}

/// A KerberosFlags of 32 bits.
pub fn flags(bits: u32) -> Vec<u8> {
    element(BIT_STRING, &[&[0], &bits.to_be_bytes()])
}

/// A KerberosTime; parts of a second are dropped.
pub fn time(time: Timestamp) -> Vec<u8> {
    let text = time
        .to_zoned(TimeZone::UTC)
        .strftime("%Y%m%d%H%M%SZ")
        .to_string();
    element(GENERALIZED_TIME, &[text.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_their_value_and_are_minimal() {
        for value in [
            0,
            1,
            127,
            128,
            255,
            256,
            -1,
            -128,
            -129,
            -138,
            0xffff_ffff,
            i64::MAX,
            i64::MIN,
        ] {
            let bytes = integer(value);
            assert_eq!(Reader::new(&bytes).integer(), Ok(value));
        }
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(integer(-128), [2, 1, 0x80]);
        assert_eq!(integer(0xffff_ffff), [2, 5, 0, 255, 255, 255, 255]);
    }

    #[test]
    fn lengths_of_one_two_and_three_bytes_are_read_back() {
        for length in [0, 127, 128, 255, 256, 70_000] {
            let bytes = octets(&vec![7; length]);
            assert_eq!(Reader::new(&bytes).octets().unwrap().len(), length);
        }
    }

    #[test]
    fn times_are_read_back_and_nonsense_is_refused() {
        let moment: Timestamp = "2026-11-22T09:41:07Z".parse().unwrap();
        let bytes = time(moment);
        assert_eq!(&bytes[2..], b"20261122094107Z");
        assert_eq!(Reader::new(&bytes).time(), Ok(moment));
        for nonsense in [&b"20261322094107Z"[..], b"2026112209410Z", b"\xff"] {
            let bytes = element(GENERALIZED_TIME, &[nonsense]);
            assert!(Reader::new(&bytes).time().is_err());
        }
    }

    #[test]
    fn unknown_fields_are_skipped_and_cut_off_messages_refused() {
        let bytes = sequence(&[&field(1, &integer(5)), &field(7, &text("x"))]);
        let mut fields = Reader::new(&bytes).sequence().unwrap();
        assert!(fields.optional_field(6).unwrap().is_none());
        assert_eq!(fields.field(7).unwrap().text().unwrap(), "x");
        for cut in 0..bytes.len() {
            assert!(Reader::new(&bytes[..cut]).sequence().is_err());
        }
        assert!(
            Reader::new(&[0x30, 0x84, 255, 255, 255, 255])
                .sequence()
                .is_err()
        );
        assert!(Reader::new(&[0x30, 0x80, 0, 0]).sequence().is_err());
    }
}
