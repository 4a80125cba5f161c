//! Reading and writing the little-endian fields of TDS ([MS-TDS] 2.2.5).

use thiserror::Error;

/// Bytes from a client that are not what the protocol says they should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("malformed {what}: {why}")]
pub struct Malformed {
    /// The structure that was being read.
    pub what: &'static str,
    /// What was wrong with it.
    pub why: String,
}

impl Malformed {
    /// A fault found in `what`.
    pub fn new(what: &'static str, why: impl Into<String>) -> Self {
        Self {
            what,
            why: why.into(),
        }
    }
}

/// Reads fields from a byte slice and never past its end.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    what: &'static str,
    data: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over `data`, which is said to be a `what` in errors.
    pub fn new(what: &'static str, data: &'a [u8]) -> Self {
        Self { what, data }
    }

    /// The bytes not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.data
    }

    /// True when everything was read.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The next `count` bytes.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let Some((head, tail)) = self.data.split_at_checked(count) else {
            return Err(Malformed::new(
                self.what,
                format!("it ends {} bytes too early", count - self.data.len()),
            ));
        };
        self.data = tail;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut out = [0; N];
        out.copy_from_slice(self.bytes(N)?);
        Ok(out)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.array::<1>()?[0])
    }

    /// A little-endian 16-bit number.
    pub fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_le_bytes)
    }

    /// A big-endian 16-bit number, as PRELOGIN uses.
    pub fn u16_be(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    /// A little-endian 32-bit number.
    pub fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    /// A big-endian 32-bit number, as keytab files use.
    pub fn u32_be(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    /// A little-endian 64-bit number.
    pub fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    /// `count` UTF-16 code units as text.
    pub fn utf16(&mut self, count: usize) -> Result<String, Malformed> {
        self.bytes(count.saturating_mul(2)).map(utf16_text)
    }
}

/// UTF-16LE bytes as text; a lone surrogate becomes the replacement character.
pub fn utf16_text(bytes: &[u8]) -> String {
    let units = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Text as UTF-16LE bytes.
pub fn utf16_bytes(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Appends a `B_VARCHAR`: a one-byte count of UTF-16 units, then the units.
pub fn put_b_varchar(out: &mut Vec<u8>, text: &str) {
    let units: Vec<u16> = text.encode_utf16().take(usize::from(u8::MAX)).collect();
    out.push(u8::try_from(units.len()).unwrap_or(u8::MAX));
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
}

/// Appends a `US_VARCHAR`: a two-byte count of UTF-16 units, then the units.
pub fn put_us_varchar(out: &mut Vec<u8>, text: &str) {
    let units: Vec<u16> = text
        .encode_utf16()
        .take(usize::from(u16::MAX) / 2)
        .collect();
    out.extend(length_u16(units.len()).to_le_bytes());
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
}

/// A length as 16 bits; longer ones are cut to the maximum, which callers
/// prevent by bounding what they write.
pub fn length_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// A length as 32 bits.
pub fn length_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_past_the_end_is_an_error_that_names_the_structure() {
        let mut reader = Reader::new("LOGIN7", &[1, 2, 3]);
        assert_eq!(reader.u16().ok(), Some(0x0201));
        let error = reader.u32().expect_err("only one byte is left");
        assert_eq!(
            error.to_string(),
            "malformed LOGIN7: it ends 3 bytes too early"
        );
        assert_eq!(reader.rest(), [3]);
    }

    #[test]
    fn text_survives_the_way_to_utf16_and_back() {
        assert_eq!(utf16_text(&utf16_bytes("Grüße 🦀")), "Grüße 🦀");
        assert_eq!(utf16_text(&[0x00, 0xD8]), "\u{FFFD}");
    }

    #[test]
    fn a_b_varchar_counts_code_units_and_is_bounded() {
        let mut out = Vec::new();
        put_b_varchar(&mut out, "ab");
        assert_eq!(out, [2, b'a', 0, b'b', 0]);
        out.clear();
        put_b_varchar(&mut out, &"x".repeat(300));
        assert_eq!(out.len(), 1 + 255 * 2);
    }
}
