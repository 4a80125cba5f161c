//! The Kerberos mechanism of GSS-API, RFC 4121 4.1 and RFC 2743 3.1: as a TDS
//! login carries it, which is what Microsoft's own driver sends, without SPNEGO;
//! and inside SPNEGO as a sealed LDAP connection does, with [`wrap`] after it.

pub mod wrap;

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use md5::{Digest, Md5};

use super::credential::Credential;
use super::der::{self, DerFault, Reader, application_tag};
use super::encryption::{EncryptionFault, Key, usage};
use super::initial::nonce;
use super::message::{ApReplyPart, KrbError, ap_reply};
use super::request::{self, Authenticator};
use wrap::Agreed;

/// 1.2.840.113554.1.2.2, the Kerberos mechanism, in DER.
const KERBEROS: [u8; 11] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02,
];
/// The checksum type of RFC 4121 4.1.1, which carries flags and no checksum.
const GSS_CHECKSUM: i32 = 0x8003;
/// Mutual, replay and sequence detection, confidentiality, integrity:
/// RFC 4121 4.1.1.1. Delegation is not asked for.
const FLAGS: u32 = 0x02 | 0x04 | 0x08 | 0x10 | 0x20;

/// A login that has begun.
#[derive(Debug)]
pub struct Initiated {
    /// The token to send.
    pub token: Vec<u8>,
    /// The time in the authenticator, which the server must give back.
    time: Timestamp,
    /// The key in the authenticator.
    subkey: Key,
    /// The number of our first message.
    number: u32,
}

/// This host's clock, and no microsecond twice: a server takes a second
/// authenticator with the time of another for a copy of it (RFC 4120 3.2.3), and
/// connections to the same server are opened side by side.
fn own_time() -> Timestamp {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let now = Timestamp::now().as_microsecond();
    let last = LAST
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(now.max(last + 1))
        })
        .unwrap_or(now);
    Timestamp::from_microsecond(now.max(last + 1)).unwrap_or_else(|_| Timestamp::now())
}

/// The value of a channel binding, RFC 4121 4.1.1.2: the MD5 of the structure
/// with the application's data alone, the addresses' types and lengths being
/// zero.
pub fn channel_binding(data: &[u8]) -> [u8; 16] {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut hash = Md5::new();
    hash.update([0; 16]);
    hash.update(length.to_le_bytes());
    hash.update(data);
    hash.finalize().into()
}

/// Makes the first token: an AP-REQ that asks the server to prove itself, bound
/// to a channel if one is given.
pub fn initiate(
    ticket: &Credential,
    binding: Option<[u8; 16]>,
) -> Result<Initiated, EncryptionFault> {
    let now = own_time();
    // RFC 4121 4.1.1: length and value of the channel binding (none: zeroes),
    // then the flags, all little endian.
    let mut checksum = vec![16, 0, 0, 0];
    checksum.extend(binding.unwrap_or_default());
    checksum.extend(FLAGS.to_le_bytes());
    let subkey = ticket.session_key.random_like()?;
    let number = nonce()? & 0x3fff_ffff;
    let request = request::ap_request(
        ticket.presented(),
        &Authenticator {
            checksum: Some((GSS_CHECKSUM, &checksum)),
            subkey: Some(&subkey),
            sequence_number: Some(number),
            now,
            usage: usage::AP_AUTHENTICATOR,
            mutual: true,
        },
    )?;
    Ok(Initiated {
        token: framed([1, 0], &request),
        time: now,
        subkey,
        number,
    })
}

/// A message in its frame, RFC 4121 4.1.
fn framed(id: [u8; 2], message: &[u8]) -> Vec<u8> {
    der::element(application_tag(0), &[&KERBEROS, &id, message])
}

