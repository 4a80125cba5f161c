//! A SQL login that is made for a group which does not reach the server.

use crate::error::Result;
use crate::lab::Lab;
use crate::topology::CORP;

/// The domain-local group of CORP with alice in it.
pub const GROUP: &str = "Sales Readers";

/// CORP gets the group. SQL Server on sqlp has a login for it and none for
/// alice, so that it does not let her in: her ticket for PARTNER does not have
/// the group.
pub(super) fn inject(lab: &Lab) -> Result<()> {
    for arguments in [
        &["group", "add", GROUP, "--group-scope=Domain"][..],
        &["group", "addmembers", GROUP, "alice"],
    ] {
        lab.samba_tool(CORP.controller, arguments)?;
    }
    restart(lab)
}

/// Starts SQL Server on sqlp with the logins that it has now.
pub(super) fn restart(lab: &Lab) -> Result<()> {
    lab.sql("sqlp")?.restart()
}
