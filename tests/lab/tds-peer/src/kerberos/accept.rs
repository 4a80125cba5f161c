//! Accepting or refusing an AP-REQ (RFC 4120 3.2.3).

use jiff::{SignedDuration, Timestamp};

use super::bindings::Bindings;
use super::crypto::{decrypt, encrypt, etype, usage};
use super::gss::{CHECKSUM_TYPE, ClientFlags, MUTUAL};
use super::keytab::{Key, Keytab};
use super::message::{
    ApReq, Authenticator, Ticket, TicketPart, ap_rep, ap_rep_part, forwarded_credentials, krb_error,
};
use crate::scenario::Personality;
use crate::wire::Malformed;

/// KRB-ERROR codes that an acceptor sends (RFC 4120 7.5.9).
pub mod code {
    /// KRB_AP_ERR_BAD_INTEGRITY.
    pub const BAD_INTEGRITY: u32 = 31;
    /// KRB_AP_ERR_TKT_EXPIRED.
    pub const TICKET_EXPIRED: u32 = 32;
    /// KRB_AP_ERR_TKT_NYV.
    pub const TICKET_NOT_YET_VALID: u32 = 33;
    /// KRB_AP_ERR_BADMATCH.
    pub const BAD_MATCH: u32 = 36;
    /// KRB_AP_ERR_SKEW.
    pub const SKEW: u32 = 37;
    /// KRB_AP_ERR_MODIFIED.
    pub const MODIFIED: u32 = 41;
    /// KRB_AP_ERR_BADKEYVER.
    pub const BAD_KEY_VERSION: u32 = 44;
    /// KRB_AP_ERR_NOKEY.
    pub const NO_KEY: u32 = 45;
    /// KRB_ERR_GENERIC.
    pub const GENERIC: u32 = 60;
}

/// What decides about a ticket.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The service's keys.
    pub keytab: &'a Keytab,
    /// Whose behaviour is shown.
    pub personality: Personality,
    /// Accepted difference of clocks.
    pub skew: SignedDuration,
    /// The server's clock.
    pub now: Timestamp,
}

/// A client that proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// `alice@CORP.EXAMPLE`.
    pub client: String,
    /// Version of the key that decrypted the ticket.
    pub key_version: u32,
    /// Encryption type of the session key.
    pub session_etype: i32,
    /// The channel that the client bound its login to; zeroes for none.
    pub bindings: Bindings,
    /// Ticket flags, bit 0 highest.
    pub ticket_flags: u32,
    /// The services of the tickets that the client forwarded, usually
    /// `krbtgt/REALM@REALM`; `None` when it delegated nothing.
    pub delegated: Option<Vec<String>>,
    /// The AP-REP, when the client wants one.
    pub reply: Option<Vec<u8>>,
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The KRB-ERROR code.
    pub code: u32,
    /// Why, for the log.
    pub why: String,
    /// The KRB-ERROR.
    pub error: Vec<u8>,
}

struct Fault(u32, String);

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self(code::GENERIC, malformed.to_string())
    }
}

/// Decides about an AP-REQ.
pub fn accept(request: &ApReq, policy: &Policy<'_>) -> Result<Accepted, Refused> {
    decide(request, policy).map_err(|Fault(code, why)| Refused {
        code,
        why,
        error: krb_error(code, &request.ticket, policy.now),
    })
}

fn decide(request: &ApReq, policy: &Policy<'_>) -> Result<Accepted, Fault> {
    let (part, key_version) = open_ticket(&request.ticket, policy)?;
    let session = &part.key;
    let clear = decrypt(
        session.etype,
        &session.bytes,
        usage::AP_REQ_AUTHENTICATOR,
        &request.authenticator.cipher,
    )
    .map_err(|error| Fault(code::BAD_INTEGRITY, format!("the authenticator: {error}")))?;
    let authenticator = Authenticator::parse(&clear)?;
    if authenticator.client != part.client {
        let why = format!(
            "the ticket is for {}, the authenticator of {}",
            part.client, authenticator.client
        );
        return Err(Fault(code::BAD_MATCH, why));
    }
    let behind = policy.now.duration_since(authenticator.time);
    if behind.abs() > policy.skew {
        let why = format!(
            "the client's clock is {} s behind the server's",
            behind.as_secs()
        );
        return Err(Fault(code::SKEW, why));
    }
    if policy.now.duration_since(part.end) > policy.skew {
        return Err(Fault(
            code::TICKET_EXPIRED,
            format!("the ticket ended at {}", part.end),
        ));
    }
    if part.start.duration_since(policy.now) > policy.skew {
        return Err(Fault(
            code::TICKET_NOT_YET_VALID,
            format!("the ticket begins at {}", part.start),
        ));
    }
    let wishes = match &authenticator.checksum {
        Some((CHECKSUM_TYPE, checksum)) => ClientFlags::parse(checksum)?,
        _ => ClientFlags::default(),
    };
    let delegated = match &wishes.credential {
        Some(credential) => Some(delegated_services(credential, &part, &authenticator)?),
        None => None,
    };
    let reply = if request.mutual || wishes.flags & MUTUAL != 0 {
        let clear = ap_rep_part(&authenticator, rand::random::<u32>() >> 1);
        let cipher = encrypt(session.etype, &session.bytes, usage::AP_REP, &clear)
            .map_err(|error| Fault(code::GENERIC, format!("the AP-REP: {error}")))?;
        Some(ap_rep(session.etype, &cipher))
    } else {
        None
    };
    Ok(Accepted {
        client: part.client,
        key_version,
        session_etype: part.key.etype,
        bindings: wishes.bindings,
        ticket_flags: part.flags,
        delegated,
        reply,
    })
}

