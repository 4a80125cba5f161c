//! The tokens of a server's answer ([MS-TDS] 2.2.7).

use crate::login7::TdsVersion;
use crate::value::Column;
use crate::wire::{length_u16, length_u32, put_b_varchar, put_us_varchar};

/// DONE status bits ([MS-TDS] 2.2.7.6).
pub mod done {
    /// Nothing special.
    pub const FINAL: u16 = 0x0000;
    /// More results follow.
    pub const MORE: u16 = 0x0001;
    /// The statement failed.
    pub const ERROR: u16 = 0x0002;
    /// The row count is valid.
    pub const COUNT: u16 = 0x0010;
    /// Answers an attention.
    pub const ATTENTION: u16 = 0x0020;
}

/// An error or information message of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Message number, for example 18456.
    pub number: u32,
    /// State.
    pub state: u8,
    /// Severity class; above 10 it is an error.
    pub class: u8,
    /// The message.
    pub message: String,
}

/// The SQL collation `SQL_Latin1_General_CP1_CI_AS`.
pub const COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x00, 0x34];

/// Writes tokens in the client's TDS version into one message.
#[derive(Debug)]
pub struct Tokens {
    version: TdsVersion,
    server: String,
    out: Vec<u8>,
}

impl Tokens {
    /// An empty message; `server` is the server name in errors.
    pub fn new(version: TdsVersion, server: &str) -> Self {
        Self {
            version,
            server: server.to_owned(),
            out: Vec::new(),
        }
    }

