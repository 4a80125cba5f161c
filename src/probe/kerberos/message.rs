//! Kerberos messages as they are read, RFC 4120 5. Building them is in
//! `request`.

use jiff::Timestamp;

use super::der::{self, DerFault, Reader, application_tag};
use super::encryption::Key;
pub use super::principal_name::{PrincipalName, name_type};

/// The flags of a ticket, RFC 4120 5.3, RFC 6806 11: bit numbers and names.
const TICKET_FLAGS: &[(u32, &str)] = &[
    (1, "forwardable"),
    (2, "forwarded"),
    (3, "proxiable"),
    (4, "proxy"),
    (5, "may-postdate"),
    (6, "postdated"),
    (7, "invalid"),
    (8, "renewable"),
    (9, "initial"),
    (10, "pre-authent"),
    (11, "hw-authent"),
    (12, "transited-policy-checked"),
    (13, "ok-as-delegate"),
    (15, "name-canonicalize"),
];

/// A ticket's flags, bit 0 the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketFlags(pub u32);

impl TicketFlags {
    /// Whether a flag is set.
    pub fn has(self, name: &str) -> bool {
        self.names().any(|set| set == name)
    }

    /// The names of the flags that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        TICKET_FLAGS
            .iter()
            .filter(move |(bit, _)| self.0 & (1 << (31 - bit)) != 0)
            .map(|(_, name)| *name)
    }
}

/// EncryptedData.
#[derive(Clone, Debug)]
pub struct EncryptedData {
    /// The encryption type's number.
    pub kind: i32,
    /// The key's version number.
    pub kvno: Option<u32>,
    /// The data.
    pub cipher: Vec<u8>,
}

impl EncryptedData {
    /// EncryptedData in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let kvno = self
            .kvno
            .map(|kvno| der::field(1, &der::integer(i64::from(kvno))))
            .unwrap_or_default();
        der::sequence(&[
            &der::field(0, &der::integer(i64::from(self.kind))),
            &kvno,
            &der::field(2, &der::octets(&self.cipher)),
        ])
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DerFault> {
        let mut fields = reader.sequence()?;
        Ok(Self {
            kind: fields.field(0)?.int32()?,
            kvno: fields
                .optional_field(1)?
                .map(|mut field| field.integer())
                .transpose()?
                // A read-only domain controller numbers its keys above 65535,
                // [MS-KILE] 3.1.5.8; some send them as negative numbers.
                .map(|kvno| u32::try_from(kvno & 0xffff_ffff).unwrap_or(u32::MAX)),
            cipher: fields.field(2)?.octets()?.to_vec(),
        })
    }
}

/// A ticket: its clear part, and itself byte for byte.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The ticket as it came.
    pub bytes: Vec<u8>,
    /// The realm that issued it.
    pub realm: String,
    /// The service that it is for.
    pub service: PrincipalName,
    /// What it is encrypted with.
    pub kind: i32,
    /// The version number of the service's key.
    pub kvno: Option<u32>,
}

impl Ticket {
    /// Reads the clear part of a ticket.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerFault> {
        let mut outer = Reader::new(bytes);
        let whole = outer.whole()?;
        let mut fields = Reader::new(whole).enter(application_tag(1))?.sequence()?;
        let realm = fields.field(1)?.text()?;
        let service = PrincipalName::read(&mut fields.field(2)?)?;
        let encrypted = EncryptedData::read(&mut fields.field(3)?)?;
        Ok(Self {
            bytes: whole.to_vec(),
            realm,
            service,
            kind: encrypted.kind,
            kvno: encrypted.kvno,
        })
    }
}

/// AS-REP or TGS-REP.
#[derive(Clone, Debug)]
pub struct KdcReply {
    /// Pre-authentication data by type.
    pub padata: Vec<(i32, Vec<u8>)>,
    /// The client's realm.
    pub client_realm: String,
    /// The client.
    pub client: PrincipalName,
    /// The ticket.
    pub ticket: Ticket,
    /// What only the client can read.
    pub encrypted: EncryptedData,
}

/// KRB-ERROR.
#[derive(Clone, Debug)]
pub struct KrbError {
    /// The sender's clock.
    pub time: Timestamp,
    /// The code, RFC 4120 7.5.9.
    pub code: i32,
    /// The realm that the sender names: the client's realm in a referral.
    pub client_realm: Option<String>,
    /// What the sender added in words.
    pub text: Option<String>,
    /// Data that depends on the code.
    pub data: Option<Vec<u8>>,
}