/// Decrypts the ticket with the key that the personality chooses.
fn open_ticket(ticket: &Ticket, policy: &Policy<'_>) -> Result<(TicketPart, u32), Fault> {
    let keys = match policy.personality {
        Personality::Windows => keys_of_account(ticket, policy.keytab),
        Personality::Linux => vec![key_of_principal(ticket, policy.keytab)?],
    };
    let opened = keys.iter().find_map(|key| {
        let cipher = &ticket.encrypted.cipher;
        decrypt(key.etype, &key.bytes, usage::TICKET, cipher)
            .ok()
            .map(|clear| (clear, key.kvno))
    });
    let (clear, kvno) = opened.ok_or_else(|| {
        let code = match policy.personality {
            Personality::Windows => code::MODIFIED,
            Personality::Linux => code::BAD_INTEGRITY,
        };
        let why = format!(
            "none of {} keys of its encryption type decrypts the ticket",
            keys.len()
        );
        Fault(code, why)
    })?;
    Ok((TicketPart::parse(&clear)?, kvno))
}

/// All keys of the ticket's encryption type, those of its version first.
fn keys_of_account<'a>(ticket: &Ticket, keytab: &'a Keytab) -> Vec<&'a Key> {
    let mut keys: Vec<&Key> = keytab
        .keys
        .iter()
        .filter(|key| key.etype == ticket.encrypted.etype)
        .collect();
    keys.sort_by_key(|key| Some(key.kvno) != ticket.encrypted.kvno);
    keys
}

/// The one key with the ticket's principal, version and encryption type.
fn key_of_principal<'a>(ticket: &Ticket, keytab: &'a Keytab) -> Result<&'a Key, Fault> {
    let principal = format!("{}@{}", ticket.server, ticket.realm);
    let of_principal: Vec<&Key> = keytab
        .keys
        .iter()
        .filter(|key| key.principal == principal)
        .collect();
    if of_principal.is_empty() {
        return Err(Fault(
            code::NO_KEY,
            format!("the keytab holds no key of {principal}"),
        ));
    }
    let fits = |key: &&&Key| {
        key.etype == ticket.encrypted.etype
            && ticket.encrypted.kvno.is_none_or(|kvno| kvno == key.kvno)
    };
    of_principal.iter().find(fits).copied().ok_or_else(|| {
        let why = format!(
            "the keytab holds {principal}, but not with version {} and encryption type {}",
            ticket.encrypted.kvno.unwrap_or_default(),
            ticket.encrypted.etype
        );
        Fault(code::BAD_KEY_VERSION, why)
    })
}

/// The services of forwarded tickets, once their keys prove to be readable.
fn delegated_services(
    credential: &[u8],
    part: &TicketPart,
    authenticator: &Authenticator,
) -> Result<Vec<String>, Fault> {
    let (services, encrypted) = forwarded_credentials(credential)?;
    let keys = [Some(&part.key), authenticator.subkey.as_ref()];
    // Encryption type 0 leaves the part in the clear, as old clients do.
    let readable = encrypted.etype == 0
        || keys
            .into_iter()
            .flatten()
            .any(|key| decrypt(key.etype, &key.bytes, usage::KRB_CRED, &encrypted.cipher).is_ok());
    if readable {
        Ok(services)
    } else {
        Err(Fault(
            code::BAD_INTEGRITY,
            "the forwarded credential cannot be decrypted".into(),
        ))
    }
}

/// The name of an encryption type.
pub fn etype_name(number: i32) -> String {
    match number {
        etype::AES128 => "aes128-cts-hmac-sha1-96".into(),
        etype::AES256 => "aes256-cts-hmac-sha1-96".into(),
        etype::RC4 => "rc4-hmac".into(),
        other => format!("encryption type {other}"),
    }
}
