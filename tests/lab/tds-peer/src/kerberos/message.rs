//! The Kerberos messages of an acceptor (RFC 4120 5.3, 5.5, 5.8, 5.9).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::der::{Der, context, element, integer, nested, tag};
use crate::wire::Malformed;

/// EncryptedData.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptedData {
    /// Encryption type.
    pub etype: i32,
    /// Key version, in tickets.
    pub kvno: Option<u32>,
    /// The encrypted bytes.
    pub cipher: Vec<u8>,
}

/// A Ticket, whose encrypted part only the service can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Realm of the service.
    pub realm: String,
    /// Name of the service, `MSSQLSvc/sql1.corp.example:1433`.
    pub server: String,
    /// The name's DER, to be sent back in errors.
    server_der: Vec<u8>,
    /// What is encrypted for the service.
    pub encrypted: EncryptedData,
}

/// An AP-REQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApReq {
    /// True when the client wants an AP-REP.
    pub mutual: bool,
    /// The ticket.
    pub ticket: Ticket,
    /// The authenticator, encrypted with the session key.
    pub authenticator: EncryptedData,
}

/// An EncryptionKey.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey {
    /// Its encryption type.
    pub etype: i32,
    /// The key itself.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionKey(etype {})", self.etype)
    }
}

/// EncTicketPart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketPart {
    /// Ticket flags, bit 0 highest.
    pub flags: u32,
    /// The session key.
    pub key: SessionKey,
    /// The client, `alice@CORP.EXAMPLE`.
    pub client: String,
    /// When the ticket begins to be valid.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
}

/// Authenticator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// The client, which must be the ticket's.
    pub client: String,
    /// The checksum's type and bytes.
    pub checksum: Option<(i64, Vec<u8>)>,
    /// The client's clock.
    pub time: Timestamp,
    /// The time as it was written, to be sent back.
    time_text: Vec<u8>,
    /// Its microseconds.
    pub microseconds: u32,
    /// A key that the client proposes.
    pub subkey: Option<SessionKey>,
}

/// A principal's name without its realm, and its DER.
fn principal<'a>(reader: &mut Der<'a>) -> Result<(String, &'a [u8]), Malformed> {
    let mut copy = *reader;
    let whole = copy.whole(tag::SEQUENCE)?;
    let mut sequence = reader.enter(tag::SEQUENCE)?;
    sequence.expect(tag::context(0))?;
    let mut names = sequence.enter(tag::context(1))?.enter(tag::SEQUENCE)?;
    let mut parts = Vec::new();
    while !names.is_empty() {
        parts.push(names.text()?);
    }
    Ok((parts.join("/"), whole))
}

fn time(reader: &mut Der<'_>) -> Result<(Timestamp, Vec<u8>), Malformed> {
    let text = reader.expect(tag::TIME)?;
    let parsed = std::str::from_utf8(text).ok().and_then(|text| {
        let local = DateTime::strptime("%Y%m%d%H%M%S", text.strip_suffix('Z')?).ok()?;
        Offset::UTC.to_timestamp(local).ok()
    });
    match parsed {
        Some(moment) => Ok((moment, text.to_vec())),
        None => Err(Malformed::new(
            "KerberosTime",
            String::from_utf8_lossy(text).into_owned(),
        )),
    }
}

fn number(value: i64) -> Result<u32, Malformed> {
    u32::try_from(value)
        .map_err(|_| Malformed::new("Kerberos message", format!("the number {value}")))
}

fn etype_number(value: i64) -> Result<i32, Malformed> {
    i32::try_from(value)
        .map_err(|_| Malformed::new("Kerberos message", format!("encryption type {value}")))
}

fn encrypted_data(reader: &mut Der<'_>) -> Result<EncryptedData, Malformed> {
    let mut sequence = reader.enter(tag::SEQUENCE)?;
    let etype = etype_number(sequence.enter(tag::context(0))?.integer()?)?;
    let kvno = match sequence.enter_optional(tag::context(1))? {
        // Samba and Windows write versions of read-only DCs with a sign.
        Some(mut kvno) => Some(u32::try_from(kvno.integer()? & 0xFFFF_FFFF).unwrap_or(0)),
        None => None,
    };
    let cipher = sequence
        .enter(tag::context(2))?
        .expect(tag::OCTET_STRING)?
        .to_vec();
    Ok(EncryptedData {
        etype,
        kvno,
        cipher,
    })
}

fn session_key(reader: &mut Der<'_>) -> Result<SessionKey, Malformed> {
    let mut sequence = reader.enter(tag::SEQUENCE)?;
    let etype = etype_number(sequence.enter(tag::context(0))?.integer()?)?;
    let bytes = sequence
        .enter(tag::context(1))?
        .expect(tag::OCTET_STRING)?
        .to_vec();
    Ok(SessionKey { etype, bytes })
}

fn ticket(reader: &mut Der<'_>) -> Result<Ticket, Malformed> {
    let mut sequence = reader.enter(tag::application(1))?.enter(tag::SEQUENCE)?;
    sequence.expect(tag::context(0))?;
    let realm = sequence.enter(tag::context(1))?.text()?;
    let (server, server_der) = principal(&mut sequence.enter(tag::context(2))?)?;
    let encrypted = encrypted_data(&mut sequence.enter(tag::context(3))?)?;
    Ok(Ticket {
        realm,
        server,
        server_der: server_der.to_vec(),
        encrypted,
    })
}

const MUTUAL_REQUIRED: u32 = 1 << 29;

