//! The FILE cache format, versions 3 and 4: MIT krb5, "Credential cache file
//! format". Versions 1 and 2 were written in the host's own byte order and
//! have not been made since 1997.

use super::super::credential::Credential;
use super::super::message::PrincipalName;
use super::marshalled::Cursor;

/// What a file holds.
pub struct Content {
    /// The default principal.
    pub principal: PrincipalName,
    /// Its realm.
    pub realm: String,
    /// The tickets.
    pub credentials: Vec<Credential>,
}

/// Reads a file's bytes; the fault is words.
pub fn parse(bytes: &[u8]) -> Result<Content, &'static str> {
    let mut cursor = Cursor::new(bytes);
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
    while !cursor.is_empty() {
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

#[cfg(test)]
mod tests {
    use super::super::super::der;
    use super::super::marshalled::NOTES;
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
