//! The steps of the PowerShell script that change who may hand a user on.

use super::super::quote::powershell_text;
use super::{identity, line};
use crate::fix::Account;

/// The entry gets exactly these SIDs; what was there is kept for the rollback.
pub(super) fn entry(number: usize, account: &Account, sids: &[String]) -> (String, String) {
    let (object, server) = target(account);
    let sddl = sids
        .iter()
        .filter(|sid| {
            sid.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
        .fold(String::new(), |sddl, sid| {
            sddl + "(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;" + sid + ")"
        });
    let sddl = powershell_text(&format!("O:BAD:{sddl}"));
    let attribute = "msDS-AllowedToActOnBehalfOfOtherIdentity";
    let apply = [
        format!(
            "$before = (Get-ADObject -Identity {object} -Server {server} -Properties {attribute}).'{attribute}'"
        ),
        format!(
            "if ($before) {{ Set-Content -Path (Join-Path $Backup 'entry-{number}') -Value $before.Sddl }}"
        ),
        "$entry = New-Object System.DirectoryServices.ActiveDirectorySecurity".to_owned(),
        format!("$entry.SetSecurityDescriptorSddlForm({sddl})"),
        format!(
            "Set-ADObject -Identity {object} -Server {server} -Replace @{{ '{attribute}' = $entry }}"
        ),
        format!("Add-Done {number}"),
    ];
    let undo = [
        format!("$file = Join-Path $Backup 'entry-{number}'"),
        "if (Test-Path -Path $file) {".to_owned(),
        "    $entry = New-Object System.DirectoryServices.ActiveDirectorySecurity".to_owned(),
        "    $entry.SetSecurityDescriptorSddlForm((Get-Content -Path $file -Raw).Trim())"
            .to_owned(),
        format!(
            "    Set-ADObject -Identity {object} -Server {server} -Replace @{{ '{attribute}' = $entry }}"
        ),
        format!(
            "}} else {{ Set-ADObject -Identity {object} -Server {server} -Clear '{attribute}' }}"
        ),
    ];
    (lines(&apply), lines(&undo))
}

/// The mark `sensitive and cannot be delegated` goes.
pub(super) fn clear_sensitive(number: usize, account: &Account) -> (String, String) {
    let (object, server) = target(account);
    let set = |marked: &str| {
        format!(
            "Set-ADAccountControl -Identity {object} -Server {server} -AccountNotDelegated {marked}"
        )
    };
    (
        lines(&[set("$false"), format!("Add-Done {number}")]),
        lines(&[set("$true")]),
    )
}

fn target(account: &Account) -> (String, String) {
    (
        identity(account),
        format!("(Get-Controller {})", powershell_text(&account.domain)),
    )
}

fn lines(commands: &[String]) -> String {
    commands.iter().map(|command| line(command)).collect()
}
