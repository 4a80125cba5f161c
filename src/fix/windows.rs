//! The script for Windows PowerShell 5.1 with setspn and the modules
//! ActiveDirectory and DnsServer.
//!
//! SPNs are changed with setspn, always `-S` and never `-A`, with `-F` for a
//! check in the whole forest, and with `-U` or `-C`: without them setspn takes
//! a computer when a user and a computer have the same name.

mod account;
mod delegation;

use std::fmt::Write as _;

use super::header::Header;
use super::plan::{Change, Plan, Record, Step};
use super::quote::{
    ascii, comment, ldap_filter, not_an_argument, powershell, powershell_text, tsql_name,
};
use crate::fix::Account;
use crate::hostile::is_only_shown;

const PRELUDE: &str = include_str!("windows/prelude.ps1");

/// The script.
pub(super) fn script(plan: &Plan, header: &Header) -> String {
    let mut text = String::new();
    top(&mut text, plan, header);
    text.push_str(
        "param([ValidateSet('Plan', 'Apply', 'Verify', 'Rollback')][string]$Mode = 'Apply')\n\n",
    );
    let _ = writeln!(text, "$Session = {}", powershell_text(&header.file_name()));
    text.push_str("# The domain controllers to write to; empty: the nearest one when the script runs.\n$Controllers = @{\n");
    for domain in plan.domains() {
        let _ = writeln!(
            text,
            "    {} = {}",
            powershell_text(domain),
            powershell_text(header.domain_controller(domain))
        );
    }
    text.push_str("}\n\n");
    text.push_str(PRELUDE);
    saves(&mut text, plan);
    text.push_str("\n$Steps = @(\n");
    for (index, step) in plan.steps.iter().enumerate() {
        write_step(&mut text, index + 1, step);
    }
    text.push_str(")\n");
    manual(&mut text, plan);
    verify(&mut text, plan, header);
    text.push_str(MAIN);
    ascii(&text)
}

const MAIN: &str = r#"
switch ($Mode) {
    'Plan' {
        $Steps | ForEach-Object { Write-Output "$($_.Number). $($_.Title)" }
        Show-Manual
    }
    'Apply' {
        New-Item -ItemType Directory -Force -Path $Backup | Out-Null
        Write-Output "Saving today's values in $Backup"
        Save-All
        foreach ($step in $Steps) {
            Write-Output "$($step.Number)/$($Steps.Count) $($step.Title)"
            & $step.Apply
        }
        Write-Output "All done. To undo it: $PSCommandPath -Mode Rollback"
        Show-Manual
        Test-Result
    }
    'Verify' { Test-Result }
    'Rollback' {
        $done = @(Get-Content -Path $Record | ForEach-Object { [int]$_ } | Sort-Object -Descending -Unique)
        foreach ($number in $done) {
            $step = $Steps | Where-Object { $_.Number -eq $number }
            Write-Output "undo ${number}: $($step.Title)"
            try {
                & $step.Undo
                $done = @($done | Where-Object { $_ -ne $number })
                Set-Content -Path $Record -Value $done
            } catch { Write-Warning "not undone: $_" }
        }
    }
}
"#;

fn top(text: &mut String, plan: &Plan, header: &Header) {
    let _ = writeln!(
        text,
        "# Fix script of sspi-doctor {}, for Windows PowerShell 5.1. Run it as a domain administrator on a\n\
         # machine with the Remote Server Administration Tools (ActiveDirectory, and DnsServer for DNS):\n\
         #   powershell -ExecutionPolicy Bypass -File THIS-FILE -Mode Plan       shows what it would do\n\
         #   powershell -ExecutionPolicy Bypass -File THIS-FILE                  saves today's values, does it, checks\n\
         #   powershell -ExecutionPolicy Bypass -File THIS-FILE -Mode Rollback   undoes what it did\n\
         #\n# SQL Server: {}\n# Session:    {} ({}, {})\n#",
        comment(&header.version),
        comment(&header.target),
        comment(&header.session),
        comment(&header.flow),
        comment(&header.started),
    );
    plan.contents(text, |manual| manual.windows.as_deref());
}

/// What the ActiveDirectory module knows an account by, as an expression. A name
/// with characters that cannot be seen is not written down.
fn identity(account: &Account) -> String {
    match (&account.distinguished_name, &account.sid) {
        (Some(name), _) if !is_only_shown(name) => powershell_text(name),
        (_, Some(sid)) => format!(
            "(Find-Account {} {})",
            powershell_text(&account.domain),
            powershell_text(sid)
        ),
        _ => powershell_text(&account.sam_account_name),
    }
}

