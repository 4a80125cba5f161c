//! The SPNs of the other services of the same host that Kerberos Configuration
//! Manager looks at: Reporting Services and Analysis Services.

use serde_json::{Value, json};

use super::classify;
use crate::directory::filter as ldap;
use crate::directory::spn::{self, Spn};
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::forest::Forest;

/// Service classes and what uses them.
const SERVICES: &[(&str, &str)] = &[
    ("HTTP", "Reporting Services, or another web service"),
    ("MSOLAPSvc.3", "Analysis Services"),
    ("MSOLAPDisco.3", "SQL Server Browser, for Analysis Services"),
];

/// The host names that the SPNs are about, whole and short.
fn hosts(asked: &[String]) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for spn in asked.iter().filter_map(|text| Spn::parse(text).ok()) {
        let host = spn.host().to_lowercase();
        let short = host.split('.').next().unwrap_or(&host).to_owned();
        for name in [host, short] {
            if !hosts.contains(&name) {
                hosts.push(name);
            }
        }
    }
    hosts
}

/// Everyone who holds an SPN of such a service for the host.
pub(super) fn filter(asked: &[String]) -> Option<String> {
    let mut filters = Vec::new();
    for host in hosts(asked) {
        for (class, _) in SERVICES {
            let bare = format!("{class}/{host}");
            filters.push(ldap::equals("servicePrincipalName", &bare));
            filters.push(ldap::starts_with(
                "servicePrincipalName",
                &format!("{bare}:"),
            ));
        }
    }
    (!filters.is_empty()).then(|| ldap::any(&filters))
}

/// Each such SPN once, with its holders.
pub(super) fn records(asked: &[String], entries: &[Entry], forest: &Forest) -> Vec<Value> {
    let hosts = hosts(asked);
    let mut found: Vec<String> = Vec::new();
    for value in entries
        .iter()
        .flat_map(|entry| entry.texts("servicePrincipalName"))
    {
        let fits = Spn::parse(&value).is_ok_and(|spn| {
            service(spn.class()).is_some()
                && hosts
                    .iter()
                    .any(|host| host.eq_ignore_ascii_case(spn.host()))
        });
        if fits && !found.iter().any(|known| spn::same(known, &value)) {
            found.push(value);
        }
    }
    found.sort();
    found
        .iter()
        .map(|value| {
            let answer = classify::answer(value, entries);
            let class = value.split('/').next().unwrap_or_default();
            json!({
                "service": service(class),
                "spn": value,
                "words": answer.words(None),
                "holders": classify::accounts(forest, &answer.holders),
            })
        })
        .collect()
}

fn service(class: &str) -> Option<&'static str> {
    SERVICES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(class))
        .map(|(_, service)| *service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_services_of_the_host_are_told_with_their_state() {
        let entry = |name: &str, spns: &[&str]| {
            let spns: Vec<&[u8]> = spns.iter().map(|spn| spn.as_bytes()).collect();
            Entry::of(
                &format!("CN={name},DC=corp,DC=example"),
                &[
                    ("sAMAccountName", &[name.as_bytes()]),
                    ("servicePrincipalName", &spns),
                ],
            )
        };
        let entries = [
            entry("svc_rs", &["HTTP/sql1", "HTTP/web.corp.example"]),
            entry("old", &["http/SQL1", "MSOLAPSvc.3/sql1.corp.example:TAB"]),
        ];
        let asked = ["MSSQLSvc/sql1.corp.example:1433".to_owned()];
        assert!(filter(&asked).is_some_and(|filter| filter.contains("MSOLAPDisco.3/sql1")));
        let records = records(&asked, &entries, &Forest::default());
        let told: Vec<(&str, &str)> = records
            .iter()
            .map(|r| (r["spn"].as_str().unwrap(), r["words"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("HTTP/sql1", "Duplicate SPN"),
                ("MSOLAPSvc.3/sql1.corp.example:TAB", "Good"),
            ]
        );
    }
}
