//! SPNs on accounts that should not have them.

use lab::fault::Fault;
use lab::fault::spn_state::SpnState;

use crate::walk::{MAIN, SQL1, inject, lab, repair, repair_as, walk};

const KNOWN: [(&str, &str); 2] = [("server", SQL1), ("service_account", r"CORP\svc_sql")];

#[test]
fn spn_on_stale_object() {
    for state in [SpnState::OnDisabledAccount, SpnState::OnOtherComputer] {
        let lab = lab();
        inject(&lab, Fault::Spn(state));
        // SQL Server opens a ticket for the SPN of its other instance.
        let alone = walk(&lab, MAIN, &[("server", SQL1)]);
        alone.found(&["spn-on-stale-object"]);
        let walked = walk(&lab, MAIN, &KNOWN);
        walked.found(&["spn-on-stale-object"]);
        repair(&lab, &alone);
        walk(&lab, MAIN, &KNOWN).healthy();
    }
}

/// Samba's KDC does not look at userPrincipalName, so that only the directory
/// shows it here.
#[test]
fn spn_upn_collision() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::PrincipalNameCollision));
    walk(&lab, MAIN, &KNOWN).found(&["spn-upn-collision"]);
    let walked = walk(&lab, MAIN, &[("server", SQL1)]);
    walked.found(&["spn-upn-collision"]);
    repair(&lab, &walked);
    walk(&lab, MAIN, &KNOWN).healthy();
}

#[test]
fn spn_not_replicated() {
    for state in [SpnState::NotOnSecond, SpnState::OnlyOnSecond] {
        let lab = lab();
        inject(&lab, Fault::Spn(state));
        walk(&lab, MAIN, &KNOWN).found(&["spn-not-replicated"]);
        walk(&lab, MAIN, &[("server", SQL1)]).found(&["spn-not-replicated"]);
        drop(lab);
        // What replication would do.
        walk(&crate::walk::lab(), MAIN, &KNOWN).healthy();
    }
}

#[test]
fn spn_duplicate_across_forests() {
    let lab = lab();
    inject(&lab, Fault::Spn(SpnState::DuplicateAcrossForests));
    walk(&lab, MAIN, &[("server", SQL1)]).found(&["spn-duplicate-across-forests"]);
    let walked = walk(&lab, MAIN, &KNOWN);
    walked.found(&["spn-duplicate-across-forests"]);
    let ccache = lab.dir().join("partner-administrator.krb5cc");
    lab.partner_administrator(&ccache)
        .expect("PARTNER's administrator signs in");
    repair_as(&lab, &walked, &ccache);
    walk(&lab, MAIN, &KNOWN).healthy();
}
