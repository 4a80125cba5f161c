//! Self-relative security descriptors ([MS-DTYP] 2.4.6) and what their DACL
//! grants to whom ([MS-ADTS] 5.1.3.3).

use super::attribute::Attribute;
use super::guid::Guid;
use super::sid::Sid;

/// Read a property.
pub const READ_PROPERTY: u32 = 0x10;
/// Write a property.
pub const WRITE_PROPERTY: u32 = 0x20;
/// A validated write.
pub const VALIDATED_WRITE: u32 = 0x08;
/// A control access right, such as Allowed to authenticate.
pub const CONTROL_ACCESS: u32 = 0x100;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
const INHERIT_ONLY: u8 = 0x08;
const DACL_PRESENT: u16 = 0x0004;

/// A descriptor without its SACL, which an ordinary user never gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityDescriptor {
    /// The owner.
    pub owner: Option<Sid>,
    /// The primary group.
    pub group: Option<Sid>,
    /// The entries in their order; `None` when there is no DACL at all, which
    /// grants everything to everyone.
    pub dacl: Option<Vec<AccessControlEntry>>,
}

/// Whether an entry grants or refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// It grants.
    Allow,
    /// It refuses.
    Deny,
    /// Conditional, audit or unknown: not evaluated.
    Other(u8),
}

/// One access control entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessControlEntry {
    /// Whether it grants or refuses.
    pub kind: EntryKind,
    /// The inheritance flags.
    pub flags: u8,
    /// The rights.
    pub mask: u32,
    /// The attribute, property set or right that it is limited to.
    pub object: Option<Guid>,
    /// The class of object that it is inherited by.
    pub inherited_object: Option<Guid>,
    /// Whom it is about.
    pub trustee: Sid,
}

impl SecurityDescriptor {
    /// Reads a descriptor; `None` when it is cut or contradicts itself.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if *bytes.first()? != 1 {
            return None;
        }
        let control = u16_at(bytes, 2)?;
        let sid = |offset: usize| -> Option<Option<Sid>> {
            match offset {
                0 => Some(None),
                offset => Some(Some(Sid::read(bytes.get(offset..)?)?.0)),
            }
        };
        let dacl_offset = usize::try_from(u32_at(bytes, 16)?).ok()?;
        let dacl = if control & DACL_PRESENT == 0 || dacl_offset == 0 {
            None
        } else {
            Some(parse_acl(bytes.get(dacl_offset..)?)?)
        };
        Some(Self {
            owner: sid(usize::try_from(u32_at(bytes, 4)?).ok()?)?,
            group: sid(usize::try_from(u32_at(bytes, 8)?).ok()?)?,
            dacl,
        })
    }

    /// Whether the DACL grants `right` on `attribute` to someone whose token
    /// has `sids`: the first entry that decides wins.
    pub fn grants(&self, sids: &[Sid], right: u32, attribute: &Attribute) -> bool {
        let about = |object: Option<Guid>| match object {
            None => true,
            Some(guid) => guid == attribute.guid || Some(guid) == attribute.property_set,
        };
        self.decide(sids, right, about)
    }

    /// Whether the DACL grants the control access right `guid` to `sids`.
    pub fn grants_control(&self, sids: &[Sid], guid: Guid) -> bool {
        self.decide(sids, CONTROL_ACCESS, |object| {
            object.is_none_or(|object| object == guid)
        })
    }

    fn decide(&self, sids: &[Sid], right: u32, about: impl Fn(Option<Guid>) -> bool) -> bool {
        let Some(entries) = &self.dacl else {
            return true;
        };
        for entry in entries {
            if entry.flags & INHERIT_ONLY != 0
                || entry.rights() & right == 0
                || !about(entry.object)
                || !sids.contains(&entry.trustee)
            {
                continue;
            }
            match entry.kind {
                EntryKind::Allow => return true,
                EntryKind::Deny => return false,
                EntryKind::Other(_) => {}
            }
        }
        false
    }

    /// Everyone to whom an entry of the DACL grants anything, in order, each
    /// once: what a resource-based delegation entry or a list of password
    /// readers means ([MS-SFU] 3.2.5.2.3).
    pub fn allowed_trustees(&self) -> Vec<Sid> {
        let mut trustees = Vec::new();
        for entry in self.dacl.iter().flatten() {
            if entry.kind == EntryKind::Allow
                && entry.mask != 0
                && !trustees.contains(&entry.trustee)
            {
                trustees.push(entry.trustee.clone());
            }
        }
        trustees
    }
}

impl AccessControlEntry {
    /// The mask with the generic rights written out ([MS-ADTS] 5.1.3.2).
    fn rights(&self) -> u32 {
        let mut rights = self.mask;
        if rights & GENERIC_ALL != 0 {
            rights |= 0x000F_01FF;
        }
        if rights & GENERIC_READ != 0 {
            rights |= 0x0002_0094;
        }
        if rights & GENERIC_WRITE != 0 {
            rights |= 0x0002_0028;
        }
        rights
    }
}

fn parse_acl(bytes: &[u8]) -> Option<Vec<AccessControlEntry>> {
    if !matches!(*bytes.first()?, 2 | 4) {
        return None;
    }
    let size = usize::from(u16_at(bytes, 2)?);
    let count = u16_at(bytes, 4)?;
    let mut rest = bytes.get(8..size)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let length = usize::from(u16_at(rest, 2)?);
        if length < 8 {
            return None;
        }
        if let Some(entry) = parse_entry(rest.get(..length)?)? {
            entries.push(entry);
        }
        rest = rest.get(length..)?;
    }
    Some(entries)
}

/// One entry; `Some(None)` for a kind whose layout is not known.
#[expect(
    clippy::option_option,
    reason = "outer: is the entry whole; inner: is it of a kind that says who may do what"
)]
fn parse_entry(bytes: &[u8]) -> Option<Option<AccessControlEntry>> {
    let kind_byte = *bytes.first()?;
    let flags = *bytes.get(1)?;
    let (kind, with_objects) = match kind_byte {
        0x00 => (EntryKind::Allow, false),
        0x01 => (EntryKind::Deny, false),
        0x05 => (EntryKind::Allow, true),
        0x06 => (EntryKind::Deny, true),
        0x09 | 0x0A => (EntryKind::Other(kind_byte), false),
        0x0B | 0x0C => (EntryKind::Other(kind_byte), true),
        _ => return Some(None),
    };
    let mask = u32_at(bytes, 4)?;
    let mut rest = bytes.get(8..)?;
    let mut object = None;
    let mut inherited_object = None;
    if with_objects {
        let present = u32_at(rest, 0)?;
        rest = rest.get(4..)?;
        if present & 1 != 0 {
            let (guid, after) = rest.split_first_chunk::<16>()?;
            object = Some(Guid::from_bytes(*guid));
            rest = after;
        }
        if present & 2 != 0 {
            let (guid, after) = rest.split_first_chunk::<16>()?;
            inherited_object = Some(Guid::from_bytes(*guid));
            rest = after;
        }
    }
    let (trustee, _) = Sid::read(rest)?;
    Some(Some(AccessControlEntry {
        kind,
        flags,
        mask,
        object,
        inherited_object,
        trustee,
    }))
}

fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    let bytes = bytes.get(offset..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let bytes = bytes.get(offset..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

#[cfg(test)]
#[path = "security_descriptor/tests.rs"]
mod tests;
