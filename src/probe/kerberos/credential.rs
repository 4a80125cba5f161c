//! A ticket with its session key: what a client holds.

use jiff::Timestamp;

use super::encryption::Key;
use super::message::{KdcReply, PrincipalName, ReplyPart, Ticket, TicketFlags};
use super::request::Presented;

/// A ticket-granting ticket or a service ticket. The session key is in a type
/// that shows nothing and is wiped when it is dropped.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Whose ticket it is.
    pub client: PrincipalName,
    /// The client's realm.
    pub client_realm: String,
    /// The service's name as it was asked for.
    pub service: PrincipalName,
    /// The ticket.
    pub ticket: Ticket,
    /// The session key.
    pub session_key: Key,
    /// The ticket's flags.
    pub flags: TicketFlags,
    /// Since when it is valid.
    pub starts: Timestamp,
    /// Until when it is valid.
    pub ends: Timestamp,
    /// Until when it can be renewed.
    pub renew_until: Option<Timestamp>,
}

impl Credential {
    /// What a KDC granted.
    pub fn granted(reply: KdcReply, part: ReplyPart) -> Self {
        Self {
            client: reply.client,
            client_realm: reply.client_realm,
            service: reply.ticket.service.clone(),
            ticket: reply.ticket,
            session_key: part.key,
            flags: part.flags,
            starts: part.start_time.unwrap_or(part.auth_time),
            ends: part.end_time,
            renew_until: part.renew_until,
        }
    }

    /// `name@REALM`.
    pub fn principal(&self) -> String {
        format!("{}@{}", self.client, self.client_realm)
    }

    /// The ticket as it is presented.
    pub fn presented(&self) -> Presented<'_> {
        Presented {
            client_realm: &self.client_realm,
            client: &self.client,
            ticket: &self.ticket.bytes,
            session_key: &self.session_key,
        }
    }
}
