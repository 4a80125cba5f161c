//! Linked servers and how logins are mapped to them.

use serde_json::{Value, json};

use super::reading::{Rows, flag, text};
use crate::probe::OutcomeBuilder;

/// Reads one row for each linked server and login mapping.
pub(super) fn read(rows: &Rows, outcome: &mut OutcomeBuilder) {
    outcome.fact("linked_servers", servers(rows));
}

/// The linked servers with their login mappings.
pub(super) fn servers(rows: &Rows) -> Vec<Value> {
    let mut servers: Vec<Value> = Vec::new();
    for row in rows {
        let name = text(row, 0);
        let is_new = servers
            .last()
            .is_none_or(|server| server["name"].as_str() != name);
        if is_new {
            servers.push(json!({
                "name": name,
                "product": text(row, 1),
                "provider": text(row, 2),
                "data_source": text(row, 3),
                "provider_string": text(row, 4),
                "logins": [],
            }));
        }
        // Without a principal there is no mapping in the row: 0 is for all.
        let Some(principal) = text(row, 6) else {
            continue;
        };
        let local_login = match (principal, text(row, 5)) {
            ("0", _) => Value::Null,
            (_, Some(name)) => Value::from(name),
            (number, None) => Value::from(format!("principal {number}")),
        };
        if let Some(Value::Array(logins)) = servers
            .last_mut()
            .and_then(|server| server.get_mut("logins"))
        {
            logins.push(json!({
                "local_login": local_login,
                "uses_self_credential": flag(text(row, 7).map(str::to_owned)),
                "remote_login": text(row, 8),
            }));
        }
    }
    servers
}
