//! The answers of a session: every question is asked once. Requests are
//! values, so an answer can be there before the walk arrives.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::probe::{
    Attempt, Attempts, NOT_OBSERVED, Outcome, ProbeRequest, Runner, Tone, registry,
};

/// How many questions are asked ahead at the same time. What the walk itself
/// waits for is not counted.
const AHEAD_AT_ONCE: usize = 12;

/// Runs probes and keeps what they answered.
#[derive(Clone)]
pub struct Answers {
    runner: Arc<dyn Runner>,
    kept: Arc<Mutex<HashMap<String, Pending>>>,
    ahead: Arc<Semaphore>,
    all: CancellationToken,
    news: Arc<Notify>,
    count: Arc<AtomicUsize>,
}

/// An answer that is there or under way.
#[derive(Clone)]
struct Pending {
    answer: watch::Receiver<Option<Outcome>>,
    cancel: CancellationToken,
    /// What was asked; none for what was known before.
    request: Option<ProbeRequest>,
    /// Its place among all that was asked.
    number: usize,
    /// When it was really asked; later than it was wanted when many are.
    asked: Arc<OnceLock<Instant>>,
    /// The servers that are asked.
    attempts: Attempts,
}

impl Pending {
    /// Whether it was answered with what should be, or known before.
    fn came_out_well(&self) -> bool {
        let Some(request) = &self.request else {
            return true;
        };
        let answer = self.answer.borrow();
        let Some(outcome) = answer.as_ref() else {
            return false;
        };
        registry::declaration(&request.probe)
            .is_none_or(|declaration| declaration.tone(&outcome.status) == Tone::Good)
    }
}

/// How far a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits for its turn.
    Queued,
    /// It has been under way for so long.
    Running(Duration),
    /// It was answered, after so many milliseconds.
    Answered(u64),
}

/// A question of this session.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What was asked.
    pub request: ProbeRequest,
    /// How far it is.
    pub progress: Progress,
    /// The servers that are asked, and how far each of them is.
    pub attempts: Vec<Attempt>,
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Answers")
            .field("source", &self.runner.source())
            .finish_non_exhaustive()
    }
}

impl Answers {
    /// Answers from this runner; must be called inside a tokio runtime.
    pub fn new(runner: Arc<dyn Runner>) -> Self {
        Self {
            runner,
            kept: Arc::default(),
            ahead: Arc::new(Semaphore::new(AHEAD_AT_ONCE)),
            all: CancellationToken::new(),
            news: Arc::default(),
            count: Arc::default(),
        }
    }

    /// The same for a walk that begins anew: what was answered is kept, what is
    /// under way is not.
    #[must_use]
    pub fn anew(&self) -> Self {
        let answered = |pending: &Pending| {
            pending
                .answer
                .borrow()
                .as_ref()
                .is_some_and(|outcome| outcome.status != NOT_OBSERVED)
        };
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept
            .iter()
            .filter(|(_, pending)| answered(pending))
            .map(|(key, pending)| (key.clone(), pending.clone()))
            .collect();
        Self {
            kept: Arc::new(Mutex::new(kept)),
            ..Self::new(Arc::clone(&self.runner))
        }
    }

    /// Where the answers come from.
    pub fn source(&self) -> String {
        self.runner.source()
    }

