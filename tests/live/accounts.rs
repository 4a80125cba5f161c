//! Authorisation: Kerberos works, SQL Server says no.

use lab::fault::Fault;

use crate::walk::{MAIN, SQL1, inject, lab, walk};

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
