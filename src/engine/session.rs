//! A walk: events go in by [`Session::apply`], effects come out.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::{Entry, StepKind};
use super::event::{Effect, Event, RunId};
use super::finding::{Finding, RuledOut, UnknownCause, Verdict};
use super::state::{Phase, State, Visit};
use crate::cause::Catalogue;
use crate::flow::Flow;
use crate::flow::library::Library;
use crate::pasted::Told;
use crate::probe::Outcome;

/// A walk through a flow.
#[derive(Debug)]
pub struct Session {
    pub(super) library: Arc<Library>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) answers: Map<String, Value>,
    pub(super) allowed: BTreeSet<String>,
    /// What every flow sees as `given`.
    pub(super) given: Value,
    /// What people told. It stays when the walk goes back.
    pub(super) told: Told,
    pub(super) state: State,
    /// The state before the current step was entered, for [`Event::Retry`].
    pub(super) before: Option<State>,
    /// Resting states that were left, the latest last, for [`Event::Back`].
    pub(super) past: Vec<(State, Option<State>)>,
    /// What was answered before going back, by path: proposed again.
    pub(super) remembered: Map<String, Value>,
    /// The numbers of the visits to come, as far as they had one before.
    pub(super) numbers: VecDeque<u64>,
    pub(super) last_visit: u64,
    pub(super) last_run: u64,
    /// Whether the next probe asks the network even if an answer is there.
    pub(super) fresh: bool,
    /// Whether nobody goes back or retries.
    pub(super) one_way: bool,
    pub(super) effects: Vec<Effect>,
}

