//! What would have to change so that the expected account alone holds the SPNs.

use serde_json::{Value, json};

use super::classify::{self, Answer};
use crate::directory::account::AccountClass;
use crate::directory::sid::Sid;
use crate::directory::spn::Spn;
use crate::probe::OutcomeBuilder;
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::forest::Forest;

/// Tells which SPN stands on which wrong account, and which the expected one
/// lacks: all forms at once, because a repair of one form alone leaves the
/// others as they are.
pub(super) fn tell(
    outcome: &mut OutcomeBuilder,
    answers: &[Answer<'_>],
    forest: &Forest,
    expected: Option<&Sid>,
) {
    let Some(expected) = expected else { return };
    let mut pairs: Vec<Value> = Vec::new();
    for answer in answers {
        for wrong in answer.wrong_holders(Some(expected)).unwrap_or_default() {
            pairs.push(json!({ "spn": answer.spn, "account": forest.account(wrong) }));
        }
    }
    let missing: Vec<&str> = answers
        .iter()
        .filter(|answer| answer.held_by(Some(expected)) == Some(false))
        .map(|answer| answer.spn)
        .collect();
    outcome
        .fact("wrong_pairs", pairs)
        .fact("missing_on_expected", missing);
}

/// What shows that the only holder is no longer in use, as the end of a
/// sentence; nothing when it is the expected account, or nothing shows it.
pub(super) fn stale(holder: &Entry, spn: &str, expected: Option<&Sid>) -> Option<String> {
    if expected.is_some() && holder.sid("objectSid").as_ref() == expected {
        return None;
    }
    if classify::disabled(holder) == Some(true) {
        return Some("which is disabled".to_owned());
    }
    let class = AccountClass::from_object_classes(&holder.texts("objectClass"));
    if class != Some(AccountClass::Computer) {
        return None;
    }
    let spn = Spn::parse(spn).ok()?;
    let asked = spn.host().split('.').next().unwrap_or_default();
    let sam = holder.text("sAMAccountName")?;
    let computer = sam.trim_end_matches('$');
    (!computer.eq_ignore_ascii_case(asked))
        .then(|| format!("which is the account of another computer, {computer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";

    fn entry(name: &str, class: &[&[u8]], control: &str) -> Entry {
        Entry::of(
            &format!("CN={name},DC=corp,DC=example"),
            &[
                ("sAMAccountName", &[name.as_bytes()]),
                ("objectClass", class),
                ("userAccountControl", &[control.as_bytes()]),
            ],
        )
    }

    #[test]
    fn disabled_accounts_and_other_computers_are_stale() {
        let disabled = entry("svc_old", &[b"user"], "66050");
        assert_eq!(
            stale(&disabled, SPN, None).as_deref(),
            Some("which is disabled")
        );
        let other = entry("OLDSQL$", &[b"user", b"computer"], "4096");
        assert!(stale(&other, SPN, None).is_some_and(|why| why.contains("OLDSQL")));
        let own = entry("SQL1$", &[b"user", b"computer"], "4096");
        assert_eq!(stale(&own, SPN, None), None);
        let service = entry("svc_sql", &[b"user"], "66048");
        assert_eq!(stale(&service, SPN, None), None);
    }
}
