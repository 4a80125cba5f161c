//! What a client asks after its login: batches, procedure calls, transactions
//! ([MS-TDS] 2.2.6.6, 2.2.6.7, 2.2.6.9).

use crate::login7::TdsVersion;
use crate::packet::{Message, kind};
use crate::wire::{Malformed, Reader, utf16_text};

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A batch of Transact-SQL.
    Batch(String),
    /// Transact-SQL through sp_executesql or sp_prepexec.
    Statement {
        /// The text.
        sql: String,
        /// True for sp_prepexec, whose caller wants a handle back.
        wants_handle: bool,
    },
    /// sp_prepare: only a handle is wanted.
    Prepare(String),
    /// sp_execute of a handle.
    Execute(i32),
    /// sp_unprepare.
    Unprepare,
    /// Any other procedure, by name.
    Procedure(String),
    /// A transaction manager request, by its type.
    Transaction(u16),
    /// Cancel what runs.
    Attention,
    /// A message without meaning here, such as the empty token that some
    /// drivers send after the login.
    Nothing,
}

impl Request {
    /// Reads a message of a logged-in client.
    pub fn parse(message: &Message, version: TdsVersion) -> Result<Self, Malformed> {
        let mut body = Reader::new("request", &message.payload);
        match message.kind {
            kind::ATTENTION => Ok(Self::Attention),
            kind::LOGIN7 | kind::SSPI if message.payload.is_empty() => Ok(Self::Nothing),
            kind::SQL_BATCH => {
                skip_headers(&mut body, version)?;
                Ok(Self::Batch(utf16_text(body.rest())))
            }
            kind::RPC => {
                skip_headers(&mut body, version)?;
                procedure(&mut body)
            }
            kind::TRANSACTION => {
                skip_headers(&mut body, version)?;
                Ok(Self::Transaction(body.u16()?))
            }
            other => Err(Malformed::new(
                "request",
                format!("packet type {other:#04x} after the login"),
            )),
        }
    }
}

/// Skips `ALL_HEADERS`, which exists since TDS 7.2 ([MS-TDS] 2.2.5.3).
fn skip_headers(body: &mut Reader<'_>, version: TdsVersion) -> Result<(), Malformed> {
    if version < TdsVersion::V7_2 {
        return Ok(());
    }
    let total = body.u32()? as usize;
    let rest = total
        .checked_sub(4)
        .ok_or_else(|| Malformed::new("ALL_HEADERS", format!("length {total}")))?;
    body.bytes(rest)?;
    Ok(())
}

