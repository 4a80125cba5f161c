//! Domains and trusts.

use lab::accounts::ADMINISTRATOR_PASSWORD;
use lab::fault::{Fault, Trust};
use lab::lab::Lab;

use crate::walk::{MAIN, Walked, by_hand, inject, keep_a_ticket_for, lab, repair_on, walk};

const SQLP: &str = "sqlp.partner.example,1433";

fn trust(lab: &Lab) -> Walked {
    walk(lab, "domain-trust", &[("server", SQLP)])
}

/// alice gets a ticket for PARTNER's controller, so that its directory can
/// still be read when the trust lets nobody through any more.
fn keep_a_ticket_for_the_controller(lab: &Lab) {
    keep_a_ticket_for(lab, "dc2.partner.example");
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

/// The trust is made anew from CORP's controller, as the advice says.
fn make_anew(lab: &Lab) {
    let credentials = format!("Administrator@PARTNER.EXAMPLE%{ADMINISTRATOR_PASSWORD}");
    let delete = ["delete", "partner.example", "--delete-location=both"];
    let create = [
        "create",
        "partner.example",
        "--type=forest",
        "--direction=both",
        "--create-location=both",
        "--skip-validation",
    ];
    by_hand(lab, || {
        for what in [&delete[..], &create[..]] {
            let arguments = [&["domain", "trust"][..], what, &["-U", &credentials]].concat();
            lab.samba_tool("dc1", &arguments)
                .expect("the trust is changed");
        }
    });
    lab.sign_in("alice").expect("alice signs in");
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
    walk(&lab, MAIN, &[("server", SQLP)]).healthy_at("server in the trusted forest");
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
    // The script makes the trust where it runs on a Samba controller.
    let other = format!("Administrator@PARTNER.EXAMPLE%{ADMINISTRATOR_PASSWORD}");
    repair_on(&lab, "dc1", &walked, &[("OTHER_ADMIN", &other)]);
    lab.sign_in("alice").expect("alice signs in");
    trust(&lab).healthy();
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
    make_anew(&lab);
    trust(&lab).healthy();
}

#[test]
fn trust_not_forest() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::External));
    trust(&lab).found(&["trust-not-forest"]);
    walk(&lab, MAIN, &[("server", SQLP)]).found(&["trust-not-forest"]);
    make_anew(&lab);
    trust(&lab).healthy();
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
    make_anew(&lab);
    trust(&lab).healthy();
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
    let walked = trust(&lab);
    walked.found(&["trust-broken"]);
    let evidence = &walked.document["findings"][0]["values"]["evidence"];
    let evidence = evidence.as_str().expect("evidence");
    assert!(
        evidence.contains("does not know CORP.EXAMPLE"),
        "{evidence}"
    );
}

#[test]
fn suffix_not_routed() {
    for fault in [Trust::SuffixOff, Trust::SuffixOther] {
        let lab = lab();
        inject(&lab, Fault::Trust(fault));
        trust(&lab).found(&["suffix-not-routed"]);
        walk(&lab, MAIN, &[("server", SQLP)]).found(&["suffix-not-routed"]);
        // As the advice says: the other side's names are taken anew.
        let refresh = [
            "domain",
            "trust",
            "namespaces",
            "partner.example",
            "--refresh=store",
        ];
        by_hand(&lab, || {
            lab.samba_tool("dc1", &refresh)
                .expect("the names are stored");
        });
        lab.sign_in("alice").expect("alice signs in");
        trust(&lab).healthy();
    }
}

/// With a ticket for the server's directory that says who may authenticate.
/// Samba's KDC knows no such right, and refuses all tickets of such a trust.
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
    // The right that the advice names, given to all users of CORP.
    by_hand(&lab, || inject(&lab, Fault::Trust(Trust::SelectiveAllowed)));
    let walked = trust(&lab);
    walked.found(&["selective-authentication"]);
    assert_eq!(walked.document["findings"][0]["values"]["samba"], true);
    assert_eq!(drawn(&walked, "right", "[ok]").len(), 2);
}
