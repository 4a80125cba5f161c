//! As much DER (X.690) as Kerberos and SPNEGO need, without trust in what is
//! read.

use crate::wire::Malformed;

/// Tags used here.
pub mod tag {
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// OBJECT IDENTIFIER.
    pub const OID: u8 = 0x06;
    /// ENUMERATED.
    pub const ENUMERATED: u8 = 0x0A;
    /// GeneralizedTime.
    pub const TIME: u8 = 0x18;
    /// GeneralString.
    pub const GENERAL_STRING: u8 = 0x1B;
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: u8 = 0x30;

    /// `[number]`, explicit.
    pub const fn context(number: u8) -> u8 {
        0xA0 | number
    }

    /// `[APPLICATION number]`, explicit.
    pub const fn application(number: u8) -> u8 {
        0x60 | number
    }
}

/// Reads elements one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Der<'a> {
    what: &'static str,
    data: &'a [u8],
}

impl<'a> Der<'a> {
    /// A reader over `data`, which is said to be a `what` in errors.
    pub fn new(what: &'static str, data: &'a [u8]) -> Self {
        Self { what, data }
    }

    /// The bytes after the elements read so far.
    pub fn rest(&self) -> &'a [u8] {
        self.data
    }

    fn fault(&self, why: impl Into<String>) -> Malformed {
        Malformed::new(self.what, why)
    }

    /// The next element: its tag, its contents, and all of it.
    fn element(&mut self) -> Result<(u8, &'a [u8], &'a [u8]), Malformed> {
        let [tag, first, ..] = *self.data else {
            return Err(self.fault("it ends where an element should begin"));
        };
        if tag & 0x1F == 0x1F {
            return Err(self.fault("a tag number above 30"));
        }
        let (header, length) = if first < 0x80 {
            (2, usize::from(first))
        } else {
            let count = usize::from(first & 0x7F);
            let bytes = self
                .data
                .get(2..2 + count)
                .filter(|_| (1..=4).contains(&count));
            let bytes = bytes.ok_or_else(|| self.fault("a length that cannot be read"))?;
            let length = bytes
                .iter()
                .fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte));
            (2 + count, length)
        };
        let end = header
            .checked_add(length)
            .filter(|end| *end <= self.data.len());
        let end = end.ok_or_else(|| self.fault("an element that is longer than what holds it"))?;
        let (whole, rest) = self.data.split_at(end);
        self.data = rest;
        Ok((tag, &whole[header..], whole))
    }

    /// The contents of the next element, which must have this tag.
    pub fn expect(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        match self.optional(tag)? {
            Some(contents) => Ok(contents),
            None => Err(self.fault(format!("an element with tag {tag:#04x} is missing"))),
        }
    }

    /// The contents of the next element when it has this tag.
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.data.first() != Some(&tag) {
            return Ok(None);
        }
        Ok(Some(self.element()?.1))
    }

    /// All bytes of the next element, which must have this tag.
    pub fn whole(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        let before = *self;
        self.expect(tag)?;
        let length = before.data.len() - self.data.len();
        Ok(&before.data[..length])
    }

    /// A reader over the contents of the next element.
    pub fn enter(&mut self, tag: u8) -> Result<Self, Malformed> {
        let data = self.expect(tag)?;
        Ok(Self {
            what: self.what,
            data,
        })
    }

    /// A reader over the contents of the next element when it has this tag.
    pub fn enter_optional(&mut self, tag: u8) -> Result<Option<Self>, Malformed> {
        let what = self.what;
        Ok(self.optional(tag)?.map(|data| Self { what, data }))
    }

    /// The next element as an INTEGER of at most 32 bits, with its sign.
    pub fn integer(&mut self) -> Result<i64, Malformed> {
        let contents = self.expect(tag::INTEGER)?;
        if contents.is_empty() || contents.len() > 5 {
            return Err(self.fault("an integer that is not 32 bits wide"));
        }
        let start = if contents[0] & 0x80 == 0 { 0 } else { -1 };
        Ok(contents
            .iter()
            .fold(start, |sum, byte| (sum << 8) | i64::from(*byte)))
    }

    /// The next element as text.
    pub fn text(&mut self) -> Result<String, Malformed> {
        self.expect(tag::GENERAL_STRING)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// The next element as a BIT STRING of flags; bit 0 is the highest.
    pub fn flags(&mut self) -> Result<u32, Malformed> {
        let contents = self.expect(tag::BIT_STRING)?;
        let bits = contents
            .get(1..)
            .ok_or_else(|| self.fault("an empty bit string"))?;
        let mut bytes = [0; 4];
        for (to, from) in bytes.iter_mut().zip(bits) {
            *to = *from;
        }
        Ok(u32::from_be_bytes(bytes))
    }

    /// True when nothing is left.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }
}

/// An element with this tag around some contents.
pub fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = contents.len();
    if let (Ok(short), true) = (u8::try_from(length), length < 0x80) {
        out.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let start = bytes
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or(bytes.len() - 1);
        out.push(0x80 | u8::try_from(bytes.len() - start).unwrap_or(0));
        out.extend(&bytes[start..]);
    }
    out.extend(contents);
    out
}

/// An element with this tag around other elements.
pub fn nested(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// `[number]` around an element.
pub fn context(number: u8, inner: &[u8]) -> Vec<u8> {
    element(tag::context(number), inner)
}

/// A non-negative INTEGER.
pub fn integer(value: u32) -> Vec<u8> {
    let wide = u64::from(value).to_be_bytes();
    // The first byte that counts, one earlier when its sign bit is set.
    let start = wide.iter().position(|byte| *byte != 0).unwrap_or(7);
    let start = if wide[start] & 0x80 == 0 {
        start
    } else {
        start - 1
    };
    element(tag::INTEGER, &wide[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_their_value_and_are_short() {
        for value in [0, 1, 127, 128, 255, 256, 32_767, 32_768, u32::MAX] {
            let bytes = integer(value);
            assert_eq!(Der::new("x", &bytes).integer(), Ok(i64::from(value)));
        }
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(Der::new("x", &[2, 1, 0xFF]).integer(), Ok(-1));
    }

    #[test]
    fn long_elements_have_long_lengths() {
        for length in [0, 127, 128, 255, 256, 70_000] {
            let bytes = element(tag::OCTET_STRING, &vec![7; length]);
            let mut reader = Der::new("x", &bytes);
            assert_eq!(
                reader.expect(tag::OCTET_STRING).map(<[u8]>::len),
                Ok(length)
            );
            assert!(reader.is_empty());
        }
        assert_eq!(element(4, &[0; 128])[..3], [4, 0x81, 128]);
    }

    #[test]
    fn lengths_beyond_the_end_are_errors() {
        for bad in [
            &[0x30, 5, 0][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x84, 255, 255, 255, 255],
            &[0x30, 0x89, 1],
        ] {
            assert!(Der::new("x", bad).expect(0x30).is_err());
        }
        assert!(Der::new("x", &[0x1F, 1, 0]).optional(0x1F).is_err());
    }
}
