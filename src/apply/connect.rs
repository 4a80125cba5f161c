//! The one controller of each domain that is read from and written to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::refusal::Refusal;
use crate::directory::naming;
use crate::probe::Context;
use crate::probe::context::LiveSession;
use crate::probe::ldap::connection::Connection;
use crate::probe::ldap::fault::DirectoryFault;

/// How long one question or one change may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The controllers, and the session that signs in to them.
#[derive(Debug)]
pub struct Controllers {
    session: Arc<LiveSession>,
    hosts: Mutex<BTreeMap<String, String>>,
}

impl Controllers {
    /// `hosts` are those that the diagnosis used, by domain in lower case; for
    /// another domain DNS is asked once. `named` is taken for its own domain
    /// instead.
    pub fn new(
        session: Arc<LiveSession>,
        mut hosts: BTreeMap<String, String>,
        named: Option<&str>,
        domains: &[&str],
    ) -> Result<Self, Refusal> {
        if let Some(named) = named {
            let own = named.split_once('.').map_or("", |(_, domain)| domain);
            let domain = domains
                .iter()
                .find(|domain| naming::same_name(domain, own))
                .ok_or_else(|| Refusal::Controller(crate::hostile::clean_line(named)))?;
            hosts.insert(domain.to_lowercase(), named.to_owned());
        }
        Ok(Self {
            session,
            hosts: Mutex::new(hosts),
        })
    }

    /// The session.
    pub(super) fn session(&self) -> &LiveSession {
        &self.session
    }

    /// Time for one question.
    pub(super) fn context(&self) -> Context {
        Context {
            session: Arc::clone(&self.session),
            deadline: Instant::now() + PATIENCE,
            cancel: CancellationToken::new(),
        }
    }

    /// The controller of a domain, always the same one.
    pub(super) async fn of(&self, domain: &str) -> Result<Arc<Connection>, DirectoryFault> {
        let key = domain.to_lowercase();
        let known = self.hosts().get(&key).cloned();
        let context = self.context();
        let connection = self
            .session
            .directory
            .controller(&context, domain, known.as_deref())
            .await?;
        self.hosts()
            .entry(key)
            .or_insert_with(|| connection.host().to_owned());
        Ok(connection)
    }

    fn hosts(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
