//! Connections of a session that are logged in to SQL Server: the login that was
//! tried serves the questions that come next, so that nobody logs in twice.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Connection;

/// How long a connection waits for questions.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// A list of a thousand servers keeps no more than this.
const MOST: usize = 64;

/// Whose login to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The host as it was typed.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// The Kerberos principal.
    pub principal: String,
}

/// The connections of a session.
#[derive(Default)]
pub struct Logins(Mutex<Vec<(Login, Instant, Connection)>>);

impl Logins {
    /// Keeps a connection for a minute.
    pub fn keep(&self, login: Login, connection: Connection) {
        let mut kept = self.lock();
        kept.retain(|(other, since, _)| *other != login && since.elapsed() < KEPT_FOR);
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push((login, Instant::now(), connection));
    }

    /// Takes the connection of this login out, if there is one.
    pub fn take(&self, login: &Login) -> Option<Connection> {
        let mut kept = self.lock();
        kept.retain(|(_, since, _)| since.elapsed() < KEPT_FOR);
        let at = kept.iter().position(|(other, _, _)| other == login)?;
        Some(kept.remove(at).2)
    }

    /// Closes all: whoever asks next logs in anew.
    pub fn close_all(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Login, Instant, Connection)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.lock();
        let logins = kept.iter().map(|(login, _, _)| login);
        formatter.debug_list().entries(logins).finish()
    }
}
