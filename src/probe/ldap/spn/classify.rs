//! What the found objects mean for the SPNs that were asked about.

use serde_json::{Value, json};

use crate::directory::account::UserAccountControl;
use crate::directory::sid::Sid;
use crate::directory::spn::{self, Spn};
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::forest::Forest;

/// How it stands with one SPN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::probe::ldap) enum State {
    /// One holder.
    Held,
    /// None.
    Missing,
    /// More than one.
    Duplicate,
    /// Another account's userPrincipalName equals it.
    Collision,
}

impl State {
    /// As the probe's statuses.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::Collision => "collision",
        }
    }
}

/// The answer for one SPN.
pub(in crate::probe::ldap) struct Answer<'a> {
    /// The SPN as it was asked.
    pub(super) spn: &'a str,
    /// How it stands.
    pub(super) state: State,
    /// Who holds it.
    pub(in crate::probe::ldap) holders: Vec<&'a Entry>,
    /// Whose userPrincipalName equals it without being its only holder.
    pub(super) collisions: Vec<&'a Entry>,
}

/// The answer for one SPN from the objects that were found.
pub(in crate::probe::ldap) fn answer<'a>(asked: &'a str, entries: &'a [Entry]) -> Answer<'a> {
    let holders: Vec<&Entry> = entries
        .iter()
        .filter(|entry| {
            entry
                .texts("servicePrincipalName")
                .iter()
                .any(|held| spn::same(held, asked))
        })
        .collect();
    let collisions: Vec<&Entry> = entries
        .iter()
        .filter(|entry| {
            entry
                .text("userPrincipalName")
                .is_some_and(|name| equals_spn(&name, asked))
        })
        // An account found either way is found all the same.
        .filter(|entry| {
            holders.len() != 1 || holders[0].distinguished_name != entry.distinguished_name
        })
        .collect();
    let state = match (collisions.len(), holders.len()) {
        (0, 0) => State::Missing,
        (0, 1) => State::Held,
        (0, _) => State::Duplicate,
        _ => State::Collision,
    };
    Answer {
        spn: asked,
        state,
        holders,
        collisions,
    }
}

/// Whether a userPrincipalName is the SPN, with or without a suffix.
fn equals_spn(name: &str, asked: &str) -> bool {
    let front = name.rsplit_once('@').map(|(front, _)| front);
    spn::same(name, asked) || front.is_some_and(|front| spn::same(front, asked))
}

impl Answer<'_> {
    /// Whether `expected` is among the holders.
    pub(super) fn held_by(&self, expected: Option<&Sid>) -> Option<bool> {
        let expected = expected?;
        Some(self.holders.iter().any(|entry| is(entry, expected)))
    }

    /// The holders that are not `expected`.
    pub(super) fn wrong_holders(&self, expected: Option<&Sid>) -> Option<Vec<&Entry>> {
        let expected = expected?;
        let wrong = self.holders.iter().filter(|entry| !is(entry, expected));
        Some(wrong.copied().collect())
    }

    /// The state in the words of Kerberos Configuration Manager.
    pub(super) fn words(&self, expected: Option<&Sid>) -> &'static str {
        match self.state {
            State::Missing => "Required SPN is missing",
            State::Duplicate => "Duplicate SPN",
            State::Collision => "userPrincipalName collision",
            State::Held if self.held_by(expected) == Some(false) => "SPN on wrong account",
            State::Held => "Good",
        }
    }

    /// As the fact `by_spn` tells it.
    pub(super) fn record(&self, forest: &Forest, expected: Option<&Sid>) -> Value {
        json!({
            "spn": self.spn,
            "status": self.state.word(),
            "words": self.words(expected),
            "holders": accounts(forest, &self.holders),
            "expected_holds": self.held_by(expected),
            "wrong_holders": self.wrong_holders(expected).map(|wrong| accounts(forest, &wrong)),
            "collisions": accounts(forest, &self.collisions),
        })
    }
}

fn is(entry: &Entry, sid: &Sid) -> bool {
    entry.sid("objectSid").as_ref() == Some(sid)
}

/// The records of several accounts.
pub(in crate::probe::ldap) fn accounts(forest: &Forest, entries: &[&Entry]) -> Vec<Value> {
    entries.iter().map(|entry| forest.account(entry)).collect()
}

/// Whether an account is disabled; nothing when that cannot be read.
pub(super) fn disabled(entry: &Entry) -> Option<bool> {
    entry
        .bits("userAccountControl")
        .map(|bits| UserAccountControl(bits).has(UserAccountControl::DISABLED))
}

/// Every SPN of the same class and host as those asked, whoever holds it.
pub(super) fn related(asked: &[String], entries: &[Entry], forest: &Forest) -> Vec<Value> {
    let parsed: Vec<Spn> = asked
        .iter()
        .filter_map(|text| Spn::parse(text).ok())
        .collect();
    let mut list = Vec::new();
    for entry in entries {
        for value in entry.texts("servicePrincipalName") {
            if !parsed.iter().any(|spn| is_about(&value, spn)) {
                continue;
            }
            let (kind, remark) = remark(&value, asked, &parsed);
            let spn = Spn::parse(&value).ok();
            list.push(json!({
                "spn": value,
                "account": forest.account(entry),
                "kind": kind,
                "port": spn.as_ref().and_then(Spn::port),
                "instance": spn.as_ref().and_then(Spn::instance),
                "remark": remark,
                "account_disabled": disabled(entry),
            }));
        }
    }
    list.sort_by_key(|record| record["spn"].as_str().unwrap_or_default().to_lowercase());
    list
}

