//! What one walk of many came to, as one line of JSON.

use serde::{Deserialize, Serialize};

use super::{Fleet, Line};
use crate::driver::Walk;
use crate::engine::finding::unresolved;
use crate::engine::{Severity, Verdict};

/// The verdict of a line that names no target.
pub const NOT_WALKED: &str = "not-walked";

/// The result for one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetResult {
    /// The target as it stands in the list.
    pub target: String,
    /// The number of its line, from 1.
    pub line: u64,
    /// The machine that looked.
    #[serde(default)]
    pub from: String,
    /// The flow's id.
    pub flow: String,
    /// `healthy`, `cause-found`, `inconclusive` or `not-walked`.
    pub verdict: String,
    /// The causes found, in the order of repair.
    pub causes: Vec<FoundCause>,
    /// What could not be observed.
    pub unknown: Vec<OpenCause>,
    /// How long the walk took, in milliseconds.
    pub elapsed_ms: u64,
    /// The journal's file, for `sspi-doctor export` and `sspi-doctor fix`.
    #[serde(default)]
    pub journal: Option<String>,
    /// Why it was not walked, or why its journal is not complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A cause that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundCause {
    /// The id in the catalogue.
    pub cause: String,
    /// The cause in a few words.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
}

/// A cause that could not be observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCause {
    /// The id in the catalogue.
    pub cause: String,
    /// Why it was not observed, and who could tell.
    pub why: String,
}

/// The result of a walk that has ended.
pub(super) fn of(
    fleet: &Fleet,
    line: &Line,
    verdict: Verdict,
    walk: &Walk,
    elapsed_ms: u64,
) -> TargetResult {
    let session = walk.session();
    let mut findings = session.findings().to_vec();
    fleet.catalogue.sort(&mut findings);
    let unknown = unresolved(session.unknown(), session.ruled_out(), &findings)
        .into_iter()
        .map(|open| OpenCause {
            cause: open.cause.clone(),
            why: open.why.clone(),
        })
        .collect();
    TargetResult {
        target: crate::hostile::clean_line(&line.text),
        line: line.number,
        from: fleet.from.clone(),
        flow: fleet.beginning.flow.clone(),
        verdict: verdict.status().to_owned(),
        causes: findings
            .into_iter()
            .map(|finding| FoundCause {
                cause: finding.cause,
                title: finding.title,
                severity: finding.severity,
            })
            .collect(),
        unknown,
        elapsed_ms,
        journal: walk
            .journal()
            .map(|journal| journal.path().display().to_string()),
        error: walk.journal_fault().map(str::to_owned),
    }
}
