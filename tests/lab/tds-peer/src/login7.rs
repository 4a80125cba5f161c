//! LOGIN7: who wants to log in, and how ([MS-TDS] 2.2.6.4).

use crate::wire::{Malformed, Reader, utf16_text};

/// The protocol version that both sides speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TdsVersion {
    /// SQL Server 2000.
    V7_1,
    /// SQL Server 2005.
    V7_2,
    /// SQL Server 2008.
    V7_3,
    /// SQL Server 2012 and later.
    V7_4,
    /// SQL Server 2022 with strict encryption.
    V8_0,
}

impl TdsVersion {
    /// The version for the number in LOGIN7; one that is newer than the peer
    /// knows becomes the newest.
    fn from_login(number: u32) -> Result<Self, Malformed> {
        match number >> 24 {
            0x71 => Ok(Self::V7_1),
            0x72 => Ok(Self::V7_2),
            0x73 => Ok(Self::V7_3),
            0x74..=0x7F => Ok(Self::V7_4),
            0x08 => Ok(Self::V8_0),
            _ => Err(Malformed::new(
                "LOGIN7",
                format!("TDS version {number:#010x} is not spoken here"),
            )),
        }
    }

    /// The number in LOGINACK, most significant byte first ([MS-TDS] 2.2.7.14).
    pub fn in_loginack(self) -> [u8; 4] {
        match self {
            Self::V7_1 => [0x71, 0, 0, 1],
            Self::V7_2 => [0x72, 9, 0, 2],
            Self::V7_3 => [0x73, 0x0B, 0, 3],
            Self::V7_4 => [0x74, 0, 0, 4],
            Self::V8_0 => [0x08, 0, 0, 0],
        }
    }

    /// The name people use.
    pub fn name(self) -> &'static str {
        match self {
            Self::V7_1 => "7.1",
            Self::V7_2 => "7.2",
            Self::V7_3 => "7.3",
            Self::V7_4 => "7.4",
            Self::V8_0 => "8.0",
        }
    }
}

/// A login request.
#[derive(Clone, PartialEq, Eq)]
pub struct Login7 {
    /// Protocol version asked for.
    pub version: TdsVersion,
    /// Packet size asked for; 0 leaves it to the server.
    pub packet_size: u32,
    /// The client's host name, as it says.
    pub host: String,
    /// SQL login name; empty for an integrated login.
    pub user: String,
    /// SQL login password, descrambled.
    pub password: String,
    /// The program's name, as it says.
    pub application: String,
    /// The server name that the user typed.
    pub server: String,
    /// The driver's name.
    pub library: String,
    /// Database asked for; empty means the login's default.
    pub database: String,
    /// True when the client asks for an integrated login.
    pub integrated: bool,
    /// The client's first security token.
    pub sspi: Vec<u8>,
    /// Ids of the feature extensions asked for.
    pub features: Vec<u8>,
}

impl std::fmt::Debug for Login7 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login7")
            .field("version", &self.version)
            .field("user", &self.user)
            .field("application", &self.application)
            .field("integrated", &self.integrated)
            .finish_non_exhaustive()
    }
}

const FIXED: usize = 94;
const INTEGRATED_SECURITY: u8 = 0x80;
const EXTENSION: u8 = 0x10;

impl Login7 {
    /// Reads a LOGIN7 message.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let mut fixed = Reader::new("LOGIN7", payload);
        let length = fixed.u32()? as usize;
        if length > payload.len() {
            return Err(Malformed::new("LOGIN7", "its length is beyond the message"));
        }
        let version = TdsVersion::from_login(fixed.u32()?)?;
        let packet_size = fixed.u32()?;
        // Client program version, process id, connection id.
        fixed.bytes(12)?;
        let _option_flags1 = fixed.u8()?;
        let option_flags2 = fixed.u8()?;
        let _type_flags = fixed.u8()?;
        let option_flags3 = fixed.u8()?;
        // Time zone and locale.
        fixed.bytes(8)?;

        let mut fields = Fields {
            payload,
            table: fixed,
        };
        let host = fields.text()?;
        let user = fields.text()?;
        let password = descramble(fields.units()?);
        let application = fields.text()?;
        let server = fields.text()?;
        let extension = fields.raw()?;
        let library = fields.text()?;
        let _language = fields.text()?;
        let database = fields.text()?;
        // The client's hardware address.
        fields.table.bytes(6)?;
        let (sspi_offset, sspi_length) = (fields.table.u16()?, fields.table.u16()?);
        let long_length = if version >= TdsVersion::V7_2 && payload.len() >= FIXED {
            // Attach-file name and new password, then the long SSPI length.
            fields.table.bytes(8)?;
            fields.table.u32()?
        } else {
            0
        };
        let sspi_length = if sspi_length == u16::MAX && long_length > 0 {
            long_length as usize
        } else {
            usize::from(sspi_length)
        };
        let sspi = slice(payload, usize::from(sspi_offset), sspi_length)?.to_vec();
        let features = if option_flags3 & EXTENSION != 0 && version >= TdsVersion::V7_4 {
            features(payload, extension)?
        } else {
            Vec::new()
        };
        Ok(Self {
            version,
            packet_size,
            host,
            user,
            password,
            application,
            server,
            library,
            database,
            integrated: option_flags2 & INTEGRATED_SECURITY != 0,
            sspi,
            features,
        })
    }
}

/// The table of offsets and lengths, and the data that it points into.
struct Fields<'a> {
    payload: &'a [u8],
    table: Reader<'a>,
}

