//! Faults of the delegation from sql1 to sql2, and from one forest to the other.

use crate::accounts::{self, Account, SQL2_SPNS};
use crate::directory::{Rules, replace};
use crate::error::Result;
use crate::lab::Lab;

const LIST: &str = "msDS-AllowedToDelegateTo";
const ENTRY: &str = "msDS-AllowedToActOnBehalfOfOtherIdentity";
const CONTROL: &str = "userAccountControl";
const SPNS: &str = "servicePrincipalName";
const UPN: &str = "userPrincipalName";

/// A person, and a service account whose password does not expire
/// ([MS-ADTS] 2.2.16).
const PERSON: u32 = 0x200;
const SERVICE: u32 = 0x1_0200;
/// `TRUSTED_FOR_DELEGATION`, `NOT_DELEGATED` and
/// `TRUSTED_TO_AUTH_FOR_DELEGATION`.
const ANY_SERVICE: u32 = 0x8_0000;
const SENSITIVE: u32 = 0x10_0000;
const ANY_PROTOCOL: u32 = 0x100_0000;

/// What is wrong on the way from the first server to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delegation {
    /// svc_sql has no flag, no list, and svc_sql2 no entry.
    NotTrusted,
    /// svc_sql's list has sql2's SPN without the port only.
    ListLacksPort,
    /// svc_sql may delegate to any service.
    AnyService,
    /// svc_sql's list is for every protocol.
    AnyProtocol,
    /// alice is `sensitive and cannot be delegated`.
    UserSensitive,
    /// alice is a member of Protected Users.
    UserProtected,
    /// svc_sql has no list; svc_sql2's entry names svc_old.
    EntryForAnother,
    /// svc_sql has no list; svc_sql2's entry names svc_sql.
    EntryRight,
    /// svc_sql's list lacks sql2, and svc_sql2's entry names svc_old.
    Mixed,
    /// svc_sql's list is for sqlp, in the other forest.
    ListAcrossForests,
    /// svc_psql may delegate to any service, also users of CORP.
    AnyServiceAcrossForests,
    /// What is wrong with sql2's SPNs.
    BackEnd(BackEndSpn),
}

/// What is wrong with sql2's SPNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackEndSpn {
    /// Nobody holds them.
    Missing,
    /// svc_sql2 and svc_old both hold them.
    Duplicate,
    /// svc_old alone holds them.
    WrongAccount,
    /// Nobody holds them, and svc_old's userPrincipalName is one of them.
    Collision,
}

/// Every fault with its name and what it does.
pub(super) const TABLE: &[(Delegation, &str, &str)] = &[
    (
        Delegation::NotTrusted,
        "delegation-not-trusted",
        "svc_sql may not delegate to sql2",
    ),
    (
        Delegation::ListLacksPort,
        "delegation-list-lacks-spn",
        "svc_sql's list has sql2's SPN without its port only",
    ),
    (
        Delegation::AnyService,
        "delegation-any-service",
        "svc_sql may delegate to any service; no fault by itself",
    ),
    (
        Delegation::AnyProtocol,
        "delegation-any-protocol",
        "svc_sql's list is for every protocol; no fault by itself",
    ),
    (
        Delegation::UserSensitive,
        "user-not-delegable",
        "alice is sensitive and cannot be delegated",
    ),
    (
        Delegation::UserProtected,
        "user-not-delegable:protected",
        "alice is a member of Protected Users",
    ),
    (
        Delegation::EntryForAnother,
        "resource-based-entry-wrong",
        "no list, and svc_sql2's entry names svc_old",
    ),
    (
        Delegation::EntryRight,
        "resource-based-entry",
        "no list, and svc_sql2's entry names svc_sql; no fault by itself",
    ),
    (
        Delegation::Mixed,
        "resource-based-entry-wrong:mixed",
        "svc_sql's list lacks sql2, and svc_sql2's entry names svc_old",
    ),
    (
        Delegation::ListAcrossForests,
        "cross-forest-delegation-blocked",
        "svc_sql's list is for sqlp, in the other forest",
    ),
    (
        Delegation::AnyServiceAcrossForests,
        "cross-forest-delegation-blocked:any-service",
        "svc_psql may delegate to any service; the trust carries no TGT",
    ),
    (
        Delegation::BackEnd(BackEndSpn::Missing),
        "back-end-spn-broken",
        "nobody holds sql2's SPNs",
    ),
    (
        Delegation::BackEnd(BackEndSpn::Duplicate),
        "back-end-spn-broken:duplicate",
        "svc_sql2 and svc_old both hold sql2's SPNs",
    ),
    (
        Delegation::BackEnd(BackEndSpn::WrongAccount),
        "back-end-spn-broken:wrong-account",
        "svc_old holds sql2's SPNs",
    ),
    (
        Delegation::BackEnd(BackEndSpn::Collision),
        "back-end-spn-broken:collision",
        "svc_old's userPrincipalName is sql2's SPN, which nobody holds",
    ),
];

