//! The answers to the questions that sspi-doctor asks SQL Server.

use tds_peer::scenario::Query;
use tds_peer::value::Cell;

use super::identity::Identity;
use crate::error::{LabError, Result};
use crate::fault::{Fault, LinkedLogin};
use crate::topology::HostSpec;

const CATALOG: &str = include_str!("catalog.yaml");

/// The part of a statement that asks for linked servers.
const LINKED_SERVERS: &str = "sys.linked_logins";

/// The part of a statement that asks how we are signed in.
const CONNECTION: &str = "CONNECTIONPROPERTY('auth_scheme')";

/// The answers of one instance.
pub(super) fn answers(host: &HostSpec, identity: &Identity, instance: &str) -> Result<Vec<Query>> {
    let mut queries: Vec<Query> =
        serde_yaml::from_str(CATALOG).map_err(|error| LabError::Scenario {
            host: host.name.to_owned(),
            reason: format!("catalog.yaml: {error}"),
        })?;
    for query in &mut queries {
        if host.name != "sql1" && query.sql.contains(LINKED_SERVERS) {
            query.rows.clear();
        }
        for cell in query.rows.iter_mut().flatten() {
            match cell {
                Cell::Text(text) if text == "<account>" => {
                    *cell = identity.told_as.as_deref().map_or(Cell::Null, Cell::from);
                }
                Cell::Text(text) if text == "<platform>" => {
                    *cell = Cell::from(if identity.is_linux {
                        "Linux"
                    } else {
                        "Windows"
                    });
                }
                Cell::Text(text) if text == "<instance>" => *cell = instance_name(instance),
                _ => {}
            }
        }
    }
    Ok(queries)
}

/// What the faults make of the answers.
pub(super) fn spoil(queries: &mut [Query], faults: &[Fault]) {
    for query in queries {
        if faults.contains(&Fault::FirstHopNtlm) && query.sql.contains(CONNECTION) {
            for row in &mut query.rows {
                row[0] = Cell::from("NTLM");
            }
        }
        if !query.sql.contains(LINKED_SERVERS) || query.rows.is_empty() {
            continue;
        }
        // The mapping: local login, its number, self, remote login.
        let mapped = |row: &[Cell], mapping: [Cell; 4]| -> Vec<Cell> {
            row[..5].iter().cloned().chain(mapping).collect()
        };
        let row = query.rows[0].clone();
        for fault in faults {
            let Fault::LinkedLogin(fault) = fault else {
                continue;
            };
            let no = || Cell::from("0");
            match fault {
                LinkedLogin::Fixed => {
                    query.rows = vec![mapped(&row, [Cell::Null, no(), no(), Cell::from("reader")])];
                }
                LinkedLogin::FixedForAlice => query.rows.push(mapped(
                    &row,
                    [
                        Cell::from("CORP\\alice"),
                        Cell::from("267"),
                        no(),
                        Cell::from("reader"),
                    ],
                )),
                LinkedLogin::Nobody => {
                    query.rows = vec![mapped(&row, [Cell::Null, no(), no(), Cell::Null])];
                }
            }
        }
    }
}

/// SERVERPROPERTY('InstanceName'): the default instance has none.
fn instance_name(instance: &str) -> Cell {
    if instance == "MSSQLSERVER" {
        Cell::Null
    } else {
        Cell::from(instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts, topology};

    #[test]
    fn the_catalog_names_the_account_and_leaves_no_mark() {
        let account = Identity::with(&[], accounts::find("svc_sql").unwrap());
        let answers = answers(topology::find("sql1").unwrap(), &account, "INST1").unwrap();
        let cells: Vec<String> = answers
            .iter()
            .flat_map(|query| query.rows.iter().flatten())
            .map(|cell| format!("{cell:?}"))
            .collect();
        assert!(
            cells.iter().any(|cell| cell.contains("CORP\\\\svc_sql")),
            "{cells:?}"
        );
        assert!(cells.iter().any(|cell| cell.contains("INST1")));
        assert!(!cells.iter().any(|cell| cell.contains('<')), "{cells:?}");
    }

    #[test]
    fn only_sql1_has_a_linked_server() {
        for (host, account, linked) in [("sql1", "svc_sql", 1), ("sql2", "svc_sql2", 0)] {
            let account = Identity::with(&[], accounts::find(account).unwrap());
            let host = topology::find(host).unwrap();
            let answers = answers(host, &account, "MSSQLSERVER").unwrap();
            let query = answers
                .iter()
                .find(|query| query.sql.contains(LINKED_SERVERS))
                .unwrap();
            assert_eq!(query.rows.len(), linked);
        }
    }
}
