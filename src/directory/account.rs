//! Accounts: class, userAccountControl ([MS-ADTS] 2.2.16) and what lets one be
//! used now.

mod state;

pub use state::{AccountState, Unusable};

/// What kind of account an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountClass {
    /// A user.
    User,
    /// A computer.
    Computer,
    /// A standalone managed service account.
    ManagedServiceAccount,
    /// A group managed service account.
    GroupManagedServiceAccount,
}

impl AccountClass {
    /// From the values of objectClass; nothing for what is not an account.
    pub fn from_object_classes<S: AsRef<str>>(classes: &[S]) -> Option<Self> {
        let has = |name: &str| {
            classes
                .iter()
                .any(|class| class.as_ref().eq_ignore_ascii_case(name))
        };
        // Both kinds of managed service account are computers too.
        if has("msDS-GroupManagedServiceAccount") {
            Some(Self::GroupManagedServiceAccount)
        } else if has("msDS-ManagedServiceAccount") {
            Some(Self::ManagedServiceAccount)
        } else if has("computer") {
            Some(Self::Computer)
        } else if has("user") || has("inetOrgPerson") {
            Some(Self::User)
        } else {
            None
        }
    }

    /// As facts tell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Computer => "computer",
            Self::ManagedServiceAccount => "managed-service-account",
            Self::GroupManagedServiceAccount => "group-managed-service-account",
        }
    }
}

/// userAccountControl, stored or computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserAccountControl(pub u32);

/// The bits and their words.
const FLAGS: &[(u32, &str)] = &[
    (UserAccountControl::DISABLED, "disabled"),
    (UserAccountControl::LOCKED_OUT, "locked out"),
    (0x20, "password not required"),
    (0x80, "password stored with reversible encryption"),
    (0x200, "normal account"),
    (0x800, "trust account"),
    (0x1000, "computer account"),
    (0x2000, "domain controller account"),
    (
        UserAccountControl::PASSWORD_NEVER_EXPIRES,
        "password never expires",
    ),
    (
        UserAccountControl::SMARTCARD_REQUIRED,
        "smart card required",
    ),
    (
        UserAccountControl::TRUSTED_FOR_DELEGATION,
        "trusted for delegation to any service",
    ),
    (
        UserAccountControl::NOT_DELEGATED,
        "sensitive and cannot be delegated",
    ),
    (UserAccountControl::DES_ONLY, "DES keys only"),
    (
        UserAccountControl::NO_PREAUTHENTICATION,
        "pre-authentication not required",
    ),
    (UserAccountControl::PASSWORD_EXPIRED, "password expired"),
    (
        UserAccountControl::TRUSTED_TO_AUTHENTICATE,
        "trusted to delegate with any authentication protocol",
    ),
    (0x200_0000, "no authorization data in tickets"),
    (0x400_0000, "read-only domain controller account"),
    (0x800_0000, "uses AES keys"),
];

impl UserAccountControl {
    /// ADS_UF_ACCOUNT_DISABLE.
    pub const DISABLED: u32 = 0x2;
    /// ADS_UF_LOCKOUT; meaningful in the computed attribute only.
    pub const LOCKED_OUT: u32 = 0x10;
    /// ADS_UF_INTERDOMAIN_TRUST_ACCOUNT, ADS_UF_WORKSTATION_TRUST_ACCOUNT and
    /// ADS_UF_SERVER_TRUST_ACCOUNT: no person.
    pub const MACHINE: u32 = 0x3800;
    /// ADS_UF_DONT_EXPIRE_PASSWD.
    pub const PASSWORD_NEVER_EXPIRES: u32 = 0x1_0000;
    /// ADS_UF_SMARTCARD_REQUIRED.
    pub const SMARTCARD_REQUIRED: u32 = 0x4_0000;
    /// ADS_UF_TRUSTED_FOR_DELEGATION.
    pub const TRUSTED_FOR_DELEGATION: u32 = 0x8_0000;
    /// ADS_UF_NOT_DELEGATED.
    pub const NOT_DELEGATED: u32 = 0x10_0000;
    /// ADS_UF_USE_DES_KEY_ONLY.
    pub const DES_ONLY: u32 = 0x20_0000;
    /// ADS_UF_DONT_REQUIRE_PREAUTH.
    pub const NO_PREAUTHENTICATION: u32 = 0x40_0000;
    /// ADS_UF_PASSWORD_EXPIRED; meaningful in the computed attribute only.
    pub const PASSWORD_EXPIRED: u32 = 0x80_0000;
    /// ADS_UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION.
    pub const TRUSTED_TO_AUTHENTICATE: u32 = 0x100_0000;

    /// From the attribute's text, which is a signed number.
    pub fn parse(text: &str) -> Option<Self> {
        let value: i32 = text.trim().parse().ok()?;
        Some(Self(value.cast_unsigned()))
    }

    /// Whether a flag, or one of several, is set.
    pub const fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    /// The flags in words.
    pub fn words(self) -> Vec<&'static str> {
        FLAGS
            .iter()
            .filter(|(flag, _)| self.has(*flag))
            .map(|(_, word)| *word)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_special_class_wins() {
        let gmsa = [
            "top",
            "person",
            "user",
            "computer",
            "msDS-GroupManagedServiceAccount",
        ];
        assert_eq!(
            AccountClass::from_object_classes(&gmsa),
            Some(AccountClass::GroupManagedServiceAccount)
        );
        assert_eq!(
            AccountClass::from_object_classes(&["top", "user", "computer"]),
            Some(AccountClass::Computer)
        );
        assert_eq!(AccountClass::from_object_classes(&["top", "group"]), None);
    }

    #[test]
    fn negative_numbers_are_bits_too() {
        assert_eq!(
            UserAccountControl::parse("-2147483646").unwrap().0,
            0x8000_0002
        );
        assert_eq!(
            UserAccountControl(0x0010_0202).words(),
            [
                "disabled",
                "normal account",
                "sensitive and cannot be delegated"
            ]
        );
    }
}
