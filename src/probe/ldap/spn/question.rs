//! What is asked, and the filters that find the answer.

use super::drivers::{self, Driver};
use crate::directory::filter;
use crate::directory::spn::Spn;
use crate::probe::ProbeRequest;

/// The arguments.
pub(super) struct Question<'a> {
    /// See the declaration.
    pub(super) spns: Vec<String>,
    /// See the declaration.
    pub(super) domain: &'a str,
    /// See the declaration.
    pub(super) server: Option<&'a str>,
    /// See the declaration.
    pub(super) expected: Option<&'a str>,
    /// See the declaration.
    pub(super) also_for_host: bool,
    /// What each driver asks for.
    pub(super) drivers: Vec<Driver>,
}

impl<'a> Question<'a> {
    /// Reads the arguments; a fault is a sentence.
    pub(super) fn read(request: &'a ProbeRequest) -> Result<Self, String> {
        let mut spns = Vec::new();
        for spn in request.texts("spns").map_err(|fault| fault.to_string())? {
            let spn = spn.trim().to_owned();
            if !spn.is_empty() && !spns.contains(&spn) {
                spns.push(spn);
            }
        }
        if spns.is_empty() {
            return Err(
                "the probe `ldap-spn` needs `spns` as a list of at least one SPN".to_owned(),
            );
        }
        Ok(Self {
            spns,
            domain: request.text("domain").map_err(|fault| fault.to_string())?,
            server: request.optional_text("server"),
            expected: request.optional_text("expected"),
            also_for_host: request.flag("also_for_host"),
            drivers: drivers::read(request.arguments.get("drivers")),
        })
    }

    /// Everyone who holds one of the SPNs, or has its text as a user principal
    /// name.
    pub(super) fn holders_filter(&self) -> String {
        let mut filters = Vec::new();
        let of_drivers = self.drivers.iter().flat_map(|driver| &driver.spns);
        for spn in self.spns.iter().chain(of_drivers) {
            filters.push(filter::equals("servicePrincipalName", spn));
            filters.push(filter::equals("userPrincipalName", spn));
            filters.push(filter::starts_with("userPrincipalName", &format!("{spn}@")));
        }
        filter::any(&filters)
    }

    /// Everyone who holds an SPN of the same class and host in any form, right
    /// or wrong.
    pub(super) fn related_filter(&self) -> Option<String> {
        let mut filters = Vec::new();
        for spn in self.spns.iter().filter_map(|text| Spn::parse(text).ok()) {
            let (class, host) = (spn.class(), spn.host());
            let short = host.split('.').next().unwrap_or(host);
            filters.push(filter::starts_with(
                "servicePrincipalName",
                &format!("{class}/{host}"),
            ));
            filters.push(filter::equals(
                "servicePrincipalName",
                &format!("{class}/{short}"),
            ));
            for separator in [":", "\\", "/", ","] {
                let start = format!("{class}/{short}{separator}");
                filters.push(filter::starts_with("servicePrincipalName", &start));
            }
            filters.push(filter::starts_with(
                "servicePrincipalName",
                &format!("{class}\\{short}"),
            ));
        }
        filters.sort();
        filters.dedup();
        (!filters.is_empty()).then(|| filter::any(&filters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_spns_cannot_widen_the_search() {
        let question = Question {
            spns: vec!["MSSQLSvc/x*)(objectClass=*".to_owned()],
            domain: "corp.example",
            server: None,
            expected: None,
            also_for_host: true,
            drivers: Vec::new(),
        };
        assert!(!question.holders_filter().contains("objectClass=*"));
        assert!(
            !question
                .related_filter()
                .unwrap()
                .contains("(objectClass=*")
        );
    }

    #[test]
    fn an_empty_list_is_told() {
        let request = ProbeRequest::new("ldap-spn").with("domain", "corp.example");
        assert!(Question::read(&request).is_err_and(|what| what.contains("at least one SPN")));
    }
}
