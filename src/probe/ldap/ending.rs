//! How a probe ends when the directory gave no answer.

use super::fault::{DirectoryFault, FaultKind};
use crate::probe::{Outcome, OutcomeBuilder};

/// The end by a fault of `whom`, such as `the directory`; `no_server` is the
/// probe's status when there is nobody to ask.
pub(super) fn failed(
    mut outcome: OutcomeBuilder,
    whom: &str,
    fault: &DirectoryFault,
    no_server: &'static str,
) -> Outcome {
    let status = match fault.kind() {
        FaultKind::NoServer => no_server,
        FaultKind::Unreachable => "unreachable",
        FaultKind::NotReadable => "not-readable",
    };
    outcome
        .reason(fault.to_string())
        .saw(whom, fault.to_string())
        .summary(status.replace('-', " "));
    outcome.finish(status)
}
