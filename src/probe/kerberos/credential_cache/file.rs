//! The FILE cache format, versions 3 and 4: MIT krb5, "Credential cache file
//! format". Versions 1 and 2 were written in the host's own byte order and
//! have not been made since 1997.

use jiff::Timestamp;

use super::super::credential::Credential;
use super::super::encryption::Key;
use super::super::message::{PrincipalName, Ticket, TicketFlags};

/// The realm of entries that are the library's notes and not tickets.
const NOTES: &str = "X-CACHECONF:";
/// More parts than any name has.
const MOST_PARTS: u32 = 64;

/// What a file holds.
pub struct Content {
    pub principal: PrincipalName,
    pub realm: String,
    pub credentials: Vec<Credential>,
}

/// Reads a file's bytes; the fault is words.
pub fn parse(bytes: &[u8]) -> Result<Content, &'static str> {
    let mut cursor = Cursor { rest: bytes };
    let version = match cursor.take(2).map_err(|_| "it is too short")? {
        [5, version @ (3 | 4)] => *version,
        [5, 1 | 2] => return Err("it has version 1 or 2 of the format, which are too old"),
        _ => return Err("it is not a ticket cache"),
    };
    if version == 4 {
        let length = cursor.u16()?;
        cursor.take(usize::from(length))?;
    }
    let (principal, realm) = cursor.principal()?;
    let mut credentials = Vec::new();
    while !cursor.rest.is_empty() {
        if let Some(credential) = cursor.credential(version)? {
            credentials.push(credential);
        }
    }
    Ok(Content {
        principal,
        realm,
        credentials,
    })
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or("it ends in the middle of an entry")?;
        self.rest = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, &'static str> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&mut self) -> Result<u32, &'static str> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn data(&mut self) -> Result<&'a [u8], &'static str> {
        let length = self.u32()?;
        self.take(usize::try_from(length).map_err(|_| "an entry is too long")?)
    }

    fn text(&mut self) -> Result<String, &'static str> {
        Ok(String::from_utf8_lossy(self.data()?).into_owned())
    }

    fn time(&mut self) -> Result<Timestamp, &'static str> {
        // Unsigned, so that it holds beyond 2038.
        let seconds = i64::from(self.u32()?);
        Timestamp::from_second(seconds).map_err(|_| "a time is not one")
    }

    fn principal(&mut self) -> Result<(PrincipalName, String), &'static str> {
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

    /// One entry; none for the library's notes and for tickets of an unknown form.
    fn credential(&mut self, version: u8) -> Result<Option<Credential>, &'static str> {
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

#[cfg(test)]
mod tests {
    use super::super::super::der;
    use super::*;

    fn data(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap();
        [&length.to_be_bytes()[..], bytes].concat()
    }

    fn principal(kind: u32, realm: &str, parts: &[&str]) -> Vec<u8> {
        let count = u32::try_from(parts.len()).unwrap();
        let mut bytes = [kind.to_be_bytes(), count.to_be_bytes()].concat();
        bytes.extend(data(realm.as_bytes()));
        for part in parts {
            bytes.extend(data(part.as_bytes()));
        }
        bytes
    }

    fn ticket() -> Vec<u8> {
        let encrypted = der::sequence(&[
            &der::field(0, &der::integer(18)),
            &der::field(1, &der::integer(2)),
            &der::field(2, &der::octets(&[9; 40])),
        ]);
        der::element(
            der::application_tag(1),
            &[&der::sequence(&[
                &der::field(0, &der::integer(5)),
                &der::field(1, &der::text("CORP.EXAMPLE")),
                &der::field(2, &PrincipalName::ticket_granting("CORP.EXAMPLE").to_der()),
                &der::field(3, &encrypted),
            ])],
        )
    }

    fn entry(version: u8, realm: &str, parts: &[&str]) -> Vec<u8> {
        let mut bytes = principal(1, "CORP.EXAMPLE", &["alice"]);
        bytes.extend(principal(2, realm, parts));
        bytes.extend([0, 18]);
        if version == 3 {
            bytes.extend([0, 18]);
        }
        bytes.extend(data(&[7; 32]));
        for seconds in [1_700_000_000_u32, 0, 4_000_000_000, 0] {
            bytes.extend(seconds.to_be_bytes());
        }
        bytes.push(0);
        bytes.extend(0x40e1_0000_u32.to_be_bytes());
        bytes.extend([0; 8]);
        bytes.extend(data(&ticket()));
        bytes.extend(data(&[]));
        bytes
    }

    fn cache(version: u8) -> Vec<u8> {
        let mut bytes = vec![5, version];
        if version == 4 {
            bytes.extend([0, 12, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        bytes.extend(principal(1, "CORP.EXAMPLE", &["alice"]));
        bytes.extend(entry(version, NOTES, &["krb5_ccache_conf_data", "x"]));
        bytes.extend(entry(version, "CORP.EXAMPLE", &["krbtgt", "CORP.EXAMPLE"]));
        bytes
    }

    #[test]
    fn both_versions_are_read_and_notes_are_skipped() {
        for version in [3, 4] {
            let content = parse(&cache(version)).unwrap();
            assert_eq!(content.principal.to_string(), "alice");
            assert_eq!(content.credentials.len(), 1);
            let credential = &content.credentials[0];
            assert_eq!(credential.starts.as_second(), 1_700_000_000);
            assert_eq!(credential.ends.as_second(), 4_000_000_000);
            assert_eq!(credential.renew_until, None);
            assert!(credential.flags.has("forwardable"));
            assert_eq!(credential.ticket.kind, 18);
            assert_eq!(credential.ticket.kvno, Some(2));
        }
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_refused_or_ends_between_entries() {
        let whole = cache(4);
        for cut in 0..whole.len() {
            if let Ok(content) = parse(&whole[..cut]) {
                assert!(content.credentials.is_empty(), "cut at {cut}");
            }
        }
        let mut huge = cache(4);
        huge[20..24].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(parse(&huge).is_err());
    }

    proptest::proptest! {
        #[test]
        fn a_changed_file_is_read_or_refused(at in 0_usize..1000, to in proptest::prelude::any::<u8>()) {
            let mut bytes = cache(4);
            let at = at % bytes.len();
            bytes[at] = to;
            let _ = parse(&bytes);
        }
    }
}