impl<'a> Fields<'a> {
    fn pair(&mut self) -> Result<(usize, usize), Malformed> {
        Ok((
            usize::from(self.table.u16()?),
            usize::from(self.table.u16()?),
        ))
    }

    /// A field whose length counts UTF-16 units.
    fn units(&mut self) -> Result<&'a [u8], Malformed> {
        let (offset, count) = self.pair()?;
        slice(self.payload, offset, count * 2)
    }

    fn text(&mut self) -> Result<String, Malformed> {
        self.units().map(utf16_text)
    }

    /// A field whose length counts bytes.
    fn raw(&mut self) -> Result<&'a [u8], Malformed> {
        let (offset, count) = self.pair()?;
        slice(self.payload, offset, count)
    }
}

fn slice(payload: &[u8], offset: usize, length: usize) -> Result<&[u8], Malformed> {
    if length == 0 {
        return Ok(&[]);
    }
    payload
        .get(offset..offset.saturating_add(length))
        .ok_or_else(|| {
            Malformed::new(
                "LOGIN7",
                format!("a field of {length} bytes at {offset} points outside"),
            )
        })
}

/// Undoes the scrambling of passwords: xor with 0xA5, then swap the nibbles.
fn descramble(bytes: &[u8]) -> String {
    let clear: Vec<u8> = bytes
        .iter()
        .map(|byte| (byte ^ 0xA5).rotate_left(4))
        .collect();
    utf16_text(&clear)
}

/// The ids in the FeatureExt block; `extension` holds the block's offset.
fn features(payload: &[u8], extension: &[u8]) -> Result<Vec<u8>, Malformed> {
    let offset = Reader::new("LOGIN7 extension", extension).u32()? as usize;
    let block = payload
        .get(offset..)
        .ok_or_else(|| Malformed::new("LOGIN7 extension", "it points outside"))?;
    let mut reader = Reader::new("LOGIN7 feature", block);
    let mut ids = Vec::new();
    loop {
        let id = reader.u8()?;
        if id == 0xFF {
            return Ok(ids);
        }
        let length = reader.u32()? as usize;
        reader.bytes(length)?;
        ids.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::utf16_bytes;

    /// A LOGIN7 as a client of the given version would build it.
    fn login7(version: u32, user: &str, password: &str, sspi: &[u8]) -> Vec<u8> {
        let mut out = vec![0; 36];
        out[4..8].copy_from_slice(&version.to_le_bytes());
        out[25] = if sspi.is_empty() {
            0
        } else {
            INTEGRATED_SECURITY
        };
        let header = if version >> 24 >= 0x72 { FIXED } else { 86 };
        let mut data = Vec::new();
        let scrambled: Vec<u8> = utf16_bytes(password)
            .iter()
            .map(|byte| byte.rotate_left(4) ^ 0xA5)
            .collect();
        let texts = [
            utf16_bytes("ws1"),
            utf16_bytes(user),
            scrambled,
            utf16_bytes("app"),
            utf16_bytes("sql1"),
            vec![],
            utf16_bytes("lib"),
            vec![],
            utf16_bytes("sales"),
        ];
        for text in texts {
            out.extend(
                u16::try_from(header + data.len())
                    .expect("short")
                    .to_le_bytes(),
            );
            out.extend(u16::try_from(text.len() / 2).expect("short").to_le_bytes());
            data.extend(text);
        }
        out.extend([0; 6]);
        out.extend(
            u16::try_from(header + data.len())
                .expect("short")
                .to_le_bytes(),
        );
        out.extend(u16::try_from(sspi.len()).unwrap_or(u16::MAX).to_le_bytes());
        data.extend(sspi);
        out.extend([0; 4]);
        if header == FIXED {
            out.extend([0; 4]);
            out.extend(u32::try_from(sspi.len()).expect("short").to_le_bytes());
        }
        assert_eq!(out.len(), header);
        out.extend(data);
        let length = u32::try_from(out.len()).expect("short");
        out[..4].copy_from_slice(&length.to_le_bytes());
        out
    }

    #[test]
    fn names_and_the_descrambled_password_are_read() {
        let login =
            Login7::parse(&login7(0x7400_0004, "probe", "pässw0rd", &[])).expect("well formed");
        assert_eq!(
            (login.user.as_str(), login.password.as_str()),
            ("probe", "pässw0rd")
        );
        assert_eq!(
            (login.host.as_str(), login.database.as_str()),
            ("ws1", "sales")
        );
        assert!(!login.integrated);
        assert!(!format!("{login:?}").contains("pässw0rd"));
    }

    #[test]
    fn a_token_longer_than_a_short_length_is_read_whole() {
        let token = vec![0x60; 70_000];
        let login = Login7::parse(&login7(0x7400_0004, "", "", &token)).expect("well formed");
        assert!(login.integrated);
        assert_eq!(login.sspi.len(), token.len());
    }

    #[test]
    fn the_short_form_of_version_7_1_is_read() {
        let login =
            Login7::parse(&login7(0x7100_0000, "sa", "x", &[1, 2, 3])).expect("well formed");
        assert_eq!(
            (login.version, login.sspi),
            (TdsVersion::V7_1, vec![1, 2, 3])
        );
    }

    #[test]
    fn offsets_outside_and_strange_versions_are_errors() {
        let mut bytes = login7(0x7400_0004, "probe", "x", &[]);
        bytes[36] = 0xFF;
        bytes[37] = 0xFF;
        assert!(Login7::parse(&bytes).is_err());
        assert!(Login7::parse(&login7(0x0400_0000, "a", "b", &[])).is_err());
        assert!(Login7::parse(&[0; 20]).is_err());
    }
}
