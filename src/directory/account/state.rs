//! Whether an account can be used now ([MS-ADTS] 3.1.1.4.5.17).

use jiff::Timestamp;

use super::UserAccountControl;

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
            .map(|value| super::super::time::from_filetime(value).is_some_and(|time| time <= now))
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
}
