//! What the faults of the SPNs make of SQL Server on sql1.

use std::net::IpAddr;

use tds_peer::scenario::{Instance, Query};
use tds_peer::value::Cell;

use super::Fault;
use super::spn_state::{CLUSTER, SpnState};

/// The port to which the named instance has moved.
const NEW_PORT: u16 = 14339;

/// The addresses beside its own on which sql1 listens.
pub(crate) fn further_addresses(faults: &[Fault]) -> Option<IpAddr> {
    faults
        .contains(&Fault::Spn(SpnState::OnClusterNode))
        .then_some(IpAddr::V4(CLUSTER.1))
}

/// Changes the instances of sql1.
pub(crate) fn apply(faults: &[Fault], instances: &mut [Instance]) {
    for fault in faults {
        let Fault::Spn(state) = fault else { continue };
        match state {
            SpnState::PortStale => {
                for instance in instances.iter_mut().filter(|one| one.name == "INST1") {
                    instance.port = NEW_PORT;
                }
            }
            SpnState::OnClusterNode => {
                for instance in instances.iter_mut() {
                    instance.listen.push(IpAddr::V4(CLUSTER.1));
                    instance.announce.clustered = true;
                }
            }
            SpnState::ListenerMissing
            | SpnState::ListenerRight
            | SpnState::ListenerOnWrongAccount => group(instances, &["SQL1"]),
            SpnState::ReplicaAccountsDiffer => group(instances, &["SQL1", "SQL2"]),
            SpnState::SelfRegistrationFailed => registration(instances),
            _ => {}
        }
    }
}

fn text(text: &str) -> Cell {
    Cell::from(text)
}

fn queries<'a>(
    instances: &'a mut [Instance],
    subject: &'static str,
) -> impl Iterator<Item = &'a mut Query> {
    instances
        .iter_mut()
        .filter(|instance| instance.name == "MSSQLSERVER")
        .flat_map(|instance| &mut instance.queries)
        .filter(move |query| query.sql.contains(subject))
}

/// An availability group with the listener AGL.
fn group(instances: &mut [Instance], replicas: &[&str]) {
    for query in queries(instances, "availability group listeners") {
        query.rows = vec![vec![text("AGL"), text("1433"), text("10.88.0.31")]];
    }
    for query in queries(instances, "availability group replicas") {
        query.rows = replicas
            .iter()
            .map(|name| {
                let endpoint = format!("TCP://{}.corp.example:5022", name.to_lowercase());
                vec![text(name), text(&endpoint), text("AG1")]
            })
            .collect();
    }
}

/// The lines that SQL Server writes when its account has no right to register.
fn registration(instances: &mut [Instance]) {
    let lines = ["MSSQLSvc/sql1.corp.example", "MSSQLSvc/sql1.corp.example:1433"].map(|spn| {
        format!(
            "The SQL Server Network Interface library could not register the Service Principal Name \
             (SPN) [ {spn} ] for the SQL Server service. Windows return code: 0x2098, state: 15. Failure \
             to register a SPN might cause integrated authentication to use NTLM instead of Kerberos."
        )
    });
    for query in queries(instances, "SPN registration in the error log") {
        if query.error.is_none() {
            query.for_logins.push("report".to_owned());
            query.rows = lines
                .iter()
                .map(|line| vec![Cell::Null, text("Server"), text(line)])
                .collect();
        }
    }
}
