//! The tokens of a server's answer, [MS-TDS] 2.2.7, as far as a login has them.

use super::fault::TdsFault;
use crate::hostile;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// ERROR, 2.2.7.10.
    Error(ServerMessage),
    /// INFO, 2.2.7.13.
    Info(ServerMessage),
    /// LOGINACK, 2.2.7.14: the login is done.
    LoginAck {
        /// The server program's name, such as `Microsoft SQL Server`.
        program: String,
        /// `major.minor.build`.
        version: String,
    },
    /// ENVCHANGE, 2.2.7.9, of a kind that is a pair of texts.
    EnvironmentChange {
        /// The kind, such as 1 for the database.
        kind: u8,
        /// The new value.
        new: String,
    },
    /// ENVCHANGE 20: connect there instead.
    Routing {
        /// The other server.
        host: String,
        /// Its port.
        port: u16,
    },
    /// SSPI, 2.2.7.22.
    Sspi(Vec<u8>),
    /// DONE, 2.2.7.6, with its status bits.
    Done(u16),
    /// FEATUREEXTACK, 2.2.7.11, or a token without meaning before a session.
    Other(u8),
}

/// An ERROR or INFO of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerMessage {
    /// Such as 18456.
    pub number: i32,
    /// For a failed login a hint at the reason; 1 when the server hides it.
    pub state: u8,
    /// The severity.
    pub class: u8,
    /// The server's words, without control characters.
    pub message: String,
    /// The server's own name.
    pub server: String,
}

/// Reads a whole answer into tokens.
pub fn parse(message: &[u8]) -> Result<Vec<Token>, TdsFault> {
    let mut reader = Reader::new(message);
    let mut tokens = Vec::new();
    while let Some(kind) = reader.take(1) {
        let token =
            one(kind[0], &mut reader).ok_or(TdsFault::Malformed("a token that is cut off"))?;
        tokens.push(token?);
    }
    Ok(tokens)
}

/// Reads what follows a token's kind; none when it is cut off.
pub(super) fn one(kind: u8, reader: &mut Reader<'_>) -> Option<Result<Token, TdsFault>> {
    Some(Ok(match kind {
        0xAA | 0xAB => {
            let mut body = reader.counted()?;
            let number = i32::from_le_bytes(body.array()?);
            let [state, class] = body.array()?;
            let length = usize::from(u16::from_le_bytes(body.array()?));
            let message = body.characters(length)?;
            let length = usize::from(body.array::<1>()?[0]);
            let told = ServerMessage {
                number,
                state,
                class,
                message,
                server: body.characters(length)?,
            };
            if kind == 0xAA {
                Token::Error(told)
            } else {
                Token::Info(told)
            }
        }
        0xAD => {
            let mut body = reader.counted()?;
            // The interface, and the TDS version.
            body.take(5)?;
            let length = usize::from(body.array::<1>()?[0]);
            let program = body.characters(length)?.trim_end_matches('\0').to_owned();
            let [major, minor, high, low] = body.array()?;
            let build = u16::from_be_bytes([high, low]);
            Token::LoginAck {
                program,
                version: format!("{major}.{minor}.{build}"),
            }
        }
        0xE3 => environment(reader.counted()?)?,
        0xED => Token::Sspi(reader.counted()?.0.to_vec()),
        0xFD..=0xFF => {
            let status = u16::from_le_bytes(reader.array()?);
            // The command, and the row count in TDS 7.2 and later.
            reader.take(10)?;
            Token::Done(status)
        }
        0xAE => {
            while let [feature] = reader.array()?
                && feature != 0xFF
            {
                let length = u32::from_le_bytes(reader.array()?);
                reader.take(usize::try_from(length).ok()?)?;
            }
            Token::Other(kind)
        }
        0x79 => {
            reader.take(4)?;
            Token::Other(kind)
        }
        0xEE => {
            let length = u32::from_le_bytes(reader.array()?);
            reader.take(usize::try_from(length).ok()?)?;
            Token::Other(kind)
        }
        // ORDER, TABNAME, COLINFO: a length in two bytes.
        0xA9 | 0xA4 | 0xA5 => {
            reader.counted()?;
            Token::Other(kind)
        }
        _ => {
            return Some(Err(TdsFault::Malformed(
                "a token that has no place in a login",
            )));
        }
    }))
}

fn environment(mut body: Reader<'_>) -> Option<Token> {
    /// Routing, [MS-TDS] 2.2.7.9 type 20.
    const ROUTING: u8 = 20;
    /// Kinds whose values are bytes: collation, transactions and so on.
    const TEXTS: [u8; 7] = [1, 2, 3, 4, 5, 6, 13];
    let [kind] = body.array()?;
    if kind == ROUTING {
        let mut value = body.counted()?;
        // The protocol: 0 is TCP.
        value.take(1)?;
        let port = u16::from_le_bytes(value.array()?);
        let length = usize::from(u16::from_le_bytes(value.array()?));
        return Some(Token::Routing {
            host: value.characters(length)?,
            port,
        });
    }
    if !TEXTS.contains(&kind) {
        return Some(Token::Other(0xE3));
    }
    let length = usize::from(body.array::<1>()?[0]);
    Some(Token::EnvironmentChange {
        kind,
        new: body.characters(length)?,
    })
}

/// Takes from the front; nothing beyond the end.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next bytes; none when there are fewer.
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next bytes, so many as the caller's pattern has.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// What a length in two bytes announces.
    fn counted(&mut self) -> Option<Reader<'a>> {
        let length = u16::from_le_bytes(self.array()?);
        self.take(usize::from(length)).map(Reader)
    }

    /// A text of so many UTF-16 characters, made safe.
    fn characters(&mut self, count: usize) -> Option<String> {
        let units: Vec<u16> = self
            .take(count.checked_mul(2)?)?
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        Some(hostile::shown_text(&String::from_utf16_lossy(&units)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_refused_login_is_read() {
        // ERROR 18456, state 1, class 14, "Oh", server "S", no procedure, line 1.
        let bytes = [
            0xAA, 0x12, 0, 0x18, 0x48, 0, 0, 1, 14, 2, 0, b'O', 0, b'h', 0, 1, b'S', 0, 0, 1, 0, 0,
            0, 0xFD, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        let mut bytes = bytes.to_vec();
        let length = u8::try_from(4 + 2 + 2 + 4 + 1 + 2 + 1 + 4).unwrap();
        bytes[1] = length;
        let tokens = parse(&bytes).unwrap();
        let Token::Error(error) = &tokens[0] else {
            panic!("{tokens:?}")
        };
        assert_eq!((error.number, error.state, error.class), (18456, 1, 14));
        assert_eq!((error.message.as_str(), error.server.as_str()), ("Oh", "S"));
        assert_eq!(tokens[1], Token::Done(2));
        assert!(parse(&bytes[..10]).is_err());
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }
    }
}
