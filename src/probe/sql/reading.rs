//! What the answers of SQL Server mean as facts.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::queries;
use crate::probe::OutcomeBuilder;

/// The rows of an answer: every value is a text or null.
pub(super) type Rows = Vec<Vec<Option<String>>>;

/// A subject that SQL Server is asked for.
pub(super) struct Subject {
    /// In words, for the evidence and `unreadable`.
    pub(super) name: &'static str,
    /// The query.
    pub(super) sql: &'static str,
    /// What a person would type to see the same.
    pub(super) by_hand: &'static str,
    /// Turns its rows into facts.
    pub(super) read: fn(&Rows, &mut OutcomeBuilder),
}

/// All subjects, in the order in which they are asked for.
pub(super) const SUBJECTS: [Subject; 13] = [
    // First, because the caller measures when the first answer comes.
    Subject {
        name: CLOCK,
        sql: queries::CLOCK,
        by_hand: "SELECT SYSUTCDATETIME()",
        read: |_, _| {},
    },
    Subject {
        name: CONNECTION,
        sql: queries::CONNECTION,
        by_hand: "SELECT auth_scheme, net_transport, local_net_address, local_tcp_port FROM sys.dm_exec_connections WHERE session_id = @@SPID",
        read: connection,
    },
    Subject {
        name: "the server's names",
        sql: queries::SERVER,
        by_hand: "SELECT @@SERVERNAME, SERVERPROPERTY('MachineName'), SERVERPROPERTY('IsHadrEnabled'), SERVERPROPERTY('ProductVersion')",
        read: server,
    },
    Subject {
        name: "this connection's encryption",
        sql: queries::ENCRYPTED,
        by_hand: "SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID",
        read: |rows, outcome| {
            outcome.fact("encrypted", flag(cell(rows, 0)));
        },
    },
    Subject {
        name: "services and their accounts",
        sql: queries::SERVICES,
        by_hand: "SELECT servicename, service_account, last_startup_time FROM sys.dm_server_services",
        read: services,
    },
    Subject {
        name: "the operating system",
        sql: queries::HOST,
        by_hand: "SELECT host_platform FROM sys.dm_os_host_info",
        read: |rows, outcome| {
            outcome.fact("host_platform", cell(rows, 0));
        },
    },
    Subject {
        name: "TCP listeners",
        sql: queries::LISTENERS,
        by_hand: "SELECT ip_address, port, type_desc, state_desc FROM sys.dm_tcp_listener_states",
        read: listeners,
    },
    Subject {
        name: "network settings in the registry",
        sql: queries::REGISTRY,
        by_hand: "SELECT registry_key, value_name, value_data FROM sys.dm_server_registry WHERE registry_key LIKE '%SuperSocketNetLib%'",
        read: super::registry::read,
    },
    Subject {
        name: "availability group listeners",
        sql: queries::GROUP_LISTENERS,
        by_hand: "SELECT dns_name, port FROM sys.availability_group_listeners",
        read: group_listeners,
    },
    Subject {
        name: "availability group replicas",
        sql: queries::GROUP_REPLICAS,
        by_hand: "SELECT replica_server_name, endpoint_url FROM sys.availability_replicas",
        read: super::replicas::read,
    },
    Subject {
        name: LINKED,
        sql: queries::LINKED_SERVERS,
        by_hand: "SELECT name, data_source FROM sys.servers WHERE is_linked = 1",
        read: super::linked::read,
    },
    Subject {
        name: "how connections authenticated",
        sql: queries::AUTHENTICATIONS,
        by_hand: "SELECT auth_scheme, COUNT(*) FROM sys.dm_exec_connections GROUP BY auth_scheme",
        read: authentications,
    },
    Subject {
        name: "SPN registration in the error log",
        sql: queries::SPN_REGISTRATION,
        by_hand: "EXEC sys.xp_readerrorlog 0, 1, N'Service Principal Name'",
        read: |rows, outcome| {
            super::registration::read(rows, outcome);
        },
    },
];

/// The name of the subject that is the clock.
pub(super) const CLOCK: &str = "the server's clock";

/// The name of the subject that is this connection.
pub(super) const CONNECTION: &str = "this connection";

/// The name of the subject that is the linked servers.
pub(super) const LINKED: &str = "linked servers and their logins";

/// The server's clock, and what it is ahead of `ours`.
pub(super) fn clock(rows: &Rows, ours: Timestamp, outcome: &mut OutcomeBuilder) {
    let Some(theirs) = cell(rows, 0).and_then(|text| time(&text)) else {
        return;
    };
    let ahead: SignedDuration = theirs.duration_since(ours);
    let seconds = (ahead.as_secs_f64() * 10.0).round() / 10.0 + 0.0;
    outcome
        .fact("server_time", theirs.to_string())
        .fact("clock_offset_seconds", seconds);
}

fn connection(rows: &Rows, outcome: &mut OutcomeBuilder) {
    outcome
        .fact("auth_scheme", cell(rows, 0))
        .fact("net_transport", cell(rows, 1))
        .fact("local_address", cell(rows, 2))
        .fact(
            "local_port",
            cell(rows, 3).and_then(|port| port.parse::<u16>().ok()),
        )
        .fact("login", cell(rows, 4));
}

