//! Faults of the state of accounts in CORP.

use std::fmt::Write as _;

use crate::accounts::{self, Account};
use crate::directory::Rules;
use crate::error::Result;
use crate::lab::Lab;
use crate::process;
use crate::topology::CORP;

/// NORMAL_ACCOUNT ([MS-ADTS] 2.2.16).
const NORMAL_ACCOUNT: u32 = 0x200;
/// ACCOUNTDISABLE.
const DISABLED: u32 = 0x2;
/// DONT_EXPIRE_PASSWORD.
const PASSWORD_NEVER_EXPIRES: u32 = 0x1_0000;
/// USE_DES_KEY_ONLY.
const DES_ONLY: u32 = 0x20_0000;
/// 2019-04-18, as a FILETIME.
const LONG_AGO: &str = "132000000000000000";
/// 42 days, as a negative number of 100 ns: the default of Windows.
const PASSWORD_AGE: &str = "-36288000000000";
/// So many wrong passwords lock an account.
const THRESHOLD: usize = 3;
/// More groups than a Windows token takes (1,015).
const GROUPS: usize = 1100;

/// A fault of the state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountFault {
    /// svc_sql cannot be used.
    ServiceUnusable(Unusable),
    /// alice cannot be used.
    ClientUnusable(Unusable),
    /// svc_sql is marked for DES.
    DesOnly,
    /// svc_sql is in Protected Users.
    ProtectedUser,
    /// alice is in more groups than a token takes.
    TokenTooLarge,
    /// No fault: ordinary users may not read the state of accounts.
    LockedDown,
}

/// Why an account cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is disabled.
    Disabled,
    /// It is locked out after wrong passwords.
    LockedOut,
    /// It has expired.
    Expired,
    /// Its password has expired.
    PasswordExpired,
}

/// Every one with its name and what it does.
pub(super) const TABLE: &[(AccountFault, &str, &str)] = &[
    (
        AccountFault::ServiceUnusable(Unusable::Disabled),
        "service-account-unusable",
        "svc_sql is disabled",
    ),
    (
        AccountFault::ServiceUnusable(Unusable::LockedOut),
        "service-account-unusable:locked-out",
        "svc_sql is locked out after wrong passwords",
    ),
    (
        AccountFault::ServiceUnusable(Unusable::Expired),
        "service-account-unusable:expired",
        "svc_sql has expired",
    ),
    (
        AccountFault::ServiceUnusable(Unusable::PasswordExpired),
        "service-account-unusable:password-expired",
        "svc_sql's password has expired",
    ),
    (
        AccountFault::ClientUnusable(Unusable::Disabled),
        "client-account-unusable",
        "alice is disabled",
    ),
    (
        AccountFault::ClientUnusable(Unusable::LockedOut),
        "client-account-unusable:locked-out",
        "alice is locked out after wrong passwords",
    ),
    (
        AccountFault::ClientUnusable(Unusable::Expired),
        "client-account-unusable:expired",
        "alice's account has expired",
    ),
    (
        AccountFault::ClientUnusable(Unusable::PasswordExpired),
        "client-account-unusable:password-expired",
        "alice's password has expired",
    ),
    (
        AccountFault::DesOnly,
        "des-only-account",
        "svc_sql is marked for DES",
    ),
    (
        AccountFault::ProtectedUser,
        "protected-user",
        "svc_sql is in Protected Users",
    ),
    (
        AccountFault::TokenTooLarge,
        "token-too-large",
        "alice is in 1100 groups",
    ),
    (
        AccountFault::LockedDown,
        "locked-down",
        "ordinary users may not read the state of accounts",
    ),
];

