//! The replicas of availability groups.

use serde_json::{Value, json};

use super::reading::{Rows, text};
use crate::probe::OutcomeBuilder;

/// Tells of each replica its host and instance: the endpoint's address has the
/// full name (`TCP://sql1.corp.example:5022`), the replica's own name
/// (`SQL1\INST`) the instance.
pub(super) fn read(rows: &Rows, outcome: &mut OutcomeBuilder) {
    let records: Vec<Value> = rows
        .iter()
        .filter_map(|row| {
            let name = text(row, 0)?;
            let (short, instance) = match name.split_once('\\') {
                Some((short, instance)) => (short, Some(instance)),
                None => (name, None),
            };
            let host = text(row, 1).and_then(host).unwrap_or(short);
            Some(json!({
                "name": name,
                "host": host,
                "instance": instance,
                "availability_group": text(row, 2),
            }))
        })
        .collect();
    outcome.fact("availability_group_replicas", records);
}

fn host(endpoint: &str) -> Option<&str> {
    let (_, rest) = endpoint.split_once("://")?;
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_the_full_name() {
        assert_eq!(
            host("TCP://sql1.corp.example:5022"),
            Some("sql1.corp.example")
        );
        assert_eq!(host("TCP://sql1.corp.example"), Some("sql1.corp.example"));
        assert_eq!(host("sql1"), None);
    }
}
