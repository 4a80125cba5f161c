//! One step of the shell script: what it does, and what undoes it.

use std::fmt::Write as _;

use super::super::plan::{Change, Record, Step};
use super::super::quote::{comment, ldap_filter, ldif, sh, tsql_name};
use crate::fix::Account;
use crate::hostile;

const SPNS: &str = "servicePrincipalName";
const DELEGATION: &str = "msDS-AllowedToDelegateTo";

/// The name that LDAP takes for an account: its distinguished name, or the form
/// `<SID=...>` that Active Directory and Samba take too ([MS-ADTS] 3.1.1.3.1.2.4).
/// A name with characters that cannot be seen is not written down.
pub(super) fn distinguished_name(account: &Account) -> Option<String> {
    account
        .distinguished_name
        .clone()
        .filter(|name| !hostile::is_only_shown(name))
        .or_else(|| account.sid.as_ref().map(|sid| format!("<SID={sid}>")))
}

/// Writes the functions `apply_N` and `undo_N`.
pub(super) fn write(text: &mut String, number: usize, step: &Step) {
    let _ = writeln!(
        text,
        "\n# {number}. {}\n#    because: {}",
        comment(&step.change.words()),
        comment(&step.reasons.join("; "))
    );
    match &step.change {
        Change::RemoveSpn {
            spn,
            account,
            others,
        } => {
            text.push_str("#    The KDC makes tickets for the account that holds it, and this one cannot read them.\n");
            values(text, number, account, SPNS, spn, &Action::Delete { others });
        }
        Change::AddSpn {
            spn,
            account,
            removed_from,
        } => {
            text.push_str("#    First the whole forest is asked whether anybody else holds it.\n");
            let check = others(spn, account, removed_from);
            values(
                text,
                number,
                account,
                SPNS,
                spn,
                &Action::Add {
                    check: Some(&check),
                },
            );
        }
        Change::AddDelegation { spn, account } => {
            text.push_str("#    Needs the right SeEnableDelegationPrivilege, which domain administrators have.\n");
            values(
                text,
                number,
                account,
                DELEGATION,
                spn,
                &Action::Add { check: None },
            );
        }
        Change::SetEntry {
            account,
            delegate,
            sids,
        } => super::delegation::entry(text, number, account, delegate, sids),
        Change::ClearSensitive { account } => {
            super::delegation::clear_sensitive(text, number, account);
        }
        Change::ResetPrincipalName { account, spn } => {
            super::account::principal_name(text, number, account, spn);
        }
        Change::SetAccount { account, to } => super::account::write(text, number, account, *to),
        Change::AddRecord(record) => dns(text, number, record, "add", "delete"),
        Change::RemoveRecord(record) => dns(text, number, record, "delete", "add"),
        Change::CreateTrust {
            user_forest,
            server_forest,
        } => trust(text, number, user_forest, server_forest),
        Change::CreateLogin { server, login } => create_login(text, number, server, login),
    }
}

