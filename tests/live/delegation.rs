//! The second hop.

use lab::fault::{BackEndSpn, Delegation, Fault, LinkedLogin, Trust};
use lab::lab::Lab;

use crate::walk::{MAIN, SQL1, Walked, inject, lab, repair, walk};

const FLOW: &str = "linked-server-delegation";
const SQL2: &str = "sql2.corp.example,1433";
const SQLP: &str = "sqlp.partner.example,1433";
const HOPS: [(&str, &str); 2] = [("server", SQL1), ("back_end", SQL2)];
const KNOWN: [(&str, &str); 3] = [
    ("server", SQL1),
    ("back_end", SQL2),
    ("back_end_account", r"CORP\svc_sql2"),
];

fn hops(lab: &Lab) -> Walked {
    walk(lab, FLOW, &HOPS)
}

/// Injects, finds this cause alone, repairs, and finds nothing any more.
#[track_caller]
fn found_and_repaired(fault: Delegation, cause: &str) {
    let lab = lab();
    inject(&lab, Fault::Delegation(fault));
    let walked = hops(&lab);
    walked.found(&[cause]);
    repair(&lab, &walked);
    hops(&lab).healthy();
}

/// The crossed lines of the drawing.
fn crossed(walked: &Walked) -> Vec<String> {
    let steps = walked.document["steps"].as_array().expect("steps");
    let step = steps
        .iter()
        .find(|one| one["id"] == "delegation")
        .expect("the step");
    step["facts"]["drawing"]
        .as_str()
        .expect("a drawing")
        .lines()
        .filter_map(|line| line.strip_prefix("[!!] ").map(str::to_owned))
        .collect()
}

#[test]
fn healthy() {
    let lab = lab();
    let walked = hops(&lab);
    walked.healthy();
    assert_eq!(crossed(&walked), Vec::<String>::new());
    walk(&lab, FLOW, &KNOWN).healthy();
    // Two other ways to be right.
    for right in [Delegation::AnyProtocol, Delegation::EntryRight] {
        inject(&lab, Fault::Delegation(right));
        hops(&lab).healthy();
        lab.restore().expect("restored");
    }
}

#[test]
fn delegation_not_trusted() {
    found_and_repaired(Delegation::NotTrusted, "delegation-not-trusted");
    let lab = lab();
    inject(&lab, Fault::Delegation(Delegation::NotTrusted));
    let answers = [
        ("server", SQL1),
        ("scope", "linked-server"),
        ("which_back_end", SQL2),
    ];
    walk(&lab, MAIN, &answers).found(&["delegation-not-trusted"]);
}

#[test]
fn delegation_list_lacks_spn() {
    found_and_repaired(Delegation::ListLacksPort, "delegation-list-lacks-spn");
}

#[test]
fn user_not_delegable() {
    found_and_repaired(Delegation::UserSensitive, "user-not-delegable");
    // No script takes a user out of Protected Users.
    let lab = lab();
    inject(&lab, Fault::Delegation(Delegation::UserProtected));
    let walked = hops(&lab);
    walked.found(&["user-not-delegable"]);
    assert_eq!(
        crossed(&walked),
        [r"CORP\alice is a member of Protected Users"]
    );
}

#[test]
fn resource_based_entry_wrong() {
    let lab = lab();
    inject(&lab, Fault::Delegation(Delegation::EntryForAnother));
    let walked = hops(&lab);
    walked.found(&["resource-based-entry-wrong"]);
    // Windows takes the change; Samba refuses it over LDAP, even from an
    // administrator, and the script says what to run on the controller.
    repair(&lab, &walked);
    let by_hand = ["delegation", "add-principal", "svc_sql2", "svc_sql"];
    lab.samba_tool("dc1", &by_hand).expect("the entry is made");
    hops(&lab).healthy();
}

#[test]
fn resource_based_entry_mixed_with_a_list() {
    let lab = lab();
    inject(&lab, Fault::Delegation(Delegation::Mixed));
    let walked = hops(&lab);
    walked.found(&["delegation-list-lacks-spn", "resource-based-entry-wrong"]);
    repair(&lab, &walked);
    hops(&lab).healthy();
}

#[test]
fn back_end_spn_broken() {
    for fault in [
        BackEndSpn::Missing,
        BackEndSpn::Duplicate,
        BackEndSpn::WrongAccount,
    ] {
        let lab = lab();
        inject(&lab, Fault::Delegation(Delegation::BackEnd(fault)));
        let guess = hops(&lab);
        if fault == BackEndSpn::WrongAccount {
            assert_eq!(guess.causes(), Vec::<&str>::new(), "nothing is certain");
            assert!(guess.unknown().contains(&"back-end-spn-broken"));
        } else {
            guess.found(&["back-end-spn-broken"]);
        }
        let walked = walk(&lab, FLOW, &KNOWN);
        walked.found(&["back-end-spn-broken"]);
        repair(&lab, &walked);
        walk(&lab, FLOW, &KNOWN).healthy();
    }
}

