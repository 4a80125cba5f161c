//! Security identifiers ([MS-DTYP] 2.4.2).

use std::fmt;

/// A SID: an authority and up to fifteen sub-authorities.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sid {
    authority: u64,
    sub_authorities: Vec<u32>,
}

impl Sid {
    /// Reads the binary form from the start of `bytes`; gives the SID and how
    /// many bytes it took.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let (&revision, rest) = bytes.split_first()?;
        let (&count, rest) = rest.split_first()?;
        if revision != 1 || count > 15 {
            return None;
        }
        let (authority, rest) = rest.split_first_chunk::<6>()?;
        let authority = authority
            .iter()
            .fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        let mut sub_authorities = Vec::with_capacity(usize::from(count));
        let mut rest = rest;
        for _ in 0..count {
            let (value, after) = rest.split_first_chunk::<4>()?;
            sub_authorities.push(u32::from_le_bytes(*value));
            rest = after;
        }
        let length = 8 + 4 * usize::from(count);
        Some((
            Self {
                authority,
                sub_authorities,
            },
            length,
        ))
    }

    /// Reads the binary form, nothing more and nothing less.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (sid, length) = Self::read(bytes)?;
        (length == bytes.len()).then_some(sid)
    }

    /// Reads the text form, `S-1-5-21-…`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        if !parts.next()?.eq_ignore_ascii_case("S") || parts.next()? != "1" {
            return None;
        }
        let authority = parts.next()?;
        let authority = match authority.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok()?,
            None => authority.parse().ok()?,
        };
        let sub_authorities = parts
            .map(|part| part.parse().ok())
            .collect::<Option<Vec<u32>>>()?;
        (authority < 1 << 48 && sub_authorities.len() <= 15).then_some(Self {
            authority,
            sub_authorities,
        })
    }

    /// The binary form.
    pub fn to_bytes(&self) -> Vec<u8> {
        // At most fifteen, by construction.
        let count = u8::try_from(self.sub_authorities.len()).unwrap_or(15);
        let mut bytes = vec![1, count];
        bytes.extend_from_slice(&self.authority.to_be_bytes()[2..]);
        for value in &self.sub_authorities {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// The last sub-authority: the relative id within the domain.
    pub fn relative_id(&self) -> Option<u32> {
        self.sub_authorities.last().copied()
    }

    /// The SID without its relative id: the domain's.
    pub fn domain(&self) -> Option<Self> {
        let (_, domain) = self.sub_authorities.split_last()?;
        Some(Self {
            authority: self.authority,
            sub_authorities: domain.to_vec(),
        })
    }

    /// The SID of `relative_id` in this domain.
    #[must_use]
    pub fn child(&self, relative_id: u32) -> Self {
        let mut sub_authorities = self.sub_authorities.clone();
        sub_authorities.push(relative_id);
        Self {
            authority: self.authority,
            sub_authorities,
        }
    }

    /// Whether it belongs to a domain, `S-1-5-21-…`.
    pub fn is_of_domain(&self) -> bool {
        self.authority == 5
            && self.sub_authorities.first() == Some(&21)
            && self.sub_authorities.len() == 5
    }

    /// `NT AUTHORITY\SELF`, which stands for the object itself.
    pub fn principal_self() -> Self {
        Self {
            authority: 5,
            sub_authorities: vec![10],
        }
    }

    /// `Authenticated Users`.
    pub fn authenticated_users() -> Self {
        Self {
            authority: 5,
            sub_authorities: vec![11],
        }
    }

    /// `Everyone`.
    pub fn everyone() -> Self {
        Self {
            authority: 1,
            sub_authorities: vec![0],
        }
    }

    /// `Owner Rights`.
    pub fn owner_rights() -> Self {
        Self {
            authority: 3,
            sub_authorities: vec![4],
        }
    }

    /// The name of a well-known SID ([MS-DTYP] 2.4.2.4).
    pub fn well_known_name(&self) -> Option<&'static str> {
        match (self.authority, self.sub_authorities.as_slice()) {
            (1, [0]) => Some("Everyone"),
            (3, [0]) => Some("CREATOR OWNER"),
            (3, [4]) => Some("OWNER RIGHTS"),
            (5, [9]) => Some("ENTERPRISE DOMAIN CONTROLLERS"),
            (5, [10]) => Some("SELF"),
            (5, [11]) => Some("Authenticated Users"),
            (5, [18]) => Some("SYSTEM"),
            (5, [19]) => Some("LOCAL SERVICE"),
            (5, [20]) => Some("NETWORK SERVICE"),
            (5, [32, 544]) => Some("BUILTIN\\Administrators"),
            (5, [32, 548]) => Some("BUILTIN\\Account Operators"),
            (5, [32, 554]) => Some("BUILTIN\\Pre-Windows 2000 Compatible Access"),
            _ => None,
        }
    }
}

/// Protected Users, a group of every domain since Windows Server 2012 R2
/// ([MS-SAMR] 2.2.1.14).
pub const PROTECTED_USERS: u32 = 525;

impl fmt::Display for Sid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "S-1-{}", self.authority)?;
        self.sub_authorities
            .iter()
            .try_for_each(|value| write!(formatter, "-{value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_and_bytes_agree() {
        let text = "S-1-5-21-3623811015-3361044348-30300820-1013";
        let sid = Sid::parse(text).unwrap();
        assert_eq!(sid.to_string(), text);
        assert_eq!(Sid::from_bytes(&sid.to_bytes()).unwrap(), sid);
        assert_eq!(sid.relative_id(), Some(1013));
        assert!(sid.is_of_domain());
        assert_eq!(sid.domain().unwrap().child(1013), sid);
    }

    #[test]
    fn a_cut_or_lying_sid_is_refused() {
        let bytes = Sid::parse("S-1-5-21-1-2-3-4").unwrap().to_bytes();
        for end in 0..bytes.len() {
            assert!(Sid::from_bytes(&bytes[..end]).is_none());
        }
        assert!(Sid::parse("S-1-5-21-x").is_none());
        assert!(Sid::parse("alice").is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some((sid, length)) = Sid::read(&bytes) {
                prop_assert_eq!(sid.to_bytes(), &bytes[..length]);
                prop_assert_eq!(Sid::parse(&sid.to_string()).unwrap(), sid);
            }
        }
    }
}
