//! Domains and trusts.

use lab::fault::{Fault, Trust};

use crate::walk::{inject, lab, walk};

const SQLP: &str = "sqlp.partner.example,1433";

#[test]
fn healthy() {
    let lab = lab();
    walk(&lab, "domain-trust", &[("server", SQLP)]).healthy();
    walk(&lab, "domain-trust", &[("server", crate::walk::SQL1)]).healthy();
}

#[test]
fn trust_missing() {
    let lab = lab();
    inject(&lab, Fault::Trust(Trust::Missing));
    walk(&lab, "domain-trust", &[("server", SQLP)]).found(&["trust-missing"]);
}
