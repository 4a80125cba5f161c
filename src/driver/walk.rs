//! A walk with its probes and its journal: the engine's effects are carried
//! out here, and only what needs a person is handed on.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::answers::Answers;
use crate::cause::Catalogue;
use crate::engine::{
    Beginning, CannotBegin, ConsentQuestion, Effect, Event, Question, RunId, Session, Verdict,
};
use crate::flow::library::Library;
use crate::probe::{Outcome, registry, runner};
use crate::transcript::Journal;

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
}

impl Walk {
    /// Begins a walk. Without a journal nothing is kept.
    pub fn begin(
        library: Arc<Library>,
        catalogue: Arc<Catalogue>,
        answers: Answers,
        journal: Option<Journal>,
        mut beginning: Beginning,
    ) -> Result<Self, CannotBegin> {
        beginning.source = answers.source();
        let (session, effects) = Session::begin(library, catalogue, beginning)?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut walk = Self {
            session,
            answers,
            journal,
            journal_fault: None,
            runs: HashMap::new(),
            sender,
            receiver,
            need: Need::Observation,
            looked_ahead: false,
        };
        walk.carry_out(effects);
        Ok(walk)
    }

    /// The engine's session, to be shown.
    pub fn session(&self) -> &Session {
        &self.session
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

    /// Hands an event to the engine and does what follows.
    pub fn apply(&mut self, event: Event) {
        let effects = self.session.apply(event);
        self.carry_out(effects);
    }

    /// Waits for the next probe that answers, and takes its answer in. Can be
    /// dropped and called again at any time.
    pub async fn observed(&mut self) {
        loop {
            if !std::mem::replace(&mut self.looked_ahead, true) {
                self.look_ahead();
            }
            tokio::select! {
                biased;
                observed = self.receiver.recv() => {
                    if let Some((run, outcome)) = observed {
                        self.runs.remove(&run);
                        self.apply(Event::Observed {
                            run,
                            outcome: Box::new(outcome),
                        });
                    }
                    return;
                }
                // Something that was asked ahead is known now, and with it
                // perhaps what else to ask.
                () = self.answers.news() => self.looked_ahead = false,
            }
        }
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
                Effect::Finished(verdict) => self.need = Need::Nothing(verdict),
                Effect::Record(entry) => {
                    if let Some(journal) = &mut self.journal
                        && let Err(fault) = journal.append(&entry)
                    {
                        self.journal_fault = Some(fault.to_string());
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
        let known = |request: &_| self.answers.known(request);
        self.answers.ask_ahead(self.session.foreseeable(&known));
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.answers.stop();
    }
}
