//! Faults of the delegation from sql1 to sql2.

use crate::accounts;
use crate::directory::{Action, Rules, change};
use crate::error::Result;
use crate::lab::Lab;

const ATTRIBUTE: &str = "msDS-AllowedToDelegateTo";

/// svc_sql's list goes; it has no delegation flag in the healthy lab either.
pub(super) fn clear(lab: &Lab) -> Result<()> {
    set(lab, Action::Delete, &[])
}

pub(super) fn give_back(lab: &Lab) -> Result<()> {
    set(lab, Action::Add, accounts::find("svc_sql")?.delegates_to)
}

fn set(lab: &Lab, action: Action, values: &[&str]) -> Result<()> {
    let account = accounts::find("svc_sql")?;
    let ldif = change(&account.dn(), action, ATTRIBUTE, values);
    lab.ldbmodify(account.domain.controller, Rules::Kept, &ldif)
}