/// What the server's token says.
#[derive(Debug)]
pub enum Answer {
    /// It could read the ticket, and proved it.
    Proved,
    /// It sent an AP-REP that does not prove that it read this ticket.
    NotProved(&'static str),
    /// It refused.
    Refused(Box<KrbError>),
}

/// Why nothing was agreed.
#[derive(Debug)]
pub enum Disagreed {
    /// The token is none.
    Damaged(DerFault),
    /// It sent an AP-REP that does not prove that it read this ticket.
    NotProved(&'static str),
    /// It refused.
    Refused(Box<KrbError>),
}

impl Initiated {
    /// Reads the server's token.
    pub fn answer(&self, ticket: &Credential, token: &[u8]) -> Result<Answer, DerFault> {
        match self.agree(ticket, token) {
            Ok(_) => Ok(Answer::Proved),
            Err(Disagreed::NotProved(why)) => Ok(Answer::NotProved(why)),
            Err(Disagreed::Refused(error)) => Ok(Answer::Refused(error)),
            Err(Disagreed::Damaged(fault)) => Err(fault),
        }
    }

    /// Reads the server's token, and what follows from it for the messages after.
    pub fn agree(&self, ticket: &Credential, token: &[u8]) -> Result<Agreed, Disagreed> {
        let (id, message) = unframed(token).map_err(Disagreed::Damaged)?;
        match id {
            [2, 0] => self.check(ticket, message).map_err(Disagreed::NotProved),
            [3, 0] => Err(match KrbError::from_der(message) {
                Ok(error) => Disagreed::Refused(Box::new(error)),
                Err(fault) => Disagreed::Damaged(fault),
            }),
            _ => Err(Disagreed::Damaged(NOT_KERBEROS)),
        }
    }

    fn check(&self, ticket: &Credential, message: &[u8]) -> Result<Agreed, &'static str> {
        const DAMAGED: &str = "its AP-REP is damaged";
        let encrypted = ap_reply(message).map_err(|_| DAMAGED)?;
        let plain = ticket
            .session_key
            .decrypt(usage::AP_REPLY, &encrypted.cipher)
            .map_err(|_| "its AP-REP is not made with the session key of the ticket")?;
        let part = ApReplyPart::from_der(&plain).map_err(|_| DAMAGED)?;
        if part.time.as_second() != self.time.as_second()
            || part.micros != request::microseconds(self.time)
        {
            return Err("its AP-REP does not answer this login");
        }
        Ok(Agreed {
            subkey: self.subkey.clone(),
            acceptor_subkey: part.subkey,
            initiator_number: self.number,
            acceptor_number: part.sequence_number,
        })
    }
}

const NOT_KERBEROS: DerFault = DerFault("it is no token of the Kerberos mechanism");

/// The token's kind and message. A server that speaks SPNEGO wraps them once
/// more, RFC 4178 4.2.2.
fn unframed(token: &[u8]) -> Result<([u8; 2], &[u8]), DerFault> {
    const NEGOTIATION_ANSWER: u8 = 0xa1;
    let mut outer = Reader::new(token);
    if outer.peek() == Some(NEGOTIATION_ANSWER) {
        let mut fields = outer.enter(NEGOTIATION_ANSWER)?.sequence()?;
        let inner = fields.field(2)?.octets()?;
        // Once only: what is inside is not unwrapped again.
        return if inner.first() == Some(&NEGOTIATION_ANSWER) {
            Err(NOT_KERBEROS)
        } else {
            unframed(inner)
        };
    }
    if outer.peek() == Some(application_tag(30)) {
        return Ok(([3, 0], token));
    }
    let content = outer.enter(application_tag(0))?.rest();
    let message = content
        .strip_prefix(KERBEROS.as_slice())
        .ok_or(NOT_KERBEROS)?;
    match message {
        [first, second, message @ ..] => Ok(([*first, *second], message)),
        _ => Err(NOT_KERBEROS),
    }
}

#[cfg(test)]
/// Tickets for the tests of others.
pub(super) mod tests {
    use super::super::encryption::{AES256, Key};
    use super::super::message::{EncryptedData, PrincipalName, Ticket, TicketFlags};
    use super::*;

    fn ticket() -> Credential {
        ticket_for(PrincipalName::service("MSSQLSvc/sql1.corp.example:1433"))
    }

