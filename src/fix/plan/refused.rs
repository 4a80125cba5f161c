//! What no script is written for: a value that is only told here, because it
//! holds characters that cannot be seen, and a name that a tool could take for
//! something else. Such an operation is left to a person, with the reason.

use serde_json::Value;

use super::name::is_host;
use crate::fix::{Account, Operation};
use crate::hostile;

/// Why a script leaves an operation out, in a sentence; none when it does not.
pub(super) fn why(operation: &Operation) -> Option<String> {
    if matches!(
        operation,
        Operation::Advice { .. } | Operation::ClientCommand { .. }
    ) {
        return None;
    }
    accounts(operation)
        .into_iter()
        .find_map(account)
        .or_else(|| names(operation))
        .or_else(|| login(operation))
        .or_else(|| values(operation))
}

/// An account is written to by its SID when its name cannot be written down.
fn account(account: &Account) -> Option<String> {
    if !is_host(&account.domain) {
        return Some(format!(
            "The domain of {} has a name that no script can be given: {}.",
            account.name, account.domain
        ));
    }
    let names = [
        Some(account.sam_account_name.as_str()),
        account.distinguished_name.as_deref(),
    ];
    let told = names.into_iter().flatten().any(hostile::is_only_shown);
    (told && account.sid.is_none()).then(|| {
        format!(
            "The name of the account {} holds characters that cannot be seen, and its SID is not known.",
            account.name
        )
    })
}

/// Names that DNS tools and samba-tool get as arguments.
fn names(operation: &Operation) -> Option<String> {
    let names: Vec<&String> = match operation {
        Operation::SetReverseRecord { name, .. } | Operation::SetAddressRecord { name, .. } => {
            vec![name]
        }
        Operation::CreateForestTrust {
            user_forest,
            server_forest,
        } => vec![user_forest, server_forest],
        _ => Vec::new(),
    };
    let bad = names.into_iter().find(|name| !is_host(name))?;
    Some(format!(
        "{bad} is not a host name that a script could be given."
    ))
}

/// A statement is one line.
fn login(operation: &Operation) -> Option<String> {
    match operation {
        Operation::CreateLogin { login, .. } if login.contains(['\n', '\r']) => Some(format!(
            "The name of the login {login} has a line break in it."
        )),
        _ => None,
    }
}

/// Every other value.
fn values(operation: &Operation) -> Option<String> {
    let given = serde_json::to_value(operation).ok()?;
    let bad = given
        .as_object()?
        .values()
        .filter_map(Value::as_object)
        .flatten()
        // Accounts have been looked at, and what is to go is looked at one by one.
        .filter(|(field, value)| !value.is_object() && *field != "remove")
        .find_map(|(_, value)| only_shown(value))?;
    Some(format!(
        "{bad} holds characters that cannot be seen (told as <U+...>), so no script is written for it."
    ))
}

fn only_shown(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => hostile::is_only_shown(text).then_some(text.as_str()),
        Value::Array(items) => items.iter().find_map(only_shown),
        _ => None,
    }
}

fn accounts(operation: &Operation) -> Vec<&Account> {
    match operation {
        Operation::RemoveSpn { account, .. }
        | Operation::AddSpn { account, .. }
        | Operation::AllowDelegation { account, .. }
        | Operation::AllowUserDelegation { account }
        | Operation::ResetPrincipalName { account, .. }
        | Operation::SetAccount { account, .. } => vec![account],
        Operation::AllowToAct {
            account, delegate, ..
        } => vec![account, delegate],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn operation(value: Value) -> Operation {
        serde_json::from_value(value).unwrap()
    }

    fn account(name: &str, sid: Option<&str>) -> Value {
        json!({
            "name": format!("CORP\\{name}"), "sam_account_name": name, "domain": "corp.example",
            "distinguished_name": format!("CN={name},DC=corp,DC=example"), "sid": sid, "class": "user",
        })
    }

    #[test]
    fn what_cannot_be_written_down_is_left_to_a_person() {
        let svc = account("svc_sql", Some("S-1-5-21-1-2-3-9"));
        for (refused, value) in [
            (
                false,
                json!({"remove-spn": {"spn": "MSSQLSvc/a:1433", "account": svc}}),
            ),
            (
                false,
                json!({"remove-spn": {"spn": "x'\"*)(", "account": svc}}),
            ),
            (
                true,
                json!({"remove-spn": {"spn": "MSSQLSvc/a:1433<U+200B>", "account": svc}}),
            ),
            (
                true,
                json!({"allow-delegation": {"account": svc, "spns": ["a/b", "a/<U+0007>"]}}),
            ),
            (
                false,
                json!({"set-account": {"account": account("s<U+200B>", Some("S-1-5-21-1-2-3-9")), "to": "aes"}}),
            ),
            (
                true,
                json!({"set-account": {"account": account("s<U+200B>", None), "to": "aes"}}),
            ),
            (
                true,
                json!({"set-reverse-record": {"address": "10.0.0.1", "name": "--option=x"}}),
            ),
            (
                true,
                json!({"set-address-record": {"name": "a b", "addresses": []}}),
            ),
            (
                true,
                json!({"create-forest-trust": {"user-forest": "a.example", "server-forest": "-x"}}),
            ),
            (
                true,
                json!({"create-login": {"server": "a,1433", "login": "CORP\\a<U+202E>"}}),
            ),
            (
                true,
                json!({"create-login": {"server": "a,1433", "login": "CORP\\a\nGO"}}),
            ),
            (false, json!({"advice": {"text": "a\nb<U+202E>"}})),
        ] {
            assert_eq!(why(&operation(value.clone())).is_some(), refused, "{value}");
        }
    }
}
