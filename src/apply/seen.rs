//! What the session saw of the accounts, from the facts of its steps: today's
//! values are compared with it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::transcript::SessionDocument;

/// What the session saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// SPNs with the SIDs of all who held each.
    holders: Vec<(String, BTreeSet<String>)>,
    /// By SID and attribute: all values.
    values: Vec<(String, &'static str, Vec<String>)>,
}

impl Seen {
    /// From the steps; what was seen later counts.
    pub(super) fn of(document: &SessionDocument) -> Self {
        let mut seen = Self::default();
        for step in &document.steps {
            let facts = &step.facts;
            match step.probe.as_deref() {
                Some("ldap-spn") => {
                    for one in list(facts.get("by_spn")) {
                        seen.held(one);
                    }
                }
                Some("ldap-account") => {
                    let sid = sid_of(facts.get("account"));
                    seen.list(sid, super::today::SPNS, facts.get("spns"));
                    seen.list(sid, super::today::LIST, facts.get("delegation_list"));
                    seen.single(sid, super::today::NAME, facts.get("user_principal_name"));
                    seen.single(
                        sid,
                        super::today::CONTROL,
                        facts.get("user_account_control"),
                    );
                }
                Some("ldap-delegation") => {
                    let sid = sid_of(facts.get("middle_account"));
                    seen.list(sid, super::today::LIST, facts.get("delegation_list"));
                }
                _ => {}
            }
        }
        seen
    }

    /// The SIDs of all who held an SPN; nothing when the session did not ask.
    pub(super) fn holders(&self, spn: &str) -> Option<&BTreeSet<String>> {
        let last = self.holders.iter().rev();
        last.into_iter()
            .find(|(one, _)| one.eq_ignore_ascii_case(spn))
            .map(|(_, holders)| holders)
    }

    /// All values of an attribute; nothing when the session did not read them.
    pub(super) fn values(&self, sid: &str, attribute: &str) -> Option<&[String]> {
        let last = self.values.iter().rev();
        last.into_iter()
            .find(|(one, name, _)| one == sid && *name == attribute)
            .map(|(_, _, values)| values.as_slice())
    }

    fn held(&mut self, one: &Value) {
        let Some(spn) = one["spn"].as_str() else {
            return;
        };
        let holders = list(one.get("holders"))
            .iter()
            .filter_map(|holder| holder["sid"].as_str().map(str::to_owned))
            .collect();
        self.holders.push((spn.to_owned(), holders));
    }

    fn list(&mut self, sid: Option<&str>, attribute: &'static str, fact: Option<&Value>) {
        if let (Some(sid), Some(values)) = (sid, fact.and_then(Value::as_array)) {
            let values = values
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect();
            self.values.push((sid.to_owned(), attribute, values));
        }
    }

    fn single(&mut self, sid: Option<&str>, attribute: &'static str, fact: Option<&Value>) {
        let value = match fact {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return,
        };
        if let Some(sid) = sid {
            self.values.push((sid.to_owned(), attribute, vec![value]));
        }
    }
}

fn list(fact: Option<&Value>) -> &[Value] {
    fact.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn sid_of(account: Option<&Value>) -> Option<&str> {
    account?.get("sid")?.as_str()
}
