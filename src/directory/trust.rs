//! Trusts: trustedDomain objects decoded ([MS-ADTS] 6.1.6.7).

pub mod forest_information;

/// A trust as one side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The DNS name of the domain in which it was read.
    pub read_in: String,
    /// trustPartner: the other side's DNS name.
    pub partner: String,
    /// flatName: the other side's NetBIOS name.
    pub netbios_name: Option<String>,
    /// trustDirection.
    pub direction: Direction,
    /// trustType.
    pub trust_type: u32,
    /// trustAttributes.
    pub attributes: Attributes,
}

/// Who trusts whom, seen from the side that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Nobody: the trust is switched off.
    Disabled,
    /// The partner trusts this side.
    Inbound,
    /// This side trusts the partner.
    Outbound,
    /// Each trusts the other.
    Both,
}

impl Direction {
    /// From trustDirection; unknown bits are ignored.
    pub const fn from_value(value: u32) -> Self {
        match value & 3 {
            1 => Self::Inbound,
            2 => Self::Outbound,
            3 => Self::Both,
            _ => Self::Disabled,
        }
    }

    /// As facts tell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Both => "both",
        }
    }

    /// Whether the side that was read trusts its partner.
    pub const fn trusts_partner(self) -> bool {
        matches!(self, Self::Outbound | Self::Both)
    }

    /// Whether the partner trusts the side that was read.
    pub const fn trusted_by_partner(self) -> bool {
        matches!(self, Self::Inbound | Self::Both)
    }
}

/// What kind of trust it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Between two forests, carrying Kerberos for all their domains.
    Forest,
    /// Between two domains only.
    External,
    /// Within one forest.
    WithinForest,
    /// With a Kerberos realm that is not Windows.
    Realm,
    /// With a Windows NT 4 domain.
    Nt4,
}

impl Kind {
    /// As facts tell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Forest => "forest",
            Self::External => "external",
            Self::WithinForest => "within-forest",
            Self::Realm => "realm",
            Self::Nt4 => "nt4",
        }
    }
}

/// trustAttributes ([MS-ADTS] 6.1.6.7.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes(pub u32);

const WORDS: &[(u32, &str)] = &[
    (Attributes::NON_TRANSITIVE, "not transitive"),
    (0x2, "Windows 2000 and later only"),
    (Attributes::QUARANTINED, "SID filtering (quarantined)"),
    (Attributes::FOREST_TRANSITIVE, "forest trust"),
    (Attributes::CROSS_ORGANIZATION, "selective authentication"),
    (Attributes::WITHIN_FOREST, "within the forest"),
    (Attributes::TREAT_AS_EXTERNAL, "treated as external"),
    (0x80, "RC4 keys (MIT)"),
    (
        Attributes::NO_TGT_DELEGATION,
        "no unconstrained delegation across it",
    ),
    (0x400, "privileged identity management"),
    (
        Attributes::TGT_DELEGATION,
        "unconstrained delegation across it allowed",
    ),
];

impl Attributes {
    /// TRUST_ATTRIBUTE_NON_TRANSITIVE.
    pub const NON_TRANSITIVE: u32 = 0x1;
    /// TRUST_ATTRIBUTE_QUARANTINED_DOMAIN.
    pub const QUARANTINED: u32 = 0x4;
    /// TRUST_ATTRIBUTE_FOREST_TRANSITIVE.
    pub const FOREST_TRANSITIVE: u32 = 0x8;
    /// TRUST_ATTRIBUTE_CROSS_ORGANIZATION.
    pub const CROSS_ORGANIZATION: u32 = 0x10;
    /// TRUST_ATTRIBUTE_WITHIN_FOREST.
    pub const WITHIN_FOREST: u32 = 0x20;
    /// TRUST_ATTRIBUTE_TREAT_AS_EXTERNAL.
    pub const TREAT_AS_EXTERNAL: u32 = 0x40;
    /// TRUST_ATTRIBUTE_CROSS_ORGANIZATION_NO_TGT_DELEGATION.
    pub const NO_TGT_DELEGATION: u32 = 0x200;
    /// TRUST_ATTRIBUTE_CROSS_ORGANIZATION_ENABLE_TGT_DELEGATION.
    pub const TGT_DELEGATION: u32 = 0x800;