/// What is done with one value of an attribute.
enum Action<'a> {
    /// It is added, after a check that nobody else has it.
    Add { check: Option<&'a str> },
    /// It is deleted; when that is refused, together with others.
    Delete { others: &'a [String] },
}

/// Adds or deletes one value of an attribute, in one operation.
fn values(
    text: &mut String,
    number: usize,
    account: &Account,
    attribute: &str,
    value: &str,
    action: &Action<'_>,
) {
    let Some(name) = distinguished_name(account) else {
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
    let object = sh(&name);
    let filter = sh(&format!("({attribute}={})", ldap_filter(value)));
    let holds = format!("holds {domain} {object} {filter}");
    let line = sh(&ldif(attribute, value));
    let modify = format!("modify {domain}");
    let take = format!("take_spn {domain} {object} {line}");
    match action {
        Action::Add { check } => {
            let _ = writeln!(
                text,
                "apply_{number}() {{\n  if {holds}; then already; return 0; fi"
            );
            if let Some(check) = check {
                let _ = writeln!(text, "  nobody_else {domain} {} {}", sh(value), sh(check));
            }
            heredoc(text, &modify, &name, "add", attribute, value);
            let _ = writeln!(text, "  made {number}\n}}\nundo_{number}() {{");
            let undo = if attribute == SPNS { take } else { modify };
            heredoc(text, &undo, &name, "delete", attribute, value);
        }
        Action::Delete { others } => {
            let _ = writeln!(
                text,
                "apply_{number}() {{\n\
                 \x20 if taken {object} {line}; then made {number}; return 0; fi\n\
                 \x20 if ! {holds}; then already; return 0; fi"
            );
            let mut take = take;
            for other in *others {
                let _ = write!(take, " {}", sh(&ldif(attribute, other)));
            }
            heredoc(text, &take, &name, "delete", attribute, value);
            let _ = writeln!(text, "  made {number}\n}}\nundo_{number}() {{");
            heredoc(text, &modify, &name, "add", attribute, value);
        }
    }
    text.push_str("}\n");
}

/// A value that could end the document is in base64 in it, so nothing can.
fn heredoc(
    text: &mut String,
    command: &str,
    name: &str,
    action: &str,
    attribute: &str,
    value: &str,
) {
    let _ = writeln!(
        text,
        "  {command} <<'LDIF'\n{}\nchangetype: modify\n{action}: {attribute}\n{}\n-\nLDIF",
        ldif("dn", name),
        ldif(attribute, value),
    );
}

/// Who else holds an SPN: everybody but the account itself and those from whom
/// an earlier step took it, whose global catalog may not know that yet.
fn others(spn: &str, account: &Account, removed_from: &[Account]) -> String {
    let mut filter = format!("(&(servicePrincipalName={})", ldap_filter(spn));
    for account in std::iter::once(account).chain(removed_from) {
        if let Some(sid) = &account.sid {
            let _ = write!(filter, "(!(objectSid={}))", ldap_filter(sid));
        } else if let Some(name) = &account.distinguished_name {
            let _ = write!(filter, "(!(distinguishedName={}))", ldap_filter(name));
        }
    }
    filter + ")"
}

fn dns(text: &mut String, number: usize, record: &Record, action: &str, inverse: &str) {
    let arguments = format!(
        "{} {} {} {} {}",
        sh(&record.domain),
        sh(record.server.as_deref().unwrap_or_default()),
        sh(&record.owner),
        record.kind,
        sh(&record.data)
    );
    let _ = writeln!(
        text,
        "apply_{number}() {{\n  if dns_change {action} {arguments}; then made {number}; else already; fi\n}}\n\
         undo_{number}() {{ dns_change {inverse} {arguments} || already; }}"
    );
}

fn trust(text: &mut String, number: usize, user_forest: &str, server_forest: &str) {
    let _ = writeln!(
        text,
        "#    Runs on a Samba domain controller of {0} (elsewhere it only shows the command) and asks for\n\
         #    the password of an administrator of {1}. Incoming on this side: users of {0} may\n\
         #    sign in over there, nobody of there here. TRUST_DIRECTION=both makes it two-way.\n\
         trust_{number}() {{\n\
         \x20 if [ \"$(samba-tool testparm --suppress-prompt --parameter-name='server role' 2>/dev/null)\" != 'active directory domain controller' ]; then\n\
         \x20   say '   on a domain controller of the first forest, as its administrator:'\n\
         \x20   say \"   samba-tool domain trust $*\"\n\
         \x20   return 1\n\
         \x20 fi\n\
         \x20 samba-tool domain trust \"$@\" || stop 'the trust was not changed'\n\
         }}",
        comment(user_forest),
        comment(server_forest),
    );
    let admin = sh(&format!("Administrator@{}", server_forest.to_uppercase()));
    let _ = writeln!(
        text,
        "[ -n \"${{OTHER_ADMIN:-}}\" ] || OTHER_ADMIN={admin}\n\
         apply_{number}() {{\n\
         \x20 if trust_{number} create {0} --type=forest --direction=\"${{TRUST_DIRECTION:-incoming}}\" --create-location=both --skip-validation -U \"$OTHER_ADMIN\"; then made {number}; else by_hand; fi\n\
         }}\n\
         undo_{number}() {{ trust_{number} delete {0} --delete-location=both -U \"$OTHER_ADMIN\"; }}",
        sh(server_forest)
    );
}

fn create_login(text: &mut String, number: usize, server: &str, login: &str) {
    // `-x`: a `$(name)` in a login is no variable of sqlcmd.
    // Without a test whether it exists: then the server refuses, and a rollback
    // does not drop a login that was there before.
    let create = format!("CREATE LOGIN {} FROM WINDOWS;", tsql_name(login));
    let drop = format!("DROP LOGIN {};", tsql_name(login));
    let run = |statement: &str| {
        format!(
            "sql {} {}",
            sh(server),
            sh(&statement.replace(['\n', '\r'], " "))
        )
    };
    let _ = writeln!(
        text,
        "#    The database administrator decides; the login gets no rights in any database by this.\n\
         sql() {{\n\
         \x20 if ! command -v sqlcmd >/dev/null 2>&1; then\n\
         \x20   say \"   sqlcmd is not here; on $1 run: $2\"\n\
         \x20   return 1\n\
         \x20 fi\n\
         \x20 sqlcmd -S \"$1\" -E -b -x -Q \"$2\" || stop \"$1 refused it\"\n\
         }}\n\
         apply_{number}() {{ if {}; then made {number}; else by_hand; fi; }}\n\
         undo_{number}() {{ {}; }}",
        run(&create),
        run(&drop),
    );
}