impl KrbError {
    /// Reads a KRB-ERROR, RFC 4120 5.9.1.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerFault> {
        let mut fields = Reader::new(bytes).enter(application_tag(30))?.sequence()?;
        let seconds = fields.field(4)?.time()?;
        let micros = fields.field(5)?.integer()?.clamp(0, 999_999);
        Ok(Self {
            time: seconds
                .checked_add(jiff::SignedDuration::from_micros(micros))
                .unwrap_or(seconds),
            code: fields.field(6)?.int32()?,
            client_realm: optional_text(&mut fields, 7)?,
            text: optional_text(&mut fields, 11)?,
            data: fields
                .optional_field(12)?
                .map(|mut field| field.octets().map(<[u8]>::to_vec))
                .transpose()?,
        })
    }

    /// The pre-authentication data that code 25 carries (METHOD-DATA).
    pub fn method_data(&self) -> Vec<(i32, Vec<u8>)> {
        self.data
            .as_deref()
            .and_then(|data| padata(&mut Reader::new(data)).ok())
            .unwrap_or_default()
    }

    /// The Windows status that a domain controller adds, [MS-KILE] 2.2.2:
    /// KERB-ERROR-DATA of type 3 holding KERB_EXT_ERROR, status first.
    pub fn nt_status(&self) -> Option<u32> {
        let mut fields = Reader::new(self.data.as_deref()?).sequence().ok()?;
        if fields.field(1).ok()?.integer().ok()? != 3 {
            return None;
        }
        let mut value = fields.field(2).ok()?;
        let status = value.octets().ok()?.first_chunk::<4>()?;
        Some(u32::from_le_bytes(*status))
    }
}

fn optional_text(fields: &mut Reader<'_>, number: u8) -> Result<Option<String>, DerFault> {
    fields
        .optional_field(number)?
        .map(|mut field| field.text())
        .transpose()
}

/// `SEQUENCE OF PA-DATA`.
fn padata(reader: &mut Reader<'_>) -> Result<Vec<(i32, Vec<u8>)>, DerFault> {
    let mut items = reader.sequence()?;
    let mut found = Vec::new();
    while !items.is_empty() {
        let mut fields = items.sequence()?;
        let kind = fields.field(1)?.int32()?;
        found.push((kind, fields.field(2)?.octets()?.to_vec()));
    }
    Ok(found)
}

/// What a KDC answers.
#[derive(Clone, Debug)]
pub enum KdcAnswer {
    /// AS-REP or TGS-REP.
    Reply(Box<KdcReply>),
    /// KRB-ERROR.
    Error(Box<KrbError>),
}

impl KdcAnswer {
    /// Reads an answer to an AS-REQ or TGS-REQ.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerFault> {
        const AS_REP: u8 = application_tag(11);
        const TGS_REP: u8 = application_tag(13);
        const KRB_ERROR: u8 = application_tag(30);
        let mut reader = Reader::new(bytes);
        match reader.peek() {
            Some(KRB_ERROR) => Ok(Self::Error(Box::new(KrbError::from_der(bytes)?))),
            Some(tag @ (AS_REP | TGS_REP)) => {
                let mut fields = reader.enter(tag)?.sequence()?;
                let padata = match fields.optional_field(2)? {
                    Some(mut field) => padata(&mut field)?,
                    None => Vec::new(),
                };
                let client_realm = fields.field(3)?.text()?;
                let client = PrincipalName::read(&mut fields.field(4)?)?;
                let ticket = Ticket::from_der(fields.field(5)?.whole()?)?;
                let encrypted = EncryptedData::read(&mut fields.field(6)?)?;
                Ok(Self::Reply(Box::new(KdcReply {
                    padata,
                    client_realm,
                    client,
                    ticket,
                    encrypted,
                })))
            }
            _ => Err(DerFault("it is not a Kerberos answer")),
        }
    }
}

/// EncKDCRepPart: what an AS-REP or TGS-REP tells the client alone.
#[derive(Clone, Debug)]
pub struct ReplyPart {
    /// The session key.
    pub key: Key,
    /// The number of the request that it answers.
    pub nonce: u32,
    /// The ticket's flags.
    pub flags: TicketFlags,
    /// When the client proved who it is.
    pub auth_time: Timestamp,
    /// Since when the ticket is valid, when not since `auth_time`.
    pub start_time: Option<Timestamp>,
    /// Until when.
    pub end_time: Timestamp,
    /// Until when it can be renewed.
    pub renew_until: Option<Timestamp>,
}

