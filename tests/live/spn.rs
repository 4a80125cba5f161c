//! Service principal names.

use lab::fault::spn_state::SpnState;
use lab::fault::{Fault, WrongAccount};

use crate::walk::{MAIN, SQL1, by_hand, inject, lab, repair, walk};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];

#[test]
fn healthy() {
    let lab = lab();
    walk(&lab, MAIN, &[("server", SQL1)]).healthy_at("default instance");
    walk(&lab, MAIN, &KNOWN).healthy();
    walk(&lab, "spn-verification", &KNOWN).healthy();
}

#[test]
fn spn_missing() {
    let lab = lab();
    inject(&lab, Fault::SpnMissing);
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["spn-missing"]);
    walk(&lab, "spn-verification", &KNOWN).found(&["spn-missing"]);
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["spn-missing"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn spn_duplicate() {
    let lab = lab();
    inject(&lab, Fault::SpnDuplicate);
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["spn-duplicate"]);
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["spn-duplicate"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn spn_on_wrong_account() {
    for wrong in [WrongAccount::Service, WrongAccount::Computer] {
        let lab = lab();
        inject(&lab, Fault::SpnOnWrongAccount(wrong));
        // svc_sql holds the SPNs of the named instance, and SQL Server opens a
        // ticket that is locked for it.
        let alone = walk(&lab, MAIN, &[("server", SQL1)]);
        alone.found(&["spn-on-wrong-account"]);
        let account = &alone.document["findings"][0]["values"]["service_account"];
        assert_eq!(account["name"], r"CORP\svc_sql");
        let walked = walk(&lab, MAIN, &KNOWN);
        walked.found(&["spn-on-wrong-account"]);
        repair(&lab, &alone);
        walk(&lab, MAIN, &KNOWN).healthy();
    }
}

/// Nothing else is registered for the host: then only its administrator knows.
#[test]
fn spn_on_wrong_account_without_another() {
    let lab = lab();
    inject(&lab, Fault::SpnOnWrongAccount(WrongAccount::Service));
    // No fault; when it ends, the directory is as it was provisioned.
    inject(&lab, Fault::Spn(SpnState::OtherServices));
    by_hand(&lab, || {
        for spn in ["14331", "INST1"] {
            let taken = lab
                .host("dc1")
                .expect("dc1")
                .command("samba-tool")
                .args(["spn", "delete"])
                .arg(format!("MSSQLSvc/sql1.corp.example:{spn}"))
                .output()
                .expect("samba-tool runs");
            assert!(taken.status.success(), "{taken:?}");
        }
    });
    let guess = walk(&lab, MAIN, &[("server", SQL1)]);
    assert!(
        guess.causes().is_empty(),
        "without the account nothing is certain: {:?}",
        guess.causes()
    );
    guess.hands_over("spn-on-wrong-account");
}
