//! What only SQL Server tells of its SPNs, through a SQL login.

use lab::fault::Fault;
use lab::fault::spn_state::SpnState;
use lab::lab::Lab;

use crate::walk::{MAIN, SQL1, Walked, inject, lab, put_right, repair, walk_with_sql_login};

/// What somebody types who knows nothing but the name in the program's settings.
const LISTENER: (&str, &str) = ("server", "agl.corp.example");
/// The certificate does not name the listener; this program does not check it.
const KNOWN: [(&str, &str); 2] = [LISTENER, ("checks", "no")];

/// Finds this cause alone with nothing but the listener's name and a ticket.
#[track_caller]
fn found_by_name(lab: &Lab, cause: &str) -> Walked {
    let walked = crate::walk::walk(lab, MAIN, &[LISTENER]);
    walked.found(&[cause]);
    walked
}

/// The script is complete: the account was learnt from SQL Server's own SPN.
#[track_caller]
fn repaired_by_name(state: SpnState, cause: &str) {
    let lab = lab();
    inject(&lab, Fault::Spn(state));
    let walked = found_by_name(&lab, cause);
    let account = &walked.document["findings"][0]["values"]["service_account"]["name"];
    assert_eq!(account, r"CORP\svc_sql");
    repair(&lab, &walked);
    crate::walk::walk(&lab, MAIN, &KNOWN).healthy();
}

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
    walk_with_sql_login(&lab, &KNOWN).healthy_at("listener of an availability group");
    crate::walk::walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn listener_spn_missing_by_its_name() {
    repaired_by_name(SpnState::ListenerMissing, "listener-spn-missing");
}

#[test]
fn listener_spn_on_wrong_account_by_its_name() {
    repaired_by_name(SpnState::ListenerOnWrongAccount, "spn-on-wrong-account");
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
    found_by_name(&lab, "replica-accounts-differ");
    // And by the name of the server behind it, without a SQL login.
    crate::walk::walk(&lab, MAIN, &[("server", SQL1)]).found(&["replica-accounts-differ"]);
    put_right(&lab);
    walk(&lab).healthy();
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