    /// Whether a bit is set.
    pub const fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    /// The bits in words, unknown ones as a number.
    pub fn words(self) -> Vec<String> {
        let known = WORDS.iter().fold(0, |known, (bit, _)| known | bit);
        let mut words: Vec<String> = WORDS
            .iter()
            .filter(|(bit, _)| self.has(*bit))
            .map(|(_, word)| (*word).to_owned())
            .collect();
        if self.0 & !known != 0 {
            words.push(format!("0x{:x}", self.0 & !known));
        }
        words
    }
}

impl Trust {
    /// What kind of trust it is.
    pub const fn kind(&self) -> Kind {
        match self.trust_type {
            1 => Kind::Nt4,
            3 | 4 => Kind::Realm,
            _ if self.attributes.has(Attributes::WITHIN_FOREST) => Kind::WithinForest,
            _ if self.attributes.has(Attributes::FOREST_TRANSITIVE) => Kind::Forest,
            _ => Kind::External,
        }
    }

    /// Whether it reaches further than the two domains.
    pub const fn transitive(&self) -> bool {
        !self.attributes.has(Attributes::NON_TRANSITIVE)
            && matches!(self.kind(), Kind::Forest | Kind::WithinForest)
    }

    /// Whether SIDs of other domains are taken out of tickets that come over
    /// it: always on a forest trust unless it is treated as external.
    pub const fn filters_sids(&self) -> bool {
        self.attributes.has(Attributes::QUARANTINED)
            || (matches!(self.kind(), Kind::Forest)
                && !self.attributes.has(Attributes::TREAT_AS_EXTERNAL))
    }

    /// Whether unconstrained delegation may cross it: within a forest always,
    /// else only when it was switched on (the default since July 2019).
    pub const fn delegates_tgt(&self) -> bool {
        match self.kind() {
            Kind::WithinForest => true,
            _ => {
                self.attributes.has(Attributes::TGT_DELEGATION)
                    && !self.attributes.has(Attributes::NO_TGT_DELEGATION)
            }
        }
    }

    /// Whose users can sign in to whose servers, as a sentence.
    pub fn direction_words(&self) -> String {
        let (here, there) = (&self.read_in, &self.partner);
        match self.direction {
            Direction::Both => {
                format!("users of {here} and {there} can sign in to each other's servers")
            }
            Direction::Outbound => {
                format!("users of {there} can sign in to servers of {here}, not the reverse")
            }
            Direction::Inbound => {
                format!("users of {here} can sign in to servers of {there}, not the reverse")
            }
            Direction::Disabled => format!("the trust between {here} and {there} is switched off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(direction: u32, attributes: u32) -> Trust {
        Trust {
            read_in: "corp.example".to_owned(),
            partner: "partner.example".to_owned(),
            netbios_name: Some("PARTNER".to_owned()),
            direction: Direction::from_value(direction),
            trust_type: 2,
            attributes: Attributes(attributes),
        }
    }

    #[test]
    fn a_forest_trust() {
        let forest = trust(3, 0x8);
        assert_eq!(forest.kind(), Kind::Forest);
        assert!(forest.transitive() && forest.filters_sids() && !forest.delegates_tgt());
        assert!(trust(3, 0x808).delegates_tgt());
        assert!(
            trust(3, 0x18)
                .attributes
                .has(Attributes::CROSS_ORGANIZATION)
        );
    }

    #[test]
    fn an_external_trust() {
        let external = trust(1, 0x4);
        assert_eq!(external.kind(), Kind::External);
        assert!(!external.transitive());
        assert!(external.direction.trusted_by_partner() && !external.direction.trusts_partner());
        assert_eq!(
            external.direction_words(),
            "users of corp.example can sign in to servers of partner.example, not the reverse"
        );
    }

    #[test]
    fn a_trust_within_the_forest() {
        let child = trust(3, 0x20);
        assert_eq!(child.kind(), Kind::WithinForest);
        assert!(child.delegates_tgt() && !child.filters_sids());
    }

    #[test]
    fn unknown_bits_are_shown() {
        assert_eq!(Attributes(0x1008).words(), ["forest trust", "0x1000"]);
    }
}
