//! Which of several servers is asked: the first that takes a connection, and
//! the same one for the whole session, until it fails.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use super::connections::Wanted;
use super::fault::DirectoryFault;
use super::reach::{self, Reached, Role};
use crate::probe::Context;

/// How long a server that did not answer is asked after the others.
const SUSPICION: Duration = Duration::from_secs(60);

/// Values with a lock of their own for each key.
#[derive(Debug)]
pub(super) struct Table<K, V>(Mutex<HashMap<K, Arc<AsyncMutex<V>>>>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Default> Table<K, V> {
    /// The value's lock, made when there is none.
    pub(super) fn entry(&self, key: K) -> Arc<AsyncMutex<V>> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(table.entry(key).or_default())
    }
}

/// The choices of a session.
#[derive(Debug, Default)]
pub(super) struct Choice {
    chosen: Table<(Role, String), Option<(String, bool)>>,
    suspects: Mutex<HashMap<(String, u16), Suspect>>,
}

#[derive(Debug)]
struct Suspect {
    since: Instant,
    what: String,
}

/// A server to ask.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Its name.
    pub(super) host: String,
    /// A connection to it, when it was just chosen.
    pub(super) reached: Option<Reached>,
    /// Whether there are others that nothing is known against.
    pub(super) others: bool,
}

impl Choice {
    /// The server for a role in a domain or forest. While it is looked for,
    /// `meanwhile` is done too.
    pub(super) async fn choose(
        &self,
        context: &Context,
        wanted: Wanted<'_>,
        meanwhile: impl Future<Output = ()>,
    ) -> Result<Chosen, DirectoryFault> {
        let chosen = self.chosen.entry(key(wanted));
        let mut chosen = tokio::time::timeout_at(context.deadline, chosen.lock_owned())
            .await
            .map_err(|_| DirectoryFault::TimedOut(format!("DNS for {}", wanted.name)))?;
        if let Some((host, others)) = chosen.clone() {
            return Ok(Chosen {
                host,
                reached: None,
                others,
            });
        }
        let (found, ()) = tokio::join!(Box::pin(self.find(context, wanted)), meanwhile);
        let found = found?;
        *chosen = Some((found.host.clone(), found.others));
        Ok(found)
    }

    async fn find(&self, context: &Context, wanted: Wanted<'_>) -> Result<Chosen, DirectoryFault> {
        let session = &context.session;
        let hosts = reach::candidates(session, wanted.role, wanted.name, context.deadline).await?;
        let (suspects, mut good) = self.sort(hosts, wanted.role.port());
        let count = good.len();
        good.extend(suspects.iter().map(|(host, _)| host.clone()));
        let mut reached =
            reach::reach(session, &good, wanted.role.port(), context.deadline).await?;
        let host = reached.host.to_lowercase();
        let known = suspects.into_iter().filter(|(suspect, _)| *suspect != host);
        reached.silent.extend(known);
        let others = count > 1;
        Ok(Chosen {
            host,
            reached: Some(reached),
            others,
        })
    }

    /// Those that did not answer lately with the reason, and the others.
    fn sort(&self, hosts: Vec<String>, port: u16) -> (Vec<(String, String)>, Vec<String>) {
        let mut table = self.suspects.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, suspect| suspect.since.elapsed() < SUSPICION);
        let (mut suspects, mut good) = (Vec::new(), Vec::new());
        for host in hosts {
            match table.get(&(host.to_lowercase(), port)) {
                Some(suspect) => suspects.push((host, suspect.what.clone())),
                None => good.push(host),
            }
        }
        (suspects, good)
    }

    /// The server did not answer: another is chosen next time.
    pub(super) async fn suspect(&self, wanted: Wanted<'_>, host: &str, fault: &DirectoryFault) {
        let suspect = Suspect {
            since: Instant::now(),
            what: fault.to_string(),
        };
        self.suspects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((host.to_owned(), wanted.role.port()), suspect);
        let chosen = self.chosen.entry(key(wanted));
        let mut chosen = chosen.lock().await;
        if chosen.as_ref().is_some_and(|(held, _)| held == host) {
            *chosen = None;
        }
    }
}

fn key(wanted: Wanted<'_>) -> (Role, String) {
    let name = wanted.name.trim_matches('.').to_lowercase();
    (wanted.role, name)
}
