//! What the session saw of the accounts, from the facts of its steps: today's
//! values are compared with it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::transcript::SessionDocument;

/// What the session saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The domains of a forest, an SPN, and the SIDs of all who held it there.
    holders: Vec<(Vec<String>, String, BTreeSet<String>)>,
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
                    let domains: Vec<String> = list(facts.get("domains"))
                        .iter()
                        .filter_map(|domain| domain.as_str().map(str::to_owned))
                        .collect();
                    for one in list(facts.get("by_spn")) {
                        seen.held(&domains, one);
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

    /// The SIDs of all who held an SPN in the forest of a domain; nothing when the
    /// session did not ask there.
    pub(super) fn holders(&self, domain: &str, spn: &str) -> Option<&BTreeSet<String>> {
        let of_forest = |domains: &[String]| {
            domains
                .iter()
                .any(|other| crate::directory::naming::same_name(other, domain))
        };
        self.holders
            .iter()
            .rev()
            .find(|(domains, one, _)| of_forest(domains) && one.eq_ignore_ascii_case(spn))
            .map(|(_, _, holders)| holders)
    }

    /// All values of an attribute; nothing when the session did not read them.
    pub(super) fn values(&self, sid: &str, attribute: &str) -> Option<&[String]> {
        let last = self.values.iter().rev();
        last.into_iter()
            .find(|(one, name, _)| one == sid && *name == attribute)
            .map(|(_, _, values)| values.as_slice())
    }

    fn held(&mut self, domains: &[String], one: &Value) {
        let Some(spn) = one["spn"].as_str() else {
            return;
        };
        let holders = list(one.get("holders"))
            .iter()
            .filter_map(|holder| holder["sid"].as_str().map(str::to_owned))
            .collect();
        self.holders
            .push((domains.to_vec(), spn.to_owned(), holders));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::reading;

    #[test]
    fn a_recorded_session_tells_holders_and_lists() {
        let journal = include_bytes!("../../flows/worlds/spn-duplicate.jsonl");
        let document = SessionDocument::of(&reading::parse(journal, "case").unwrap());
        let seen = Seen::of(&document);
        let spn = "mssqlsvc/SQL1.corp.example:1433";
        let holders = seen.holders("CORP.example", spn).unwrap();
        assert_eq!(holders.len(), 2);
        // Another forest was not asked.
        assert_eq!(seen.holders("partner.example", spn), None);
        let account = &document.findings[0].finding.values["service_account"];
        let sid = account["sid"].as_str().unwrap();
        assert!(holders.contains(sid));
        let spns = seen.values(sid, super::super::today::SPNS).unwrap();
        assert!(spns.iter().any(|held| held.eq_ignore_ascii_case(spn)));
    }
}
