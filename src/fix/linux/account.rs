//! Settings and the logon name of an account, for the shell script.

use std::fmt::Write as _;

use super::super::account_setting::{AccountSetting, Write};
use super::super::quote::{comment, ldap_filter, ldif, sh};
use super::step::distinguished_name;
use crate::fix::Account;

/// Writes the functions `apply_N` and `undo_N`.
pub(super) fn write(text: &mut String, number: usize, account: &Account, to: AccountSetting) {
    let (Some(name), Some(write)) = (distinguished_name(account), to.write(account)) else {
        return not_known(text, number, account);
    };
    let domain = sh(&account.domain);
    let line = sh(&ldif("dn", &name));
    let place = format!("{number} {domain} {} {line}", sh(&name));
    let (apply, undo) = match write {
        Write::ClearControl(flag) => (
            format!("clear_flag {place} {flag}"),
            format!("put_back {number} {domain} {line} userAccountControl"),
        ),
        Write::Value(attribute, value) => (
            format!("set_value {place} {attribute} {value}"),
            // A lock cannot be put back ([MS-ADTS] 3.1.1.3.1.5.5), nor should it.
            if attribute == "lockoutTime" {
                "already".to_owned()
            } else {
                format!("put_back {number} {domain} {line} {attribute}")
            },
        ),
        Write::LeaveGroup(sid) => {
            let group = format!("<SID={sid}>");
            let change = |action: &str| {
                format!(
                    "modify {domain} <<'LDIF'\n{}\nchangetype: modify\n{action}: member\n{}\n-\nLDIF",
                    ldif("dn", &group),
                    ldif("member", &name)
                )
            };
            (
                format!(
                    "if ! holds {domain} {} {}; then already; return 0; fi\n  {}\n  made {number}",
                    sh(&group),
                    sh(&format!("(member={})", ldap_filter(&name))),
                    change("delete")
                ),
                change("add"),
            )
        }
    };
    let _ = writeln!(
        text,
        "apply_{number}() {{\n  {apply}\n}}\nundo_{number}() {{\n  {undo}\n}}"
    );
}

/// A logon name that is an SPN becomes the usual one, or none.
pub(super) fn principal_name(text: &mut String, number: usize, account: &Account, spn: &str) {
    let Some(object) = distinguished_name(account) else {
        return not_known(text, number, account);
    };
    let (domain, line) = (sh(&account.domain), sh(&ldif("dn", &object)));
    let name = account.usual_principal_name().unwrap_or_default();
    let _ = writeln!(
        text,
        "#    Whoever signs in by the old name signs in by the new one from then on.\n\
         apply_{number}() {{\n\
         \x20 reset_name {number} {domain} {} {line} {} {} {}\n}}\n\
         undo_{number}() {{\n  put_back {number} {domain} {line} userPrincipalName\n}}",
        sh(&object),
        sh(spn),
        sh(&name),
        sh(&format!("(userPrincipalName={})", ldap_filter(&name))),
    );
}

fn not_known(text: &mut String, number: usize, account: &Account) {
    let message = sh(&format!(
        "the directory object of {} is not known; look for it and do this step by hand",
        comment(&account.name)
    ));
    let _ = writeln!(
        text,
        "apply_{number}() {{ stop {message}; }}\nundo_{number}() {{ stop {message}; }}"
    );
}
