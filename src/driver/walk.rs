//! A walk with its probes and its journal: the engine's effects are carried
//! out here, and only what needs a person is handed on.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::answers::{Answers, Asked};
use super::past::Past;
use super::restore::{self, Restored};
use crate::cause::Catalogue;
use crate::engine::{
    Beginning, CannotBegin, ConsentQuestion, Effect, Entry, Event, Question, RunId, Session,
    Verdict,
};
use crate::flow::library::Library;
use crate::probe::{Outcome, registry, runner};
use crate::transcript::{Journal, JournalFault, Reading};

/// What the walk needs from outside before it can go on.
#[derive(Clone, Debug)]
pub enum Need {
    /// An answer to a question.
    Answer(Box<Question>),
    /// A yes or no to a probe that can leave a trace.
    Consent(Box<ConsentQuestion>),
    /// A probe is running: wait for [`Walk::observed`].
    Observation,
    /// Somebody who reads on.
    Reader,
    /// Nothing: it has ended.
    Nothing(Verdict),
}

/// A walk under way.
#[derive(Debug)]
pub struct Walk {
    session: Session,
    answers: Answers,
    journal: Option<Journal>,
    journal_fault: Option<String>,
    runs: HashMap<RunId, CancellationToken>,
    sender: mpsc::UnboundedSender<(RunId, Outcome)>,
    receiver: mpsc::UnboundedReceiver<(RunId, Outcome)>,
    need: Need,
    /// Whether what is known now was used to ask ahead.
    looked_ahead: bool,
    /// A walk that was cut off, and the next visit of it that is not walked
    /// again yet.
    past: Option<(Past, usize)>,
}

impl Walk {
    /// Begins a walk. Without a journal nothing is kept.
    pub fn begin(
        library: Arc<Library>,
        catalogue: Arc<Catalogue>,
        answers: Answers,
        mut journal: Option<Journal>,
        mut beginning: Beginning,
    ) -> Result<Self, CannotBegin> {
        if let Some(journal) = &mut journal {
            journal.hide_those_of(&beginning.vault);
        }
        beginning.source = answers.source();
        let journal_path = journal
            .as_ref()
            .map(|journal| journal.path().display().to_string());
        tracing::info!(
            flow = %beginning.flow,
            source = %beginning.source,
            journal = journal_path.as_deref().unwrap_or("none"),
            "a walk begins"
        );
        let (session, effects) = Session::begin(library, catalogue, beginning)?;
        let mut walk = Self::of(session, answers, journal, None);
        walk.carry_out(effects);
        Ok(walk)
    }

    /// Goes on with a walk that was cut off, from where its journal ends. What
    /// was seen before `oldest`, and what was under way, is asked again; what
    /// was answered is not. Without `oldest` all is asked again. Tells how many
    /// finished steps stand.
    pub fn resume(
        library: &Arc<Library>,
        catalogue: &Arc<Catalogue>,
        answers: Answers,
        mut journal: Journal,
        beginning: &Beginning,
        past: Past,
        oldest: Option<Timestamp>,
    ) -> Result<(Self, usize), CannotBegin> {
        journal.hide_those_of(&beginning.vault);
        let Restored {
            session,
            effects,
            standing,
        } = restore::restore(library, catalogue, beginning, &past, oldest)?;
        answers.know(past.seen_since(oldest));
        let kept = past.finished(standing);
        let mut first = vec![Effect::Record(Box::new(Entry::Resumed {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            kept,
        }))];
        if let Some(visit) = past.visits.get(standing) {
            first.push(Effect::Record(Box::new(Entry::WentBack {
                from_visit: visit.number,
            })));
        }
        first.extend(effects);
        let mut walk = Self::of(session, answers, Some(journal), Some((past, standing)));
        walk.carry_out(first);
        walk.as_before();
        Ok((walk, kept))
    }

