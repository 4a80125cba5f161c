//! Settings of an account, for the shell script.

use std::fmt::Write as _;

use super::super::account_setting::{AccountSetting, Write};
use super::super::quote::{comment, ldif, sh};
use super::step::distinguished_name;
use crate::fix::Account;

/// Writes the functions `apply_N` and `undo_N`.
pub(super) fn write(text: &mut String, number: usize, account: &Account, to: AccountSetting) {
    let (Some(name), Some(write)) = (distinguished_name(account), to.write(account)) else {
        let message = format!(
            "the directory object of {} is not known; look for it and do this step by hand",
            comment(&account.name)
        );
        let _ = writeln!(
            text,
            "apply_{number}() {{ stop {0}; }}\nundo_{number}() {{ stop {0}; }}",
            sh(&message)
        );
        return;
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
                    sh(&format!(
                        "(member={})",
                        super::super::quote::ldap_filter(&name)
                    )),
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
