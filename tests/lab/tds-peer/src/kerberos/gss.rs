//! The framing of security tokens (RFC 2743 3.1, RFC 4121 4.1) and the
//! checksum in which a client says what it wants (RFC 4121 4.1.1).

use super::bindings::Bindings;
use super::der::{Der, element, tag};
use super::spnego::{self, NegTokenInit};
use crate::wire::{Malformed, Reader};

/// Mechanism object identifiers, as contents of an OID element.
pub mod mechanism {
    /// Kerberos 5, 1.2.840.113554.1.2.2.
    pub const KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];
    /// Kerberos 5 as Windows once wrote it, 1.2.840.48018.1.2.2.
    pub const MICROSOFT_KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 0x01, 0x02, 0x02];
    /// SPNEGO, 1.3.6.1.5.5.2.
    pub const SPNEGO: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x02];
    /// NTLM, 1.3.6.1.4.1.311.2.2.10.
    pub const NTLM: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A];
}

const AP_REQ: [u8; 2] = [1, 0];
const AP_REP: [u8; 2] = [2, 0];
const ERROR: [u8; 2] = [3, 0];

/// What a client's first token holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// An AP-REQ.
    Kerberos(Vec<u8>),
    /// An NTLM message.
    Ntlm(Vec<u8>),
    /// A choice of mechanisms, perhaps with the first one's token.
    Spnego(NegTokenInit),
}

impl Offer {
    /// Reads a first token.
    pub fn parse(token: &[u8]) -> Result<Self, Malformed> {
        if token.starts_with(b"NTLMSSP\0") {
            return Ok(Self::Ntlm(token.to_vec()));
        }
        // An AP-REQ without any framing, which impacket puts into SPNEGO.
        if token.first() == Some(&tag::application(14)) {
            return Ok(Self::Kerberos(token.to_vec()));
        }
        let mut inner = Der::new("security token", token).enter(tag::application(0))?;
        match inner.expect(tag::OID)? {
            mechanism::SPNEGO => spnego::NegTokenInit::parse(inner.rest()).map(Self::Spnego),
            mechanism::KERBEROS | mechanism::MICROSOFT_KERBEROS => {
                match inner.rest().split_first_chunk() {
                    Some((&AP_REQ, message)) => Ok(Self::Kerberos(message.to_vec())),
                    _ => Err(Malformed::new("Kerberos token", "it is not an AP-REQ")),
                }
            }
            _ => Err(Malformed::new(
                "security token",
                "a mechanism that is not known here",
            )),
        }
    }
}

fn framed(token_id: [u8; 2], message: &[u8]) -> Vec<u8> {
    let mut contents = element(tag::OID, mechanism::KERBEROS);
    contents.extend(token_id);
    contents.extend(message);
    element(tag::application(0), &contents)
}

/// The token around an AP-REP.
pub fn ap_rep_token(message: &[u8]) -> Vec<u8> {
    framed(AP_REP, message)
}

/// The token around a KRB-ERROR.
pub fn error_token(message: &[u8]) -> Vec<u8> {
    framed(ERROR, message)
}

/// What the authenticator's checksum says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientFlags {
    /// The channel that the client speaks of; zeroes when it speaks of none.
    pub bindings: Bindings,
    /// The context flags.
    pub flags: u32,
    /// The KRB-CRED with the client's forwarded ticket.
    pub credential: Option<Vec<u8>>,
}

/// Context flag: the client wants the server to prove itself.
pub const MUTUAL: u32 = 2;
const DELEGATE: u32 = 1;
/// The checksum type of RFC 4121.
pub const CHECKSUM_TYPE: i64 = 0x8003;

impl ClientFlags {
    /// Reads the contents of a checksum of type 0x8003.
    pub fn parse(checksum: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new("authenticator checksum", checksum);
        let length = reader.u32()?;
        if length != 16 {
            return Err(Malformed::new(
                "authenticator checksum",
                format!("bindings of {length} bytes"),
            ));
        }
        let mut bindings = Bindings::default();
        bindings.copy_from_slice(reader.bytes(16)?);
        let flags = reader.u32()?;
        let credential = if flags & DELEGATE != 0 && !reader.is_empty() {
            let _option = reader.u16()?;
            let length = usize::from(reader.u16()?);
            Some(reader.bytes(length)?.to_vec())
        } else {
            None
        };
        Ok(Self {
            bindings,
            flags,
            credential,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_object_identifiers_of_kerberos_are_read() {
        for oid in [mechanism::KERBEROS, mechanism::MICROSOFT_KERBEROS] {
            let contents = [&element(tag::OID, oid)[..], &AP_REQ, b"message"].concat();
            let token = element(tag::application(0), &contents);
            assert_eq!(
                Offer::parse(&token),
                Ok(Offer::Kerberos(b"message".to_vec()))
            );
        }
    }

    #[test]
    fn other_tokens_are_told_apart() {
        assert!(matches!(
            Offer::parse(b"NTLMSSP\0\x01\0\0\0"),
            Ok(Offer::Ntlm(_))
        ));
        assert!(Offer::parse(&ap_rep_token(b"message")).is_err());
        assert!(Offer::parse(&[]).is_err());
        assert!(Offer::parse(&[0x60, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).is_err());
    }

    #[test]
    fn a_forwarded_ticket_is_found_in_the_checksum() {
        let mut checksum = [&16u32.to_le_bytes()[..], &[0; 16], &3u32.to_le_bytes()].concat();
        assert_eq!(
            ClientFlags::parse(&checksum),
            Ok(ClientFlags {
                flags: 3,
                ..ClientFlags::default()
            })
        );
        checksum.extend([1, 0, 4, 0]);
        checksum.extend(b"cred");
        let read = ClientFlags::parse(&checksum).expect("well formed");
        assert_eq!(read.credential.as_deref(), Some(&b"cred"[..]));
        checksum.truncate(30);
        assert!(ClientFlags::parse(&checksum).is_err());
    }
}
