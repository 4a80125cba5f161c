//! The first two messages of NTLM, [MS-NLMP]: enough to have a server describe
//! itself, and nothing with which anyone could log in.

use jiff::Timestamp;

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// NEGOTIATE flags, [MS-NLMP] 2.2.2.5: Unicode, OEM, request target, NTLM,
/// always sign, extended session security, version, 128 and 56 bits.
const FLAGS: u32 = 0xA208_8207;
/// The version is in the challenge.
const FLAG_VERSION: u32 = 0x0200_0000;

/// What a CHALLENGE says of its server; each is none when it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// MsvAvNbComputerName.
    pub netbios_computer: Option<String>,
    /// MsvAvNbDomainName.
    pub netbios_domain: Option<String>,
    /// MsvAvDnsComputerName.
    pub dns_computer: Option<String>,
    /// MsvAvDnsDomainName.
    pub dns_domain: Option<String>,
    /// MsvAvDnsTreeName.
    pub dns_forest: Option<String>,
    /// MsvAvTimestamp: the server's clock.
    pub time: Option<Timestamp>,
    /// `major.minor.build` of the operating system.
    pub os_version: Option<String>,
}

/// NEGOTIATE without a domain and a workstation, [MS-NLMP] 2.2.1.1.
pub(super) fn negotiate() -> Vec<u8> {
    let mut message = SIGNATURE.to_vec();
    message.extend_from_slice(&1_u32.to_le_bytes());
    message.extend_from_slice(&FLAGS.to_le_bytes());
    // Two empty fields, each a length, a room and an offset.
    message.extend_from_slice(&[0; 16]);
    // A version that says Windows 10, and revision 15, 2.2.2.10.
    message.extend_from_slice(&[10, 0, 0, 0, 0, 0, 0, 15]);
    message
}

/// Reads a CHALLENGE, [MS-NLMP] 2.2.1.2, bare or inside SPNEGO.
pub fn parse(token: &[u8]) -> Option<Challenge> {
    let start = token
        .windows(SIGNATURE.len())
        .position(|window| window == SIGNATURE)?;
    let message = token.get(start..)?;
    if number(message, 8)? != 2 {
        return None;
    }
    let flags = number(message, 20)?;
    let mut challenge = Challenge::default();
    if flags & FLAG_VERSION != 0
        && let Some([major, minor, low, high]) = message.get(48..52)
        && *major != 0
    {
        let build = u16::from_le_bytes([*low, *high]);
        challenge.os_version = Some(format!("{major}.{minor}.{build}"));
    }
    let length = usize::from(short(message, 40)?);
    let offset = usize::try_from(number(message, 44)?).ok()?;
    let mut pairs = message.get(offset..offset.checked_add(length)?)?;
    // AV_PAIR, [MS-NLMP] 2.2.2.1.
    while let (Some(kind), Some(length)) = (short(pairs, 0), short(pairs, 2)) {
        let end = 4 + usize::from(length);
        let value = pairs.get(4..end)?;
        match kind {
            0 => break,
            1 => challenge.netbios_computer = text(value),
            2 => challenge.netbios_domain = text(value),
            3 => challenge.dns_computer = text(value),
            4 => challenge.dns_domain = text(value),
            5 => challenge.dns_forest = text(value),
            7 => challenge.time = file_time(value),
            _ => {}
        }
        pairs = &pairs[end..];
    }
    Some(challenge)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn text(value: &[u8]) -> Option<String> {
    let units: Vec<u16> = value
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let text = String::from_utf16_lossy(&units);
    (!text.is_empty()).then_some(text)
}

/// FILETIME: tenths of a microsecond since 1601, [MS-DTYP] 2.3.3.
fn file_time(value: &[u8]) -> Option<Timestamp> {
    /// From 1601 to 1970.
    const EPOCH: i64 = 11_644_473_600_000_000;
    let ticks = i64::try_from(u64::from_le_bytes(value.try_into().ok()?)).ok()?;
    Timestamp::from_microsecond(ticks / 10 - EPOCH).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A CHALLENGE with these AV pairs.
    pub(crate) fn challenge(pairs: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut info = Vec::new();
        for (kind, value) in pairs {
            info.extend_from_slice(&kind.to_le_bytes());
            info.extend_from_slice(&u16::try_from(value.len()).unwrap().to_le_bytes());
            info.extend_from_slice(value);
        }
        info.extend_from_slice(&[0; 4]);
        let mut message = SIGNATURE.to_vec();
        message.extend_from_slice(&2_u32.to_le_bytes());
        message.extend_from_slice(&[0, 0, 0, 0, 56, 0, 0, 0]);
        message.extend_from_slice(&FLAGS.to_le_bytes());
        message.extend_from_slice(&[7; 16]);
        let length = u16::try_from(info.len()).unwrap().to_le_bytes();
        message.extend_from_slice(&length);
        message.extend_from_slice(&length);
        message.extend_from_slice(&56_u32.to_le_bytes());
        message.extend_from_slice(&[10, 0, 0x7C, 0x4F, 0, 0, 0, 15]);
        message.extend_from_slice(&info);
        message
    }

    pub(crate) fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_challenge_inside_spnego_is_read() {
        let mut token = vec![0xA1, 0x81, 0x90, 0x30];
        // 2026-11-22T10:00:00Z.
        let ticks: u64 = (1_795_341_600 + 11_644_473_600) * 10_000_000;
        token.extend(challenge(&[
            (2, utf16("CORP")),
            (1, utf16("SQL1")),
            (3, utf16("SQL1.corp.example")),
            (7, ticks.to_le_bytes().to_vec()),
        ]));
        let read = parse(&token).unwrap();
        assert_eq!(read.netbios_computer.as_deref(), Some("SQL1"));
        assert_eq!(read.dns_computer.as_deref(), Some("SQL1.corp.example"));
        assert_eq!(read.os_version.as_deref(), Some("10.0.20348"));
        assert_eq!(read.time.unwrap().to_string(), "2026-11-22T10:00:00Z");
        assert_eq!(read.dns_forest, None);
    }

    #[test]
    fn our_negotiate_names_nobody() {
        let message = negotiate();
        assert_eq!(message.len(), 40);
        assert_eq!(&message[16..32], &[0; 16]);
    }

    proptest! {
        #[test]
        fn any_token_is_read_or_refused_without_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
            bytes.splice(0..0, challenge(&[]).into_iter().take(20));
            let _ = parse(&bytes);
        }
    }
}
