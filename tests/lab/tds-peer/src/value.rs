//! Column types and the encoding of cells ([MS-TDS] 2.2.5.4, 2.2.5.5).

mod literal;

use std::fmt;
use std::str::FromStr;

use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use self::literal::{datetime, datetime2, guid, hex, moment};
use crate::login7::TdsVersion;
use crate::token::COLLATION;
use crate::wire::{length_u16, length_u32, utf16_bytes};

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as in Transact-SQL: `nvarchar(128)`, `nvarchar(max)`, `int`…
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// The types that the peer can send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ColumnType {
    /// Text of at most so many characters; `None` is `max`.
    Nvarchar(Option<u16>),
    /// 8 bits without sign.
    Tinyint,
    /// 16 bits.
    Smallint,
    /// 32 bits.
    Int,
    /// 64 bits.
    Bigint,
    /// True or false.
    Bit,
    /// Date and time in steps of 1/300 s.
    Datetime,
    /// Date and time in steps of 100 ns.
    Datetime2,
    /// Date and time with the offset from UTC.
    Datetimeoffset,
    /// Bytes, at most so many; `None` is `max`.
    Varbinary(Option<u16>),
    /// A GUID.
    Uniqueidentifier,
}

/// A value in a scenario; text may hold placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a cell must be null, true, false, a whole number or text"
)]
pub enum Cell {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// Text, or anything that is written as text: times, GUIDs, 0x… bytes.
    Text(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A cell that does not fit its column, or a type that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ValueError(pub String);

impl FromStr for ColumnType {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let lower = text.trim().to_ascii_lowercase();
        let (name, argument) = match lower.split_once('(') {
            Some((name, rest)) => (name.trim_end(), rest.strip_suffix(')').map(str::trim)),
            None => (lower.as_str(), None),
        };
        let length = |limit: u16| match argument {
            Some("max") => Ok(None),
            Some(number) => match number.parse::<u16>() {
                Ok(number) if (1..=limit).contains(&number) => Ok(Some(number)),
                _ => Err(ValueError(format!(
                    "{name} takes a length from 1 to {limit}, or max"
                ))),
            },
            None => Err(ValueError(format!(
                "{name} needs a length, for example {name}(128)"
            ))),
        };
        Ok(match name {
            "nvarchar" => Self::Nvarchar(length(4000)?),
            "sysname" => Self::Nvarchar(Some(128)),
            "varbinary" => Self::Varbinary(length(8000)?),
            "tinyint" => Self::Tinyint,
            "smallint" => Self::Smallint,
            "int" => Self::Int,
            "bigint" => Self::Bigint,
            "bit" => Self::Bit,
            "datetime" => Self::Datetime,
            "datetime2" => Self::Datetime2,
            "datetimeoffset" => Self::Datetimeoffset,
            "uniqueidentifier" => Self::Uniqueidentifier,
            _ => {
                return Err(ValueError(format!(
                    "unknown column type {text}; known are nvarchar(n|max), sysname, tinyint, smallint, int, bigint, \
                     bit, datetime, datetime2, datetimeoffset, varbinary(n|max), uniqueidentifier"
                )));
            }
        })
    }
}

impl TryFrom<String> for ColumnType {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        text.parse()
    }
}

impl From<ColumnType> for String {
    fn from(kind: ColumnType) -> Self {
        kind.to_string()
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nvarchar(Some(length)) => write!(f, "nvarchar({length})"),
            Self::Nvarchar(None) => f.write_str("nvarchar(max)"),
            Self::Varbinary(Some(length)) => write!(f, "varbinary({length})"),
            Self::Varbinary(None) => f.write_str("varbinary(max)"),
            Self::Tinyint => f.write_str("tinyint"),
            Self::Smallint => f.write_str("smallint"),
            Self::Int => f.write_str("int"),
            Self::Bigint => f.write_str("bigint"),
            Self::Bit => f.write_str("bit"),
            Self::Datetime => f.write_str("datetime"),
            Self::Datetime2 => f.write_str("datetime2"),
            Self::Datetimeoffset => f.write_str("datetimeoffset"),
            Self::Uniqueidentifier => f.write_str("uniqueidentifier"),
        }
    }
}

impl ColumnType {
    /// The type as an older client gets it: before 7.2 there is no `max`,
    /// before 7.3 the newer times are text, as SQL Server does it.
    fn for_version(self, version: TdsVersion) -> Self {
        match self {
            Self::Datetime2 | Self::Datetimeoffset if version < TdsVersion::V7_3 => {
                Self::Nvarchar(Some(34))
            }
            Self::Nvarchar(None) if version < TdsVersion::V7_2 => Self::Nvarchar(Some(4000)),
            Self::Varbinary(None) if version < TdsVersion::V7_2 => Self::Varbinary(Some(8000)),
            other => other,
        }
    }

    /// Appends the `TYPE_INFO` of this type.
    pub fn put_type_info(self, out: &mut Vec<u8>, version: TdsVersion) {
        match self.for_version(version) {
            Self::Nvarchar(length) => {
                out.push(0xE7);
                out.extend(
                    length
                        .map_or(u16::MAX, |characters| characters * 2)
                        .to_le_bytes(),
                );
                out.extend(COLLATION);
            }
            Self::Varbinary(length) => {
                out.push(0xA5);
                out.extend(length.unwrap_or(u16::MAX).to_le_bytes());
            }
            Self::Tinyint => out.extend([0x26, 1]),
            Self::Smallint => out.extend([0x26, 2]),
            Self::Int => out.extend([0x26, 4]),
            Self::Bigint => out.extend([0x26, 8]),
            Self::Bit => out.extend([0x68, 1]),
            Self::Datetime => out.extend([0x6F, 8]),
            Self::Datetime2 => out.extend([0x2A, 7]),
            Self::Datetimeoffset => out.extend([0x2B, 7]),
            Self::Uniqueidentifier => out.extend([0x24, 16]),
        }
    }

