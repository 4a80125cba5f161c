//! What the engine tells the transcript: everything that happened, in order,
//! and nothing that is not needed to show it again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::finding::{Finding, RuledOut, UnknownCause, Verdict};
use crate::pasted::Told;
use crate::probe::{Outcome, ProbeRequest};

/// Where in the walk: the ids of the `flow` steps that lead here and the step's
/// own id, such as `names/forward`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepPath(pub String);

impl StepPath {
    /// The path of a step inside this one.
    #[must_use]
    pub fn join(&self, step: &str) -> Self {
        if self.0.is_empty() {
            Self(step.to_owned())
        } else {
            Self(format!("{}/{step}", self.0))
        }
    }

    /// How many flows it is inside of; 0 in the flow that was started.
    pub fn depth(&self) -> usize {
        self.0.matches('/').count()
    }

    /// Whether it is inside the flow that a `flow` step leads to.
    pub fn is_inside(&self, flow: &Self) -> bool {
        self.0
            .strip_prefix(&flow.0)
            .is_some_and(|rest| rest.starts_with('/'))
    }

    /// The step's own id.
    pub fn step(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl std::fmt::Display for StepPath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// It observes.
    Probe,
    /// It asks the user.
    Ask,
    /// It tells something.
    Tell,
    /// It walks another flow.
    Flow,
    /// It ends a flow.
    Finish,
}

/// One thing that happened. `visit` counts the steps that were entered in this
/// session, from 1, and is never used twice: going back forgets the visits from
/// one on, and a step that is entered again has a new number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "entry",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum Entry {
    /// The walk began. The first entry of every session.
    Began {
        /// The version of this record, [`SCHEMA`].
        schema: u32,
        /// The program's version.
        version: String,
        /// The flow's id.
        flow: String,
        /// The flow's title.
        title: String,
        /// What is diagnosed, as the user typed it; empty when the flow has no
        /// SQL Server among its inputs.
        target: String,
        /// The answers to the flow's inputs, secrets left out.
        inputs: Map<String, Value>,
        /// Where outcomes come from: `live` or a world's name.
        source: String,
    },
    /// A step was entered.
    Entered {
        /// The number of this visit.
        visit: u64,
        /// Where.
        path: StepPath,
        /// The id of the flow that the step belongs to.
        flow: String,
        /// What the step does.
        kind: StepKind,
        /// The step's title.
        title: String,
        /// Why it matters.
        why: String,
    },
    /// The user answered, or a default or `--set` did. Secrets are null.
    Answered {
        /// The visit.
        visit: u64,
        /// Where.
        path: StepPath,
        /// The question.
        question: String,
        /// The answer.
        answer: Value,
        /// What the user read for it, for a choice its label.
        label: String,
    },
    /// A probe was started.
    Asked {
        /// The visit.
        visit: u64,
        /// Where.
        path: StepPath,
        /// What is asked.
        request: ProbeRequest,
    },
    /// A probe answered.
    Observed {
        /// The visit.
        visit: u64,
        /// Where.
        path: StepPath,
        /// What was asked.
        request: ProbeRequest,
        /// What came back.
        outcome: Outcome,
    },
    /// A step was left: which branch was taken, and why.
    Branched {
        /// The visit.
        visit: u64,
        /// Where.
        path: StepPath,
        /// The step's status.
        status: String,
        /// The number of the branch, from 1.
        branch: usize,
        /// The branch's conditions as written, such as
        /// `on: resolved, when: addresses | length > 1`.
        condition: String,
        /// What the conditions saw: names and values.
        saw: BTreeMap<String, Value>,
        /// What it means, one sentence each (remarks and the branch).
        means: Vec<String>,
        /// The next step's id; empty when the flow ended.
        goto: String,
    },
    /// A cause was found.
    Found {
        /// The visit.
        visit: u64,
        /// The finding.
        finding: Finding,
    },
    /// A cause was excluded.
    RuledOut {
        /// The visit.
        visit: u64,
        /// Which, where and why.
        ruled_out: RuledOut,
    },
    /// A cause could not be observed.
    Unknown {
        /// The visit.
        visit: u64,
        /// Which, where and why.
        unknown: UnknownCause,
    },
    /// The user went back, or asked a step again: visits from this one on are
    /// forgotten, with all they found.
    WentBack {
        /// The first visit that no longer counts.
        from_visit: u64,
    },
    /// The user skipped a step.
    Skipped {
        /// The visit.
        visit: u64,
        /// Where.
        path: StepPath,
    },
    /// The user wrote a note.
    Noted {
        /// Where the walk was.
        path: StepPath,
        /// The note.
        text: String,
        /// What a person told, when the note is about that: a walk that goes on
        /// needs it again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<Box<Told>>,
    },
    /// The user kept what was on the screen.
    Screen {
        /// Where the walk was.
        path: StepPath,
        /// The screen, line by line.
        text: String,
    },
    /// A walk that had been cut off goes on. What stands before counts, as far
    /// as a following [`Entry::WentBack`] does not take it back.
    Resumed {
        /// The version of the program that goes on.
        version: String,
        /// How many finished steps are kept without asking again.
        kept: usize,
    },
    /// The walk ended.
    Finished {
        /// What it says.
        verdict: Verdict,
        /// The closing words of the flow.
        words: String,
    },
}

impl Entry {
    /// The visit that it is about.
    pub fn visit(&self) -> Option<u64> {
        match self {
            Self::Entered { visit, .. }
            | Self::Answered { visit, .. }
            | Self::Asked { visit, .. }
            | Self::Observed { visit, .. }
            | Self::Branched { visit, .. }
            | Self::Found { visit, .. }
            | Self::RuledOut { visit, .. }
            | Self::Unknown { visit, .. }
            | Self::Skipped { visit, .. } => Some(*visit),
            Self::Began { .. }
            | Self::WentBack { .. }
            | Self::Noted { .. }
            | Self::Screen { .. }
            | Self::Resumed { .. }
            | Self::Finished { .. } => None,
        }
    }
}

/// The version of [`Entry`] that this program writes.
pub const SCHEMA: u32 = 1;
