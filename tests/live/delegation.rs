//! The second hop.

use lab::fault::Fault;

use crate::walk::{SQL1, inject, lab, repair, walk};

const HOPS: [(&str, &str); 2] = [("server", SQL1), ("back_end", "sql2.corp.example,1433")];

#[test]
fn delegation_not_trusted() {
    let lab = lab();
    walk(&lab, "linked-server-delegation", &HOPS).healthy();
    inject(&lab, Fault::DelegationNotTrusted);
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