    /// Appends `cell`, whose placeholders are filled, as a value of this type.
    pub fn put_value(
        self,
        out: &mut Vec<u8>,
        cell: &Cell,
        version: TdsVersion,
    ) -> Result<(), ValueError> {
        let kind = self.for_version(version);
        let wrong = || ValueError(format!("{} is not a value of type {self}", describe(cell)));
        match (kind, cell) {
            (Self::Nvarchar(None) | Self::Varbinary(None), Cell::Null) => {
                out.extend(u64::MAX.to_le_bytes());
            }
            (Self::Nvarchar(Some(_)) | Self::Varbinary(Some(_)), Cell::Null) => {
                out.extend(u16::MAX.to_le_bytes());
            }
            (_, Cell::Null) => out.push(0),
            (Self::Nvarchar(length), _) => {
                let bytes = utf16_bytes(&as_text(cell));
                put_sized(
                    out,
                    &bytes,
                    length.map(|characters| usize::from(characters) * 2),
                    cell,
                    self,
                )?;
            }
            (Self::Varbinary(length), Cell::Text(text)) => {
                let bytes = hex(text).ok_or_else(wrong)?;
                put_sized(out, &bytes, length.map(usize::from), cell, self)?;
            }
            (Self::Tinyint, _) => put_number(
                out,
                integer(cell)
                    .and_then(|n| u8::try_from(n).ok())
                    .ok_or_else(wrong)?
                    .to_le_bytes(),
            ),
            (Self::Smallint, _) => put_number(
                out,
                integer(cell)
                    .and_then(|n| i16::try_from(n).ok())
                    .ok_or_else(wrong)?
                    .to_le_bytes(),
            ),
            (Self::Int, _) => put_number(
                out,
                integer(cell)
                    .and_then(|n| i32::try_from(n).ok())
                    .ok_or_else(wrong)?
                    .to_le_bytes(),
            ),
            (Self::Bigint, _) => put_number(out, integer(cell).ok_or_else(wrong)?.to_le_bytes()),
            (Self::Bit, _) => put_number(out, [u8::from(truth(cell).ok_or_else(wrong)?)]),
            (Self::Datetime, Cell::Text(text)) => {
                let (time, _) = moment(text).ok_or_else(wrong)?;
                put_number(out, datetime(time).ok_or_else(wrong)?);
            }
            (Self::Datetime2, Cell::Text(text)) => {
                let (time, _) = moment(text).ok_or_else(wrong)?;
                put_number(out, datetime2(time).ok_or_else(wrong)?);
            }
            (Self::Datetimeoffset, Cell::Text(text)) => {
                let (local, minutes) = moment(text).ok_or_else(wrong)?;
                let offset = Offset::from_seconds(i32::from(minutes) * 60).map_err(|_| wrong())?;
                let utc = offset.to_timestamp(local).map_err(|_| wrong())?;
                let mut bytes = datetime2(Offset::UTC.to_datetime(utc))
                    .ok_or_else(wrong)?
                    .to_vec();
                bytes.extend(minutes.to_le_bytes());
                out.push(10);
                out.extend(bytes);
            }
            (Self::Uniqueidentifier, Cell::Text(text)) => {
                put_number(out, guid(text).ok_or_else(wrong)?);
            }
            _ => return Err(wrong()),
        }
        Ok(())
    }
}

fn describe(cell: &Cell) -> String {
    match cell {
        Cell::Null => "null".into(),
        Cell::Text(text) => format!("\"{text}\""),
        other => as_text(other),
    }
}

fn as_text(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Bool(value) => u8::from(*value).to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Text(text) => text.clone(),
    }
}

fn integer(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(value) => Some(*value),
        Cell::Text(text) => text.trim().parse().ok(),
        Cell::Null | Cell::Bool(_) => None,
    }
}

fn truth(cell: &Cell) -> Option<bool> {
    match cell {
        Cell::Bool(value) => Some(*value),
        Cell::Integer(value @ (0 | 1)) => Some(*value == 1),
        Cell::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn put_number<const N: usize>(out: &mut Vec<u8>, bytes: [u8; N]) {
    out.push(u8::try_from(N).unwrap_or(0));
    out.extend(bytes);
}

/// A value with a 16-bit length, or in one chunk when the type is `max`.
fn put_sized(
    out: &mut Vec<u8>,
    bytes: &[u8],
    limit: Option<usize>,
    cell: &Cell,
    kind: ColumnType,
) -> Result<(), ValueError> {
    match limit {
        Some(limit) if bytes.len() > limit => Err(ValueError(format!(
            "{} is too long for {kind}",
            describe(cell)
        ))),
        Some(_) => {
            out.extend(length_u16(bytes.len()).to_le_bytes());
            out.extend(bytes);
            Ok(())
        }
        None => {
            out.extend(u64::from(length_u32(bytes.len())).to_le_bytes());
            if !bytes.is_empty() {
                out.extend(length_u32(bytes.len()).to_le_bytes());
                out.extend(bytes);
            }
            out.extend(0u32.to_le_bytes());
            Ok(())
        }
    }
}

#[cfg(test)]
#[path = "value/tests.rs"]
mod tests;
