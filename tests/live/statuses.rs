//! The statuses of Kerberos Configuration Manager, told under their names.

use lab::fault::spn_state::SpnState;
use lab::fault::{Fault, Settings, WrongAccount};
use lab::lab::Lab;
use proof::notebook;

use crate::walk::{MAIN, SQL1, Walked, inject, lab, walk, walk_with_sql_login};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];
const INST1: &str = r"sql1.corp.example\INST1";
const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";
const LISTENER: &str = "MSSQLSvc/agl.corp.example:1433";

/// Asserts that the walk told the status of a service with these words.
#[track_caller]
fn told(walked: &Walked, status: &str, service: &str, words: &str) {
    let told: Vec<&str> = walked.document["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|step| step["means"].as_array().into_iter().flatten())
        .filter_map(|means| means.as_str())
        .collect();
    assert!(words.contains(status), "{words} names {status}");
    assert!(
        told.iter().any(|told| told.contains(words)),
        "{words}\n{}\n{told:#?}",
        walked.progress
    );
    notebook::status(status, service);
}

/// Asserts that the walk told the status of an SPN.
#[track_caller]
fn told_of(walked: &Walked, status: &str, service: &str, spn: &str) {
    told(walked, status, service, &format!("{spn}: {status}"));
}

#[test]
fn of_sql_server() {
    let lab = lab();
    let service = "SQL Server";
    told_of(&walk(&lab, MAIN, &KNOWN), "Good", service, SPN);
    for (fault, status) in [
        (Fault::SpnMissing, "Required SPN is missing"),
        (
            Fault::SpnOnWrongAccount(WrongAccount::Service),
            "SPN on wrong account",
        ),
        (Fault::SpnDuplicate, "Duplicate SPN"),
    ] {
        inject(&lab, fault);
        told_of(&walk(&lab, MAIN, &KNOWN), status, service, SPN);
        lab.restore().expect("a healthy lab");
    }
    inject(&lab, Fault::Settings(Settings::TcpDisabled));
    let walked = walk(&lab, MAIN, &[("server", INST1)]);
    told(
        &walked,
        "TCP must be enabled",
        service,
        "TCP must be enabled: the instance",
    );
    lab.restore().expect("a healthy lab");
    inject(&lab, Fault::Settings(Settings::DynamicPort));
    let walked = walk_with_sql_login(&lab, &[("server", INST1)]);
    told(
        &walked,
        "Dynamic Port",
        service,
        "Dynamic Port: the instance",
    );
}

/// A walk that learns of the listener from SQL Server.
fn walk_to_group(lab: &Lab) -> Walked {
    walk_with_sql_login(lab, &[("server", SQL1)])
}

#[test]
fn of_listeners() {
    let lab = lab();
    let service = "listener";
    inject(&lab, Fault::Spn(SpnState::ListenerRight));
    let walked = walk_to_group(&lab);
    walked.healthy();
    told_of(&walked, "Good", service, LISTENER);
    lab.restore().expect("a healthy lab");

    inject(&lab, Fault::Spn(SpnState::ListenerMissing));
    told_of(
        &walk_to_group(&lab),
        "Required SPN is missing",
        service,
        LISTENER,
    );
    lab.restore().expect("a healthy lab");

    inject(&lab, Fault::Spn(SpnState::ListenerOnWrongAccount));
    let walked = walk_to_group(&lab);
    walked.found(&["spn-on-wrong-account"]);
    told_of(&walked, "SPN on wrong account", service, LISTENER);
    crate::walk::repair(&lab, &walked);
    let walked = walk_to_group(&lab);
    walked.healthy();
    told_of(&walked, "Good", service, LISTENER);
}

/// Under which accounts these services run is not known, so that nobody can say
/// that an account is the wrong one.
#[test]
fn of_reporting_and_analysis_services() {
    let lab = lab();
    let services = [
        (
            "Reporting Services",
            "HTTP/sql1.corp.example (Reporting Services",
        ),
        (
            "Analysis Services",
            "MSOLAPSvc.3/sql1.corp.example (Analysis Services",
        ),
    ];
    for (state, status) in [
        (SpnState::OtherServices, "Good"),
        (SpnState::OtherServicesDuplicate, "Duplicate SPN"),
    ] {
        inject(&lab, Fault::Spn(state));
        let walked = walk(&lab, MAIN, &KNOWN);
        // They are not what keeps anybody from SQL Server.
        walked.healthy();
        for (service, begins) in services {
            let means = walked.document["steps"].to_string();
            assert!(means.contains(begins), "{begins}\n{}", walked.progress);
            let end = if service == "Reporting Services" {
                ", or another web service)"
            } else {
                ")"
            };
            told(
                &walked,
                status,
                service,
                &format!("{begins}{end}: {status}"),
            );
        }
        lab.restore().expect("a healthy lab");
    }
}
