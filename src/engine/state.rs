//! What a walk is at one moment. A state is a value: going back means taking
//! an earlier one.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::{StepKind, StepPath};
use super::event::{ConsentQuestion, Question, RunId};
use super::finding::{Finding, RuledOut, UnknownCause, Verdict};
use crate::flow::Flow;
use crate::probe::{Outcome, ProbeRequest, Tone};

/// A moment of a walk.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The flows that are being walked, the outermost first.
    pub(super) frames: Vec<Frame>,
    /// The steps that were entered, in order.
    pub(super) visits: Vec<Visit>,
    /// The visit that is asked, observed or shown, by its place in `visits`.
    pub(super) current: usize,
    /// What was found so far.
    pub(super) findings: Vec<Finding>,
    /// What was excluded so far.
    pub(super) ruled_out: Vec<RuledOut>,
    /// What could not be observed so far.
    pub(super) unknown: Vec<UnknownCause>,
    /// What the walk waits for.
    pub(super) phase: Phase,
}

/// One flow being walked.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) flow: Arc<Flow>,
    /// The path of the `flow` step that leads here; empty for the outermost.
    pub(super) path: StepPath,
    /// Inputs by name and results of steps by id.
    pub(super) scope: Map<String, Value>,
    /// The step that the walk is at.
    pub(super) step: String,
    /// The visit of the `flow` step that leads here.
    pub(super) caller: Option<usize>,
    /// How much had been found and missed when it was entered.
    pub(super) found_before: usize,
    pub(super) unknown_before: usize,
}

/// What a walk waits for.
#[derive(Clone, Debug, Default)]
pub enum Phase {
    /// Nothing: it has not begun.
    #[default]
    Ready,
    /// An answer.
    Asking(Box<Question>),
    /// A yes or no to a probe.
    Consenting(Box<ConsentQuestion>),
    /// A probe.
    Probing {
        /// The run.
        run: RunId,
    },
    /// The user to read on.
    Showing {
        /// The step of the innermost flow that comes next.
        next: String,
    },
    /// Nothing any more.
    Finished {
        /// What the walk says.
        verdict: Verdict,
        /// The flow's closing words.
        words: String,
    },
}

/// One step that was entered.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its number in this session.
    pub number: u64,
    /// Where.
    pub path: StepPath,
    /// The flow that it belongs to.
    pub flow: String,
    /// What it does.
    pub kind: StepKind,
    /// Its title.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What was asked of the network.
    pub request: Option<ProbeRequest>,
    /// What came back.
    pub outcome: Option<Arc<Outcome>>,
    /// The question and the answer in words.
    pub answer: Option<(String, String)>,
    /// The status, once there is one.
    pub status: Option<String>,
    /// How the status is to be taken.
    pub tone: Tone,
    /// The branch that was taken, once it was.
    pub taken: Option<Taken>,
}

/// Why a walk went on as it did.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The number of the branch, from 1.
    pub branch: usize,
    /// Its conditions, as written.
    pub condition: String,
    /// What the conditions saw.
    pub saw: BTreeMap<String, Value>,
    /// What it means, one sentence each.
    pub means: Vec<String>,
    /// The causes that were found here.
    pub found: Vec<String>,
    /// The next step's id, or empty at the end of a flow.
    pub goto: String,
}

impl Taken {
    /// The end of a flow.
    pub(super) fn at_the_end(words: &str) -> Self {
        Self {
            branch: 0,
            condition: String::new(),
            saw: BTreeMap::new(),
            means: vec![words.to_owned()],
            found: Vec::new(),
            goto: String::new(),
        }
    }
}

impl Visit {
    /// A few words for an outline: what was seen or answered.
    pub fn summary(&self) -> String {
        if let Some(outcome) = &self.outcome {
            if outcome.summary.is_empty() {
                return outcome.status.clone();
            }
            return outcome.summary.clone();
        }
        if let Some((_, answer)) = &self.answer {
            return answer.clone();
        }
        String::new()
    }

    /// Whether the step is done.
    pub fn is_done(&self) -> bool {
        self.taken.is_some()
    }
}