/// Samba's KDC does not look at a userPrincipalName that equals an SPN; the
/// directory shows it.
#[test]
fn back_end_spn_taken_by_a_user_principal_name() {
    let lab = lab();
    let fault = Delegation::BackEnd(BackEndSpn::Collision);
    inject(&lab, Fault::Delegation(fault));
    hops(&lab).found(&["back-end-spn-broken"]);
    let walked = walk(&lab, FLOW, &KNOWN);
    walked.found(&["back-end-spn-broken"]);
    repair(&lab, &walked);
    walk(&lab, FLOW, &KNOWN).healthy();
}

#[test]
fn first_hop_ntlm() {
    let lab = lab();
    // Nobody gets a ticket for the first server, so Windows comes by NTLM.
    inject(&lab, Fault::SpnMissing);
    let answers = [HOPS[0], HOPS[1], ("service_account", r"CORP\svc_sql")];
    inject(&lab, Fault::Delegation(Delegation::AnyProtocol));
    let walked = walk(&lab, FLOW, &answers);
    walked.found(&["first-hop-ntlm"]);
    lab.restore().expect("restored");
    // SQL Server says so itself, and no list stands in between.
    inject(&lab, Fault::FirstHopNtlm);
    inject(&lab, Fault::Delegation(Delegation::EntryRight));
    hops(&lab).found(&["first-hop-ntlm"]);
}

#[test]
fn protocol_transition_missing() {
    let lab = lab();
    inject(&lab, Fault::FirstHopNtlm);
    hops(&lab).found(&["protocol-transition-missing"]);
    inject(&lab, Fault::Delegation(Delegation::AnyProtocol));
    hops(&lab).healthy();
}

#[test]
fn cross_forest_delegation_blocked() {
    let lab = lab();
    inject(&lab, Fault::Delegation(Delegation::ListAcrossForests));
    let across = [("server", SQL1), ("back_end", SQLP)];
    walk(&lab, FLOW, &across).found(&["cross-forest-delegation-blocked"]);
    lab.restore().expect("restored");

    // A user of CORP, unconstrained delegation in PARTNER, and the trust.
    let back = [("server", SQLP), ("back_end", SQL2)];
    let unconstrained = Fault::Delegation(Delegation::AnyServiceAcrossForests);
    inject(&lab, unconstrained);
    let walked = walk(&lab, FLOW, &back);
    walked.found(&["cross-forest-delegation-blocked"]);
    lab.restore().expect("restored");
    inject(&lab, Fault::Trust(Trust::CarriesTgt));
    inject(&lab, unconstrained);
    let walked = walk(&lab, FLOW, &back);
    assert_eq!(walked.causes(), Vec::<&str>::new());
}

#[test]
fn linked_login_mapping() {
    for (linked, words) in [
        (LinkedLogin::Fixed, "the SQL login reader"),
        (LinkedLogin::FixedForAlice, "the SQL login reader"),
        (LinkedLogin::Nobody, "nobody (without a security context)"),
    ] {
        let lab = lab();
        inject(&lab, Fault::LinkedLogin(linked));
        let walked = hops(&lab);
        walked.found(&["linked-login-mapping"]);
        let values = &walked.document["findings"][0]["values"];
        assert_eq!(values["mapped_to"], words);
        assert_eq!(values["linked_server"], "SQL2");
    }
}

/// Two causes at once are both found, the directory's first.
#[test]
fn a_sensitive_user_and_a_list_without_the_spn() {
    let lab = lab();
    inject(&lab, Fault::Delegation(Delegation::UserSensitive));
    inject(&lab, Fault::Delegation(Delegation::ListLacksPort));
    let walked = hops(&lab);
    let mut causes = walked.causes();
    causes.sort_unstable();
    assert_eq!(causes, ["delegation-list-lacks-spn", "user-not-delegable"]);
    repair(&lab, &walked);
    hops(&lab).healthy();
}

/// What cannot be seen from here is asked for with a card.
#[test]
fn cards() {
    let lab = lab();
    for (origin, cause) in [
        ("job", "job-double-hop"),
        ("still-fails", "impersonate-right-missing"),
    ] {
        let answers = [HOPS[0], HOPS[1], ("origin", origin)];
        walk(&lab, FLOW, &answers).hands_over(cause);
    }
    inject(&lab, Fault::Delegation(Delegation::AnyService));
    hops(&lab).hands_over("credential-guard");
}
