//! The second hop.

use lab::fault::{Delegation, Fault, LinkedLogin};

use crate::walk::{SQL1, inject, lab, repair, walk};

const HOPS: [(&str, &str); 2] = [("server", SQL1), ("back_end", "sql2.corp.example,1433")];

#[test]
fn delegation_not_trusted() {
    let lab = lab();
    walk(&lab, "linked-server-delegation", &HOPS).healthy();
    inject(&lab, Fault::Delegation(Delegation::NotTrusted));
    let walked = walk(&lab, "linked-server-delegation", &HOPS);
    walked.found(&["delegation-not-trusted"]);
    walk(
        &lab,
        crate::walk::MAIN,
        &[
            ("server", SQL1),
            ("scope", "linked-server"),
            ("which_back_end", "sql2.corp.example,1433"),
        ],
    )
    .found(&["delegation-not-trusted"]);
    repair(&lab, &walked);
    walk(&lab, "linked-server-delegation", &HOPS).healthy();
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
        let walked = walk(&lab, "linked-server-delegation", &HOPS);
        walked.found(&["linked-login-mapping"]);
        let values = &walked.document["findings"][0]["values"];
        assert_eq!(values["mapped_to"], words);
        assert_eq!(values["linked_server"], "SQL2");
    }
}
