//! Accounts: class, userAccountControl and what lets one be used now
//! ([MS-ADTS] 2.2.16, 3.1.1.4.5.17).

use jiff::Timestamp;

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

/// What was read of an account, nothing where it could not be.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountState {
    /// userAccountControl.
    pub control: Option<UserAccountControl>,
    /// msDS-User-Account-Control-Computed.
    pub computed: Option<UserAccountControl>,
    /// pwdLastSet as it stands.
    pub password_last_set: Option<i64>,
    /// accountExpires as it stands.
    pub account_expires: Option<i64>,
}

/// Why an account cannot be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is disabled.
    Disabled,
    /// It is locked out.
    LockedOut,
    /// accountExpires has passed.
    Expired,
    /// The password must be changed before anything else.
    MustChangePassword,
    /// The password has expired.
    PasswordExpired,
}

impl Unusable {
    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::LockedOut => "locked out",
            Self::Expired => "expired",
            Self::MustChangePassword => "waiting for a new password",
            Self::PasswordExpired => "without a valid password, because it has expired",
        }
    }

    /// As facts tell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::LockedOut => "locked-out",
            Self::Expired => "expired",
            Self::MustChangePassword => "must-change-password",
            Self::PasswordExpired => "password-expired",
        }
    }
}

impl AccountState {
    /// Whether accountExpires has passed.
    pub fn expired(&self, now: Timestamp) -> Option<bool> {
        self.account_expires
            .map(|value| super::time::from_filetime(value).is_some_and(|time| time <= now))
    }

    /// Whether the password must be changed at the next sign-in: pwdLastSet is
    /// 0 and the password may expire at all, which those of computers and
    /// trusts do not.
    pub fn must_change_password(&self) -> Option<bool> {
        let never = self
            .control?
            .has(UserAccountControl::PASSWORD_NEVER_EXPIRES | UserAccountControl::MACHINE);
        self.password_last_set.map(|value| value == 0 && !never)
    }

    /// Why it cannot be used now, the gravest reason first; nothing when it
    /// can, `Err(())` when too little is known to say so.
    #[expect(clippy::result_unit_err, reason = "unknown has nothing to add")]
    pub fn unusable(&self, now: Timestamp) -> Result<Vec<Unusable>, ()> {
        let has = |control: Option<UserAccountControl>, flag| control.map(|c| c.has(flag));
        let conditions = [
            (
                has(self.control, UserAccountControl::DISABLED),
                Unusable::Disabled,
            ),
            (
                has(self.computed, UserAccountControl::LOCKED_OUT),
                Unusable::LockedOut,
            ),
            (self.expired(now), Unusable::Expired),
            (self.must_change_password(), Unusable::MustChangePassword),
            (
                has(self.computed, UserAccountControl::PASSWORD_EXPIRED),
                Unusable::PasswordExpired,
            ),
        ];
        let reasons: Vec<Unusable> = conditions
            .iter()
            .filter(|(holds, _)| *holds == Some(true))
            .map(|(_, reason)| *reason)
            .collect();
        if reasons.is_empty() && conditions.iter().any(|(holds, _)| holds.is_none()) {
            return Err(());
        }
        Ok(reasons)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T10:00:00Z".parse().unwrap()
    }

    fn healthy() -> AccountState {
        AccountState {
            control: Some(UserAccountControl(0x200)),
            computed: Some(UserAccountControl(0)),
            password_last_set: Some(134_090_816_000_000_000),
            account_expires: Some(i64::MAX),
        }
    }

    #[test]
    fn usable_only_when_everything_was_read() {
        assert_eq!(healthy().unusable(now()), Ok(vec![]));
        let hidden = AccountState {
            computed: None,
            ..healthy()
        };
        assert_eq!(hidden.unusable(now()), Err(()));
    }

    #[test]
    fn one_reason_suffices_even_when_the_rest_is_hidden() {
        let disabled = AccountState {
            control: Some(UserAccountControl(0x202)),
            ..AccountState::default()
        };
        assert_eq!(disabled.unusable(now()), Ok(vec![Unusable::Disabled]));
        let locked = AccountState {
            computed: Some(UserAccountControl(0x10)),
            ..healthy()
        };
        assert_eq!(locked.unusable(now()), Ok(vec![Unusable::LockedOut]));
        let expired = AccountState {
            account_expires: Some(130_000_000_000_000_000),
            ..healthy()
        };
        assert_eq!(expired.unusable(now()), Ok(vec![Unusable::Expired]));
    }

    #[test]
    fn a_password_that_never_expires_need_not_be_changed() {
        let fresh = AccountState {
            password_last_set: Some(0),
            ..healthy()
        };
        assert_eq!(
            fresh.unusable(now()),
            Ok(vec![Unusable::MustChangePassword])
        );
        let never = AccountState {
            control: Some(UserAccountControl(0x1_0200)),
            ..fresh
        };
        assert_eq!(never.unusable(now()), Ok(vec![]));
        let computer = AccountState {
            control: Some(UserAccountControl(0x1000)),
            ..fresh
        };
        assert_eq!(computer.unusable(now()), Ok(vec![]));
    }

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
