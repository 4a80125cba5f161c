//! A walk as it is at one moment, in what the screen shows of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::driver::{Asked, Walk};
use crate::engine::{Ahead, Finding, Phase, RuledOut, StepKind, UnknownCause, Verdict, Visit};
use crate::flow::library::Library;
use crate::flow::{Action, Flow};
use crate::probe::registry;

/// A moment of a walk.
#[derive(Clone, Debug, Default)]
pub struct WalkState {
    /// The flow's title.
    pub title: String,
    /// What the walk waits for.
    pub phase: Phase,
    /// The steps that were entered, in order.
    pub visits: Vec<Visit>,
    /// The step that is shown, by its place in `visits`.
    pub current: usize,
    /// The steps that come if all is well.
    pub ahead: Vec<Ahead>,
    /// In words what comes after the step that is shown.
    pub next: Option<String>,
    /// What was found so far.
    pub findings: Vec<Finding>,
    /// What was excluded so far.
    pub ruled_out: Vec<RuledOut>,
    /// What could not be observed so far.
    pub unknown: Vec<UnknownCause>,
    /// Whether there is something to go back to.
    pub can_go_back: bool,
    /// Every question of the session and how far it is.
    pub asked: Vec<Asked>,
    /// How long the running probe is given.
    pub deadline: Option<Duration>,
    /// The journal's file.
    pub journal: Option<PathBuf>,
    /// Why the journal could not be written.
    pub journal_fault: Option<String>,
    /// For a replay: when it was, and where in it.
    pub replayed: Option<Replayed>,
}

/// A moment of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// When it was.
    pub at: Timestamp,
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl WalkState {
    /// What the walk is now.
    pub fn of(walk: &Walk, library: &Library) -> Self {
        let session = walk.session();
        let visits = session.visits().to_vec();
        let number = session.current().map(|visit| visit.number);
        let current = visits
            .iter()
            .position(|visit| Some(visit.number) == number)
            .unwrap_or_default();
        let phase = session.phase().clone();
        let ahead = session.ahead();
        let visit = visits.get(current);
        let flow = visit.and_then(|visit| library.flow(&visit.flow));
        let parent = visit.and_then(|visit| parent(&visits, visit));
        let next = match (&phase, &flow) {
            (Phase::Showing { next }, Some(flow)) => Some(next_words(flow, next, &ahead, parent)),
            _ => None,
        };
        let deadline = match (&flow, visit) {
            (Some(flow), Some(visit)) => deadline(flow, visit),
            _ => None,
        };
        Self {
            title: session
                .flow()
                .map(|flow| flow.title.clone())
                .unwrap_or_default(),
            phase,
            visits,
            current,
            ahead,
            next,
            findings: session.findings().to_vec(),
            ruled_out: session.ruled_out().to_vec(),
            unknown: session.unknown().to_vec(),
            can_go_back: session.can_go_back(),
            asked: walk.asked(),
            deadline,
            journal: walk
                .journal()
                .filter(|journal| journal.is_kept())
                .map(|journal| journal.path().to_owned()),
            journal_fault: walk.journal_fault().map(str::to_owned),
            replayed: None,
        }
    }

    /// The step that is shown.
    pub fn visit(&self) -> Option<&Visit> {
        self.visits.get(self.current)
    }

    /// What the walk says, once it has ended.
    pub fn verdict(&self) -> Option<Verdict> {
        match self.phase {
            Phase::Finished { verdict, .. } => Some(verdict),
            _ => None,
        }
    }

    /// Which part of the walk this is, and how many there are if all is well.
    /// The parts are the steps of the flow that was started; those of inner
    /// flows are not counted, because each result changes how many they are.
    pub fn progress(&self) -> (usize, usize) {
        let walked = self
            .visits
            .iter()
            .filter(|visit| visit.kind != StepKind::Finish && visit.path.depth() == 0)
            .count();
        let ahead = self
            .ahead
            .iter()
            .filter(|step| !step.maybe && step.path.depth() == 0)
            .count();
        (walked, walked + ahead)
    }

    /// What must change for the screen to be a new one: the step and what is
    /// wanted of the user.
    pub fn key(&self) -> (u64, u8) {
        let phase = match &self.phase {
            Phase::Ready => 0,
            Phase::Asking(_) => 1,
            Phase::Consenting(_) => 2,
            Phase::Probing { .. } => 3,
            Phase::Showing { .. } => 4,
            Phase::Finished { .. } => 5,
        };
        (self.visit().map_or(0, |visit| visit.number), phase)
    }
}

/// The flow step that a step is inside of.
fn parent<'a>(visits: &'a [Visit], visit: &Visit) -> Option<&'a Visit> {
    let (path, _) = visit.path.0.rsplit_once('/')?;
    visits.iter().rev().find(|other| other.path.0 == path)
}

/// What comes after the step that is shown, in words.
fn next_words(flow: &Arc<Flow>, next: &str, ahead: &[Ahead], parent: Option<&Visit>) -> String {
    let ends = flow
        .steps
        .get(next)
        .is_some_and(|step| matches!(step.action, Action::Finish(_)));
    match (ends, parent, ahead.first()) {
        (true, Some(parent), _) => format!("the end of \"{}\"", parent.title),
        (true, None, _) => "the result of the walk".to_owned(),
        (false, _, Some(step)) if step.path.step() == next => step.title.clone(),
        _ => next.replace('_', " "),
    }
}

/// How long a probe is given: by the flow, else by its declaration.
fn deadline(flow: &Arc<Flow>, visit: &Visit) -> Option<Duration> {
    let step = flow.steps.get(visit.path.step())?;
    let Action::Probe {
        probe, deadline, ..
    } = &step.action
    else {
        return None;
    };
    deadline.or_else(|| registry::declaration(probe).map(|declared| declared.deadline))
}