impl ApReq {
    /// Reads an AP-REQ.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut sequence = Der::new("AP-REQ", bytes)
            .enter(tag::application(14))?
            .enter(tag::SEQUENCE)?;
        sequence.expect(tag::context(0))?;
        sequence.expect(tag::context(1))?;
        let options = sequence.enter(tag::context(2))?.flags()?;
        let ticket = ticket(&mut sequence.enter(tag::context(3))?)?;
        let authenticator = encrypted_data(&mut sequence.enter(tag::context(4))?)?;
        Ok(Self {
            mutual: options & MUTUAL_REQUIRED != 0,
            ticket,
            authenticator,
        })
    }
}

impl TicketPart {
    /// Reads a decrypted EncTicketPart.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut sequence = Der::new("ticket", bytes)
            .enter(tag::application(3))?
            .enter(tag::SEQUENCE)?;
        let flags = sequence.enter(tag::context(0))?.flags()?;
        let key = session_key(&mut sequence.enter(tag::context(1))?)?;
        let realm = sequence.enter(tag::context(2))?.text()?;
        let (name, _) = principal(&mut sequence.enter(tag::context(3))?)?;
        sequence.expect(tag::context(4))?;
        let (authenticated, _) = time(&mut sequence.enter(tag::context(5))?)?;
        let start = match sequence.enter_optional(tag::context(6))? {
            Some(mut start) => time(&mut start)?.0,
            None => authenticated,
        };
        let (end, _) = time(&mut sequence.enter(tag::context(7))?)?;
        Ok(Self {
            flags,
            key,
            client: format!("{name}@{realm}"),
            start,
            end,
        })
    }
}

impl Authenticator {
    /// Reads a decrypted Authenticator.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut sequence = Der::new("authenticator", bytes)
            .enter(tag::application(2))?
            .enter(tag::SEQUENCE)?;
        sequence.expect(tag::context(0))?;
        let realm = sequence.enter(tag::context(1))?.text()?;
        let (name, _) = principal(&mut sequence.enter(tag::context(2))?)?;
        let checksum = match sequence.enter_optional(tag::context(3))? {
            Some(mut checksum) => {
                let mut inner = checksum.enter(tag::SEQUENCE)?;
                let kind = inner.enter(tag::context(0))?.integer()?;
                Some((
                    kind,
                    inner
                        .enter(tag::context(1))?
                        .expect(tag::OCTET_STRING)?
                        .to_vec(),
                ))
            }
            None => None,
        };
        let microseconds = number(sequence.enter(tag::context(4))?.integer()?)?;
        let (moment, time_text) = time(&mut sequence.enter(tag::context(5))?)?;
        let subkey = match sequence.enter_optional(tag::context(6))? {
            Some(mut subkey) => Some(session_key(&mut subkey)?),
            None => None,
        };
        let client = format!("{name}@{realm}");
        Ok(Self {
            client,
            checksum,
            time: moment,
            time_text,
            microseconds,
            subkey,
        })
    }
}

/// The services of the tickets in a KRB-CRED, and its encrypted part.
pub fn forwarded_credentials(bytes: &[u8]) -> Result<(Vec<String>, EncryptedData), Malformed> {
    let mut sequence = Der::new("KRB-CRED", bytes)
        .enter(tag::application(22))?
        .enter(tag::SEQUENCE)?;
    sequence.expect(tag::context(0))?;
    sequence.expect(tag::context(1))?;
    let mut tickets = sequence.enter(tag::context(2))?.enter(tag::SEQUENCE)?;
    let mut servers = Vec::new();
    while !tickets.is_empty() {
        let one = ticket(&mut tickets)?;
        servers.push(format!("{}@{}", one.server, one.realm));
    }
    Ok((
        servers,
        encrypted_data(&mut sequence.enter(tag::context(3))?)?,
    ))
}

/// An EncAPRepPart, which repeats the authenticator's time.
pub fn ap_rep_part(authenticator: &Authenticator, sequence_number: u32) -> Vec<u8> {
    let parts = [
        context(0, &element(tag::TIME, &authenticator.time_text)),
        context(1, &integer(authenticator.microseconds)),
        context(3, &integer(sequence_number)),
    ];
    element(tag::application(27), &nested(tag::SEQUENCE, &parts))
}

/// An AP-REP around its encrypted part.
pub fn ap_rep(etype: i32, cipher: &[u8]) -> Vec<u8> {
    let encrypted = nested(
        tag::SEQUENCE,
        &[
            context(0, &integer(u32::try_from(etype).unwrap_or(0))),
            context(2, &element(tag::OCTET_STRING, cipher)),
        ],
    );
    let parts = [
        context(0, &integer(5)),
        context(1, &integer(15)),
        context(2, &encrypted),
    ];
    element(tag::application(15), &nested(tag::SEQUENCE, &parts))
}

/// A KRB-ERROR about a ticket, with the server's clock.
pub fn krb_error(code: u32, ticket: &Ticket, now: Timestamp) -> Vec<u8> {
    let local = Offset::UTC.to_datetime(now);
    let text = local.strftime("%Y%m%d%H%M%SZ").to_string();
    let microseconds = u32::try_from(local.subsec_nanosecond() / 1000).unwrap_or(0);
    let parts = [
        context(0, &integer(5)),
        context(1, &integer(30)),
        context(4, &element(tag::TIME, text.as_bytes())),
        context(5, &integer(microseconds)),
        context(6, &integer(code)),
        context(9, &element(tag::GENERAL_STRING, ticket.realm.as_bytes())),
        context(10, &ticket.server_der),
    ];
    element(tag::application(30), &nested(tag::SEQUENCE, &parts))
}
