//! Principals and tickets as caches keep them: MIT krb5, "Credential cache file
//! format". A FILE cache and the KCM daemon use the same form.

use jiff::Timestamp;

use super::super::credential::Credential;
use super::super::encryption::Key;
use super::super::message::{PrincipalName, Ticket, TicketFlags};

/// The realm of entries that are the library's notes and not tickets.
pub const NOTES: &str = "X-CACHECONF:";
/// More parts than any name has.
const MOST_PARTS: u32 = 64;

/// Reads marshalled values one after the other.
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Reads from the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// So many bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or("it ends in the middle of an entry")?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number of two bytes.
    pub fn u16(&mut self) -> Result<u16, &'static str> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// A number of four bytes.
    pub fn u32(&mut self) -> Result<u32, &'static str> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn data(&mut self) -> Result<&'a [u8], &'static str> {
        let length = self.u32()?;
        self.take(usize::try_from(length).map_err(|_| "an entry is too long")?)
    }

    /// A text behind its length.
    pub fn text(&mut self) -> Result<String, &'static str> {
        Ok(String::from_utf8_lossy(self.data()?).into_owned())
    }

    fn time(&mut self) -> Result<Timestamp, &'static str> {
        // Unsigned, so that it holds beyond 2038.
        let seconds = i64::from(self.u32()?);
        Timestamp::from_second(seconds).map_err(|_| "a time is not one")
    }

    /// A name and its realm.
    pub fn principal(&mut self) -> Result<(PrincipalName, String), &'static str> {
        let kind = self.u32()?;
        let count = self.u32()?;
        if count > MOST_PARTS {
            return Err("a name has too many parts");
        }
        let realm = self.text()?;
        let parts = (0..count).map(|_| self.text()).collect::<Result<_, _>>()?;
        let kind = i32::from_be_bytes(kind.to_be_bytes());
        Ok((PrincipalName { kind, parts }, realm))
    }

    /// One ticket; none for the library's notes and for tickets of an unknown form.
    pub fn credential(&mut self, version: u8) -> Result<Option<Credential>, &'static str> {
        let (client, client_realm) = self.principal()?;
        let (service, service_realm) = self.principal()?;
        let kind = self.u16()?;
        if version == 3 {
            // Version 3 has the encryption type twice.
            self.u16()?;
        }
        let session_key = Key::new(i32::from(kind), self.data()?);
        let auth_time = self.time()?;
        let start_time = self.time()?;
        let ends = self.time()?;
        let renew_until = self.time()?;
        let _is_session_key = self.take(1)?;
        let flags = TicketFlags(self.u32()?);
        for _ in 0..2 {
            // Addresses, then authorization data: type and value each.
            for _ in 0..self.u32()? {
                self.u16()?;
                self.data()?;
            }
        }
        let ticket = self.data()?;
        let _second_ticket = self.data()?;
        if service_realm == NOTES {
            return Ok(None);
        }
        let Ok(ticket) = Ticket::from_der(ticket) else {
            return Ok(None);
        };
        let epoch = Timestamp::UNIX_EPOCH;
        Ok(Some(Credential {
            client,
            client_realm,
            service,
            ticket,
            session_key,
            flags,
            starts: if start_time == epoch {
                auth_time
            } else {
                start_time
            },
            ends,
            renew_until: (renew_until != epoch).then_some(renew_until),
        }))
    }
}
