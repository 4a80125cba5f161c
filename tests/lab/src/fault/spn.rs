//! Faults of the SPNs of sql1's default instance.

use crate::accounts::{self, SQL1_SPNS, computer_dn};
use crate::directory::{Action, Rules, change};
use crate::error::Result;
use crate::fault::WrongAccount;
use crate::lab::Lab;
use crate::topology::CORP;

const ATTRIBUTE: &str = "servicePrincipalName";

fn owner() -> Result<String> {
    accounts::find("svc_sql").map(accounts::Account::dn)
}

fn other(account: WrongAccount) -> Result<String> {
    match account {
        WrongAccount::Service => accounts::find("svc_old").map(accounts::Account::dn),
        WrongAccount::Computer => Ok(computer_dn("sql1", &CORP)),
    }
}

fn modify(lab: &Lab, rules: Rules, dn: &str, action: Action) -> Result<()> {
    lab.ldbmodify(
        CORP.controller,
        rules,
        &change(dn, action, ATTRIBUTE, &SQL1_SPNS),
    )
}

pub(super) fn take_away(lab: &Lab) -> Result<()> {
    modify(lab, Rules::Kept, &owner()?, Action::Delete)
}

pub(super) fn give_back(lab: &Lab) -> Result<()> {
    modify(lab, Rules::Kept, &owner()?, Action::Add)
}

/// No directory lets a second account have an SPN, so this is written below
/// the rules. It comes to be in real life when two controllers take one change
/// each, or through an old Windows.
pub(super) fn duplicate(lab: &Lab) -> Result<()> {
    modify(
        lab,
        Rules::Bypassed,
        &other(WrongAccount::Service)?,
        Action::Add,
    )
}

pub(super) fn undo_duplicate(lab: &Lab) -> Result<()> {
    modify(
        lab,
        Rules::Bypassed,
        &other(WrongAccount::Service)?,
        Action::Delete,
    )
}

pub(super) fn move_to(lab: &Lab, account: WrongAccount) -> Result<()> {
    take_away(lab)?;
    modify(lab, Rules::Kept, &other(account)?, Action::Add)
}

pub(super) fn move_back(lab: &Lab, account: WrongAccount) -> Result<()> {
    modify(lab, Rules::Kept, &other(account)?, Action::Delete)?;
    give_back(lab)
}
