//! The KEYRING cache: the kernel keeps the tickets. The layout is that of MIT
//! krb5 1.12 and later: a collection (a keyring) in one of the user's keyrings,
//! in it the name of the primary cache, and for each cache a keyring with its
//! principal and one key a ticket.

use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier, KeySerialId, KeyType};
use zeroize::Zeroizing;

use super::file::Content;
use super::marshalled::Cursor;

/// The keyring in which a cache name's first word looks.
const ANCHORS: [(&str, KeyRingIdentifier); 4] = [
    ("thread", KeyRingIdentifier::Thread),
    ("process", KeyRingIdentifier::Process),
    ("session", KeyRingIdentifier::Session),
    ("user", KeyRingIdentifier::User),
];
/// Which cache of a collection is the one in use: a version, then its name.
const PRIMARY: &str = "krb_ccache:primary";
/// The key that holds a cache's principal.
const PRINCIPAL: &str = "__krb5_princ__";
/// The key that holds the difference to the KDC's clock.
const OFFSETS: &str = "__krb5_time_offsets__";
/// The longest key that is read; a ticket with a large PAC has 64 KiB.
const LARGEST: usize = 1024 * 1024;
/// More tickets than a cache that is in use has.
const MOST_KEYS: usize = 500;

/// Why the kernel's cache was not read.
#[derive(Debug)]
pub enum KeyringFault {
    /// There is no such cache.
    NoCache,
    /// In words.
    Failed(String),
}

impl From<&'static str> for KeyringFault {
    fn from(words: &'static str) -> Self {
        Self::Failed(format!("the kernel's key is damaged: {words}"))
    }
}

impl From<KeyError> for KeyringFault {
    fn from(error: KeyError) -> Self {
        let words = match error {
            KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked => {
                return Self::NoCache;
            }
            KeyError::AccessDenied | KeyError::PermissionDenied => {
                "the kernel does not let this program read it"
            }
            KeyError::OperationNotSupported => "this kernel has no such keyrings",
            _ => "the kernel does not give it",
        };
        Self::Failed(words.to_owned())
    }
}

/// Where a cache is: `session:NAME`, `persistent:UID:NAME`, …
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    anchor: &'a str,
    collection: &'a str,
    cache: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Without a colon it is a name in the session's keyring, as before 1.12.
    fn parse(rest: &'a str) -> Self {
        let Some((anchor, rest)) = rest.split_once(':') else {
            return Self {
                anchor: "session",
                collection: rest,
                cache: None,
            };
        };
        match rest.split_once(':') {
            Some((collection, cache)) => Self {
                anchor,
                collection,
                cache: Some(cache),
            },
            None => Self {
                anchor,
                collection: rest,
                cache: None,
            },
        }
    }
}

/// Reads a cache. `rest` is what stands behind `KEYRING:`.
pub fn read(rest: &str) -> Result<Content, KeyringFault> {
    let place = Place::parse(rest);
    let collection = collection(&place)?;
    let name = match place.cache {
        Some(name) => name.to_owned(),
        None => primary(collection, place.collection)?,
    };
    let cache = find(collection, KeyType::KeyRing, &name)?.ok_or(KeyringFault::NoCache)?;
    let mut owner = None;
    let mut credentials = Vec::new();
    for (key, kind, description) in children(cache)?.into_iter().take(MOST_KEYS) {
        if kind == KeyType::KeyRing || description == OFFSETS {
            continue;
        }
        let payload = match payload(key) {
            Ok(payload) => payload,
            // It has run out since the list was made.
            Err(KeyringFault::NoCache) => continue,
            Err(fault) => return Err(fault),
        };
        if description == PRINCIPAL {
            owner = Some(Cursor::new(&payload).principal()?);
        } else {
            credentials.extend(Cursor::new(&payload).credential(4)?);
        }
    }
    let (principal, realm) = owner.ok_or(KeyringFault::NoCache)?;
    Ok(Content {
        principal,
        realm,
        credentials,
    })
}

