//! NTLM as far as its challenge ([MS-NLMP] 2.2.1): the peer knows no
//! password, so it either refuses the answer or believes it.

use jiff::Timestamp;

use crate::scenario::NtlmAcceptor;
use crate::wire::{Malformed, Reader, length_u16, length_u32, utf16_bytes, utf16_text};

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// Negotiate flags ([MS-NLMP] 2.2.2.5).
mod flag {
    pub const UNICODE: u32 = 0x0000_0001;
    pub const REQUEST_TARGET: u32 = 0x0000_0004;
    pub const SIGN: u32 = 0x0000_0010;
    pub const SEAL: u32 = 0x0000_0020;
    pub const NTLM: u32 = 0x0000_0200;
    pub const ALWAYS_SIGN: u32 = 0x0000_8000;
    pub const TARGET_IS_DOMAIN: u32 = 0x0001_0000;
    pub const EXTENDED_SECURITY: u32 = 0x0008_0000;
    pub const TARGET_INFO: u32 = 0x0080_0000;
    pub const VERSION: u32 = 0x0200_0000;
    pub const KEY_128: u32 = 0x2000_0000;
    pub const KEY_EXCHANGE: u32 = 0x4000_0000;
    pub const KEY_56: u32 = 0x8000_0000;
}

/// Flags that are granted when the client asks for them.
const ON_REQUEST: u32 = flag::SIGN
    | flag::SEAL
    | flag::ALWAYS_SIGN
    | flag::EXTENDED_SECURITY
    | flag::VERSION
    | flag::KEY_128
    | flag::KEY_EXCHANGE
    | flag::KEY_56;

/// Reads a NEGOTIATE message and gives back its flags.
pub fn negotiate_flags(message: &[u8]) -> Result<u32, Malformed> {
    let mut reader = Reader::new("NTLM NEGOTIATE", message);
    signed(&mut reader, 1)?;
    reader.u32()
}

fn signed(reader: &mut Reader<'_>, expected: u32) -> Result<(), Malformed> {
    if reader.bytes(8)? != SIGNATURE {
        return Err(Malformed::new("NTLM message", "it has no signature"));
    }
    match reader.u32()? {
        number if number == expected => Ok(()),
        number => Err(Malformed::new(
            "NTLM message",
            format!("message type {number}, not {expected}"),
        )),
    }
}

/// Builds the CHALLENGE message; `now` is the server's clock.
pub fn challenge(
    server: &NtlmAcceptor,
    client_flags: u32,
    now: Timestamp,
    nonce: [u8; 8],
) -> Vec<u8> {
    let flags = flag::UNICODE
        | flag::REQUEST_TARGET
        | flag::NTLM
        | flag::TARGET_IS_DOMAIN
        | flag::TARGET_INFO
        | (client_flags & ON_REQUEST);
    let target = utf16_bytes(&server.domain);
    let information = target_information(server, now);
    let header = 56;
    let mut out = SIGNATURE.to_vec();
    out.extend(2u32.to_le_bytes());
    put_field(&mut out, target.len(), header);
    out.extend(flags.to_le_bytes());
    out.extend(nonce);
    out.extend([0; 8]);
    put_field(&mut out, information.len(), header + target.len());
    // Windows Server 2022: 10.0, build 20348, NTLM revision 15.
    out.extend([10, 0, 0x7C, 0x4F, 0, 0, 0, 15]);
    out.extend(target);
    out.extend(information);
    out
}

fn put_field(out: &mut Vec<u8>, length: usize, offset: usize) {
    out.extend(length_u16(length).to_le_bytes());
    out.extend(length_u16(length).to_le_bytes());
    out.extend(length_u32(offset).to_le_bytes());
}

/// The AV pairs of [MS-NLMP] 2.2.2.1, in the order in which Windows has them.
fn target_information(server: &NtlmAcceptor, now: Timestamp) -> Vec<u8> {
    let names = [
        (2u16, Some(&server.domain)),
        (1, Some(&server.computer)),
        (4, server.dns_domain.as_ref()),
        (3, server.dns_computer.as_ref()),
        (5, server.dns_tree.as_ref()),
    ];
    let mut out = Vec::new();
    let mut pair = |id: u16, value: &[u8]| {
        out.extend(id.to_le_bytes());
        out.extend(length_u16(value.len()).to_le_bytes());
        out.extend(value);
    };
    for (id, name) in names {
        if let Some(name) = name {
            pair(id, &utf16_bytes(name));
        }
    }
    if !server.without_timestamp {
        pair(7, &file_time(now).to_le_bytes());
    }
    pair(0, &[]);
    out
}

