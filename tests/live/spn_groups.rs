//! What only SQL Server tells of its SPNs, through a SQL login.

use lab::fault::Fault;
use lab::fault::spn_state::SpnState;
use lab::lab::Lab;

use crate::walk::{SQL1, Walked, inject, lab, repair, walk_with_sql_login};

fn walk(lab: &Lab) -> Walked {
    walk_with_sql_login(lab, &[("server", SQL1)])
}

#[test]
fn healthy_with_a_sql_login() {
    let lab = lab();
    walk(&lab).healthy();
}

/// Programs connect to the listener's own name.
#[test]
fn healthy_by_the_listener() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::ListenerRight));
    // The certificate does not name the listener; this program does not check it.
    let listener = [("server", "agl.corp.example,1433"), ("checks", "no")];
    walk_with_sql_login(&lab, &listener).healthy_at("listener of an availability group");
}

#[test]
fn listener_spn_missing() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::ListenerMissing));
    let walked = walk(&lab);
    walked.found(&["listener-spn-missing"]);
    repair(&lab, &walked);
    walk(&lab).healthy();
}

#[test]
fn replica_accounts_differ() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::ReplicaAccountsDiffer));
    walk(&lab).found(&["replica-accounts-differ"]);
}

#[test]
fn spn_self_registration_failed() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::SelfRegistrationFailed));
    let walked = walk(&lab);
    walked.found(&["spn-self-registration-failed", "spn-missing"]);
    repair(&lab, &walked);
    walk(&lab).healthy();
}