impl Session {
    /// Takes an event; one that does not fit the moment changes nothing.
    pub fn apply(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Note(text) => self.note(&text),
            Event::Told(told) => self.hear(*told),
            Event::Screen(text) => self.keep_screen(&text),
            Event::Answered(value) => self.answered(value),
            Event::Consented(yes) => self.consented(yes),
            Event::Observed { run, outcome } => self.observed(run, *outcome),
            Event::Continue => self.go_on(),
            Event::Back => self.back(),
            Event::Retry => self.retry(),
            Event::Skip => self.skip(),
            Event::Cancel => self.cancel(),
        }
        std::mem::take(&mut self.effects)
    }

    /// What the walk waits for.
    pub fn phase(&self) -> &Phase {
        &self.state.phase
    }

    /// The steps that were entered, in order.
    pub fn visits(&self) -> &[Visit] {
        &self.state.visits
    }

    /// The step that is shown: the last one entered that is not only a frame
    /// around others.
    pub fn current(&self) -> Option<&Visit> {
        self.state.visits.get(self.state.current)
    }

    /// What was found so far, in the order in which it was found.
    pub fn findings(&self) -> &[Finding] {
        &self.state.findings
    }

    /// What was excluded so far.
    pub fn ruled_out(&self) -> &[RuledOut] {
        &self.state.ruled_out
    }

    /// What could not be observed so far.
    pub fn unknown(&self) -> &[UnknownCause] {
        &self.state.unknown
    }

    /// The flow that was started.
    pub fn flow(&self) -> Option<&Arc<Flow>> {
        self.state.frames.first().map(|frame| &frame.flow)
    }

    /// Whether there is a result or a question to go back to.
    pub fn can_go_back(&self) -> bool {
        !self.past.is_empty()
    }

    /// The verdict, once the walk has ended.
    pub fn verdict(&self) -> Option<Verdict> {
        match &self.state.phase {
            Phase::Finished { verdict, .. } => Some(*verdict),
            _ => None,
        }
    }

    pub(super) fn record(&mut self, entry: Entry) {
        self.effects.push(Effect::Record(Box::new(entry)));
    }

    fn note(&mut self, text: &str) {
        let text = crate::hostile::clean_text(text);
        let path = self.place();
        self.record(Entry::Noted {
            path,
            text,
            told: None,
        });
    }

    fn keep_screen(&mut self, text: &str) {
        let text = crate::hostile::clean_text(text);
        let path = self.place();
        self.record(Entry::Screen { path, text });
    }

    /// Where the walk is.
    pub(super) fn place(&self) -> super::entry::StepPath {
        self.current()
            .map(|visit| visit.path.clone())
            .unwrap_or_default()
    }

    /// Keeps this moment for those who come back to it.
    fn leave_behind(&mut self) {
        if !self.one_way {
            self.past.push((self.state.clone(), self.before.clone()));
        }
    }

    fn answered(&mut self, value: Value) {
        let Phase::Asking(question) = self.state.phase.clone() else {
            return;
        };
        self.leave_behind();
        self.remembered
            .insert(question.path.0.clone(), value.clone());
        self.conclude_answer(&question, value);
    }

    fn consented(&mut self, yes: bool) {
        let Phase::Consenting(question) = self.state.phase.clone() else {
            return;
        };
        if yes {
            self.allowed.insert(question.probe.clone());
            self.leave_behind();
            self.start_probe(question.request.clone(), question.deadline);
        } else {
            let reason = format!(
                "`{}` was not allowed to run; headless, `--allow {}` lets it",
                question.probe, question.probe
            );
            self.conclude_unobserved(&reason);
        }
    }

    fn observed(&mut self, run: RunId, outcome: Outcome) {
        match self.state.phase {
            Phase::Probing { run: expected } if expected == run => self.conclude_probe(outcome),
            // The answer to a run that was cancelled.
            _ => {}
        }
    }

    fn go_on(&mut self) {
        if let Phase::Showing { next } = self.state.phase.clone() {
            self.leave_behind();
            self.enter(&next);
        }
    }

    fn back(&mut self) {
        let Some((state, before)) = self.past.pop() else {
            return;
        };
        self.cancel_run();
        self.state = state;
        self.before = before;
        let number = self
            .state
            .visits
            .get(self.state.current)
            .map_or(0, |visit| visit.number);
        if matches!(self.state.phase, Phase::Showing { .. }) {
            let latest = self.state.visits.iter().map(|visit| visit.number).max();
            self.record(Entry::WentBack {
                from_visit: latest.unwrap_or(number) + 1,
            });
            self.effects.push(Effect::Show);
        } else {
            self.record(Entry::WentBack { from_visit: number });
            self.enter_again();
        }
    }

    pub(super) fn retry(&mut self) {
        let Some(visit) = self.current() else { return };
        let (number, kind) = (visit.number, visit.kind);
        let ready = matches!(
            self.state.phase,
            Phase::Showing { .. } | Phase::Probing { .. }
        );
        if !ready || kind != StepKind::Probe || self.before.is_none() {
            return;
        }
        self.cancel_run();
        self.record(Entry::WentBack { from_visit: number });
        self.fresh = true;
        self.enter_again();
        self.fresh = false;
    }

    /// Enters the current step anew, from the state before it.
    fn enter_again(&mut self) {
        if let Some(before) = self.before.take() {
            let step = self.current().map(|visit| visit.path.step().to_owned());
            self.state = before;
            if let Some(step) = step {
                self.enter(&step);
            }
        }
    }

    fn skip(&mut self) {
        let Some(visit) = self.current() else { return };
        let (number, path) = (visit.number, visit.path.clone());
        match self.state.phase.clone() {
            Phase::Asking(_) => {
                self.leave_behind();
                self.record(Entry::Skipped {
                    visit: number,
                    path,
                });
                self.conclude_unanswered();
            }
            Phase::Consenting(_) | Phase::Probing { .. } => {
                self.cancel_run();
                self.record(Entry::Skipped {
                    visit: number,
                    path,
                });
                self.conclude_unobserved("you skipped it");
            }
            _ => {}
        }
    }

    fn cancel(&mut self) {
        if matches!(self.state.phase, Phase::Probing { .. }) {
            self.cancel_run();
            self.conclude_unobserved("you cancelled it");
        }
    }

    fn cancel_run(&mut self) {
        if let Phase::Probing { run } = self.state.phase {
            self.effects.push(Effect::CancelRun(run));
        }
    }
}
