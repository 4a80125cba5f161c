//! What a walk comes to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::entry::StepPath;
use crate::fix::Operation;

/// How bad a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Every Windows login to the instance fails.
    EveryLogin,
    /// A class of clients or users fails: a driver, a domain, this machine.
    SomeLogins,
    /// The second hop fails, or it fails now and then.
    SecondHop,
    /// Nothing fails yet.
    Latent,
}

impl Severity {
    /// In words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Self::EveryLogin => "every login fails",
            Self::SomeLogins => "some logins fail",
            Self::SecondHop => "the second hop fails",
            Self::Latent => "nothing fails yet",
        }
    }
}

/// A cause that was met, with the evidence for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The id in the catalogue.
    pub cause: String,
    /// How bad it is.
    pub severity: Severity,
    /// The cause in a few words.
    pub title: String,
    /// What it means, in plain words, with the values of this session.
    pub meaning: String,
    /// Where it was found.
    pub step: StepPath,
    /// What was seen that proves it, one line each.
    pub evidence: Vec<String>,
    /// The cause's parameters as they were found.
    pub values: Map<String, Value>,
    /// What repairs it, in order.
    pub fix: Vec<Operation>,
}

/// A cause that an outcome excludes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuledOut {
    /// The id in the catalogue.
    pub cause: String,
    /// Where it was excluded.
    pub step: StepPath,
    /// What was seen, in a few words.
    pub why: String,
    /// The whole sentence for a person: "A KDC answers: dc1.corp.example." Empty
    /// in journals of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excluded: String,
}

impl RuledOut {
    /// The sentence, or what was seen where there is none.
    pub fn words(&self) -> &str {
        if self.excluded.is_empty() {
            &self.why
        } else {
            &self.excluded
        }
    }
}

/// A cause that could not be observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnknownCause {
    /// The id in the catalogue.
    pub cause: String,
    /// Where it should have been observed.
    pub step: StepPath,
    /// Why it was not, and who could tell.
    pub why: String,
    /// What is known of it: parameters of the cause.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub values: Map<String, Value>,
}

/// What a walk as a whole says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// At least one cause was found.
    CauseFound,
    /// Everything was looked at, and nothing is wrong.
    Healthy,
    /// Nothing was found, but not everything could be looked at, or the walk
    /// did not finish.
    Inconclusive,
}

/// What stays unknown in the end: each cause once, and none that was found or
/// excluded somewhere else in the walk.
pub fn unresolved<'a>(
    unknown: &'a [UnknownCause],
    ruled_out: &[RuledOut],
    findings: &[Finding],
) -> Vec<&'a UnknownCause> {
    let mut open: Vec<&UnknownCause> = Vec::new();
    for one in unknown {
        let settled = ruled_out.iter().any(|out| out.cause == one.cause)
            || findings.iter().any(|found| found.cause == one.cause)
            || open.iter().any(|earlier| earlier.cause == one.cause);
        if !settled {
            open.push(one);
        }
    }
    open
}

/// What was excluded in the end: each cause once, and none that was found.
pub fn excluded<'a>(ruled_out: &'a [RuledOut], findings: &[Finding]) -> Vec<&'a RuledOut> {
    let mut excluded: Vec<&RuledOut> = Vec::new();
    for one in ruled_out {
        let settled = findings.iter().any(|found| found.cause == one.cause)
            || excluded.iter().any(|earlier| earlier.cause == one.cause);
        if !settled {
            excluded.push(one);
        }
    }
    excluded
}

impl Verdict {
    /// From what a walk collected: a finding outweighs what is unknown.
    pub fn of(findings: usize, unknown: usize) -> Self {
        if findings > 0 {
            Self::CauseFound
        } else if unknown > 0 {
            Self::Inconclusive
        } else {
            Self::Healthy
        }
    }

    /// The status of a `flow` step that ended like this.
    pub fn status(self) -> &'static str {
        match self {
            Self::CauseFound => "cause-found",
            Self::Healthy => "healthy",
            Self::Inconclusive => "inconclusive",
        }
    }
}