/// The account as setspn takes it, with its class: managed service accounts
/// like users, by their exact name with the `$`.
fn setspn_account(account: &Account) -> (&'static str, String) {
    let domain = account.netbios_domain.as_deref().unwrap_or(&account.domain);
    if account.class == "computer" {
        let name = account
            .sam_account_name
            .strip_suffix('$')
            .unwrap_or(&account.sam_account_name);
        ("-C", format!("{domain}\\{name}"))
    } else {
        ("-U", format!("{domain}\\{}", account.sam_account_name))
    }
}

fn saves(text: &mut String, plan: &Plan) {
    text.push_str("\nfunction Save-All {\n");
    for account in plan.accounts() {
        let _ = writeln!(
            text,
            "    Save-Account {} {}",
            powershell_text(&account.domain),
            identity(account)
        );
    }
    text.push_str("}\n");
}

fn write_step(text: &mut String, number: usize, step: &Step) {
    let title = powershell_text(&comment(&step.change.words()));
    let _ = writeln!(
        text,
        "    # {number}. {}\n    #    because: {}",
        comment(&step.change.words()),
        comment(&step.reasons.join("; "))
    );
    let (apply, undo) = blocks(number, &step.change);
    let _ = writeln!(
        text,
        "    @{{ Number = {number}; Title = {title}\n       Apply = {{\n{apply}       }}\n       Undo = {{\n{undo}       }} }}"
    );
}

/// What does a change, and what undoes it.
fn blocks(number: usize, change: &Change) -> (String, String) {
    if let Some(why) = refused(change) {
        let words = powershell_text(&format!("   left to you: {}", comment(&why)));
        return (line(&format!("Write-Output {words}")), String::new());
    }
    match change {
        Change::RemoveSpn { spn, account, .. } => (
            guarded(
                number,
                account,
                "servicePrincipalName",
                spn,
                true,
                &setspn("-D", spn, account),
            ),
            line(&setspn("-S", spn, account)),
        ),
        Change::AddSpn { spn, account, .. } => (
            guarded(
                number,
                account,
                "servicePrincipalName",
                spn,
                false,
                &setspn("-S", spn, account),
            ),
            line(&setspn("-D", spn, account)),
        ),
        Change::AddDelegation { spn, account } => {
            let set = |action: &str| {
                format!(
                    "Set-ADObject -Identity {} -Server (Get-Controller {}) -{action} @{{ 'msDS-AllowedToDelegateTo' = {} }}",
                    identity(account),
                    powershell_text(&account.domain),
                    powershell_text(spn)
                )
            };
            (
                guarded(
                    number,
                    account,
                    "msDS-AllowedToDelegateTo",
                    spn,
                    false,
                    &set("Add"),
                ),
                line(&set("Remove")),
            )
        }
        Change::SetEntry { account, sids, .. } => delegation::entry(number, account, sids),
        Change::ClearSensitive { account } => delegation::clear_sensitive(number, account),
        Change::ResetPrincipalName { account, spn } => {
            account::principal_name(number, account, spn)
        }
        Change::SetAccount { account, to } => account::blocks(number, account, *to),
        Change::AddRecord(record) => record_blocks(number, record, "Add", "Remove"),
        Change::RemoveRecord(record) => record_blocks(number, record, "Remove", "Add"),
        Change::CreateTrust {
            user_forest,
            server_forest,
        } => trust(number, user_forest, server_forest),
        Change::CreateLogin { server, login } => {
            let run = |statement: &str| {
                // `-x`: a `$(name)` in a login is no variable.
                format!(
                    "Invoke-Tool sqlcmd @('-S', {}, '-E', '-b', '-x', '-Q', {})",
                    powershell_text(server),
                    powershell_text(&comment(statement))
                )
            };
            let create = run(&format!("CREATE LOGIN {} FROM WINDOWS;", tsql_name(login)));
            (
                line(&create) + &line(&format!("Add-Done {number}")),
                line(&run(&format!("DROP LOGIN {};", tsql_name(login)))),
            )
        }
    }
}

/// Why a change that a program makes cannot be given to it, in a sentence.
fn refused(change: &Change) -> Option<String> {
    let arguments = match change {
        Change::RemoveSpn { spn, account, .. } | Change::AddSpn { spn, account, .. } => {
            vec![spn.clone(), setspn_account(account).1]
        }
        Change::CreateLogin { server, login } => vec![server.clone(), login.clone()],
        _ => return None,
    };
    arguments.iter().find_map(|argument| {
        let why = not_an_argument(argument)?;
        Some(format!(
            "{argument} cannot be given to a program by Windows PowerShell, because {why}. \
             Do it in Active Directory Users and Computers (Attribute Editor) or in SQL Server Management Studio."
        ))
    })
}

fn line(command: &str) -> String {
    format!("           {command}\n")
}

