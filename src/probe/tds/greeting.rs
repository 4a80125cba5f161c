//! PRELOGIN, [MS-TDS] 2.2.6.5.

use std::fmt;

use super::fault::TdsFault;

const VERSION: u8 = 0x00;
const ENCRYPTION: u8 = 0x01;
const INSTANCE: u8 = 0x02;
const THREAD: u8 = 0x03;
const MARS: u8 = 0x04;
const TERMINATOR: u8 = 0xFF;

/// What a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Only the login needs to be encrypted; the server's answer then tells
    /// whether it insists on more.
    LoginOnly,
    /// The whole session, if the server can.
    Session,
    /// None, as inside TDS 8, where TLS stands already.
    None,
}

/// What the server says of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Only the login.
    Off,
    /// The session.
    On,
    /// The session, and nothing less.
    Required,
    /// The server has no TLS.
    NotSupported,
    /// TDS 8: TLS before anything else.
    Strict,
}

/// The word in facts.
impl fmt::Display for Encryption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Required => "required",
            Self::NotSupported => "not-supported",
            Self::Strict => "strict",
        })
    }
}

/// A server's PRELOGIN answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Major version, such as 16.
    pub major: u8,
    /// Minor version.
    pub minor: u8,
    /// Build.
    pub build: u16,
    /// How it encrypts.
    pub encryption: Encryption,
    /// Whether it is the instance that was named; none when it does not say.
    pub instance_matches: Option<bool>,
}

impl Greeting {
    /// `major.minor.build`.
    pub fn version(&self) -> String {
        format!("{}.{}.{}", self.major, self.minor, self.build)
    }

    /// The product's name, where the major version tells it.
    pub fn product(&self) -> Option<&'static str> {
        Some(match (self.major, self.minor) {
            (17, _) => "SQL Server 2025",
            (16, _) => "SQL Server 2022",
            (15, _) => "SQL Server 2019",
            (14, _) => "SQL Server 2017",
            (13, _) => "SQL Server 2016",
            (12, _) => "SQL Server 2014 or Azure SQL",
            (11, _) => "SQL Server 2012",
            (10, 50) => "SQL Server 2008 R2",
            (10, _) => "SQL Server 2008",
            (9, _) => "SQL Server 2005",
            (8, _) => "SQL Server 2000",
            _ => return None,
        })
    }
}

/// A client's PRELOGIN message. An empty instance asks for no check.
pub(super) fn request(offer: Offer, instance: Option<&str>) -> Vec<u8> {
    let mut named = instance.unwrap_or_default().as_bytes().to_vec();
    named.push(0);
    let encryption = match offer {
        Offer::LoginOnly => 0x00,
        Offer::Session => 0x01,
        Offer::None => 0x02,
    };
    let options: [(u8, &[u8]); 5] = [
        // The client library's version: TDS 7.4 and later look at none.
        (VERSION, &[0, 1, 0, 0, 0, 0]),
        (ENCRYPTION, &[encryption]),
        (INSTANCE, &named),
        (THREAD, &[0, 0, 0, 0]),
        (MARS, &[0]),
    ];
    let mut offset = options.len() * 5 + 1;
    let mut message = Vec::new();
    for (token, data) in options {
        let [offset_high, offset_low] = u16::try_from(offset).unwrap_or(u16::MAX).to_be_bytes();
        let [high, low] = u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes();
        message.extend_from_slice(&[token, offset_high, offset_low, high, low]);
        offset += data.len();
    }
    message.push(TERMINATOR);
    for (_, data) in options {
        message.extend_from_slice(data);
    }
    message
}

/// Reads the server's answer. `strict` when it came inside TDS 8.
pub fn parse(message: &[u8], strict: bool) -> Result<Greeting, TdsFault> {
    let not_one = || TdsFault::NotSqlServer("it is no PRELOGIN answer".to_owned());
    let mut version = None;
    let mut encryption = None;
    let mut instance_matches = None;
    let mut options = message;
    loop {
        let (token, rest) = options.split_first().ok_or_else(not_one)?;
        if *token == TERMINATOR {
            break;
        }
        let [a, b, c, d, rest @ ..] = rest else {
            return Err(not_one());
        };
        let offset = usize::from(u16::from_be_bytes([*a, *b]));
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        let data = message.get(offset..offset + length).ok_or_else(not_one)?;
        match (*token, data) {
            (VERSION, [major, minor, high, low, ..]) => {
                version = Some((*major, *minor, u16::from_be_bytes([*high, *low])));
            }
            (ENCRYPTION, [byte, ..]) => encryption = Some(*byte),
            (INSTANCE, [byte, ..]) => instance_matches = Some(*byte == 0),
            _ => {}
        }
        options = rest;
    }
    let (major, minor, build) = version.ok_or_else(not_one)?;
    let encryption = match encryption {
        _ if strict => Encryption::Strict,
        Some(0x00) => Encryption::Off,
        Some(0x01) => Encryption::On,
        Some(0x03) => Encryption::Required,
        // SQL Server 2000 says nothing of it.
        _ => Encryption::NotSupported,
    };
    Ok(Greeting {
        major,
        minor,
        build,
        encryption,
        instance_matches,
    })
}