impl ReplyPart {
    /// Reads the decrypted part. MIT's KDC tags an AS-REP's as a TGS-REP's, so
    /// either tag is taken.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerFault> {
        let mut outer = Reader::new(bytes);
        let tag = outer.peek().unwrap_or_default();
        if tag != application_tag(25) && tag != application_tag(26) {
            return Err(DerFault("its encrypted part is not one"));
        }
        let mut fields = outer.enter(tag)?.sequence()?;
        let key = read_key(&mut fields.field(0)?)?;
        let nonce = fields.field(2)?.integer()?;
        Ok(Self {
            key,
            nonce: u32::try_from(nonce & 0xffff_ffff).unwrap_or_default(),
            flags: TicketFlags(fields.field(4)?.flags()?),
            auth_time: fields.field(5)?.time()?,
            start_time: optional_time(&mut fields, 6)?,
            end_time: fields.field(7)?.time()?,
            renew_until: optional_time(&mut fields, 8)?,
        })
    }
}

/// EncryptionKey.
fn read_key(reader: &mut Reader<'_>) -> Result<Key, DerFault> {
    let mut fields = reader.sequence()?;
    let kind = fields.field(0)?.int32()?;
    Ok(Key::new(kind, fields.field(1)?.octets()?))
}

fn optional_time(fields: &mut Reader<'_>, number: u8) -> Result<Option<Timestamp>, DerFault> {
    fields
        .optional_field(number)?
        .map(|mut field| field.time())
        .transpose()
}

/// The encrypted part of an AP-REP, RFC 4120 5.5.2, by which a server proves
/// that it could read the authenticator.
#[derive(Clone, Debug)]
pub struct ApReplyPart {
    /// The authenticator's time in seconds.
    pub time: Timestamp,
    /// And the microseconds.
    pub micros: i64,
    /// A key for what follows, when the server asserts one.
    pub subkey: Option<Key>,
    /// The number of the server's first message; without one it is zero.
    pub sequence_number: u32,
}

impl ApReplyPart {
    /// Reads the decrypted part.
    pub fn from_der(bytes: &[u8]) -> Result<Self, DerFault> {
        let mut fields = Reader::new(bytes).enter(application_tag(27))?.sequence()?;
        Ok(Self {
            time: fields.field(0)?.time()?,
            micros: fields.field(1)?.integer()?,
            subkey: fields
                .optional_field(2)?
                .map(|mut field| read_key(&mut field))
                .transpose()?,
            // Some send numbers above 2^31 as negative ones.
            sequence_number: match fields.optional_field(3)? {
                Some(mut field) => u32::try_from(field.integer()? & 0xffff_ffff).unwrap_or(0),
                None => 0,
            },
        })
    }
}

/// The encrypted data of an AP-REP, RFC 4120 5.5.2.
pub fn ap_reply(bytes: &[u8]) -> Result<EncryptedData, DerFault> {
    let mut fields = Reader::new(bytes).enter(application_tag(15))?.sequence()?;
    EncryptedData::read(&mut fields.field(2)?)
}

/// One entry of ETYPE-INFO2, RFC 4120 5.2.7.5.
#[derive(Clone, Debug)]
pub struct EncryptionInfo {
    /// The encryption type's number.
    pub kind: i32,
    /// The salt; the default salt when absent.
    pub salt: Option<String>,
    /// String-to-key parameters.
    pub parameters: Option<Vec<u8>>,
}

/// Reads ETYPE-INFO2, pre-authentication data of type 19.
pub fn encryption_info(bytes: &[u8]) -> Result<Vec<EncryptionInfo>, DerFault> {
    let mut items = Reader::new(bytes).sequence()?;
    let mut found = Vec::new();
    while !items.is_empty() {
        let mut fields = items.sequence()?;
        found.push(EncryptionInfo {
            kind: fields.field(0)?.int32()?,
            salt: optional_text(&mut fields, 1)?,
            parameters: fields
                .optional_field(2)?
                .map(|mut field| field.octets().map(<[u8]>::to_vec))
                .transpose()?,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