fn guarded(
    number: usize,
    account: &Account,
    attribute: &str,
    value: &str,
    when_held: bool,
    command: &str,
) -> String {
    let condition = format!(
        "Test-Value {} {} {} {}",
        powershell_text(&account.domain),
        identity(account),
        powershell_text(attribute),
        powershell_text(value)
    );
    let not = if when_held { "-not " } else { "" };
    format!(
        "           if ({not}({condition})) {{ Write-Output '   already so, nothing done'; return }}\n\
         \x20          {command}\n           Add-Done {number}\n"
    )
}

fn setspn(action: &str, spn: &str, account: &Account) -> String {
    let (class, name) = setspn_account(account);
    let forest = if action == "-S" { "'-F', " } else { "" };
    format!(
        "Invoke-Tool setspn @({forest}'{class}', '{action}', {}, {})",
        powershell_text(spn),
        powershell_text(&name)
    )
}

fn record_blocks(number: usize, record: &Record, action: &str, inverse: &str) -> (String, String) {
    let set = |action: &str| {
        format!(
            "Set-Record {action} {} {} {} {} {}",
            powershell_text(&record.domain),
            powershell_text(record.server.as_deref().unwrap_or_default()),
            powershell_text(&record.owner),
            record.kind,
            powershell_text(&record.data)
        )
    };
    (
        line(&format!(
            "if ({}) {{ Add-Done {number} }} else {{ Write-Output '   already so, nothing done' }}",
            set(action)
        )),
        line(&format!("{} | Out-Null", set(inverse))),
    )
}

fn trust(number: usize, user_forest: &str, server_forest: &str) -> (String, String) {
    let contexts = format!(
        "           # Run it in {}; it asks for an administrator of {}. Inbound here: users of\n\
         \x20          # this forest may sign in over there, nobody of there here. Bidirectional makes it two-way.\n\
         \x20          $credential = Get-Credential -Message {}\n\
         \x20          $type = 'System.DirectoryServices.ActiveDirectory'\n\
         \x20          $here = [System.DirectoryServices.ActiveDirectory.Forest]::GetForest((New-Object -TypeName \"$type.DirectoryContext\" -ArgumentList @('Forest', {})))\n\
         \x20          $there = [System.DirectoryServices.ActiveDirectory.Forest]::GetForest((New-Object -TypeName \"$type.DirectoryContext\" -ArgumentList @('Forest', {}, $credential.UserName, $credential.GetNetworkCredential().Password)))\n",
        comment(user_forest),
        comment(server_forest),
        powershell_text(&format!("An administrator of {}", comment(server_forest))),
        powershell_text(user_forest),
        powershell_text(server_forest),
    );
    (
        format!(
            "{contexts}           $here.CreateTrustRelationship($there, 'Inbound')\n           Add-Done {number}\n"
        ),
        format!("{contexts}           $here.DeleteTrustRelationship($there)\n"),
    )
}

fn manual(text: &mut String, plan: &Plan) {
    text.push_str("\nfunction Show-Manual {\n");
    if !plan.manual.is_empty() {
        text.push_str("    Write-Output 'What this script does not do:'\n");
    }
    for entry in &plan.manual {
        let _ = writeln!(
            text,
            "    Write-Output {}",
            powershell_text(&format!(" - {}", comment(&entry.text)))
        );
        if let Some(command) = &entry.windows {
            let _ = writeln!(
                text,
                "    Write-Output {}",
                powershell_text(&format!("     {}", comment(command)))
            );
        }
    }
    text.push_str(
        "    Write-Output 'Before you try again:'\n\
         \x20   Write-Output ' - other domain controllers see the change after replication (repadmin /syncall /AdeP forces it)'\n\
         \x20   Write-Output ' - tickets that clients already have stay wrong: klist purge there, and sign in again'\n\
         \x20   Write-Output ' - Windows remembers for 15 minutes that an SPN did not exist'\n\
         \x20   Write-Output ' - connect anew: pooled connections keep their old login'\n}\n",
    );
}

fn verify(text: &mut String, plan: &Plan, header: &Header) {
    text.push_str("\nfunction Test-Result {\n");
    for (spn, account) in plan.spns() {
        let _ = writeln!(
            text,
            "    # Exactly one holder: {}. In LDAP: (servicePrincipalName={})",
            comment(&account.name),
            comment(&ldap_filter(spn))
        );
        if not_an_argument(spn).is_none() {
            let _ = writeln!(text, "    & setspn -F -Q {}", powershell_text(spn));
        }
    }
    let _ = writeln!(
        text,
        "    Write-Output {}\n}}",
        powershell_text(&format!("Walk once more: {}", header.again(powershell)))
    );
}
