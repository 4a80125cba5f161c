//! One thing that a test has seen.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalogue::is_scripted;

/// How a cause was proven, the strongest way first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// The fault was put into real forests, and the real program walked there.
    Live,
    /// The flow walked over played answers of the probes.
    Scripted,
    /// The walk said that it cannot be seen from there, and gave the card.
    Card,
}

impl How {
    /// As the catalogue and the report write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Scripted => "scripted",
            Self::Card => "card",
        }
    }
}

/// What became of the repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// The generated script was run, and the next walk was healthy.
    ScriptHeld,
    /// The program made the changes itself (`fix --apply`), and the next walk
    /// was healthy.
    ApplyHeld,
    /// The generated script was run; the test does not end in a healthy walk.
    ScriptRan,
    /// No script can do it. The test did what the advice says, and the next
    /// walk was healthy.
    DoneByHand,
    /// No script can do it: the advice is handed over.
    HandedOver,
    /// There is a script, which this test did not run.
    ScriptMade,
    /// There is nothing to repair.
    Nothing,
}

impl Repair {
    /// What there is to do for a finding with this `fix`, the list of its
    /// operations.
    pub fn of(fix: &Value) -> Self {
        let mut operations = fix
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flat_map(|operation| operation.keys())
            .peekable();
        if operations.peek().is_none() {
            Self::Nothing
        } else if operations.any(|operation| is_scripted(operation)) {
            Self::ScriptMade
        } else {
            Self::HandedOver
        }
    }

    /// As the report writes it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::ScriptHeld => "script run; the next walk is healthy",
            Self::ApplyHeld => "made by `fix --apply`; the next walk is healthy",
            Self::ScriptRan => "script run",
            Self::DoneByHand => "handed over; done by hand, the next walk is healthy",
            Self::HandedOver => "handed over",
            Self::ScriptMade => "script made, not run by this test",
            Self::Nothing => "nothing to repair",
        }
    }
}

/// A cause that a walk named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Proof {
    /// The cause.
    pub cause: String,
    /// How it was proven.
    pub how: How,
    /// What was wrong, in words.
    pub wrong: String,
    /// What the walk found, in its order; the cause is one of them.
    pub found: Vec<String>,
    /// What became of the repair.
    pub repair: Repair,
    /// The program and the name of the test.
    pub test: String,
}

/// A walk that found nothing where nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Healthy {
    /// Where, such as `default instance`.
    pub place: String,
    /// What the walk said.
    pub verdict: String,
    /// The program and the name of the test.
    pub test: String,
}

/// A status of Kerberos Configuration Manager that a walk told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Status {
    /// The status, as that program writes it.
    pub status: String,
    /// The service that it is about.
    pub service: String,
    /// The program and the name of the test.
    pub test: String,
}

/// A line of a test's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A cause.
    Proof(Proof),
    /// A healthy walk.
    Healthy(Healthy),
    /// A status.
    Status(Status),
}
