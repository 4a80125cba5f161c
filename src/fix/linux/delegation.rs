//! The steps of the shell script that change who may hand a user on.

use std::fmt::Write as _;

use super::super::quote::{comment, ldif, ldif_bytes, sh};
use super::step::distinguished_name;
use crate::directory::delegation::entry_of;
use crate::directory::sid::Sid;
use crate::fix::Account;

const ENTRY: &str = "msDS-AllowedToActOnBehalfOfOtherIdentity";
/// `NOT_DELEGATED` of userAccountControl ([MS-ADTS] 2.2.16).
const SENSITIVE: u32 = 0x10_0000;

/// The entry gets exactly these SIDs; what was there is kept for the rollback.
pub(super) fn entry(
    text: &mut String,
    number: usize,
    account: &Account,
    delegate: &Account,
    sids: &[String],
) {
    let sids: Option<Vec<Sid>> = sids.iter().map(|sid| Sid::parse(sid)).collect();
    let (Some(name), Some(sids)) = (distinguished_name(account), sids) else {
        return by_hand(text, number, account);
    };
    let (domain, object) = (sh(&account.domain), sh(&name));
    let line = sh(&ldif("dn", &name));
    let wanted = sh(&ldif_bytes(ENTRY, &entry_of(&sids)));
    let local = sh(&format!(
        "   samba-tool delegation add-principal {} {}",
        comment(&sh(&account.sam_account_name)),
        comment(&sh(&delegate.sam_account_name))
    ));
    let _ = writeln!(
        text,
        "#    Needs no right but to write to the second server's account.\n\
         apply_{number}() {{\n\
         \x20 before=$(line_of {domain} {object} {ENTRY})\n\
         \x20 if [ \"$before\" = {wanted} ]; then already; return 0; fi\n\
         \x20 printf '%s\\n' \"$before\" >\"$backup/entry-{number}\"\n\
         \x20 if put_value {domain} {line} {ENTRY} {wanted}; then made {number}; return 0; fi\n\
         \x20 say '   Samba takes this only on the domain controller itself; there, as root:'\n\
         \x20 say {local}\n\
         \x20 by_hand\n}}\n\
         undo_{number}() {{ put_value {domain} {line} {ENTRY} \"$(cat \"$backup/entry-{number}\")\"; }}"
    );
}

/// The mark `sensitive and cannot be delegated` goes.
pub(super) fn clear_sensitive(text: &mut String, number: usize, account: &Account) {
    let Some(name) = distinguished_name(account) else {
        return by_hand(text, number, account);
    };
    let arguments = format!(
        "{} {} {} {SENSITIVE}",
        sh(&account.domain),
        sh(&name),
        sh(&ldif("dn", &name))
    );
    let _ = writeln!(
        text,
        "#    The mark is meant for administrators: leave it where it is meant.\n\
         apply_{number}() {{\n\
         \x20 if change_flag clear {arguments}; then made {number}; else already; fi\n}}\n\
         undo_{number}() {{ change_flag set {arguments} || already; }}"
    );
}

fn by_hand(text: &mut String, number: usize, account: &Account) {
    let message = sh(&format!(
        "the directory object of {} is not known; look for it and do this step by hand",
        comment(&account.name)
    ));
    let _ = writeln!(
        text,
        "apply_{number}() {{ stop {message}; }}\nundo_{number}() {{ stop {message}; }}"
    );
}
