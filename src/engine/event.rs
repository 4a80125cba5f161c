//! What goes into the engine and what comes out.

use std::time::Duration;

use serde_json::Value;

use super::entry::{Entry, StepPath};
use super::finding::Verdict;
use crate::flow::{Choice, InputKind};
use crate::pasted::Told;
use crate::probe::{Outcome, ProbeRequest};

/// Identifies one run of a probe, so that a late answer to a cancelled run is
/// known for what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u64);

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Event {
    /// The user answered the question; the value has the question's kind.
    Answered(Value),
    /// The user allowed the probe to run, or not.
    Consented(bool),
    /// A probe answered.
    Observed {
        /// Which run.
        run: RunId,
        /// What it saw.
        outcome: Box<Outcome>,
    },
    /// The user has read the result and wants to go on.
    Continue,
    /// To the last result or question before this one.
    Back,
    /// The shown step once more, asking the network again.
    Retry,
    /// On without this step.
    Skip,
    /// The running probe should end now.
    Cancel,
    /// A note for the transcript.
    Note(String),
    /// A person told something: a pasted text, read.
    Told(Box<Told>),
    /// What is on the screen, for the transcript.
    Screen(String),
}

/// Something to be done outside.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Ask the user.
    Ask(Question),
    /// Ask the user whether a probe may run.
    AskConsent(ConsentQuestion),
    /// Run a probe and send [`Event::Observed`].
    Observe {
        /// For the answer.
        run: RunId,
        /// What to ask.
        request: ProbeRequest,
        /// Instead of the probe's own deadline.
        deadline: Option<Duration>,
        /// Ask the network even when the session has an answer already.
        fresh: bool,
    },
    /// End a run; its answer is not wanted any more.
    CancelRun(RunId),
    /// A result is there to be read; [`Event::Continue`] goes on.
    Show,
    /// Write this to the transcript.
    Record(Box<Entry>),
    /// The walk has ended.
    Finished(Verdict),
}

/// A question to the user.
#[derive(Clone, Debug)]
pub struct Question {
    /// Where.
    pub path: StepPath,
    /// The question.
    pub ask: String,
    /// What kind of answer.
    pub kind: InputKind,
    /// For a choice.
    pub choices: Vec<Choice>,
    /// A sentence of help.
    pub help: Option<String>,
    /// An example.
    pub example: Option<String>,
    /// The answer that is proposed: the one given before going back, or the
    /// flow's default.
    pub default: Option<Value>,
    /// Whether nothing is an answer.
    pub optional: bool,
}

/// The question whether a probe may run that can leave a trace.
#[derive(Clone, Debug)]
pub struct ConsentQuestion {
    /// Where.
    pub path: StepPath,
    /// The probe's key.
    pub probe: String,
    /// The probe's title.
    pub title: String,
    /// What it may leave and where.
    pub leaves: String,
    /// What would be asked.
    pub request: ProbeRequest,
    /// Instead of the probe's own deadline.
    pub deadline: Option<Duration>,
}
