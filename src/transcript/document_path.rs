//! The picture of the path in a session document.

use super::document::StepRecord;
use crate::cause::Catalogue;
use crate::engine::{Finding, Looked, PathStation, RuledOut, UnknownCause, path};

/// The stations of a session; `findings` stand in the order of repair.
pub(super) fn path(
    catalogue: &Catalogue,
    target: &str,
    steps: &[StepRecord],
    findings: &[Finding],
    ruled_out: &[RuledOut],
    unknown: &[UnknownCause],
) -> Vec<PathStation> {
    let looked: Vec<Looked<'_>> = steps
        .iter()
        .filter_map(|step| {
            Some(Looked {
                probe: step.probe.as_deref()?,
                status: step.status.as_deref()?,
                facts: &step.facts,
            })
        })
        .collect();
    path::path(catalogue, target, &looked, findings, ruled_out, unknown)
}
