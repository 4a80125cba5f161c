//! Searches that several probes of a session want. What is asked before a change
//! is written never comes from here.

use ldap3::Scope;
use tokio::time::Instant;

use super::connection::Connection;
use super::entry::Entry;
use super::fault::DirectoryFault;
use super::search::{Found, Search};
use crate::probe::kept::Kept;

/// How many answers are kept.
const MOST: usize = 64;
/// The longest answer that is kept, by its weight.
const HEAVIEST: usize = 256 * 1024;

/// The answers of a session's directories.
#[derive(Debug)]
pub struct SharedSearches {
    kept: Kept<Question, Found>,
}

impl Default for SharedSearches {
    fn default() -> Self {
        Self {
            kept: Kept::at_most(MOST),
        }
    }
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
        let asking = Box::pin(connection.search(deadline, search));
        let asked = self.kept.answer(question.clone(), asking);
        let found = tokio::time::timeout_at(deadline, asked)
            .await
            // Whoever waited too long must not leave a dead connection to the next.
            .map_err(|_| connection.noted(DirectoryFault::TimedOut(connection.server())))??;
        if found.entries.iter().map(Entry::weight).sum::<usize>() > HEAVIEST {
            self.kept.forget(&question);
        }
        Ok(found)
    }

    /// Everything is asked anew from now on.
    pub(super) fn forget(&self) {
        self.kept.forget_all();
    }
}
