//! A user of CORP at a server of PARTNER, typed as a newcomer does: what stands
//! between the two forests, found from the server's name alone.

use lab::directory::{Rules, replace};
use lab::fault::{FORMER_SID, Fault, GROUP, Trust};
use lab::lab::Lab;

use crate::walk::{MAIN, Walked, by_hand, inject, lab, put_right, walk};

const TYPED: (&str, &str) = ("server", "sqlp.partner.example");

/// Why a cause stays unknown.
#[track_caller]
fn why(walked: &Walked, cause: &str) -> String {
    let unknown = walked.document["unknown"].as_array().expect("a list");
    let one = unknown.iter().find(|one| one["cause"] == cause);
    let one = one.unwrap_or_else(|| panic!("{cause} is not unknown: {unknown:?}"));
    one["why"].as_str().expect("a reason").to_owned()
}

/// A walk in which somebody knows for whom the login is made.
fn told(lab: &Lab, group: &str) -> Walked {
    walk(lab, MAIN, &[TYPED, ("group", group)])
}

/// The login is there, and its fix does not make another one.
#[track_caller]
fn names_what_does_not_arrive(walked: &Walked, what: &str) {
    walked.found(&["login-not-authorised"]);
    let finding = &walked.document["findings"][0];
    assert_eq!(finding["values"]["not_arriving"][0], what);
    assert!(
        !finding["fix"].to_string().contains("create-login"),
        "{finding:#}"
    );
}

/// Gives a trustedDomain object of one side another value.
fn change(lab: &Lab, side: (&str, &str, &str), attribute: &str, value: &str) {
    let (controller, other, base) = side;
    let object = format!("CN={other},CN=System,{base}");
    lab.ldbmodify(
        controller,
        Rules::Relaxed,
        &replace(&object, attribute, &[value]),
    )
    .expect("the trust is changed");
}

const CORP: (&str, &str, &str) = ("dc1", "partner.example", "DC=corp,DC=example");
const PARTNER: (&str, &str, &str) = ("dc2", "corp.example", "DC=partner,DC=example");

#[test]
fn group_scope() {
    let lab = lab();
    inject(&lab, Fault::GroupScope);
    let group = format!(r"CORP\{GROUP}");
    // Nobody knows for which group the login is made: which it may be, and who
    // can tell, is said.
    let walked = walk(&lab, MAIN, &[TYPED]);
    names_what_does_not_arrive(&walked, &group);
    let reason = why(&walked, "group-scope");
    assert!(reason.contains(&group), "{reason}");
    assert!(reason.contains("sys.server_principals"), "{reason}");
    // As when Enter is pressed on the empty question.
    names_what_does_not_arrive(&told(&lab, ""), &group);
    // The user knows.
    let walked = told(&lab, &group);
    walked.found(&["group-scope"]);
    assert_eq!(
        walked.document["findings"][0]["values"]["group"],
        group.as_str()
    );
    assert!(!walked.unknown().contains(&"login-not-authorised"));
    // A group that goes with the ticket is not the reason.
    let walked = told(&lab, r"CORP\Domain Users");
    walked.found(&["login-not-authorised"]);
    assert!(!walked.unknown().contains(&"group-scope"));
    // Nor is an account that is no group, nor one that is not there.
    for (group, unknown) in [(r"CORP\bob", true), (r"CORP\nobody", true)] {
        let walked = told(&lab, group);
        walked.found(&["login-not-authorised"]);
        assert_eq!(walked.unknown().contains(&"group-scope"), unknown);
    }
    // A universal group arrives: then there is nothing to ask.
    by_hand(&lab, || {
        let object = format!("CN={GROUP},CN=Users,DC=corp,DC=example");
        let ldif = replace(&object, "groupType", &["-2147483640"]);
        lab.ldbmodify("dc1", Rules::Relaxed, &ldif)
            .expect("the group is universal");
    });
    let walked = walk(&lab, MAIN, &[TYPED]);
    walked.found(&["login-not-authorised"]);
    assert!(!walked.unknown().contains(&"group-scope"));
    put_right(&lab);
    walk(&lab, MAIN, &[TYPED]).healthy();
}

/// The trust takes alice's former SID out, and the login is made for it.
#[test]
fn sid_filtering() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::FormerSid));
    let walked = walk(&lab, MAIN, &[TYPED]);
    names_what_does_not_arrive(&walked, FORMER_SID);
    let reason = why(&walked, "sid-filtering");
    assert!(reason.contains(FORMER_SID), "{reason}");
    assert!(reason.contains("sys.server_principals"), "{reason}");
    let walked = told(&lab, FORMER_SID);
    walked.found(&["sid-filtering"]);
    assert_eq!(walked.document["findings"][0]["values"]["sid"], FORMER_SID);
    walk(&lab, "domain-trust", &[TYPED]).hands_over("sid-filtering");
    put_right(&lab);
    walk(&lab, MAIN, &[TYPED]).healthy();
}

/// A quarantine that takes nothing out is no fault.
#[test]
fn a_quarantine_that_takes_nothing_out() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::Quarantined));
    walk(&lab, MAIN, &[TYPED]).healthy();
    let walked = walk(&lab, "domain-trust", &[TYPED]);
    walked.healthy();
    let ruled_out = walked.document["ruled_out"].to_string();
    assert!(ruled_out.contains("sid-filtering"), "{ruled_out}");
}

/// Samba's KDC refuses all tickets of a trust with selective authentication as
/// if it did not have the trust; that it has it tells another question.
#[test]
fn selective_authentication_that_the_kdc_does_not_know() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::Selective));
    walk(&lab, "domain-trust", &[TYPED]).found(&["selective-authentication"]);
    let walked = walk(&lab, MAIN, &[TYPED]);
    walked.found(&["selective-authentication"]);
    assert_eq!(walked.document["findings"][0]["values"]["samba"], true);
    // A trust of one direction: no key for the other one is as it should be, so
    // that it proves nothing.
    change(&lab, CORP, "trustDirection", "1");
    change(&lab, PARTNER, "trustDirection", "2");
    lab.sign_in("alice").expect("alice signs in");
    let walked = walk(&lab, "domain-trust", &[TYPED]);
    assert_eq!(walked.causes(), Vec::<&str>::new(), "{}", walked.progress);
    for cause in ["trust-broken", "selective-authentication"] {
        let reason = why(&walked, cause);
        assert!(
            reason.contains("administrator of partner.example"),
            "{reason}"
        );
    }
    // As the advice says: switched off.
    change(&lab, CORP, "trustDirection", "3");
    change(&lab, PARTNER, "trustDirection", "3");
    by_hand(&lab, || change(&lab, PARTNER, "trustAttributes", "8"));
    lab.sign_in("alice").expect("alice signs in");
    walk(&lab, MAIN, &[TYPED]).healthy();
}

/// CORP says that PARTNER trusts it; PARTNER has the other direction alone.
#[test]
fn a_trust_whose_sides_disagree() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::Selective));
    change(&lab, PARTNER, "trustAttributes", "8");
    change(&lab, PARTNER, "trustDirection", "1");
    let walked = walk(&lab, MAIN, &[TYPED]);
    assert_eq!(walked.causes(), ["trust-broken"], "{}", walked.progress);
    let evidence = &walked.document["findings"][0]["values"]["evidence"];
    let evidence = evidence.as_str().expect("evidence");
    assert!(evidence.contains("the other direction only"), "{evidence}");
}
