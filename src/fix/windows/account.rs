//! Settings and the logon name of an account, for the PowerShell script.

use super::super::account_setting::{AccountSetting, Write};
use super::super::quote::{ldap_filter, powershell_text};
use super::{identity, line};
use crate::fix::Account;

/// What does a change, and what undoes it.
pub(super) fn blocks(number: usize, account: &Account, to: AccountSetting) -> (String, String) {
    let place = format!("{} {}", powershell_text(&account.domain), identity(account));
    match to.write(account) {
        Some(Write::ClearControl(flag)) => (
            line(&format!("Clear-Flag {number} {place} {flag}")),
            line(&format!(
                "Restore-Value {number} {place} 'userAccountControl'"
            )),
        ),
        Some(Write::Value(attribute, value)) => (
            line(&format!(
                "Set-Value {number} {place} {} {value}",
                powershell_text(attribute)
            )),
            // A lock cannot be put back ([MS-ADTS] 3.1.1.3.1.5.5), nor should it.
            if attribute == "lockoutTime" {
                line("Write-Output '   a lock is not put back'")
            } else {
                line(&format!(
                    "Restore-Value {number} {place} {}",
                    powershell_text(attribute)
                ))
            },
        ),
        Some(Write::LeaveGroup(group)) => {
            let member = |command: &str| {
                format!(
                    "{command} -Identity {} -Members {} -Server (Get-Controller {}) -Confirm:$false",
                    powershell_text(&group),
                    identity(account),
                    powershell_text(&account.domain)
                )
            };
            (
                line(&member("Remove-ADGroupMember")) + &line(&format!("Add-Done {number}")),
                line(&member("Add-ADGroupMember")),
            )
        }
        None => {
            let stop = line(
                "throw 'the directory object is not known; look for it and do this step by hand'",
            );
            (stop.clone(), stop)
        }
    }
}

/// A logon name that is an SPN becomes the usual one, or none.
pub(super) fn principal_name(number: usize, account: &Account, spn: &str) -> (String, String) {
    let place = format!(
        "{number} {} {}",
        powershell_text(&account.domain),
        identity(account)
    );
    let name = account.usual_principal_name().unwrap_or_default();
    (
        line(&format!(
            "Reset-PrincipalName {place} {} {} {}",
            powershell_text(spn),
            powershell_text(&name),
            powershell_text(&format!("(userPrincipalName={})", ldap_filter(&name)))
        )),
        line(&format!("Restore-PrincipalName {place}")),
    )
}