    /// A ticket that no KDC made.
    pub fn ticket_for(service: PrincipalName) -> Credential {
        let bytes = der::element(
            application_tag(1),
            &[&der::sequence(&[
                &der::field(0, &der::integer(5)),
                &der::field(1, &der::text("CORP.EXAMPLE")),
                &der::field(2, &service.to_der()),
                &der::field(
                    3,
                    &EncryptedData {
                        kind: AES256,
                        kvno: Some(3),
                        cipher: vec![1; 60],
                    }
                    .to_der(),
                ),
            ])],
        );
        Credential {
            client: PrincipalName::service("alice"),
            client_realm: "CORP.EXAMPLE".to_owned(),
            ticket: Ticket::from_der(&bytes).unwrap(),
            service,
            session_key: Key::new(AES256, &[5; 32]),
            flags: TicketFlags(0),
            starts: Timestamp::UNIX_EPOCH,
            ends: Timestamp::MAX,
            renew_until: None,
        }
    }

    fn reply(ticket: &Credential, time: Timestamp, micros: i64) -> Vec<u8> {
        let plain = der::element(
            application_tag(27),
            &[&der::sequence(&[
                &der::field(0, &der::time(time)),
                &der::field(1, &der::integer(micros)),
            ])],
        );
        let encrypted = EncryptedData {
            kind: AES256,
            kvno: None,
            cipher: ticket.session_key.encrypt(usage::AP_REPLY, &plain).unwrap(),
        };
        let message = der::element(
            application_tag(15),
            &[&der::sequence(&[
                &der::field(0, &der::integer(5)),
                &der::field(1, &der::integer(15)),
                &der::field(2, &encrypted.to_der()),
            ])],
        );
        framed([2, 0], &message)
    }

    #[test]
    fn only_a_reply_to_this_login_proves_the_server() {
        let ticket = ticket();
        let begun = initiate(&ticket, None).unwrap();
        assert_eq!(begun.token[0], 0x60);
        let micros = request::microseconds(begun.time);
        let good = reply(&ticket, begun.time, micros);
        assert!(matches!(begun.answer(&ticket, &good), Ok(Answer::Proved)));
        let wrapped = der::element(
            0xa1,
            &[&der::sequence(&[&der::field(2, &der::octets(&good))])],
        );
        assert!(matches!(
            begun.answer(&ticket, &wrapped),
            Ok(Answer::Proved)
        ));
        let late = reply(&ticket, begun.time, (micros + 1) % 1_000_000);
        assert!(matches!(
            begun.answer(&ticket, &late),
            Ok(Answer::NotProved(_))
        ));
        let mut other = self::ticket();
        other.session_key = Key::new(AES256, &[6; 32]);
        let forged = reply(&other, begun.time, micros);
        assert!(matches!(
            begun.answer(&ticket, &forged),
            Ok(Answer::NotProved(_))
        ));
        for cut in 0..good.len() {
            assert!(!matches!(
                begun.answer(&ticket, &good[..cut]),
                Ok(Answer::Proved)
            ));
        }
    }

    /// Checked with `printf '\0…\003\0\0\0abc' | md5sum`.
    #[test]
    fn the_binding_is_the_sum_of_the_whole_structure() {
        let sum = channel_binding(b"abc").map(|byte| format!("{byte:02x}"));
        assert_eq!(sum.concat(), "420b92da63953711d03790fc6a20013d");
    }

    #[test]
    fn a_refusal_is_read_with_or_without_its_frame() {
        let ticket = ticket();
        let begun = initiate(&ticket, None).unwrap();
        let message = der::element(
            application_tag(30),
            &[&der::sequence(&[
                &der::field(0, &der::integer(5)),
                &der::field(1, &der::integer(30)),
                // A server gives the client's time back: picky-krb's own type
                // for this message cannot read the microseconds.
                &der::field(2, &der::time(Timestamp::UNIX_EPOCH)),
                &der::field(3, &der::integer(5)),
                &der::field(4, &der::time("2026-11-22T10:00:00Z".parse().unwrap())),
                &der::field(5, &der::integer(250_000)),
                &der::field(6, &der::integer(41)),
                &der::field(9, &der::text("CORP.EXAMPLE")),
                &der::field(10, &PrincipalName::service("MSSQLSvc/x").to_der()),
            ])],
        );
        for token in [framed([3, 0], &message), message.clone()] {
            let Ok(Answer::Refused(error)) = begun.answer(&ticket, &token) else {
                panic!("a refusal was expected");
            };
            assert_eq!(error.code, 41);
            assert_eq!(error.time.to_string(), "2026-11-22T10:00:00.25Z");
        }
    }
}