/// Whether a value, however it is written, is about the host of an SPN, with
/// its whole or its short name.
fn is_about(value: &str, spn: &Spn) -> bool {
    let value = value.to_lowercase();
    let class = spn.class().to_lowercase();
    let Some(rest) = value.strip_prefix(&class) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix(['/', '\\']) else {
        return false;
    };
    let host = spn.host().to_lowercase();
    let short = host.split('.').next().unwrap_or(&host);
    [host.as_str(), short].iter().any(|name| {
        rest.strip_prefix(name).is_some_and(|after| {
            !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        })
    })
}

fn remark(value: &str, asked: &[String], parsed: &[Spn]) -> (&'static str, String) {
    if asked.iter().any(|text| spn::same(text, value)) {
        return ("asked", "one of those that were asked about".to_owned());
    }
    let spn = match Spn::parse(value) {
        Ok(spn) => spn,
        Err(fault) => return ("malformed", format!("no driver asks for it: {fault}")),
    };
    let ports: Vec<u16> = parsed.iter().filter_map(Spn::port).collect();
    let other_host = !parsed
        .iter()
        .any(|asked| asked.host().eq_ignore_ascii_case(spn.host()));
    match (spn.port(), spn.instance()) {
        (Some(port), _) if !ports.is_empty() && !ports.contains(&port) => (
            "other-port",
            format!("it names port {port}, which was not asked about"),
        ),
        (_, Some(instance)) => (
            "other-instance",
            format!("it names the instance {instance}, for drivers that ask for the instance"),
        ),
        _ if other_host => (
            "other-form",
            "it has the short name, for drivers that take the name as it is typed".to_owned(),
        ),
        _ => (
            "other-form",
            "another form for the same host, for drivers that ask without a port".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "MSSQLSvc/sql1.corp.example:1433";

    fn account(name: &str, number: u32, spns: &[&str], principal: &str) -> Entry {
        let sid = Sid::parse("S-1-5-21-1-2-3").unwrap().child(number);
        Entry::of(
            &format!("CN={name},DC=corp,DC=example"),
            &[
                ("sAMAccountName", &[name.as_bytes()]),
                ("objectSid", &[&sid.to_bytes()]),
                ("objectClass", &[b"user"]),
                ("userPrincipalName", &[principal.as_bytes()]),
                (
                    "servicePrincipalName",
                    &spns.iter().map(|spn| spn.as_bytes()).collect::<Vec<_>>(),
                ),
            ],
        )
    }

    #[test]
    fn one_two_and_none() {
        let one = account(
            "svc",
            1,
            &["mssqlsvc/SQL1.corp.example:1433"],
            "svc@corp.example",
        );
        let two = account("old", 2, &[ASKED, "x/y"], "old@corp.example");
        let other = account("bob", 3, &[], "bob@corp.example");
        let held = [one.clone(), other.clone()];
        assert_eq!(answer(ASKED, &held).state, State::Held);
        assert_eq!(answer(ASKED, &[one, two]).state, State::Duplicate);
        assert_eq!(answer(ASKED, &[other]).state, State::Missing);
    }

    #[test]
    fn the_wrong_account_is_told_by_its_sid() {
        let entries = [account("svc", 1, &[ASKED], "svc@corp.example")];
        let answer = answer(ASKED, &entries);
        let right = entries[0].sid("objectSid").unwrap();
        let wrong = Sid::parse("S-1-5-21-1-2-3-9").unwrap();
        assert_eq!(answer.words(Some(&right)), "Good");
        assert_eq!(answer.words(Some(&wrong)), "SPN on wrong account");
        assert_eq!(answer.wrong_holders(Some(&wrong)).unwrap().len(), 1);
        assert_eq!(answer.held_by(None), None);
    }

    #[test]
    fn a_principal_name_that_equals_the_spn_collides_unless_it_is_the_holders() {
        let holder = account("svc", 1, &[ASKED], ASKED);
        assert_eq!(answer(ASKED, &[holder]).state, State::Held);
        let holder = account("svc", 1, &[ASKED], "svc@corp.example");
        let thief = account("thief", 2, &[], &format!("{ASKED}@corp.example"));
        let entries = [holder, thief];
        let answer = answer(ASKED, &entries);
        assert_eq!(answer.state, State::Collision);
        assert_eq!(
            answer.collisions[0].distinguished_name,
            "CN=thief,DC=corp,DC=example"
        );
    }

    #[test]
    fn related_values_are_told_apart() {
        let entry = account(
            "svc",
            1,
            &[
                ASKED,
                "MSSQLSvc/sql1.corp.example",
                "MSSQLSvc/sql1:1433",
                "MSSQLSvc/sql1.corp.example:50123",
                "MSSQLSvc/sql1.corp.example:SALES",
                "MSSQLSvc/sql1\\SALES",
                "MSSQLSvc/sql10.corp.example:1433",
                "MSSQLSvc/sql1-old:1433",
                "HTTP/sql1.corp.example",
            ],
            "svc@corp.example",
        );
        let records = related(&[ASKED.to_owned()], &[entry], &Forest::default());
        let kinds: Vec<(&str, &str)> = records
            .iter()
            .map(|r| (r["spn"].as_str().unwrap(), r["kind"].as_str().unwrap()))
            .collect();
        assert_eq!(
            kinds,
            [
                ("MSSQLSvc/sql1.corp.example", "other-form"),
                (ASKED, "asked"),
                ("MSSQLSvc/sql1.corp.example:50123", "other-port"),
                ("MSSQLSvc/sql1.corp.example:SALES", "other-instance"),
                ("MSSQLSvc/sql1:1433", "other-form"),
                ("MSSQLSvc/sql1\\SALES", "malformed"),
            ]
        );
    }
}
