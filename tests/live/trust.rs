//! Domains and trusts.

use lab::fault::{Fault, Trust};
use lab::lab::Lab;

use crate::walk::{MAIN, Walked, inject, lab, on_client, walk};

const SQLP: &str = "sqlp.partner.example,1433";

fn trust(lab: &Lab) -> Walked {
    walk(lab, "domain-trust", &[("server", SQLP)])
}

/// alice gets a ticket for PARTNER's controller, so that its directory can
/// still be read when the trust lets nobody through any more.
fn keep_a_ticket_for_the_controller(lab: &Lab) {
    let status = on_client(lab, "/usr/bin/kvno")
        .arg("ldap/dc2.partner.example")
        .output()
        .expect("kvno runs")
        .status;
    assert!(status.success());
}

/// Every line of the drawing, by its mark.
fn drawn(walked: &Walked, step: &str, mark: &str) -> Vec<String> {
    let steps = walked.document["steps"].as_array().expect("steps");
    let facts = &steps
        .iter()
        .find(|one| one["id"] == step)
        .unwrap_or_else(|| panic!("no step {step}"))["facts"];
    facts["drawing"]
        .as_str()
        .expect("a drawing")
        .lines()
        .filter_map(|line| line.strip_prefix(mark).map(|rest| rest.trim().to_owned()))
        .collect()
}

#[test]
fn healthy() {
    let lab = lab();
    let walked = trust(&lab);
    walked.healthy();
    assert_eq!(drawn(&walked, "trusts", "[??]"), Vec::<String>::new());
    assert_eq!(drawn(&walked, "trusts", "[!!]"), Vec::<String>::new());
    walk(&lab, "domain-trust", &[("server", crate::walk::SQL1)]).healthy();
}

/// A user of CORP and a server of PARTNER, all the way to the login.
#[test]
fn healthy_across_the_forests() {
    let lab = lab();
    walk(&lab, MAIN, &[("server", SQLP)]).healthy();
    let known = [("server", SQLP), ("service_account", r"PARTNER\svc_psql")];
    walk(&lab, MAIN, &known).healthy();
    walk(&lab, "spn-verification", &known).healthy();
}

#[test]
fn trust_missing() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::Missing));
    trust(&lab).found(&["trust-missing"]);
    let walked = walk(&lab, MAIN, &[("server", SQLP)]);
    walked.found(&["trust-missing"]);
}

#[test]
fn trust_direction() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::WrongWay));
    let walked = trust(&lab);
    walked.found(&["trust-direction"]);
    assert_eq!(
        drawn(&walked, "trusts", "[!!]"),
        [
            "partner.example does not trust corp.example: users of partner.example can sign in to \
          servers of corp.example, not the reverse"
        ]
    );
    walk(&lab, MAIN, &[("server", SQLP)]).found(&["trust-direction"]);
}

#[test]
fn trust_not_forest() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::External));
    trust(&lab).found(&["trust-not-forest"]);
    walk(&lab, MAIN, &[("server", SQLP)]).found(&["trust-not-forest"]);
}

#[test]
fn trust_broken() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::Broken));
    // PARTNER's directory cannot be read any more: its KDC tells.
    let walked = trust(&lab);
    walked.found(&["trust-broken"]);
    assert!(
        walked.document["findings"][0]["values"]["evidence"]
            .as_str()
            .expect("evidence")
            .contains("KRB_AP_ERR_BAD_INTEGRITY")
    );
    walk(&lab, MAIN, &[("server", SQLP)]).found(&["trust-broken"]);
}

#[test]
fn trust_on_one_side_only() {
    let lab = lab();
    keep_a_ticket_for_the_controller(&lab);
    inject(&lab, Fault::Trust(Trust::OneSided));
    let walked = trust(&lab);
    walked.found(&["trust-broken"]);
    assert_eq!(
        walked.document["findings"][0]["values"]["evidence"],
        "it stands on one side only"
    );
    // Without that ticket only PARTNER's KDC tells.
    lab.sign_in("alice").expect("alice signs in");
    trust(&lab).found(&["trust-broken"]);
}

#[test]
fn suffix_not_routed() {
    for fault in [Trust::SuffixOff, Trust::SuffixOther] {
        let lab = lab();
        inject(&lab, Fault::Trust(fault));
        trust(&lab).found(&["suffix-not-routed"]);
        walk(&lab, MAIN, &[("server", SQLP)]).found(&["suffix-not-routed"]);
    }
}

/// Samba's KDC knows no selective authentication and refuses all tickets of
/// such a trust; the directory observation is the proof.
#[test]
fn selective_authentication() {
    let lab = lab();
    keep_a_ticket_for_the_controller(&lab);
    inject(&lab, Fault::Trust(Trust::Selective));
    let walked = trust(&lab);
    walked.found(&["selective-authentication"]);
    let values = &walked.document["findings"][0]["values"];
    assert_eq!(values["account"]["name"], r"PARTNER\svc_psql");
    assert_eq!(values["host_account"]["name"], r"PARTNER\SQLP$");
    assert_eq!(drawn(&walked, "right", "[!!]").len(), 2);
    drop(lab);

    let lab = crate::walk::lab();
    keep_a_ticket_for_the_controller(&lab);
    inject(&lab, Fault::Trust(Trust::SelectiveAllowed));
    let walked = trust(&lab);
    walked.healthy();
    assert_eq!(drawn(&walked, "right", "[ok]").len(), 2);
}
