//! A column of a result set: its name, and how its values stand in a row,
//! [MS-TDS] 2.2.5.4 and 2.2.5.6.

use super::TdsFault;
use super::token::Reader;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    layout: Layout,
    alphabet: Alphabet,
}

/// How long a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// So many bytes.
    Fixed(usize),
    /// A length in one byte stands before it; zero is null.
    Byte,
    /// A length in two bytes stands before it; 65535 is null.
    Short,
    /// It comes in pieces, [MS-TDS] 2.2.5.2.3.
    Pieces,
}

/// A value in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// Null, or a value of another type.
    NoText,
}

/// Whether a value is a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alphabet {
    Utf16,
    Ascii,
    None,
}

impl Column {
    /// Reads a column's description; none when it is cut off.
    pub fn read(reader: &mut Reader<'_>) -> Option<Result<Self, TdsFault>> {
        // The user type, and flags.
        reader.take(6)?;
        let [kind] = reader.array()?;
        let (layout, alphabet) = match kind {
            0x30 | 0x32 => (Layout::Fixed(1), Alphabet::None),
            0x34 => (Layout::Fixed(2), Alphabet::None),
            0x38 | 0x3A | 0x3B | 0x7A => (Layout::Fixed(4), Alphabet::None),
            0x3C | 0x3D | 0x3E | 0x7F => (Layout::Fixed(8), Alphabet::None),
            // DATE has nothing more to say.
            0x28 => (Layout::Byte, Alphabet::None),
            // The largest length, or the scale of a time.
            0x24 | 0x26 | 0x29..=0x2B | 0x68 | 0x6D..=0x6F => {
                reader.take(1)?;
                (Layout::Byte, Alphabet::None)
            }
            // Length, precision and scale.
            0x6A | 0x6C => {
                reader.take(3)?;
                (Layout::Byte, Alphabet::None)
            }
            // Bytes; the others have a collation.
            0xA5 | 0xAD => (variable(reader)?, Alphabet::None),
            0xA7 | 0xAF | 0xE7 | 0xEF => {
                let layout = variable(reader)?;
                reader.take(5)?;
                let alphabet = if kind >= 0xE0 {
                    Alphabet::Utf16
                } else {
                    Alphabet::Ascii
                };
                (layout, alphabet)
            }
            _ => {
                return Some(Err(TdsFault::Malformed(
                    "a column of a type that was not asked for",
                )));
            }
        };
        let [length] = reader.array()?;
        let name = utf16(reader.take(usize::from(length) * 2)?);
        Some(Ok(Self {
            name,
            layout,
            alphabet,
        }))
    }

    /// Reads a value; none when it is cut off.
    pub fn value(&self, reader: &mut Reader<'_>) -> Option<Value> {
        let pieces;
        let bytes = match self.layout {
            Layout::Fixed(length) => reader.take(length)?,
            Layout::Byte => match reader.array()? {
                [0] => return Some(Value::NoText),
                [length] => reader.take(usize::from(length))?,
            },
            Layout::Short => match u16::from_le_bytes(reader.array()?) {
                u16::MAX => return Some(Value::NoText),
                length => reader.take(usize::from(length))?,
            },
            Layout::Pieces => {
                if u64::from_le_bytes(reader.array()?) == u64::MAX {
                    return Some(Value::NoText);
                }
                pieces = all_pieces(reader)?;
                &pieces
            }
        };
        Some(match self.alphabet {
            Alphabet::Utf16 => Value::Text(utf16(bytes)),
            Alphabet::Ascii => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
            Alphabet::None => Value::NoText,
        })
    }
}

/// A type whose largest length of 65535 says that its values come in pieces.
fn variable(reader: &mut Reader<'_>) -> Option<Layout> {
    Some(match u16::from_le_bytes(reader.array()?) {
        u16::MAX => Layout::Pieces,
        _ => Layout::Short,
    })
}

/// The pieces of a value, of which one without bytes is the end.
fn all_pieces(reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let length = usize::try_from(u32::from_le_bytes(reader.array()?)).ok()?;
        if length == 0 {
            return Some(bytes);
        }
        bytes.extend_from_slice(reader.take(length)?);
    }
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: &[u8]) -> Column {
        let bytes = [&[0; 6], kind, &[1, b'c', 0]].concat();
        Column::read(&mut Reader::new(&bytes)).unwrap().unwrap()
    }

    fn value(kind: &[u8], bytes: &[u8]) -> Option<String> {
        let mut reader = Reader::new(bytes);
        let value = column(kind).value(&mut reader).unwrap();
        assert!(reader.take(1).is_none(), "{kind:?}: bytes are left");
        match value {
            Value::Text(text) => Some(text),
            Value::NoText => None,
        }
    }

    #[test]
    fn every_type_takes_the_bytes_that_are_its_own() {
        const COLLATION: &[u8] = &[9, 4, 0xD0, 0, 0x34];
        let with = |head: &[u8]| [head, COLLATION].concat();
        assert_eq!(value(&[0x38], &[1, 2, 3, 4]), None);
        assert_eq!(value(&[0x3D], &[0; 8]), None);
        assert_eq!(value(&[0x28], &[3, 1, 2, 3]), None);
        assert_eq!(value(&[0x6F, 8], &[8, 1, 2, 3, 4, 5, 6, 7, 8]), None);
        assert_eq!(value(&[0x6C, 17, 38, 0], &[5, 1, 1, 0, 0, 0]), None);
        assert_eq!(value(&[0xA5, 8, 0], &[2, 0, 1, 2]), None);
        assert_eq!(
            value(&with(&[0xA7, 8, 0]), &[2, 0, b'o', b'k']).as_deref(),
            Some("ok")
        );
        assert_eq!(
            value(&with(&[0xE7, 8, 0]), &[2, 0, b'o', 0]).as_deref(),
            Some("o")
        );
        assert_eq!(value(&with(&[0xE7, 8, 0]), &[0xFF, 0xFF]), None);
        let long = [
            &u64::MAX.wrapping_sub(1).to_le_bytes()[..],
            &[2, 0, 0, 0, b'l', 0, 2, 0, 0, 0, b'g', 0, 0, 0, 0, 0],
        ]
        .concat();
        assert_eq!(
            value(&with(&[0xE7, 0xFF, 0xFF]), &long).as_deref(),
            Some("lg")
        );
        assert_eq!(value(&with(&[0xE7, 0xFF, 0xFF]), &[0xFF; 8]), None);
    }

    #[test]
    fn a_type_without_a_length_is_refused() {
        let bytes = [&[0; 6][..], &[0x63, 0, 0]].concat();
        assert!(Column::read(&mut Reader::new(&bytes)).unwrap().is_err());
    }
}
