//! One source of answers for many walks. What several walks ask at about the
//! same time is asked once: the domain's controllers, your ticket, the trusts
//! are the same for every target of a list.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, WeakShared};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::probe::{NOT_OBSERVED, Outcome, ProbeRequest, Runner};

/// How long an answer is handed to other walks.
const KEPT: Duration = Duration::from_secs(60);
/// How many answers are kept: those that every walk needs are asked for so
/// often that they stay, those of a single target make room.
const MOST: usize = 512;

/// Shares the answers of another runner.
pub struct Shared {
    runner: Arc<dyn Runner>,
    table: Arc<Mutex<Table>>,
}

#[derive(Default)]
struct Table {
    answers: HashMap<String, Answer>,
    under_way: HashMap<String, WeakShared<BoxFuture<'static, Outcome>>>,
    uses: u64,
}

struct Answer {
    outcome: Outcome,
    since: Instant,
    used: u64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("source", &self.runner.source())
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Shares what this runner answers.
    pub fn new(runner: Arc<dyn Runner>) -> Self {
        Self {
            runner,
            table: Arc::default(),
        }
    }
}

impl Runner for Shared {
    fn ask_anew(&self) {
        self.runner.ask_anew();
    }

    /// A question under way ends when the last of those who wait for it is
    /// cancelled.
    fn run(
        &self,
        request: ProbeRequest,
        deadline: Option<Duration>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Outcome> {
        let key = request.key();
        let mut table = lock(&self.table);
        if let Some(outcome) = table.kept(&key) {
            return Box::pin(async move { outcome });
        }
        let under_way = table.under_way.get(&key).and_then(WeakShared::upgrade);
        let asked = under_way.unwrap_or_else(|| {
            let question = self
                .runner
                .run(request.clone(), deadline, CancellationToken::new());
            let (answers, name) = (Arc::clone(&self.table), key.clone());
            let asked = async move {
                let outcome = question.await;
                lock(&answers).keep(name, &outcome);
                outcome
            }
            .boxed()
            .shared();
            if let Some(weak) = asked.downgrade() {
                table.under_way.insert(key, weak);
            }
            asked
        });
        drop(table);
        Box::pin(async move {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Outcome::not_observed(
                    crate::probe::registry::declaration(&request.probe)
                        .unwrap_or(&crate::probe::runner::UNKNOWN),
                    "you cancelled it",
                ),
                outcome = asked => outcome,
            }
        })
    }

    fn source(&self) -> String {
        self.runner.source()
    }
}

impl Table {
    fn kept(&mut self, key: &str) -> Option<Outcome> {
        self.uses += 1;
        let uses = self.uses;
        let answer = self
            .answers
            .get_mut(key)
            .filter(|answer| answer.since.elapsed() < KEPT)?;
        answer.used = uses;
        Some(answer.outcome.clone())
    }

    fn keep(&mut self, key: String, outcome: &Outcome) {
        self.under_way.remove(&key);
        if self.answers.len() >= MOST {
            self.make_room();
        }
        // Nothing was learnt: the next one who asks shall ask anew.
        if outcome.status != NOT_OBSERVED {
            let answer = Answer {
                outcome: outcome.clone(),
                since: Instant::now(),
                used: self.uses,
            };
            self.answers.insert(key, answer);
        }
    }

    /// Forgets the half that was not asked for the longest, and what is old.
    fn make_room(&mut self) {
        let mut uses: Vec<u64> = self.answers.values().map(|answer| answer.used).collect();
        uses.sort_unstable();
        let middle = uses.get(uses.len() / 2).copied().unwrap_or_default();
        self.answers
            .retain(|_, answer| answer.used > middle && answer.since.elapsed() < KEPT);
        self.under_way.retain(|_, weak| weak.upgrade().is_some());
    }
}

fn lock(table: &Mutex<Table>) -> std::sync::MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts how often it was asked, and how many questions were dropped.
    #[derive(Default)]
    struct Counting {
        asked: Arc<AtomicUsize>,
        dropped: Arc<AtomicUsize>,
        open: Arc<tokio::sync::Notify>,
    }

    struct Dropped(Arc<AtomicUsize>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Runner for Counting {
        fn run(
            &self,
            _request: ProbeRequest,
            _deadline: Option<Duration>,
            _cancel: CancellationToken,
        ) -> BoxFuture<'static, Outcome> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let (open, guard) = (Arc::clone(&self.open), Dropped(Arc::clone(&self.dropped)));
            Box::pin(async move {
                open.notified().await;
                drop(guard);
                Outcome {
                    status: "seen".to_owned(),
                    summary: String::new(),
                    facts: serde_json::Map::new(),
                    evidence: Vec::new(),
                    by_hand: crate::probe::ByHand::default(),
                    elapsed_ms: 0,
                }
            })
        }

        fn source(&self) -> String {
            "counting".to_owned()
        }
    }

    #[tokio::test]
    async fn walks_that_ask_the_same_share_one_question_and_its_answer() {
        let counting = Counting::default();
        let (asked, open) = (Arc::clone(&counting.asked), Arc::clone(&counting.open));
        let shared = Shared::new(Arc::new(counting));
        let request = ProbeRequest::new("x").with("a", 1);
        let one = shared.run(request.clone(), None, CancellationToken::new());
        let two = shared.run(request.clone(), None, CancellationToken::new());
        open.notify_one();
        let (one, two) = tokio::join!(one, two);
        assert_eq!((one.status.as_str(), two.status.as_str()), ("seen", "seen"));
        let later = shared.run(request, None, CancellationToken::new()).await;
        assert_eq!(later.status, "seen");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_question_ends_with_the_last_who_waits_for_it() {
        let counting = Counting::default();
        let dropped = Arc::clone(&counting.dropped);
        let shared = Shared::new(Arc::new(counting));
        let (first, second) = (CancellationToken::new(), CancellationToken::new());
        let one = tokio::spawn(shared.run(ProbeRequest::new("x"), None, first.clone()));
        let two = tokio::spawn(shared.run(ProbeRequest::new("x"), None, second.clone()));
        first.cancel();
        assert_eq!(one.await.unwrap().status, NOT_OBSERVED);
        assert_eq!(dropped.load(Ordering::SeqCst), 0);
        second.cancel();
        assert_eq!(two.await.unwrap().status, NOT_OBSERVED);
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn what_every_walk_asks_stays_and_the_rest_makes_room() {
        let mut table = Table::default();
        let outcome = Outcome::not_observed(&crate::probe::runner::UNKNOWN, "");
        let seen = Outcome {
            status: "seen".to_owned(),
            ..outcome
        };
        table.keep("common".to_owned(), &seen);
        for number in 0..10 * MOST {
            assert!(table.kept("common").is_some(), "{number}");
            table.keep(number.to_string(), &seen);
            assert!(table.answers.len() <= MOST);
        }
    }
}