/// The collection's keyring. A keyring that this process does not hold is
/// linked to it first: only then may it be read.
fn collection(place: &Place<'_>) -> Result<KeySerialId, KeyringFault> {
    if place.anchor == "persistent" {
        let user = rustix::process::geteuid().as_raw().to_string();
        if !place.collection.is_empty() && place.collection != user {
            return Err(KeyringFault::Failed(format!(
                "it belongs to the user number {}, and this program runs as {user}",
                place.collection
            )));
        }
        KeyRing::get_persistent(KeyRingIdentifier::Process)?;
        let held = KeySerialId::new(KeyRingIdentifier::Process as i32);
        let name = format!("_persistent.{user}");
        let anchor = find(held, KeyType::KeyRing, &name)?.ok_or(KeyringFault::NoCache)?;
        return find(anchor, KeyType::KeyRing, "_krb")?.ok_or(KeyringFault::NoCache);
    }
    let Some((_, anchor)) = ANCHORS.iter().find(|(name, _)| *name == place.anchor) else {
        return Err(KeyringFault::Failed(format!(
            "`{}` is no keyring: persistent, session, user, process or thread is",
            place.anchor
        )));
    };
    if *anchor == KeyRingIdentifier::User {
        KeyRing::from_special_id(KeyRingIdentifier::Process, true)?.link_keyring_id(*anchor)?;
    }
    let anchor = KeySerialId::new(*anchor as i32);
    find(
        anchor,
        KeyType::KeyRing,
        &format!("_krb_{}", place.collection),
    )?
    .ok_or(KeyringFault::NoCache)
}

/// The name of the collection's primary cache.
fn primary(collection: KeySerialId, name: &str) -> Result<String, KeyringFault> {
    let Some(key) = find(collection, KeyType::User, PRIMARY)? else {
        return Ok(if name.is_empty() { "tkt" } else { name }.to_owned());
    };
    let payload = payload(key)?;
    let mut cursor = Cursor::new(&payload);
    match cursor.u32()? {
        1 => Ok(cursor.text()?),
        _ => Err(KeyringFault::from(
            "its collection is of an unknown version",
        )),
    }
}

fn find(
    ring: KeySerialId,
    kind: KeyType,
    description: &str,
) -> Result<Option<KeySerialId>, KeyringFault> {
    let found = children(ring)?
        .into_iter()
        .find(|(_, its, name)| *its == kind && name == description);
    Ok(found.map(|(id, ..)| id))
}

/// The keys in a keyring. Those that may not be seen are left out.
fn children(ring: KeySerialId) -> Result<Vec<(KeySerialId, KeyType, String)>, KeyringFault> {
    let content = payload(ring)?;
    let (numbers, _) = content.as_chunks::<4>();
    Ok(numbers
        .iter()
        .filter_map(|number| {
            let id = KeySerialId::new(i32::from_ne_bytes(*number));
            let about = Key::from_id(id).metadata().ok()?;
            Some((id, about.get_type(), about.get_description().to_owned()))
        })
        .collect())
}

/// What a key holds; of a keyring, the numbers of its keys.
fn payload(key: KeySerialId) -> Result<Zeroizing<Vec<u8>>, KeyringFault> {
    let key = Key::from_id(key);
    let mut buffer = Zeroizing::new(vec![0; 4096]);
    loop {
        // The kernel gives the whole length, and fills what there is room for.
        let length = key.read(&mut *buffer)?;
        if length <= buffer.len() {
            buffer.truncate(length);
            return Ok(buffer);
        }
        if length > LARGEST {
            return Err(KeyringFault::from("it is too long"));
        }
        buffer = Zeroizing::new(vec![0; length]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (rest, anchor, collection, cache) in [
            ("name", "session", "name", None),
            ("persistent:1000", "persistent", "1000", None),
            ("persistent:", "persistent", "", None),
            (
                "session:work:krb_ccache_aB",
                "session",
                "work",
                Some("krb_ccache_aB"),
            ),
        ] {
            let expected = Place {
                anchor,
                collection,
                cache,
            };
            assert_eq!(Place::parse(rest), expected, "{rest}");
        }
    }

    #[test]
    fn a_wrong_keyring_is_named() {
        for (rest, words) in [
            ("elsewhere:x", "`elsewhere` is no keyring"),
            (
                "persistent:4294967294",
                "belongs to the user number 4294967294",
            ),
        ] {
            let Err(KeyringFault::Failed(said)) = read(rest) else {
                panic!("{rest}");
            };
            assert!(said.contains(words), "{said}");
        }
    }
}