    /// The answer to a request: the kept one unless `fresh`. When `cancel` is
    /// set, the question is dropped, also for those who asked it ahead.
    pub async fn ask(
        &self,
        request: ProbeRequest,
        deadline: Option<Duration>,
        fresh: bool,
        cancel: CancellationToken,
    ) -> Option<Outcome> {
        let key = request.key();
        let mut pending = self.start(&key, request, deadline, fresh, false);
        let waited = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            waited = pending.answer.wait_for(Option::is_some) => {
                waited.ok().and_then(|answer| answer.clone())
            }
        };
        if waited.is_none() {
            pending.cancel.cancel();
            self.forget(&key);
        }
        waited
    }

    /// Asks ahead, as far as nobody has yet.
    pub fn ask_ahead(&self, requests: Vec<ProbeRequest>) {
        for request in requests {
            let key = request.key();
            let _ = self.start(&key, request, None, false, true);
        }
    }

    /// The answer, when it is there already.
    pub fn known(&self, request: &ProbeRequest) -> Option<Outcome> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&request.key())?.answer.borrow().clone()
    }

    /// What the steps behind it see of the answer, when it is there already.
    pub fn result(&self, request: &ProbeRequest) -> Option<Value> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = kept.get(&request.key())?.answer.borrow();
        answer.as_ref().map(Outcome::result)
    }

    /// Waits until something that was asked ahead is answered.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// Every question of this session and how far it is, in the order in which
    /// they were asked.
    pub fn asked(&self) -> Vec<Asked> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pending: Vec<&Pending> = kept.values().collect();
        pending.sort_by_key(|one| one.number);
        pending
            .into_iter()
            .filter_map(|one| {
                Some(Asked {
                    request: one.request.clone()?,
                    progress: match (&*one.answer.borrow(), one.asked.get()) {
                        (Some(outcome), _) => Progress::Answered(outcome.elapsed_ms),
                        (None, Some(asked)) => Progress::Running(asked.elapsed()),
                        (None, None) => Progress::Queued,
                    },
                    attempts: one.attempts.list(),
                })
            })
            .collect()
    }

    /// Takes in what is known already, by [`ProbeRequest::key`].
    pub fn know(&self, known: Vec<(String, Outcome)>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, outcome) in known {
            let (_, answer) = watch::channel(Some(outcome));
            let pending = Pending {
                answer,
                cancel: self.all.child_token(),
                request: None,
                number: 0,
                asked: Arc::default(),
                attempts: Attempts::default(),
            };
            kept.insert(key, pending);
        }
    }

    /// Ends everything that is under way.
    pub fn stop(&self) {
        self.all.cancel();
    }

    fn start(
        &self,
        key: &str,
        request: ProbeRequest,
        deadline: Option<Duration>,
        fresh: bool,
        ahead: bool,
    ) -> Pending {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh {
            self.runner.ask_anew();
            // Who asks again has done something about it, or waited: what was
            // asked ahead meanwhile and came out badly may be good now, too, and
            // what is under way may fail by what it met before.
            kept.retain(|_, pending| {
                let stays = pending.came_out_well();
                if !stays {
                    pending.cancel.cancel();
                }
                stays
            });
        } else if let Some(pending) = kept.get(key) {
            return pending.clone();
        }
        let (sender, answer) = watch::channel(None);
        let cancel = self.all.child_token();
        let pending = Pending {
            answer,
            cancel: cancel.clone(),
            request: Some(request.clone()),
            number: self.count.fetch_add(1, Ordering::Relaxed),
            asked: Arc::default(),
            attempts: Attempts::default(),
        };
        let asked = Arc::clone(&pending.asked);
        let attempts = pending.attempts.clone();
        if let Some(earlier) = kept.insert(key.to_owned(), pending.clone()) {
            earlier.cancel.cancel();
        }
        let (runner, limit, answers) = (
            Arc::clone(&self.runner),
            Arc::clone(&self.ahead),
            self.clone(),
        );
        let key = key.to_owned();
        tokio::spawn(async move {
            let _permit = if ahead {
                limit.acquire_owned().await.ok()
            } else {
                None
            };
            let _ = asked.set(Instant::now());
            let probe = request.probe.clone();
            tracing::debug!(request = %key, ahead, "asked");
            let run = runner.run(request, deadline, cancel.clone());
            let outcome = attempts.watch(run).await;
            tracing::info!(%probe, status = %outcome.status, ms = outcome.elapsed_ms, ahead, "answered");
            tracing::debug!(request = %key, summary = %outcome.summary, "answered");
            let learnt = outcome.status != NOT_OBSERVED;
            // Nothing was learnt: the next one who asks shall ask anew.
            if !learnt && !cancel.is_cancelled() {
                answers.forget(&key);
            }
            let _ = sender.send(Some(outcome));
            if learnt && ahead {
                answers.news.notify_one();
            }
        });
        pending
    }

    fn forget(&self, key: &str) {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

#[cfg(test)]
mod tests;