    /// The bytes so far; what follows begins anew.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The message's bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn with_length(&mut self, token: u8, body: &[u8]) -> &mut Self {
        self.out.push(token);
        self.out.extend(length_u16(body.len()).to_le_bytes());
        self.out.extend(body);
        self
    }

    /// ERROR (class above 10) or INFO.
    pub fn text(&mut self, text: &Text) -> &mut Self {
        let mut body = Vec::new();
        body.extend(text.number.to_le_bytes());
        body.extend([text.state, text.class]);
        // The message is cut so that the token's 16-bit length holds it.
        let message: String = text.message.chars().take(4000).collect();
        put_us_varchar(&mut body, &message);
        put_b_varchar(&mut body, &self.server);
        put_b_varchar(&mut body, "");
        if self.version >= TdsVersion::V7_2 {
            body.extend(1u32.to_le_bytes());
        } else {
            body.extend(1u16.to_le_bytes());
        }
        self.with_length(if text.class > 10 { 0xAA } else { 0xAB }, &body)
    }

    /// LOGINACK.
    pub fn loginack(&mut self, product_version: [u8; 4]) -> &mut Self {
        let mut body = vec![1];
        body.extend(self.version.in_loginack());
        put_b_varchar(&mut body, "Microsoft SQL Server");
        body.extend(product_version);
        self.with_length(0xAD, &body)
    }

    /// ENVCHANGE of a kind whose values are text (1 database, 2 language,
    /// 4 packet size).
    pub fn environment_text(&mut self, kind: u8, new: &str, old: &str) -> &mut Self {
        let mut body = vec![kind];
        put_b_varchar(&mut body, new);
        put_b_varchar(&mut body, old);
        self.with_length(0xE3, &body)
    }

    /// ENVCHANGE of a kind whose values are bytes (7 collation, 8 to 10
    /// transactions).
    pub fn environment_bytes(&mut self, kind: u8, new: &[u8], old: &[u8]) -> &mut Self {
        let mut body = vec![kind];
        for value in [new, old] {
            body.push(u8::try_from(value.len()).unwrap_or(0));
            body.extend(value);
        }
        self.with_length(0xE3, &body)
    }

    /// FEATUREEXTACK for UTF-8 support, the only feature acknowledged.
    pub fn feature_ack_utf8(&mut self) -> &mut Self {
        self.out.extend([0xAE, 0x0A]);
        self.out.extend(length_u32(1).to_le_bytes());
        self.out.extend([1, 0xFF]);
        self
    }

    /// SSPI: a security token for the client.
    pub fn sspi(&mut self, token: &[u8]) -> &mut Self {
        self.with_length(0xED, token)
    }

    /// COLMETADATA.
    pub fn columns(&mut self, columns: &[Column]) -> &mut Self {
        self.out.push(0x81);
        self.out.extend(length_u16(columns.len()).to_le_bytes());
        for column in columns {
            if self.version >= TdsVersion::V7_2 {
                self.out.extend(0u32.to_le_bytes());
            } else {
                self.out.extend(0u16.to_le_bytes());
            }
            // Nullable, updatability unknown.
            self.out.extend(0x0009u16.to_le_bytes());
            column.kind.put_type_info(&mut self.out, self.version);
            put_b_varchar(&mut self.out, &column.name);
        }
        self
    }

    /// ROW with values already encoded for its columns.
    pub fn row(&mut self, values: &[u8]) -> &mut Self {
        self.out.push(0xD1);
        self.out.extend(values);
        self
    }

    /// RETURNSTATUS of a procedure.
    pub fn return_status(&mut self, status: i32) -> &mut Self {
        self.out.push(0x79);
        self.out.extend(status.to_le_bytes());
        self
    }

    /// RETURNVALUE: an output parameter of type int.
    pub fn return_int(&mut self, ordinal: u16, name: &str, value: i32) -> &mut Self {
        self.out.push(0xAC);
        self.out.extend(ordinal.to_le_bytes());
        put_b_varchar(&mut self.out, name);
        self.out.push(1);
        if self.version >= TdsVersion::V7_2 {
            self.out.extend(0u32.to_le_bytes());
        } else {
            self.out.extend(0u16.to_le_bytes());
        }
        self.out.extend(0u16.to_le_bytes());
        self.out.extend([0x26, 4, 4]);
        self.out.extend(value.to_le_bytes());
        self
    }

    fn finished(&mut self, token: u8, status: u16, rows: u64) -> &mut Self {
        self.out.push(token);
        self.out.extend(status.to_le_bytes());
        self.out.extend(0u16.to_le_bytes());
        if self.version >= TdsVersion::V7_2 {
            self.out.extend(rows.to_le_bytes());
        } else {
            self.out
                .extend(u32::try_from(rows).unwrap_or(u32::MAX).to_le_bytes());
        }
        self
    }

    /// DONE: the end of a statement of a batch.
    pub fn done(&mut self, status: u16, rows: u64) -> &mut Self {
        self.finished(0xFD, status, rows)
    }

    /// DONEPROC: the end of a procedure.
    pub fn done_proc(&mut self, status: u16, rows: u64) -> &mut Self {
        self.finished(0xFE, status, rows)
    }

    /// DONEINPROC: the end of a statement inside a procedure.
    pub fn done_in_proc(&mut self, status: u16, rows: u64) -> &mut Self {
        self.finished(0xFF, status, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> Text {
        Text {
            number: 18456,
            state: 1,
            class: 14,
            message: "No".into(),
        }
    }

    #[test]
    fn numbers_are_narrower_before_version_7_2() {
        let length = |version| {
            let mut tokens = Tokens::new(version, "S");
            tokens.text(&text()).done(done::ERROR, 0);
            tokens.into_bytes().len()
        };
        // A line number of two bytes and a row count of four bytes less.
        assert_eq!(length(TdsVersion::V7_2) - length(TdsVersion::V7_1), 6);
    }

    #[test]
    fn errors_and_information_differ_by_their_class() {
        let mut tokens = Tokens::new(TdsVersion::V7_4, "S");
        tokens.text(&text());
        assert_eq!(tokens.into_bytes()[0], 0xAA);
        let mut tokens = Tokens::new(TdsVersion::V7_4, "S");
        tokens.text(&Text {
            class: 10,
            ..text()
        });
        assert_eq!(tokens.into_bytes()[0], 0xAB);
    }

    #[test]
    fn the_length_of_a_token_is_that_of_its_body() {
        let mut tokens = Tokens::new(TdsVersion::V7_4, "SQL1");
        tokens.text(&Text {
            message: "x".repeat(100_000),
            ..text()
        });
        let bytes = tokens.into_bytes();
        assert_eq!(
            usize::from(u16::from_le_bytes([bytes[1], bytes[2]])),
            bytes.len() - 3
        );
    }

    #[test]
    fn loginack_carries_the_version_agreed_on() {
        let mut tokens = Tokens::new(TdsVersion::V7_1, "S");
        tokens.loginack([16, 0, 0, 1]);
        assert_eq!(tokens.into_bytes()[3..8], [1, 0x71, 0, 0, 1]);
    }
}