    fn of(
        session: Session,
        answers: Answers,
        journal: Option<Journal>,
        past: Option<(Past, usize)>,
    ) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            session,
            answers,
            journal,
            journal_fault: None,
            runs: HashMap::new(),
            sender,
            receiver,
            need: Need::Observation,
            looked_ahead: false,
            past,
        }
    }

    /// The engine's session, to be shown.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The questions that were asked so far and how far they are.
    pub fn asked(&self) -> Vec<Asked> {
        self.answers.asked()
    }

    /// What the walk waits for.
    pub fn need(&self) -> &Need {
        &self.need
    }

    /// The journal's file, when there is one.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// Why the journal could not be written, in a sentence; the walk goes on.
    pub fn journal_fault(&self) -> Option<&str> {
        self.journal_fault.as_deref()
    }

    /// What was recorded so far, also what could not be written.
    pub fn reading(&self) -> Option<Result<Reading, JournalFault>> {
        self.journal.as_ref().map(Journal::reading)
    }

    /// Hands an event to the engine and does what follows.
    pub fn apply(&mut self, event: Event) {
        // From now on the user says how to go on.
        if !matches!(event, Event::Note(_) | Event::Screen(_)) {
            self.past = None;
        }
        self.take_in(event);
    }

    fn take_in(&mut self, event: Event) {
        let effects = self.session.apply(event);
        self.carry_out(effects);
    }

    /// Does what was done before the walk was cut off, as long as everything
    /// comes out as it did then.
    fn as_before(&mut self) {
        while let Some((past, visits)) = &mut self.past {
            if matches!(self.need, Need::Observation) {
                return;
            }
            match restore::as_before(&self.session, past, visits) {
                Some(event) => self.take_in(event),
                None => self.past = None,
            }
        }
    }

    /// Waits for the next probe that answers, and takes its answer in. Can be
    /// dropped and called again at any time.
    pub async fn observed(&mut self) {
        loop {
            // What is there already is worth more than what may come.
            if let Ok((run, outcome)) = self.receiver.try_recv() {
                return self.came(run, outcome);
            }
            if !std::mem::replace(&mut self.looked_ahead, true) {
                self.look_ahead();
            }
            tokio::select! {
                biased;
                observed = self.receiver.recv() => {
                    if let Some((run, outcome)) = observed {
                        self.came(run, outcome);
                    }
                    return;
                }
                // Something that was asked ahead is known now, and with it
                // perhaps what else to ask.
                () = self.answers.news() => self.looked_ahead = false,
            }
        }
    }

    fn came(&mut self, run: RunId, outcome: Outcome) {
        self.runs.remove(&run);
        self.take_in(Event::Observed {
            run,
            outcome: Box::new(outcome),
        });
        self.as_before();
    }

    /// Ends everything that is under way.
    pub fn stop(&self) {
        self.answers.stop();
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask(question) => self.need = Need::Answer(Box::new(question)),
                Effect::AskConsent(question) => self.need = Need::Consent(Box::new(question)),
                Effect::Show => self.need = Need::Reader,
                Effect::Finished(verdict) => {
                    tracing::info!(verdict = verdict.status(), "the walk has ended");
                    self.need = Need::Nothing(verdict);
                }
                Effect::Record(entry) => {
                    if let Some(journal) = &mut self.journal {
                        // What could not be written is written with the next.
                        self.journal_fault =
                            journal.append(&entry).err().map(|fault| fault.to_string());
                        if let Some(fault) = &self.journal_fault {
                            tracing::error!(%fault, "the journal cannot be written");
                        }
                    }
                }
                Effect::CancelRun(run) => {
                    if let Some(cancel) = self.runs.remove(&run) {
                        cancel.cancel();
                    }
                }
                Effect::Observe {
                    run,
                    request,
                    deadline,
                    fresh,
                } => {
                    self.need = Need::Observation;
                    if !fresh && let Some(outcome) = self.answers.known(&request) {
                        let _ = self.sender.send((run, outcome));
                        continue;
                    }
                    let cancel = CancellationToken::new();
                    self.runs.insert(run, cancel.clone());
                    let (answers, sender) = (self.answers.clone(), self.sender.clone());
                    tokio::spawn(async move {
                        let key = request.probe.clone();
                        let answer = answers.ask(request, deadline, fresh, cancel.clone()).await;
                        let outcome = match answer {
                            Some(outcome) => outcome,
                            None if cancel.is_cancelled() => return,
                            // Its task ended without an answer: it panicked.
                            None => Outcome::not_observed(
                                registry::declaration(&key).unwrap_or(&runner::UNKNOWN),
                                "the probe stopped on a fault of this program; retry, or skip it",
                            ),
                        };
                        let _ = sender.send((run, outcome));
                    });
                }
            }
        }
        self.looked_ahead = false;
    }

    /// Asks ahead what is known to be asked later.
    fn look_ahead(&self) {
        let known = |request: &_| self.answers.result(request);
        self.answers.ask_ahead(self.session.foreseeable(&known));
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.answers.stop();
    }
}