fn server(rows: &Rows, outcome: &mut OutcomeBuilder) {
    outcome
        .fact("server_name", cell(rows, 0))
        .fact("machine_name", cell(rows, 1))
        .fact("physical_machine_name", cell(rows, 2))
        .fact(
            "instance",
            cell(rows, 3).filter(|name| !name.is_empty() && name != "MSSQLSERVER"),
        )
        .fact("version", cell(rows, 4))
        .fact("clustered", flag(cell(rows, 5)))
        .fact("always_on", flag(cell(rows, 6)))
        .fact("windows_only", flag(cell(rows, 7)));
}

fn services(rows: &Rows, outcome: &mut OutcomeBuilder) {
    let started = |row: &[Option<String>]| {
        text(row, 2)
            .and_then(time)
            .map(|started| started.to_string())
    };
    // `SQL Server (MSSQLSERVER)`; the agent is `SQL Server Agent (…)`.
    let engine = rows
        .iter()
        .find(|row| text(row, 0).is_some_and(|name| name.starts_with("SQL Server (")));
    outcome
        .fact("service_account", engine.and_then(|row| text(row, 1)))
        .fact("started_at", engine.and_then(|row| started(row)));
    let services: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "service": text(row, 0),
                "account": text(row, 1),
                "started_at": started(row),
                "state": text(row, 3),
            })
        })
        .collect();
    outcome.fact("services", services);
}

fn listeners(rows: &Rows, outcome: &mut OutcomeBuilder) {
    let mut ports: Vec<u16> = Vec::new();
    let mut listeners = Vec::new();
    for row in rows {
        let port = text(row, 1).and_then(|port| port.parse::<u16>().ok());
        let (kind, state) = (text(row, 2), text(row, 3));
        // The dedicated admin connection listens on loopback.
        let is_loopback =
            text(row, 0).is_some_and(|address| address == "::1" || address.starts_with("127."));
        let is_open = state.is_none_or(|state| state.eq_ignore_ascii_case("ONLINE"));
        if let Some(port) = port
            && kind.is_some_and(|kind| kind.eq_ignore_ascii_case("TSQL"))
            && is_open
            && !is_loopback
            && !ports.contains(&port)
        {
            ports.push(port);
        }
        listeners.push(json!({
            "address": text(row, 0), "port": port, "type": kind, "state": state,
        }));
    }
    outcome.fact("listeners", listeners).fact("ports", ports);
}

fn group_listeners(rows: &Rows, outcome: &mut OutcomeBuilder) {
    let mut listeners: Vec<(Option<&str>, Option<u16>, Vec<&str>)> = Vec::new();
    for row in rows {
        let name = text(row, 0);
        let port = text(row, 1).and_then(|port| port.parse().ok());
        let at = listeners
            .iter()
            .position(|(held, held_port, _)| (*held, *held_port) == (name, port))
            .unwrap_or_else(|| {
                listeners.push((name, port, Vec::new()));
                listeners.len() - 1
            });
        listeners[at].2.extend(text(row, 2));
    }
    let records: Vec<Value> = listeners
        .into_iter()
        .map(|(name, port, addresses)| json!({"name": name, "port": port, "addresses": addresses}))
        .collect();
    outcome.fact("availability_group_listeners", records);
}

fn authentications(rows: &Rows, outcome: &mut OutcomeBuilder) {
    let records: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "net_transport": text(row, 0),
                "auth_scheme": text(row, 1),
                "connections": text(row, 2).and_then(|count| count.parse::<u64>().ok()),
            })
        })
        .collect();
    outcome.fact("authentications", records);
}

/// A cell of the first row.
fn cell(rows: &Rows, column: usize) -> Option<String> {
    rows.first()
        .and_then(|row| row.get(column).cloned().flatten())
}

/// A cell of a row.
pub(super) fn text(row: &[Option<String>], column: usize) -> Option<&str> {
    row.get(column).and_then(Option::as_deref)
}

/// SQL Server's ways to say yes and no.
pub(super) fn flag(text: Option<String>) -> Option<bool> {
    match text?.to_ascii_uppercase().as_str() {
        "1" | "TRUE" | "YES" => Some(true),
        "0" | "FALSE" | "NO" => Some(false),
        _ => None,
    }
}

/// A time in one of the styles of CONVERT; without a zone it is UTC.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim().replacen(' ', "T", 1).replace(' ', "");
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_all_styles_are_the_same_moment() {
        for text in [
            "2026-11-01T06:00:00.0000000Z",
            "2026-11-01T06:00:00.0000000",
            "2026-11-01 06:00:00.0000000",
            "2026-11-01T07:00:00.0000000+01:00",
            "2026-11-01 07:00:00.0000000 +01:00",
        ] {
            assert_eq!(
                time(text).map(|time| time.to_string()),
                Some("2026-11-01T06:00:00Z".to_owned()),
                "{text}"
            );
        }
        assert_eq!(time("yesterday"), None);
    }
}