/// 100 ns since 1601-01-01.
fn file_time(moment: Timestamp) -> u64 {
    const SECONDS_TO_1970: i128 = 11_644_473_600;
    let ticks = moment.as_nanosecond() / 100 + SECONDS_TO_1970 * 10_000_000;
    u64::try_from(ticks).unwrap_or(0)
}

/// Who an AUTHENTICATE message claims to come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// NetBIOS or DNS name of the user's domain.
    pub domain: String,
    /// The user; empty for an anonymous login.
    pub user: String,
    /// The client's computer.
    pub workstation: String,
}

/// Reads an AUTHENTICATE message.
pub fn claim(message: &[u8]) -> Result<Claim, Malformed> {
    let mut reader = Reader::new("NTLM AUTHENTICATE", message);
    signed(&mut reader, 3)?;
    // The LM and NT responses.
    reader.bytes(16)?;
    let mut fields = [(0, 0); 4];
    for field in &mut fields {
        let length = usize::from(reader.u16()?);
        let _room = reader.u16()?;
        *field = (reader.u32()? as usize, length);
    }
    let flags = reader.u32()?;
    let text = |(offset, length): (usize, usize)| {
        let bytes = message
            .get(offset..offset.saturating_add(length))
            .ok_or_else(|| Malformed::new("NTLM AUTHENTICATE", "a field points outside"))?;
        Ok(if flags & flag::UNICODE != 0 {
            utf16_text(bytes)
        } else {
            String::from_utf8_lossy(bytes).into_owned()
        })
    };
    Ok(Claim {
        domain: text(fields[0])?,
        user: text(fields[1])?,
        workstation: text(fields[2])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> NtlmAcceptor {
        NtlmAcceptor {
            computer: "SQL1".into(),
            domain: "CORP".into(),
            dns_computer: Some("sql1.corp.example".into()),
            dns_domain: Some("corp.example".into()),
            dns_tree: None,
            without_timestamp: false,
            accept: false,
        }
    }

    #[test]
    fn the_challenge_holds_the_names_and_the_clock() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let bytes = challenge(&server(), flag::SEAL, now, *b"12345678");
        let mut reader = Reader::new("challenge", &bytes);
        signed(&mut reader, 2).expect("a challenge");
        reader.bytes(8).expect("target");
        let flags = reader.u32().expect("flags");
        assert_eq!(
            flags & (flag::SEAL | flag::SIGN | flag::UNICODE),
            flag::SEAL | flag::UNICODE
        );
        assert_eq!(reader.bytes(8), Ok(&b"12345678"[..]));
        reader.bytes(8).expect("reserved");
        let (length, _, offset) = (
            reader.u16().expect("length"),
            reader.u16().expect("room"),
            reader.u32().expect("offset"),
        );
        assert_eq!(bytes.len(), offset as usize + usize::from(length));
        let mut pairs = Reader::new("pairs", &bytes[offset as usize..]);
        let mut seen = Vec::new();
        while let (Ok(id), Ok(length)) = (pairs.u16(), pairs.u16()) {
            seen.push((
                id,
                pairs.bytes(usize::from(length)).expect("a value").to_vec(),
            ));
        }
        assert_eq!(
            seen.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            [2, 1, 4, 3, 7, 0]
        );
        assert_eq!(utf16_text(&seen[3].1), "sql1.corp.example");
        // 2026-01-01 is 134116992000000000 in 100 ns since 1601.
        assert_eq!(seen[4].1, 134_116_992_000_000_000_u64.to_le_bytes());
    }

    #[test]
    fn messages_of_another_type_are_errors() {
        assert_eq!(negotiate_flags(b"NTLMSSP\0\x01\0\0\0\x05\0\0\0"), Ok(5));
        assert!(negotiate_flags(b"NTLMSSP\0\x03\0\0\0\x05\0\0\0").is_err());
        assert!(negotiate_flags(b"NTLMSSP\0").is_err());
    }

    #[test]
    fn an_authentication_names_its_user() {
        let mut message = SIGNATURE.to_vec();
        message.extend(3u32.to_le_bytes());
        message.extend([0; 16]);
        for (length, offset) in [(8usize, 64usize), (10, 72), (0, 0), (0, 0)] {
            put_field(&mut message, length, offset);
        }
        message.extend(flag::UNICODE.to_le_bytes());
        message.extend(utf16_bytes("CORPalice"));
        let read = claim(&message).expect("well formed");
        assert_eq!(
            (
                read.domain.as_str(),
                read.user.as_str(),
                read.workstation.as_str()
            ),
            ("CORP", "alice", "")
        );
        message.truncate(75);
        assert!(claim(&message).is_err());
    }
}