pub(super) fn inject(lab: &Lab, fault: Delegation) -> Result<()> {
    let alice = accounts::find("alice")?;
    let middle = accounts::find("svc_sql")?;
    match fault {
        Delegation::NotTrusted => set(lab, middle, LIST, &[]),
        Delegation::ListLacksPort => set(lab, middle, LIST, &[SQL2_SPNS[1]]),
        Delegation::AnyService => {
            set(lab, middle, LIST, &[])?;
            control(lab, middle, SERVICE | ANY_SERVICE)
        }
        Delegation::AnyProtocol => control(lab, middle, SERVICE | ANY_PROTOCOL),
        Delegation::UserSensitive => control(lab, alice, PERSON | SENSITIVE),
        Delegation::UserProtected => members(lab, &[&alice.dn()]),
        Delegation::EntryForAnother => {
            set(lab, middle, LIST, &[])?;
            allow_to_act(lab, "svc_old")
        }
        Delegation::EntryRight => {
            set(lab, middle, LIST, &[])?;
            allow_to_act(lab, "svc_sql")
        }
        Delegation::Mixed => {
            set(lab, middle, LIST, &["MSSQLSvc/sql9.corp.example:1433"])?;
            allow_to_act(lab, "svc_old")
        }
        Delegation::ListAcrossForests => set(lab, middle, LIST, accounts::find("svc_psql")?.spns),
        Delegation::AnyServiceAcrossForests => {
            control(lab, accounts::find("svc_psql")?, SERVICE | ANY_SERVICE)
        }
        Delegation::BackEnd(fault) => break_back_end(lab, fault),
    }
}

fn break_back_end(lab: &Lab, fault: BackEndSpn) -> Result<()> {
    let owner = accounts::find("svc_sql2")?;
    let other = accounts::find("svc_old")?;
    if fault != BackEndSpn::Duplicate {
        set(lab, owner, SPNS, &[])?;
    }
    match fault {
        BackEndSpn::Missing => Ok(()),
        BackEndSpn::Duplicate => lab.ldbmodify(
            other.domain.controller,
            Rules::Bypassed,
            &replace(&other.dn(), SPNS, &SQL2_SPNS),
        ),
        BackEndSpn::WrongAccount => set(lab, other, SPNS, &SQL2_SPNS),
        BackEndSpn::Collision => set(lab, other, UPN, &[SQL2_SPNS[0]]),
    }
}

/// Everything that a fault here changes is as it was provisioned again,
/// whatever a repair has made of it meanwhile.
pub(super) fn undo(lab: &Lab) -> Result<()> {
    for name in ["svc_old", "svc_sql2", "svc_sql", "svc_psql"] {
        let account = accounts::find(name)?;
        control(lab, account, SERVICE)?;
        set(lab, account, LIST, account.delegates_to)?;
        set(lab, account, SPNS, account.spns)?;
        set(lab, account, ENTRY, &[])?;
        let principal = format!("{}@{}", account.name, account.domain.name);
        set(lab, account, UPN, &[&principal])?;
    }
    control(lab, accounts::find("alice")?, PERSON)?;
    members(lab, &[])
}

fn set(lab: &Lab, account: &Account, attribute: &str, values: &[&str]) -> Result<()> {
    lab.ldbmodify(
        account.domain.controller,
        Rules::Kept,
        &replace(&account.dn(), attribute, values),
    )
}

fn control(lab: &Lab, account: &Account, flags: u32) -> Result<()> {
    set(lab, account, CONTROL, &[&flags.to_string()])
}

/// The members of CORP's Protected Users.
fn members(lab: &Lab, members: &[&str]) -> Result<()> {
    let domain = &crate::topology::CORP;
    let group = format!("CN=Protected Users,CN=Users,{}", domain.base);
    lab.ldbmodify(
        domain.controller,
        Rules::Kept,
        &replace(&group, "member", members),
    )
}

/// svc_sql2's entry names an account, and nobody else.
fn allow_to_act(lab: &Lab, name: &str) -> Result<()> {
    let back_end = accounts::find("svc_sql2")?;
    let arguments = ["delegation", "add-principal", back_end.name, name];
    lab.samba_tool(back_end.domain.controller, &arguments)
        .map(drop)
}
