//! PRELOGIN: versions, encryption and instance ([MS-TDS] 2.2.6.5).

use crate::scenario::Encryption;
use crate::wire::{Malformed, Reader, length_u16};

const VERSION: u8 = 0x00;
const ENCRYPTION: u8 = 0x01;
const INSTANCE: u8 = 0x02;
const THREAD_ID: u8 = 0x03;
const MARS: u8 = 0x04;
const TERMINATOR: u8 = 0xFF;

/// Values of the ENCRYPTION option.
pub mod level {
    /// Encrypt the login only.
    pub const OFF: u8 = 0;
    /// Encrypt everything.
    pub const ON: u8 = 1;
    /// No encryption at all.
    pub const NOT_SUPPORTED: u8 = 2;
    /// The server insists on encrypting everything.
    pub const REQUIRED: u8 = 3;
}

/// What a client says in its PRELOGIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prelogin {
    /// Driver version, as four bytes and a sub-build.
    pub version: Option<[u8; 6]>,
    /// The ENCRYPTION option without the client-certificate bit.
    pub encryption: u8,
    /// The instance that the client believes to reach, when it says so.
    pub instance: Option<String>,
    /// Whether the client wants multiple active result sets; `None` when it
    /// does not speak of them.
    pub mars: Option<bool>,
}

impl Prelogin {
    /// Reads a PRELOGIN message.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut prelogin = Self {
            version: None,
            encryption: level::NOT_SUPPORTED,
            instance: None,
            mars: None,
        };
        let mut table = Reader::new("PRELOGIN", payload);
        loop {
            let option = table.u8()?;
            if option == TERMINATOR {
                return Ok(prelogin);
            }
            let (offset, length) = (usize::from(table.u16_be()?), usize::from(table.u16_be()?));
            let data = payload.get(offset..offset + length).ok_or_else(|| {
                Malformed::new("PRELOGIN", format!("option {option:#04x} points outside"))
            })?;
            match option {
                VERSION => prelogin.version = data.first_chunk().copied(),
                ENCRYPTION => {
                    // 0x80 says that the client has a certificate of its own.
                    prelogin.encryption = data
                        .first()
                        .map_or(level::NOT_SUPPORTED, |value| value & 0x7F);
                }
                INSTANCE => {
                    let name = data.split(|byte| *byte == 0).next().unwrap_or_default();
                    prelogin.instance =
                        (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned());
                }
                MARS => prelogin.mars = Some(data.first() == Some(&1)),
                _ => {}
            }
        }
    }
}

/// What becomes of the encryption of a TDS 7.x connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Everything in the clear.
    None,
    /// TLS for LOGIN7 only.
    LoginOnly,
    /// TLS for everything.
    Full,
    /// The two sides cannot agree; the server says what it wants and closes.
    Refused,
}

/// The table of [MS-TDS] 2.2.6.5: what the server answers, and what follows.
pub fn negotiate(server: Encryption, client: u8) -> (u8, Protection) {
    let (none, off) = (level::NOT_SUPPORTED, level::OFF);
    match server {
        Encryption::NotSupported if matches!(client, level::ON | level::REQUIRED) => {
            (none, Protection::Refused)
        }
        Encryption::NotSupported => (none, Protection::None),
        Encryption::LoginOnly if client == off => (off, Protection::LoginOnly),
        Encryption::LoginOnly if client == none => (none, Protection::None),
        Encryption::LoginOnly => (level::ON, Protection::Full),
        Encryption::Required | Encryption::Strict if client == none => {
            (level::REQUIRED, Protection::Refused)
        }
        Encryption::Required | Encryption::Strict if client == level::ON => {
            (level::ON, Protection::Full)
        }
        Encryption::Required | Encryption::Strict => (level::REQUIRED, Protection::Full),
    }
}

/// Builds the server's PRELOGIN, with the options that the client sent too:
/// impacket reads the answer by fixed positions.
///
/// `instance_matches` is false when the client named another instance.
pub fn answer(
    hello: &Prelogin,
    version: [u8; 6],
    encryption: u8,
    instance_matches: bool,
) -> Vec<u8> {
    let encryption = [encryption];
    let mut options: Vec<(u8, &[u8])> = vec![
        (VERSION, &version),
        (ENCRYPTION, &encryption),
        (INSTANCE, if instance_matches { &[0] } else { &[1] }),
        (THREAD_ID, &[]),
    ];
    if hello.mars.is_some() {
        options.push((MARS, &[0]));
    }
    let mut offset = options.len() * 5 + 1;
    let mut table = Vec::new();
    let mut data: Vec<u8> = Vec::new();
    for (option, value) in options {
        table.push(option);
        table.extend(length_u16(offset).to_be_bytes());
        table.extend(length_u16(value.len()).to_be_bytes());
        data.extend(value);
        offset += value.len();
    }
    table.push(TERMINATOR);
    table.extend(data);
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encryption_table_of_the_specification() {
        use Encryption::{LoginOnly, NotSupported, Required};
        use Protection::{Full, LoginOnly as Login, None, Refused};
        use level::{NOT_SUPPORTED, OFF, ON, REQUIRED};
        let table = [
            (LoginOnly, OFF, OFF, Login),
            (LoginOnly, ON, ON, Full),
            (LoginOnly, NOT_SUPPORTED, NOT_SUPPORTED, None),
            (Required, OFF, REQUIRED, Full),
            (Required, ON, ON, Full),
            (Required, NOT_SUPPORTED, REQUIRED, Refused),
            (NotSupported, OFF, NOT_SUPPORTED, None),
            (NotSupported, ON, NOT_SUPPORTED, Refused),
            (NotSupported, NOT_SUPPORTED, NOT_SUPPORTED, None),
        ];
        for (server, client, answer, protection) in table {
            assert_eq!(
                negotiate(server, client),
                (answer, protection),
                "{server:?} and client {client}"
            );
        }
    }

    #[test]
    fn an_answer_can_be_read_back() {
        let hello = Prelogin {
            version: None,
            encryption: level::ON,
            instance: None,
            mars: Some(true),
        };
        let bytes = answer(&hello, [16, 0, 4, 3, 0, 0], level::REQUIRED, true);
        let read = Prelogin::parse(&bytes).expect("well formed");
        assert_eq!(read.version, Some([16, 0, 4, 3, 0, 0]));
        assert_eq!(
            (read.encryption, read.instance, read.mars),
            (level::REQUIRED, None, Some(false))
        );
        let bytes = answer(
            &Prelogin {
                mars: None,
                ..hello
            },
            [16, 0, 4, 3, 0, 0],
            level::OFF,
            true,
        );
        assert_eq!(Prelogin::parse(&bytes).map(|read| read.mars), Ok(None));
    }

    #[test]
    fn the_instance_ends_at_its_nul_and_the_certificate_bit_is_dropped() {
        let mut bytes = vec![1, 0, 11, 0, 1, 2, 0, 12, 0, 6, 0xFF];
        bytes.extend([0x81]);
        bytes.extend(b"INST1\0");
        let read = Prelogin::parse(&bytes).expect("well formed");
        assert_eq!(
            (read.encryption, read.instance.as_deref()),
            (level::ON, Some("INST1"))
        );
    }

    #[test]
    fn an_option_outside_the_message_is_an_error() {
        assert!(Prelogin::parse(&[0, 0, 200, 0, 6, 0xFF]).is_err());
        assert!(Prelogin::parse(&[0, 0]).is_err());
    }
}
