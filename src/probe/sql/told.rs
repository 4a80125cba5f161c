//! What a session came to, however it was logged in.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::batch::Answer;
use super::reading::SUBJECTS;
use crate::probe::Evidence;

/// A session that came off.
#[derive(Debug)]
pub(super) struct Told {
    /// The address that answered.
    pub(super) address: SocketAddr,
    /// How it was logged in to.
    pub(super) login: Vec<Evidence>,
    /// One for each of [`SUBJECTS`]; none where the time ran out.
    pub(super) answers: Vec<Option<Answer>>,
    /// Our clock when the server read its own.
    pub(super) at: Timestamp,
    /// How long all questions took.
    pub(super) elapsed: Duration,
    /// Why there is no more, if there is not all.
    pub(super) broken: Option<String>,
}

impl Told {
    /// The answer to a question, or why there is none.
    pub(super) fn answer(&self, subject: usize) -> Result<&super::reading::Rows, &str> {
        match self.answers.get(subject).and_then(Option::as_ref) {
            Some(Ok(rows)) => Ok(rows),
            Some(Err(words)) => Err(words),
            None => Err(self.broken.as_deref().unwrap_or("no answer in time")),
        }
    }

    /// The answer to the question of this name.
    pub(super) fn answer_to(&self, name: &str) -> Result<&super::reading::Rows, &str> {
        let subject = SUBJECTS.iter().position(|subject| subject.name == name);
        subject.map_or(Err("it was not asked"), |subject| self.answer(subject))
    }
}

/// A session that did not come off.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The probe's status.
    pub(super) status: &'static str,
    /// Why.
    pub(super) words: String,
    /// SQL Server's error: number, state and message.
    pub(super) error: Option<(i64, u8, String)>,
    /// What was seen before.
    pub(super) evidence: Vec<Evidence>,
}

impl Refusal {
    /// Without an error of SQL Server.
    pub(super) fn new(status: &'static str, words: impl Into<String>) -> Self {
        Self {
            status,
            words: words.into(),
            error: None,
            evidence: Vec::new(),
        }
    }
}

/// Measures an exchange in whose middle the server reads its clock.
pub(super) struct Asked {
    at: Timestamp,
    since: Instant,
}

impl Asked {
    /// Now.
    pub(super) fn now() -> Self {
        Self {
            at: Timestamp::now(),
            since: Instant::now(),
        }
    }

    /// How long it has taken so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    /// Our clock in the middle of an exchange that took so long.
    pub(super) fn middle(&self, took: Duration) -> Timestamp {
        let half = SignedDuration::try_from(took / 2).unwrap_or_default();
        self.at.checked_add(half).unwrap_or(self.at)
    }
}
