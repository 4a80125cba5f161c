//! `doctor` on the jump host of a real domain: it lacks nothing, and then
//! something.

use lab::fault::{Clock, Configuration, Fault, Network, Ticket};
use lab::lab::Lab;
use serde_json::Value;

use crate::walk::{PROGRAM, inject, lab, on_client, put_right};

/// The state and the words of each check.
fn doctor(lab: &Lab) -> Value {
    let output = on_client(lab, PROGRAM)
        .args(["doctor", "sql1.corp.example", "--format", "json"])
        .output()
        .expect("doctor runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Asserts that exactly these checks are not as they should be. A test has no
/// terminal.
#[track_caller]
fn lacks(lab: &Lab, expected: &[(&str, &str)]) {
    let told = doctor(lab);
    let lacking: Vec<(&str, &str)> = told["checks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|check| check["state"] != "ok" && check["id"] != "terminal")
        .filter_map(|check| Some((check["id"].as_str()?, check["state"].as_str()?)))
        .collect();
    assert_eq!(lacking, expected, "{told:#}");
}

#[test]
fn what_the_jump_host_lacks_is_told_and_nothing_else() {
    let lab = lab();
    lacks(&lab, &[]);
    inject(&lab, Fault::Network(Network::KdcWithoutUdp));
    lacks(&lab, &[("kdc-udp", "missing")]);
    put_right(&lab);
    inject(&lab, Fault::ClockSkew(Clock::Client));
    lacks(&lab, &[("clock", "missing")]);
    put_right(&lab);
    inject(&lab, Fault::NoTicket(Ticket::NoCache));
    lacks(&lab, &[("kerberos-ticket", "missing")]);
    put_right(&lab);
    inject(&lab, Fault::Configuration(Configuration::NoDefaultRealm));
    lacks(&lab, &[("kerberos-configuration", "missing")]);
}
