//! Fixes: ordered operations, and the scripts that carry them out. Nothing is
//! written to a directory here; an admin runs the script.

pub mod account_setting;
mod header;
mod instructions;
mod linux;
pub mod operation;
pub mod plan;
pub mod quote;
mod windows;

pub use account_setting::AccountSetting;
pub use header::Header;
pub use operation::{Account, Operation};
pub use plan::Plan;

use crate::engine::Finding;

/// What a script is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Windows PowerShell with setspn.
    Windows,
    /// A POSIX shell with ldap-utils and samba-tool.
    Linux,
}

/// The script that makes all operations of these findings, each once and in
/// the right order, with a backup, a way back and a check. The findings come in
/// the order of repair ([`crate::cause::Catalogue::sort`]). Where no script can do
/// any of it, these are remarks that say what to do.
pub fn script(findings: &[Finding], system: System, header: &Header) -> String {
    let plan = Plan::of(findings);
    if plan.steps.is_empty() {
        return instructions::instructions(&plan, system, header);
    }
    match system {
        System::Windows => windows::script(&plan, header),
        System::Linux => linux::script(&plan, header),
    }
}
