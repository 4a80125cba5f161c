//! SPNs that are there in the wrong form, or for the wrong name.

use lab::fault::spn_state::SpnState;
use lab::fault::{Fault, Pointer};

use crate::walk::{MAIN, SQL1, inject, lab, repair, walk};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];
const INST1: [(&str, &str); 2] = [
    ("server", r"sql1.corp.example\INST1"),
    ("service_account", r"CORP\svc_sql"),
];
// The certificate does not name the alias; this program does not check it.
const ALIAS: [(&str, &str); 3] = [
    ("server", "sales.corp.example,1433"),
    ("service_account", r"CORP\svc_sql"),
    ("checks", "no"),
];
const CLUSTER: [(&str, &str); 3] = [
    ("server", "sqlv.corp.example,1433"),
    ("service_account", r"CORP\svc_sql"),
    ("checks", "no"),
];

/// Injects, finds this cause alone, repairs, and comes out healthy.
#[track_caller]
fn proves(state: SpnState, inputs: &[(&str, &str)], cause: &str) {
    let lab = lab();
    inject(&lab, Fault::Spn(state));
    let walked = walk(&lab, MAIN, inputs);
    walked.found(&[cause]);
    repair(&lab, &walked);
    walk(&lab, MAIN, inputs).healthy();
}

#[test]
fn spn_form_missing() {
    proves(SpnState::BareFormMissing, &KNOWN, "spn-form-missing");
    proves(SpnState::PortFormMissing, &KNOWN, "spn-form-missing");
}

/// Two causes at once are both found, in the order in which they are repaired.
#[test]
fn a_missing_spn_behind_a_wrong_pointer() {
    let lab = lab();
    inject(&lab, Fault::ReverseLookupMismatch(Pointer::Wrong));
    inject(&lab, Fault::SpnMissing);
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["reverse-lookup-mismatch", "spn-missing"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn a_duplicate_beside_malformed_values() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::Malformed));
    inject(&lab, Fault::SpnDuplicate);
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["spn-malformed", "spn-duplicate"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn a_duplicate_beside_a_stale_port() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::PortStale));
    inject(&lab, Fault::Spn(SpnState::InstanceDuplicate));
    let walked = walk(&lab, MAIN, &INST1);
    walked.found(&["spn-duplicate", "spn-port-stale"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &INST1).healthy();
}

#[test]
fn spn_port_stale() {
    {
        let lab = lab();
        walk(&lab, MAIN, &INST1).healthy();
    }
    proves(SpnState::PortStale, &INST1, "spn-port-stale");
}

#[test]
fn spn_malformed() {
    proves(SpnState::Malformed, &KNOWN, "spn-malformed");
    proves(SpnState::MalformedOnly, &KNOWN, "spn-malformed");
}

#[test]
fn alias_without_spn() {
    {
        let lab = lab();
        inject(&lab, Fault::Spn(SpnState::AliasCname));
        let walked = walk(&lab, MAIN, &ALIAS);
        walked.found(&["alias-without-spn"]);
        repair(&lab, &walked);
        walk(&lab, MAIN, &ALIAS).healthy_at("alias (CNAME)");
    }
    proves(SpnState::AliasAddress, &ALIAS, "alias-without-spn");
}

#[test]
fn spn_on_cluster_node() {
    proves(SpnState::OnClusterNode, &CLUSTER, "spn-on-cluster-node");
}
