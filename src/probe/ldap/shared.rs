//! Searches that several probes of a session want: whoever asks what is asked
//! already, or was just answered, gets the same answer.
//!
//! An answer is kept for a minute, until somebody asks anew on purpose. What is
//! asked before a change is written never comes from here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ldap3::Scope;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::connection::Connection;
use super::entry::Entry;
use super::fault::DirectoryFault;
use super::search::{Found, Search};

/// How long an answer is good for others.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// How many answers are kept: a list of a thousand servers needs no more memory
/// than one.
const MOST: usize = 64;
/// The longest answer that is kept, by its weight.
const HEAVIEST: usize = 256 * 1024;

/// The answers of a session's directories.
#[derive(Debug, Default)]
pub struct SharedSearches {
    kept: Mutex<VecDeque<Kept>>,
}

#[derive(Debug)]
struct Kept {
    question: Question,
    since: Instant,
    answer: Arc<OnceCell<Found>>,
}

/// What makes two searches the same: who is asked as whom, and all that is asked.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    server: String,
    principal: Option<String>,
    base: String,
    scope: Scope,
    filter: String,
    attributes: Vec<&'static str>,
    limit: usize,
}

impl SharedSearches {
    /// Searches over this connection, or waits for the same search of another.
    /// A fault is nobody's answer but the asker's.
    pub(super) async fn search(
        &self,
        connection: &Connection,
        deadline: Instant,
        search: &Search<'_>,
    ) -> Result<Found, DirectoryFault> {
        let question = Question {
            server: connection.server(),
            principal: connection.as_whom().map(str::to_owned),
            base: search.base.to_owned(),
            scope: search.scope,
            filter: search.filter.to_owned(),
            attributes: search.attributes.to_vec(),
            limit: search.limit,
        };
        let answer = self.place(&question);
        let asked = answer.get_or_try_init(|| connection.search(deadline, search));
        let found = tokio::time::timeout_at(deadline, asked)
            .await
            // Whoever waited too long must not leave a dead connection to the next.
            .map_err(|_| connection.noted(DirectoryFault::TimedOut(connection.server())))??
            .clone();
        if found.entries.iter().map(Entry::weight).sum::<usize>() > HEAVIEST {
            self.lock().retain(|kept| kept.question != question);
        }
        Ok(found)
    }

    /// Everything is asked anew from now on.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    /// Where the answer to this question is or will be.
    fn place(&self, question: &Question) -> Arc<OnceCell<Found>> {
        let mut kept = self.lock();
        kept.retain(|kept| kept.since.elapsed() < KEPT_FOR);
        if let Some(same) = kept.iter().find(|kept| kept.question == *question) {
            return Arc::clone(&same.answer);
        }
        if kept.len() >= MOST {
            kept.pop_front();
        }
        let answer = Arc::default();
        kept.push_back(Kept {
            question: question.clone(),
            since: Instant::now(),
            answer: Arc::clone(&answer),
        });
        answer
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