fn procedure(body: &mut Reader<'_>) -> Result<Request, Malformed> {
    let name_length = body.u16()?;
    let name = if name_length == u16::MAX {
        match body.u16()? {
            10 => "sp_executesql".to_owned(),
            11 => "sp_prepare".to_owned(),
            12 => "sp_execute".to_owned(),
            13 => "sp_prepexec".to_owned(),
            15 => "sp_unprepare".to_owned(),
            other => format!("procedure number {other}"),
        }
    } else {
        body.utf16(usize::from(name_length))?
    };
    let _options = body.u16()?;
    let text_at = |body: &mut Reader<'_>, position: usize| -> Result<String, Malformed> {
        for _ in 0..position {
            parameter(body)?;
        }
        match parameter(body)? {
            Parameter::Text(text) => Ok(text),
            _ => Err(Malformed::new(
                "RPC",
                "a parameter that should be a statement is not text",
            )),
        }
    };
    let plain = name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_lowercase();
    match plain.as_str() {
        "sp_executesql" => Ok(Request::Statement {
            sql: text_at(body, 0)?,
            wants_handle: false,
        }),
        "sp_prepexec" => Ok(Request::Statement {
            sql: text_at(body, 2)?,
            wants_handle: true,
        }),
        "sp_prepare" => Ok(Request::Prepare(text_at(body, 2)?)),
        "sp_execute" => match parameter(body)? {
            Parameter::Number(handle) => {
                Ok(Request::Execute(i32::try_from(handle).unwrap_or_default()))
            }
            _ => Err(Malformed::new("RPC", "sp_execute without a handle")),
        },
        "sp_unprepare" => Ok(Request::Unprepare),
        _ => Ok(Request::Procedure(name)),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Parameter {
    Text(String),
    Number(i64),
    Other,
}

/// Reads one parameter of the types that come before a statement's text.
fn parameter(body: &mut Reader<'_>) -> Result<Parameter, Malformed> {
    let name_length = usize::from(body.u8()?);
    body.utf16(name_length)?;
    let _status = body.u8()?;
    let data_type = body.u8()?;
    match data_type {
        // INTN and BITN.
        0x26 | 0x68 => {
            let _size = body.u8()?;
            let length = usize::from(body.u8()?);
            let bytes = body.bytes(length)?;
            let mut wide = [0; 8];
            let Some(start) = wide.get_mut(..length) else {
                return Err(Malformed::new("RPC", "an integer of more than 8 bytes"));
            };
            start.copy_from_slice(bytes);
            Ok(if length == 0 {
                Parameter::Other
            } else {
                Parameter::Number(i64::from_le_bytes(wide))
            })
        }
        // NVARCHAR and NCHAR, with their collation.
        0xE7 | 0xEF => {
            let size = body.u16()?;
            body.bytes(5)?;
            let bytes = if size == u16::MAX {
                chunks(body)?
            } else {
                short(body)?
            };
            Ok(bytes.map_or(Parameter::Other, |bytes| {
                Parameter::Text(utf16_text(&bytes))
            }))
        }
        // NTEXT.
        0x63 => {
            body.u32()?;
            body.bytes(5)?;
            let length = body.u32()?;
            if length == u32::MAX {
                return Ok(Parameter::Other);
            }
            Ok(Parameter::Text(utf16_text(body.bytes(length as usize)?)))
        }
        // BIGVARCHAR and BIGCHAR.
        0xA7 | 0xAF => {
            let size = body.u16()?;
            body.bytes(5)?;
            let bytes = if size == u16::MAX {
                chunks(body)?
            } else {
                short(body)?
            };
            Ok(bytes.map_or(Parameter::Other, |bytes| {
                Parameter::Text(String::from_utf8_lossy(&bytes).into_owned())
            }))
        }
        other => Err(Malformed::new(
            "RPC",
            format!("parameter type {other:#04x} before the statement"),
        )),
    }
}

fn short(body: &mut Reader<'_>) -> Result<Option<Vec<u8>>, Malformed> {
    match body.u16()? {
        u16::MAX => Ok(None),
        length => body
            .bytes(usize::from(length))
            .map(|bytes| Some(bytes.to_vec())),
    }
}

/// A partially length-prefixed value ([MS-TDS] 2.2.5.2.3).
fn chunks(body: &mut Reader<'_>) -> Result<Option<Vec<u8>>, Malformed> {
    if body.u64()? == u64::MAX {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    loop {
        let length = body.u32()? as usize;
        if length == 0 {
            return Ok(Some(bytes));
        }
        bytes.extend(body.bytes(length)?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::utf16_bytes;

    fn rpc(id: u16, parameters: &[&[u8]]) -> Message {
        let mut payload = vec![4, 0, 0, 0, 0xFF, 0xFF];
        payload.extend(id.to_le_bytes());
        payload.extend([0, 0]);
        for parameter in parameters {
            payload.extend([0, 0]);
            payload.extend(*parameter);
        }
        Message {
            kind: kind::RPC,
            payload,
        }
    }

    fn nvarchar(text: &str) -> Vec<u8> {
        let bytes = utf16_bytes(text);
        let mut out = vec![0xE7, 0x40, 0x1F, 0, 0, 0, 0, 0];
        out.extend(u16::try_from(bytes.len()).expect("short").to_le_bytes());
        out.extend(bytes);
        out
    }

    #[test]
    fn the_statement_is_found_behind_the_handle() {
        let handle: &[u8] = &[0x26, 4, 0];
        let null: &[u8] = &[0xE7, 0x40, 0x1F, 0, 0, 0, 0, 0, 0xFF, 0xFF];
        let parsed = Request::parse(
            &rpc(13, &[handle, null, &nvarchar("SELECT 1")]),
            TdsVersion::V7_4,
        );
        assert_eq!(
            parsed,
            Ok(Request::Statement {
                sql: "SELECT 1".into(),
                wants_handle: true
            })
        );
        let parsed = Request::parse(&rpc(12, &[&[0x26, 4, 4, 7, 0, 0, 0]]), TdsVersion::V7_4);
        assert_eq!(parsed, Ok(Request::Execute(7)));
    }

    #[test]
    fn long_statements_come_in_chunks() {
        let mut long = vec![0xE7, 0xFF, 0xFF, 0, 0, 0, 0, 0];
        long.extend(u64::MAX.wrapping_sub(1).to_le_bytes());
        long.extend([
            4, 0, 0, 0, b'a', 0, b'b', 0, 2, 0, 0, 0, b'c', 0, 0, 0, 0, 0,
        ]);
        let parsed = Request::parse(&rpc(10, &[&long]), TdsVersion::V7_4);
        assert_eq!(
            parsed,
            Ok(Request::Statement {
                sql: "abc".into(),
                wants_handle: false
            })
        );
    }

    #[test]
    fn headers_exist_since_version_7_2() {
        let message = Message {
            kind: kind::SQL_BATCH,
            payload: utf16_bytes("SELECT 1"),
        };
        assert_eq!(
            Request::parse(&message, TdsVersion::V7_1),
            Ok(Request::Batch("SELECT 1".into()))
        );
        assert!(Request::parse(&message, TdsVersion::V7_4).is_err());
    }

    #[test]
    fn what_is_cut_short_is_an_error() {
        let message = rpc(10, &[&[0xE7, 0x40]]);
        assert!(Request::parse(&message, TdsVersion::V7_4).is_err());
        let message = Message {
            kind: kind::SQL_BATCH,
            payload: vec![2, 0, 0, 0],
        };
        assert!(Request::parse(&message, TdsVersion::V7_4).is_err());
    }
}
