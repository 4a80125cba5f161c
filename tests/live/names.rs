//! Names and addresses.

use lab::fault::{Fault, Pointer};

use crate::walk::{MAIN, SQL1, inject, lab, repair, walk};

#[test]
fn healthy() {
    let lab = lab();
    walk(&lab, "name-resolution", &[("server", SQL1)]).healthy();
}

#[test]
fn reverse_lookup_mismatch() {
    for pointer in [Pointer::Missing, Pointer::Wrong, Pointer::Several] {
        let lab = lab();
        inject(&lab, Fault::ReverseLookupMismatch(pointer));
        let walked = walk(&lab, MAIN, &[("server", SQL1)]);
        walked.found(&["reverse-lookup-mismatch"]);
        repair(&lab, &walked);
        walk(&lab, MAIN, &[("server", SQL1)]).healthy();
    }
}

#[test]
fn name_points_elsewhere() {
    let lab = lab();
    inject(&lab, Fault::NamePointsElsewhere);
    let walked = walk(
        &lab,
        "name-resolution",
        &[("server", SQL1), ("right_address", "10.88.0.31")],
    );
    assert!(
        walked.causes().contains(&"name-points-elsewhere"),
        "{:?}",
        walked.causes()
    );
    repair(&lab, &walked);
    walk(&lab, "name-resolution", &[("server", SQL1)]).healthy();
}
