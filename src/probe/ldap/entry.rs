//! An entry of a search, with one way to its values whatever they are.

use std::collections::BTreeMap;

use ldap3::ResultEntry;
use ldap3::asn1::{PL, StructureTag};

use crate::directory::guid::Guid;
use crate::directory::sid::Sid;

/// An object as a server gave it. Attribute names are kept in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The distinguished name.
    pub distinguished_name: String,
    attributes: BTreeMap<String, Vec<Vec<u8>>>,
    /// Attributes of which only a part came, and from where the rest starts.
    pub(super) partial: Vec<(String, usize)>,
}

impl Entry {
    /// Reads a search result entry (RFC 4511 4.5.2); nothing when it is none.
    pub(super) fn read(entry: ResultEntry) -> Option<Self> {
        let mut parts = constructed(entry.0)?.into_iter();
        let distinguished_name = text(primitive(parts.next()?)?);
        let mut read = Self {
            distinguished_name,
            ..Self::default()
        };
        for attribute in constructed(parts.next()?)? {
            let mut pair = constructed(attribute)?.into_iter();
            let name = text(primitive(pair.next()?)?).to_lowercase();
            let values: Vec<Vec<u8>> = constructed(pair.next()?)?
                .into_iter()
                .filter_map(primitive)
                .collect();
            read.add(name, values);
        }
        Some(read)
    }

    /// An entry made by hand.
    #[cfg(test)]
    pub(super) fn of(distinguished_name: &str, attributes: &[(&str, &[&[u8]])]) -> Self {
        let mut entry = Self {
            distinguished_name: distinguished_name.to_owned(),
            ..Self::default()
        };
        for (name, values) in attributes {
            let values = values.iter().map(|value| value.to_vec()).collect();
            entry.add(name.to_lowercase(), values);
        }
        entry
    }

    /// Adds values; a name such as `member;range=0-1499` tells of a part
    /// ([MS-ADTS] 3.1.1.3.1.3.3).
    fn add(&mut self, name: String, values: Vec<Vec<u8>>) {
        let (name, range) = match name.split_once(";range=") {
            Some((name, range)) => (name.to_owned(), Some(range.to_owned())),
            None => (name, None),
        };
        if let Some(last) = range.as_deref().and_then(|range| range.split('-').nth(1))
            && let Ok(last) = last.parse::<usize>()
        {
            self.partial.push((name.clone(), last.saturating_add(1)));
        }
        self.attributes.entry(name).or_default().extend(values);
    }

    /// Takes over the values of another part of the same object.
    pub(super) fn merge(&mut self, other: Self) {
        for (name, values) in other.attributes {
            self.attributes.entry(name).or_default().extend(values);
        }
        self.partial.extend(other.partial);
    }

    /// About how many bytes it takes to keep it.
    pub(super) fn weight(&self) -> usize {
        /// A vector in a vector, and what the allocator adds.
        const EACH: usize = 48;
        let of = |values: &Vec<Vec<u8>>| -> usize {
            values.iter().map(|value| value.len() + EACH).sum()
        };
        self.attributes.values().map(of).sum()
    }

    /// Whether the attribute came with any value.
    pub fn has(&self, name: &str) -> bool {
        !self.bytes(name).is_empty()
    }

    /// The values as bytes.
    pub fn bytes(&self, name: &str) -> &[Vec<u8>] {
        self.attributes
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// The values as texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.bytes(name)
            .iter()
            .map(|value| text(value.clone()))
            .collect()
    }

    /// The first value as a text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.bytes(name).first().map(|value| text(value.clone()))
    }

    /// The first value as a number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// The first value as bits: the directory writes them as signed numbers.
    pub fn bits(&self, name: &str) -> Option<u32> {
        let number = self.number(name)?;
        u32::try_from(number)
            .ok()
            .or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))
    }

    /// The first value as TRUE or FALSE.
    pub fn truth(&self, name: &str) -> Option<bool> {
        match self.text(name)?.as_str() {
            "TRUE" => Some(true),
            "FALSE" => Some(false),
            _ => None,
        }
    }

    /// The first value as a SID.
    pub fn sid(&self, name: &str) -> Option<Sid> {
        Sid::from_bytes(self.bytes(name).first()?)
    }

    /// All values as SIDs.
    pub fn sids(&self, name: &str) -> Vec<Sid> {
        self.bytes(name)
            .iter()
            .filter_map(|value| Sid::from_bytes(value))
            .collect()
    }

    /// The first value as a GUID.
    pub fn guid(&self, name: &str) -> Option<Guid> {
        let bytes: [u8; 16] = self.bytes(name).first()?.as_slice().try_into().ok()?;
        Some(Guid::from_bytes(bytes))
    }
}

fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(parts) => Some(parts),
        PL::P(_) => None,
    }
}

fn primitive(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

fn text(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, values: &[&[u8]]) -> Entry {
        let mut entry = Entry::default();
        entry.add(
            name.to_lowercase(),
            values.iter().map(|value| value.to_vec()).collect(),
        );
        entry
    }

    #[test]
    fn text_and_bytes_have_one_accessor() {
        let sid = Sid::parse("S-1-5-11").unwrap();
        let read = entry("objectSid", &[&sid.to_bytes()]);
        assert_eq!(read.sid("objectsid"), Some(sid));
        assert_eq!(
            entry("a", &[b"\xff"]).text("A").as_deref(),
            Some("\u{fffd}")
        );
    }

    #[test]
    fn signed_numbers_are_bits() {
        assert_eq!(entry("x", &[b"-2147483646"]).bits("x"), Some(0x8000_0002));
        assert_eq!(entry("x", &[b"4294967295"]).bits("x"), Some(u32::MAX));
        assert_eq!(entry("x", &[b"99999999999"]).bits("x"), None);
    }

    #[test]
    fn parts_of_a_long_attribute_are_put_together() {
        let mut read = entry("servicePrincipalName;range=0-1", &[b"a", b"b"]);
        assert_eq!(read.partial, [("serviceprincipalname".to_owned(), 2)]);
        read.merge(entry("servicePrincipalName;range=2-*", &[b"c"]));
        assert_eq!(read.texts("servicePrincipalName"), ["a", "b", "c"]);
        assert_eq!(read.partial.len(), 1);
    }
}
