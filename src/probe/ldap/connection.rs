//! One open connection to a directory server.

use std::sync::atomic::{AtomicBool, Ordering};

use ldap3::Ldap;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::bind::{self, Opened};
use super::fault::DirectoryFault;
use super::pump::Ended;
use super::reach::Role;
use super::root_dse::RootDse;
use super::search::{self, Found, Search};
use crate::directory::sid::Sid;

/// A connection that any number of probes search over at the same time.
#[derive(Debug)]
pub struct Connection {
    ldap: Ldap,
    driver: JoinHandle<()>,
    ended: Ended,
    /// Whether a question was not answered in time: the server may be gone
    /// without a word, and would never answer here again.
    silent_now: AtomicBool,
    host: String,
    port: u16,
    address: Option<std::net::IpAddr>,
    role: Role,
    principal: Option<String>,
    how: String,
    /// Those that were tried before and did not answer, with the reason.
    pub silent: Vec<(String, String)>,
    opened_ms: u64,
    root: OnceCell<RootDse>,
    own_sids: OnceCell<Vec<Sid>>,
}

impl Connection {
    pub(super) fn new(
        opened: Opened,
        host: String,
        role: Role,
        address: Option<std::net::IpAddr>,
        silent: Vec<(String, String)>,
        started: Instant,
    ) -> Self {
        Self {
            ldap: opened.ldap,
            driver: opened.driver,
            ended: opened.ended,
            silent_now: AtomicBool::new(false),
            host,
            port: opened.port,
            address,
            role,
            principal: opened.principal,
            how: opened.how,
            silent,
            opened_ms: milliseconds(started),
            root: OnceCell::new(),
            own_sids: OnceCell::new(),
        }
    }

    /// The server as `host:port`.
    pub fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The server's name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The server's address.
    pub fn address(&self) -> Option<std::net::IpAddr> {
        self.address
    }

    /// What it is asked for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// As whom we signed in; nothing for nobody.
    pub fn as_whom(&self) -> Option<&str> {
        self.principal.as_deref()
    }

    /// As whom and how, for the evidence.
    pub fn credential(&self) -> String {
        match &self.principal {
            Some(principal) => format!("{principal}, {}", self.how),
            None => self.how.clone(),
        }
    }

    /// How long it took to connect and sign in.
    pub fn opened_ms(&self) -> u64 {
        self.opened_ms
    }

    /// Whether it still works as far as we know.
    pub fn is_open(&self) -> bool {
        !self.driver.is_finished() && !self.silent_now.load(Ordering::Acquire)
    }

    /// The library's handle, for searches that stream.
    pub(super) fn searching_handle(&self) -> Ldap {
        self.ldap.clone()
    }

    /// Searches.
    pub async fn search(
        &self,
        deadline: Instant,
        search: &Search<'_>,
    ) -> Result<Found, DirectoryFault> {
        let found = search::run(&self.ldap, &self.server(), deadline, search).await;
        found.map_err(|fault| self.noted(fault))
    }

    /// The fault with what is known of the connection; after silence nobody
    /// else asks over it.
    pub(super) fn noted(&self, fault: DirectoryFault) -> DirectoryFault {
        if matches!(fault, DirectoryFault::TimedOut(_)) {
            self.silent_now.store(true, Ordering::Release);
        }
        bind::told(fault, &self.ended)
    }

    /// The library's handle, for the one layer that writes
    /// (`tests/architecture.rs` lets nobody else name this).
    pub(crate) fn library_handle(&self) -> Ldap {
        self.ldap.clone()
    }

    /// Our own SIDs as this server sees us (tokenGroups of the rootDSE,
    /// [MS-ADTS] 3.1.1.3.2.36), read once; empty when it does not say.
    pub async fn own_sids(&self, deadline: Instant) -> Result<Vec<Sid>, DirectoryFault> {
        self.own_sids
            .get_or_try_init(|| async {
                let search = Search::object("", &["tokenGroups"]);
                let found = self.search(deadline, &search).await?;
                let entry = found.entries.first();
                Ok(entry
                    .map(|entry| entry.sids("tokenGroups"))
                    .unwrap_or_default())
            })
            .await
            .cloned()
    }

    /// The server's rootDSE, read once.
    pub async fn root(&self, deadline: Instant) -> Result<&RootDse, DirectoryFault> {
        self.root.get_or_try_init(|| self.read_root(deadline)).await
    }

    /// The server's rootDSE, read now: its clock is worth nothing later.
    pub async fn read_root(&self, deadline: Instant) -> Result<RootDse, DirectoryFault> {
        let before = Instant::now();
        let search = Search::object("", RootDse::ATTRIBUTES);
        let found = self.search(deadline, &search).await?;
        let now = jiff::Timestamp::now();
        let entry = found.entries.into_iter().next();
        entry
            .and_then(|entry| RootDse::read(&entry, now, before.elapsed()))
            .ok_or_else(|| DirectoryFault::Search {
                server: self.server(),
                what: "its rootDSE names no domain; is it a domain controller?".to_owned(),
            })
    }
}

/// Milliseconds since `started`.
pub(super) fn milliseconds(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
