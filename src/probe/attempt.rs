//! The servers that a running probe asks, and how far each of them is. This is
//! for those who wait: nothing of it goes into an outcome or a journal.
//!
//! A probe wraps the work on one server in [`attempt`]. Who runs the probe and
//! wants to see that runs it inside of [`Attempts::watch`]; elsewhere the
//! wrapping does nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    /// The attempts of the probe that runs in this task.
    static WATCHED: Attempts;
}

/// How far the work on one server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// It is under way.
    Running,
    /// The server answered.
    Answered,
    /// It did not, or nobody waits for it any more.
    Failed,
}

/// One server that a probe asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its name or address.
    pub server: String,
    /// How far it is.
    pub state: AttemptState,
    /// For how long it has been under way, or how long it took.
    pub time: Duration,
}

/// The servers of one run of a probe, in the order in which they were asked.
#[derive(Clone, Debug, Default)]
pub struct Attempts(Arc<Mutex<Vec<Noted>>>);

#[derive(Debug)]
struct Noted {
    server: String,
    began: Instant,
    took: Option<Duration>,
    answered: bool,
    /// How many questions to it are open.
    open: usize,
}

impl Attempts {
    /// Runs a probe; what it attempts is seen in [`Attempts::list`].
    pub async fn watch<F: Future>(&self, run: F) -> F::Output {
        WATCHED.scope(self.clone(), run).await
    }

    /// What was attempted so far.
    pub fn list(&self) -> Vec<Attempt> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted
            .iter()
            .map(|one| Attempt {
                server: one.server.clone(),
                state: match (one.took, one.answered) {
                    (None, _) => AttemptState::Running,
                    (Some(_), true) => AttemptState::Answered,
                    (Some(_), false) => AttemptState::Failed,
                },
                time: one.took.unwrap_or_else(|| one.began.elapsed()),
            })
            .collect()
    }

    fn change(&self, server: &str, how: impl FnOnce(&mut Noted)) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let server = crate::hostile::clean_line(server);
        let place = noted.iter().position(|one| one.server == server);
        let place = place.unwrap_or_else(|| {
            noted.push(Noted {
                server,
                began: Instant::now(),
                took: None,
                answered: false,
                open: 0,
            });
            noted.len() - 1
        });
        if let Some(one) = noted.get_mut(place) {
            how(one);
        }
    }
}

/// The work on one server. Several questions to one server are one attempt.
pub async fn attempt<F: Future>(
    server: &str,
    work: F,
    answered: impl FnOnce(&F::Output) -> bool,
) -> F::Output {
    let Ok(attempts) = WATCHED.try_with(Clone::clone) else {
        return work.await;
    };
    attempts.change(server, |one| {
        one.open += 1;
        one.took = None;
    });
    let mut open = Open {
        attempts,
        server,
        answered: false,
    };
    let output = work.await;
    open.answered = answered(&output);
    output
}

/// A question that is open until this is dropped, also when the work is.
struct Open<'a> {
    attempts: Attempts,
    server: &'a str,
    answered: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.attempts.change(self.server, |one| {
            one.open = one.open.saturating_sub(1);
            one.answered |= self.answered;
            if one.open == 0 {
                one.took = Some(one.began.elapsed());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::future::join;

    use super::*;

    fn states(attempts: &Attempts) -> Vec<(String, AttemptState)> {
        let list = attempts.list();
        list.into_iter()
            .map(|one| (one.server, one.state))
            .collect()
    }

    #[tokio::test]
    async fn servers_report_one_by_one_while_others_are_silent() {
        let attempts = Attempts::default();
        let probe = attempts.watch(async {
            join(
                attempt("dc1", ready(true), |answered| *answered),
                attempt("dc2", pending::<()>(), |()| true),
            )
            .await
        });
        let mut probe = Box::pin(probe);
        assert!(futures_util::poll!(&mut probe).is_pending());
        let seen = [
            ("dc1".to_owned(), AttemptState::Answered),
            ("dc2".to_owned(), AttemptState::Running),
        ];
        assert_eq!(states(&attempts), seen);
        // Cancelling drops the work.
        drop(probe);
        assert_eq!(states(&attempts)[1].1, AttemptState::Failed);
    }

    #[tokio::test]
    async fn several_questions_to_one_server_are_one_attempt() {
        let attempts = Attempts::default();
        attempts
            .watch(async {
                join(
                    attempt("dc1", ready(true), |answered| *answered),
                    attempt("dc1", ready(false), |answered| *answered),
                )
                .await
            })
            .await;
        assert_eq!(
            states(&attempts),
            [("dc1".to_owned(), AttemptState::Answered)]
        );
    }

    #[tokio::test]
    async fn nobody_needs_to_watch() {
        assert_eq!(attempt("dc1", ready(7), |_| true).await, 7);
    }
}
