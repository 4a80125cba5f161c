//! What a scenario must hold to before it is played.

use std::net::IpAddr;

use super::{Instance, Query, Scenario, ScenarioError};
use crate::catalog::{Template, normalise};
use crate::login7::TdsVersion;
use crate::value::Cell;

impl Scenario {
    /// Finds everything that is wrong, all at once.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let mut faults = Vec::new();
        if self.instances.is_empty() {
            faults.push("instances: at least one is needed".to_owned());
        }
        for (number, instance) in self.instances.iter().enumerate() {
            let place = format!("instances[{number}] ({})", instance.name);
            self.check_instance(&place, instance, &mut faults);
            if self.instances[..number]
                .iter()
                .any(|other| other.name.eq_ignore_ascii_case(&instance.name))
            {
                faults.push(format!("{place}: another instance has the same name"));
            }
        }
        if let Some(browser) = &self.browser {
            self.check_addresses("browser", &browser.listen, &mut faults);
        }
        check_queries("queries", &self.queries, &mut faults);
        if faults.is_empty() {
            Ok(())
        } else {
            Err(ScenarioError::Faults(faults))
        }
    }

    fn check_instance(&self, place: &str, instance: &Instance, faults: &mut Vec<String>) {
        self.check_addresses(place, &instance.listen, faults);
        if instance.version_numbers().is_none() {
            faults.push(format!(
                "{place}: version {} is not four numbers such as 16.0.4165.4",
                instance.version
            ));
        }
        let certificate = &instance.certificate;
        if certificate.files.is_some() && certificate.generate.is_some() {
            faults.push(format!(
                "{place}: certificate: give files or generate, not both"
            ));
        }
        for login in &instance.windows_logins {
            if !login.name.contains('\\') {
                faults.push(format!(
                    "{place}: windows-logins: {} is not of the form DOMAIN\\user",
                    login.name
                ));
            }
        }
        check_queries(&format!("{place}: queries"), &instance.queries, faults);
    }

    fn check_addresses(&self, place: &str, addresses: &[IpAddr], faults: &mut Vec<String>) {
        for address in addresses {
            if address.is_unspecified() && !self.allow_wildcard_addresses {
                faults.push(format!(
                    "{place}: listen: {address} is every address of the machine; name one, or set \
                     allow-wildcard-addresses: true inside a network namespace"
                ));
            }
        }
    }
}

fn check_queries(place: &str, queries: &[Query], faults: &mut Vec<String>) {
    for (number, query) in queries.iter().enumerate() {
        let place = format!("{place}[{number}]");
        if normalise(&query.sql).is_empty() {
            faults.push(format!("{place}: sql is empty"));
        }
        if query.columns.is_empty() && !query.rows.is_empty() {
            faults.push(format!("{place}: there are rows but no columns"));
        }
        for (row_number, row) in query.rows.iter().enumerate() {
            let row_place = format!("{place}: rows[{row_number}]");
            if row.len() != query.columns.len() {
                faults.push(format!(
                    "{row_place} has {} cells for {} columns",
                    row.len(),
                    query.columns.len()
                ));
            }
            for (column, cell) in query.columns.iter().zip(row) {
                check_cell(
                    &format!("{row_place}, column {}", column.name),
                    column.kind,
                    cell,
                    faults,
                );
            }
        }
        if let Some(error) = &query.error
            && let Err(fault) = Template::parse(&error.message)
        {
            faults.push(format!("{place}: error: {fault}"));
        }
    }
}

fn check_cell(place: &str, kind: crate::value::ColumnType, cell: &Cell, faults: &mut Vec<String>) {
    if let Cell::Text(text) = cell {
        match Template::parse(text) {
            Err(fault) => return faults.push(format!("{place}: {fault}")),
            Ok(template) if !template.is_constant() => return,
            Ok(_) => {}
        }
    }
    if let Err(fault) = kind.put_value(&mut Vec::new(), cell, TdsVersion::V7_4) {
        faults.push(format!("{place}: {fault}"));
    }
}