/// Puts it in.
pub(super) fn inject(lab: &Lab, fault: AccountFault) -> Result<()> {
    match fault {
        AccountFault::ServiceUnusable(unusable) => spoil(lab, "svc_sql", unusable),
        AccountFault::ClientUnusable(unusable) => spoil(lab, "alice", unusable),
        AccountFault::DesOnly => allow_des_only(lab, "svc_sql"),
        AccountFault::ProtectedUser => protect(lab, "svc_sql"),
        AccountFault::TokenTooLarge => put_into_many_groups(lab, "alice"),
        AccountFault::LockedDown => hide_states(lab),
    }
}

/// Makes an account unusable.
fn spoil(lab: &Lab, name: &str, unusable: Unusable) -> Result<()> {
    let account = accounts::find(name)?;
    match unusable {
        Unusable::Disabled => {
            let control = NORMAL_ACCOUNT | PASSWORD_NEVER_EXPIRES | DISABLED;
            set(
                lab,
                account,
                Rules::Kept,
                "userAccountControl",
                &control.to_string(),
            )
        }
        Unusable::LockedOut => lock_out(lab, account),
        Unusable::Expired => set(lab, account, Rules::Kept, "accountExpires", LONG_AGO),
        Unusable::PasswordExpired => {
            let ldif = replace(CORP.base, "maxPwdAge", PASSWORD_AGE);
            lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)?;
            let control = NORMAL_ACCOUNT.to_string();
            set(lab, account, Rules::Kept, "userAccountControl", &control)?;
            set(lab, account, Rules::Bypassed, "pwdLastSet", LONG_AGO)
        }
    }
}

/// Wrong passwords, as often as the policy takes.
fn lock_out(lab: &Lab, account: &Account) -> Result<()> {
    let threshold = format!("--account-lockout-threshold={THRESHOLD}");
    let policy = ["domain", "passwordsettings", "set", &threshold];
    lab.samba_tool(CORP.controller, &policy)?;
    for _ in 0..=THRESHOLD {
        let mut kinit = lab.host("client")?.tool(&["kinit", "-c", "MEMORY:"]);
        kinit.arg(account.principal());
        // Being refused is the purpose.
        let _ = process::output(&mut kinit, "wrong")?;
    }
    Ok(())
}

/// Sets "Use only Kerberos DES encryption types".
fn allow_des_only(lab: &Lab, name: &str) -> Result<()> {
    let control = NORMAL_ACCOUNT | PASSWORD_NEVER_EXPIRES | DES_ONLY;
    let account = accounts::find(name)?;
    set(
        lab,
        account,
        Rules::Kept,
        "userAccountControl",
        &control.to_string(),
    )
}

/// Makes it a member of Protected Users.
fn protect(lab: &Lab, name: &str) -> Result<()> {
    let members = ["group", "addmembers", "Protected Users", name];
    lab.samba_tool(CORP.controller, &members).map(drop)
}

/// Makes it a member of very many groups.
fn put_into_many_groups(lab: &Lab, name: &str) -> Result<()> {
    let member = accounts::find(name)?.dn();
    let mut ldif = String::new();
    for number in 1..=GROUPS {
        let _ = write!(
            ldif,
            "dn: CN=team{number},CN=Users,{}\nchangetype: add\nobjectClass: group\n\
             sAMAccountName: team{number}\nmember: {member}\n\n",
            CORP.base
        );
    }
    lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)
}

/// Takes away what lets every user read the state of every account: a
/// hardened forest has nobody in this group.
fn hide_states(lab: &Lab) -> Result<()> {
    let ldif = format!(
        "dn: CN=Pre-Windows 2000 Compatible Access,CN=Builtin,{}\nchangetype: modify\n\
         delete: member\n\n",
        CORP.base
    );
    lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)
}

/// Sets the one value of an attribute.
pub(super) fn set(
    lab: &Lab,
    account: &Account,
    rules: Rules,
    attribute: &str,
    value: &str,
) -> Result<()> {
    let ldif = replace(&account.dn(), attribute, value);
    lab.ldbmodify(account.domain.controller, rules, &ldif)
}

fn replace(dn: &str, attribute: &str, value: &str) -> String {
    format!("dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n\n")
}
