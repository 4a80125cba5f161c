//! Authorisation: Kerberos works, SQL Server says no.

use lab::fault::{Fault, GROUP};

use crate::walk::{MAIN, SQL1, inject, lab, put_right, walk};

#[test]
fn login_not_authorised() {
    let lab = lab();
    inject(&lab, Fault::LoginNotAuthorised);
    let walked = walk(&lab, MAIN, &[("server", SQL1)]);
    walked.found(&["login-not-authorised"]);
    assert_eq!(
        walked.document["findings"][0]["values"]["login"],
        r"CORP\alice"
    );
}

#[test]
fn group_scope() {
    const SQLP: (&str, &str) = ("server", "sqlp.partner.example,1433");
    let lab = lab();
    inject(&lab, Fault::GroupScope);
    let group = format!(r"CORP\{GROUP}");
    let walked = walk(&lab, MAIN, &[SQLP, ("group", &group)]);
    walked.found(&["login-not-authorised", "group-scope"]);
    assert_eq!(
        walked.document["findings"][1]["values"]["group"],
        group.as_str()
    );
    // A group that goes with the ticket is not the reason.
    let walked = walk(&lab, MAIN, &[SQLP, ("group", r"CORP\Domain Users")]);
    walked.found(&["login-not-authorised"]);
    assert!(
        !walked.unknown().contains(&"group-scope"),
        "{:?}",
        walked.unknown()
    );
    // Nobody said which group it is.
    let walked = walk(&lab, MAIN, &[SQLP]);
    walked.found(&["login-not-authorised"]);
    assert!(
        walked.unknown().contains(&"group-scope"),
        "{:?}",
        walked.unknown()
    );
    put_right(&lab);
    walk(&lab, MAIN, &[SQLP]).healthy();
}
