//! Answers that several probes of a session want: whoever asks what is being asked
//! already, or was just answered, gets the same answer.
//!
//! An answer is kept for a minute, until somebody asks anew on purpose: an
//! administrator who mends something and looks again must see it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long an answer is good for others.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// The last answers, by their questions.
#[derive(Debug)]
pub(super) struct Kept<Q, A> {
    places: Mutex<VecDeque<Place<Q, A>>>,
    most: usize,
    good_for: Duration,
}

#[derive(Debug)]
struct Place<Q, A> {
    question: Q,
    since: Instant,
    answer: Arc<OnceCell<A>>,
}

impl<Q: PartialEq, A: Clone> Kept<Q, A> {
    /// Keeps so many answers: a list of a thousand servers needs no more memory
    /// than one.
    pub(super) fn at_most(most: usize) -> Self {
        Self {
            places: Mutex::default(),
            most,
            good_for: KEPT_FOR,
        }
    }

    /// The answer to this question, asked only if nobody has just asked. A fault
    /// is nobody's answer but the asker's.
    pub(super) async fn answer<E>(
        &self,
        question: Q,
        ask: impl Future<Output = Result<A, E>>,
    ) -> Result<A, E> {
        let place = self.place(question);
        place.get_or_try_init(|| ask).await.cloned()
    }

    /// Keeps an answer that was found on another way.
    pub(super) fn keep(&self, question: Q, answer: A) {
        self.forget(&question);
        self.enter(
            &mut self.lock(),
            question,
            Arc::new(OnceCell::new_with(Some(answer))),
        );
    }

    /// The next who asks this asks anew.
    pub(super) fn forget(&self, question: &Q) {
        self.lock().retain(|place| place.question != *question);
    }

    /// Everything is asked anew from now on.
    pub(super) fn forget_all(&self) {
        self.lock().clear();
    }

    /// Where the answer to this question is or will be.
    fn place(&self, question: Q) -> Arc<OnceCell<A>> {
        let mut places = self.lock();
        places.retain(|place| place.since.elapsed() < self.good_for);
        if let Some(same) = places.iter().find(|place| place.question == question) {
            return Arc::clone(&same.answer);
        }
        let answer = Arc::default();
        self.enter(&mut places, question, Arc::clone(&answer));
        answer
    }

    fn enter(&self, places: &mut VecDeque<Place<Q, A>>, question: Q, answer: Arc<OnceCell<A>>) {
        if places.len() >= self.most {
            places.pop_front();
        }
        places.push_back(Place {
            question,
            since: Instant::now(),
            answer,
        });
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Place<Q, A>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Answers with how often it was asked.
    async fn asked(count: &AtomicU32) -> Result<u32, ()> {
        tokio::task::yield_now().await;
        Ok(count.fetch_add(1, Ordering::SeqCst) + 1)
    }

    #[tokio::test]
    async fn those_who_ask_the_same_share() {
        let (kept, count) = (Kept::at_most(2), AtomicU32::new(0));
        let (one, other) = tokio::join!(
            kept.answer("a", asked(&count)),
            kept.answer("a", asked(&count))
        );
        assert_eq!((one, other), (Ok(1), Ok(1)));
        assert_eq!(kept.answer("b", asked(&count)).await, Ok(2));
        assert_eq!(kept.answer("a", asked(&count)).await, Ok(1));
    }

    #[tokio::test]
    async fn what_is_old_is_asked_again() {
        let (mut kept, count) = (Kept::at_most(2), AtomicU32::new(0));
        kept.good_for = Duration::ZERO;
        for time in 1..4 {
            assert_eq!(kept.answer("a", asked(&count)).await, Ok(time));
        }
    }

    #[tokio::test]
    async fn what_is_forgotten_is_asked_again() {
        let (kept, count) = (Kept::at_most(2), AtomicU32::new(0));
        kept.keep("a", 7);
        assert_eq!(kept.answer("a", asked(&count)).await, Ok(7));
        kept.forget(&"a");
        assert_eq!(kept.answer("a", asked(&count)).await, Ok(1));
        kept.forget_all();
        assert_eq!(kept.answer("a", asked(&count)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_fault_is_not_kept_and_the_oldest_makes_room() {
        let (kept, count) = (Kept::at_most(2), AtomicU32::new(0));
        assert_eq!(kept.answer("a", async { Err("no") }).await, Err("no"));
        assert_eq!(kept.answer("a", asked(&count)).await, Ok(1));
        for question in ["b", "c"] {
            kept.keep(question, 0);
        }
        assert_eq!(kept.answer("a", asked(&count)).await, Ok(2));
    }
}
