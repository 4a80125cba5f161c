//! Answers from an administrator of the directory: the state of an account, as
//! `Get-ADObject … | Format-List` and `ldapsearch` write it, a name and a value
//! on each line.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::text::value;
use super::{FullReading, Says};
use crate::directory::account::{AccountState, Unusable, UserAccountControl};

/// userAccountControl, msDS-User-Account-Control-Computed, pwdLastSet and
/// accountExpires of the service account, at this time.
pub(super) fn account_state(text: &str, now: Timestamp) -> FullReading {
    let number = |name: &str| -> Option<i64> {
        let line = text.lines().find_map(|line| value(line.trim(), name))?;
        line.trim().parse().ok()
    };
    let flags = |name: &str| {
        let bits = u32::try_from(number(name)?).ok()?;
        Some(UserAccountControl(bits))
    };
    let state = AccountState {
        control: flags("userAccountControl"),
        computed: flags("msDS-User-Account-Control-Computed"),
        password_last_set: number("pwdLastSet"),
        account_expires: number("accountExpires"),
    };
    state.control?;
    let Ok(reasons) = state.unusable(now) else {
        let words = "Not every attribute that was asked for is there.".to_owned();
        return Some((Says::Unclear, words, Map::new()));
    };
    if reasons.is_empty() {
        let words = "The account is not disabled, not locked out and not expired.".to_owned();
        return Some((Says::Excludes, words, Map::new()));
    }
    let states: Vec<&str> = reasons.iter().map(|reason| reason.words()).collect();
    let words = format!("The account is {}.", states.join(" and "));
    Some((Says::Confirms, words, values(&reasons, &states)))
}

/// The parameters of the cause `service-account-unusable`.
fn values(reasons: &[Unusable], states: &[&str]) -> Map<String, Value> {
    let is = |reason| reasons.contains(&reason);
    let values = json!({
        "states": states,
        "disabled": is(Unusable::Disabled),
        "locked_out": is(Unusable::LockedOut),
        "expired": is(Unusable::Expired),
        "password_expired": is(Unusable::PasswordExpired) || is(Unusable::MustChangePassword),
    });
    match values {
        Value::Object(values) => values,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> FullReading {
        account_state(text, "2026-11-23T04:00:00Z".parse().unwrap())
    }

    const USABLE: &str = "\
dn: CN=svc_sql,CN=Users,DC=corp,DC=example
userAccountControl: 66048
msDS-User-Account-Control-Computed: 0
pwdLastSet: 134090816000000000
accountExpires: 9223372036854775807
";

    #[test]
    fn an_account_that_can_be_used() {
        let (says, _, values) = read(USABLE).unwrap();
        assert_eq!((says, values.is_empty()), (Says::Excludes, true));
        // As Format-List writes it.
        let windows = USABLE.replace(": ", "                 : ");
        assert_eq!(read(&windows).unwrap().0, Says::Excludes);
    }

    #[test]
    fn each_reason_is_told_and_becomes_a_parameter() {
        for (changed, to, states, parameter) in [
            ("66048", "66050", "disabled", "disabled"),
            ("Computed: 0", "Computed: 16", "locked out", "locked_out"),
            (
                "9223372036854775807",
                "130000000000000000",
                "expired",
                "expired",
            ),
        ] {
            let (says, words, values) = read(&USABLE.replace(changed, to)).unwrap();
            assert_eq!(says, Says::Confirms, "{states}");
            assert_eq!(words, format!("The account is {states}."));
            assert_eq!(values["states"], json!([states]));
            let set: Vec<&String> = values
                .iter()
                .filter(|(_, value)| **value == json!(true))
                .map(|(name, _)| name)
                .collect();
            assert_eq!(set, [parameter]);
        }
    }

    #[test]
    fn what_lacks_an_attribute_decides_nothing() {
        let (says, ..) = read("userAccountControl: 66048").unwrap();
        assert_eq!(says, Says::Unclear);
        assert!(read("Get-ADObject : Cannot find an object").is_none());
    }
}
