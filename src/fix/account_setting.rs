//! Settings of an account that a fix changes, and what they are in the
//! directory.

use serde::{Deserialize, Serialize};

use super::Account;

/// What an account is to be. In `flows/causes.yaml`: `set-account`, field `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountSetting {
    /// Not disabled.
    Enabled,
    /// Not locked out.
    Unlocked,
    /// Without a day on which it expires.
    NeverExpiring,
    /// Without "Use only Kerberos DES encryption types".
    NotDesOnly,
    /// With AES128 and AES256, and no other encryption type.
    Aes,
    /// Not a direct member of Protected Users.
    NotProtected,
}

/// What an account setting is in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// These bits of userAccountControl are cleared ([MS-ADTS] 2.2.16).
    ClearControl(u32),
    /// The attribute has this one value.
    Value(&'static str, &'static str),
    /// The account is no longer a member of the group with this SID.
    LeaveGroup(String),
}

impl AccountSetting {
    /// What it does to an account, in words.
    pub fn words(self, account: &str) -> String {
        match self {
            Self::Enabled => format!("enable {account}"),
            Self::Unlocked => format!("unlock {account}"),
            Self::NeverExpiring => format!("let {account} never expire"),
            Self::NotDesOnly => format!("clear \"use only Kerberos DES\" of {account}"),
            Self::Aes => format!("let {account} have AES keys only"),
            Self::NotProtected => format!("take {account} out of Protected Users"),
        }
    }

    /// What is written; nothing when the account's SID, which names the group,
    /// is not known.
    pub fn write(self, account: &Account) -> Option<Write> {
        Some(match self {
            Self::Enabled => Write::ClearControl(0x2),
            Self::NotDesOnly => Write::ClearControl(0x20_0000),
            // [MS-ADTS] 3.1.1.3.1.5.5: zero is the one value that may be written.
            Self::Unlocked => Write::Value("lockoutTime", "0"),
            Self::NeverExpiring => Write::Value("accountExpires", "0"),
            // [MS-KILE] 2.2.7: AES128 8, AES256 16.
            Self::Aes => Write::Value("msDS-SupportedEncryptionTypes", "24"),
            Self::NotProtected => Write::LeaveGroup(protected_users(account.sid.as_deref()?)?),
        })
    }
}

/// Protected Users of the domain in which a SID is.
fn protected_users(sid: &str) -> Option<String> {
    let domain = crate::directory::sid::Sid::parse(sid)?.domain()?;
    Some(
        domain
            .child(crate::directory::sid::PROTECTED_USERS)
            .to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protected_users_is_the_group_of_the_accounts_own_domain() {
        assert_eq!(
            protected_users("S-1-5-21-1-2-3-1105").as_deref(),
            Some("S-1-5-21-1-2-3-525")
        );
        assert_eq!(protected_users("nobody"), None);
    }
}
