//! A walk that was cut off, as its journal has it: what was answered and seen,
//! and how old that is.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::engine::{Entry, StepKind, StepPath};
use crate::pasted::Told;
use crate::probe::{NOT_OBSERVED, Outcome, ProbeRequest};
use crate::transcript::{Line, Reading};

/// A walk that was cut off.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The flow's id.
    pub flow: String,
    /// What was diagnosed, as it was typed.
    pub target: String,
    /// The answers to the flow's inputs.
    pub inputs: Map<String, Value>,
    /// Where outcomes came from.
    pub source: String,
    /// Whether it came to its end.
    pub ended: bool,
    /// The highest number that a visit had.
    pub last_visit: u64,
    /// The visits that count, in order.
    pub visits: Vec<PastVisit>,
    /// The entries that count, each with its time.
    pub lines: Vec<Line>,
    /// What people told.
    pub told: Told,
    /// Everything that was seen, also in steps that were taken back.
    seen: HashMap<String, (Outcome, Timestamp)>,
}

/// One step of it.
#[derive(Clone, Debug)]
pub struct PastVisit {
    /// Its number.
    pub number: u64,
    /// Where.
    pub path: StepPath,
    /// What the step does.
    pub kind: StepKind,
    /// The place of its beginning in [`Past::lines`].
    pub begins: usize,
    /// The answer to its question.
    pub answered: Option<Value>,
    /// Whether its probe was started.
    pub asked: bool,
    /// Whether it was skipped.
    pub skipped: bool,
    /// What its probe saw, and when.
    pub observed: Option<(ProbeRequest, Outcome, Timestamp)>,
    /// How it was left: status, branch, and where to.
    pub left: Option<(String, usize, String)>,
}

impl Past {
    /// What a journal says.
    pub fn of(reading: &Reading) -> Self {
        let mut past = Self::default();
        for line in &reading.lines {
            match &line.entry {
                Entry::Began {
                    flow,
                    target,
                    inputs,
                    source,
                    ..
                } if past.flow.is_empty() => {
                    past.flow.clone_from(flow);
                    past.target.clone_from(target);
                    past.inputs.clone_from(inputs);
                    past.source.clone_from(source);
                }
                Entry::Entered { visit, .. } => past.last_visit = past.last_visit.max(*visit),
                Entry::Observed {
                    request, outcome, ..
                } => {
                    past.seen.insert(request.key(), (outcome.clone(), line.at));
                }
                Entry::Noted {
                    told: Some(told), ..
                } => past.told.extend((**told).clone()),
                _ => {}
            }
        }
        past.lines = reading.counting().into_iter().cloned().collect();
        past.ended = past
            .lines
            .iter()
            .any(|line| matches!(line.entry, Entry::Finished { .. }));
        past.visits = visits(&past.lines);
        past
    }

    /// How many visits stand as they are: those before the first one that was
    /// not finished, or saw something before `oldest`. Without `oldest`, none.
    pub fn standing(&self, oldest: Option<Timestamp>) -> usize {
        let Some(oldest) = oldest else { return 0 };
        self.visits
            .iter()
            .position(|visit| !visit.stands(oldest))
            .unwrap_or(self.visits.len())
    }

    /// How many steps were finished of the first visits.
    pub fn finished(&self, visits: usize) -> usize {
        self.visits
            .iter()
            .take(visits)
            .filter(|visit| {
                visit.left.is_some() && !matches!(visit.kind, StepKind::Flow | StepKind::Finish)
            })
            .count()
    }

    /// What was seen since `oldest`: requests need not be asked again.
    pub fn seen_since(&self, oldest: Option<Timestamp>) -> Vec<(String, Outcome)> {
        let Some(oldest) = oldest else {
            return Vec::new();
        };
        self.seen
            .iter()
            .filter(|(_, (outcome, at))| *at >= oldest && outcome.status != NOT_OBSERVED)
            .map(|(key, (outcome, _))| (key.clone(), outcome.clone()))
            .collect()
    }

    /// Whether the walk went on from this visit: another one follows that is not
    /// inside of it.
    pub fn went_on_from(&self, index: usize) -> bool {
        let Some(visit) = self.visits.get(index) else {
            return false;
        };
        let inside = format!("{}/", visit.path.0);
        self.visits
            .iter()
            .skip(index + 1)
            .any(|later| !later.path.0.starts_with(&inside))
    }
}

impl PastVisit {
    fn stands(&self, oldest: Timestamp) -> bool {
        match self.kind {
            // A flow is as old as its steps; an end is reached, not observed.
            StepKind::Flow | StepKind::Finish => true,
            StepKind::Ask | StepKind::Tell => self.left.is_some(),
            StepKind::Probe => {
                self.left.is_some()
                    && self
                        .observed
                        .as_ref()
                        .is_some_and(|(_, _, at)| *at >= oldest)
            }
        }
    }
}

fn visits(lines: &[Line]) -> Vec<PastVisit> {
    let mut visits: Vec<PastVisit> = Vec::new();
    for (begins, line) in lines.iter().enumerate() {
        if let Entry::Entered {
            visit, path, kind, ..
        } = &line.entry
        {
            visits.push(PastVisit {
                number: *visit,
                path: path.clone(),
                kind: *kind,
                begins,
                answered: None,
                asked: false,
                skipped: false,
                observed: None,
                left: None,
            });
            continue;
        }
        let Some(number) = line.entry.visit() else {
            continue;
        };
        let Some(visit) = visits.iter_mut().rev().find(|known| known.number == number) else {
            continue;
        };
        match &line.entry {
            Entry::Answered { answer, .. } => visit.answered = Some(answer.clone()),
            Entry::Asked { .. } => visit.asked = true,
            Entry::Skipped { .. } => visit.skipped = true,
            Entry::Observed {
                request, outcome, ..
            } => visit.observed = Some((request.clone(), outcome.clone(), line.at)),
            Entry::Branched {
                status,
                branch,
                goto,
                ..
            } => visit.left = Some((status.clone(), *branch, goto.clone())),
            _ => {}
        }
    }
    visits
}
