//! The session's connections, one and one bind for each directory server and
//! port, shared by all its probes.
//!
//! A connection is opened when it is first needed; who needs it at the same
//! time waits for the same sign-in. One that broke is opened again by the next
//! who asks; a probe whose question it broke asks once more. A password that was refused is not tried a second time in the same
//! domain, for that could lock the account out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::bind::{self, Target};
use super::choice::{Choice, Chosen, Table};
use super::connection::Connection;
use super::fault::{DirectoryFault, FaultKind};
use super::forest::Forest;
use super::password_trial::PasswordTrial;
use super::reach::{self, Reached, Role};
use super::search::{Found, Search};
use super::shared::SharedSearches;
use crate::directory::naming;
use crate::probe::Context;
use crate::probe::credential::KerberosCredential;

/// How long one server is given to connect and sign in.
const OPENING_TIME: Duration = Duration::from_secs(8);
/// The same when there are others to ask instead.
const IMPATIENT_TIME: Duration = Duration::from_secs(4);
/// How long the KDC is given to judge a password before a directory is asked.
const KDC_TIME: Duration = Duration::from_secs(2);

/// The session's connections.
#[derive(Debug, Default)]
pub struct Connections {
    open: Table<(String, u16, Access), Slot>,
    choice: Choice,
    passwords: Mutex<HashMap<String, Arc<PasswordTrial>>>,
    forests: Mutex<HashMap<String, String>>,
    domains: Mutex<HashMap<String, Arc<OnceCell<Arc<Forest>>>>>,
    searches: SharedSearches,
}

/// Whether we sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Not: good for the rootDSE only.
    Anonymous,
    /// With the session's credential.
    SignedIn,
}

/// Which server to ask.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What for.
    pub role: Role,
    /// The domain, or the forest for a global catalog.
    pub name: &'a str,
    /// This server instead of one that DNS names.
    pub server: Option<&'a str>,
}

#[derive(Debug, Default)]
struct Slot {
    connection: Option<Arc<Connection>>,
    fault: Option<(Instant, DirectoryFault)>,
}

impl Connections {
    /// Searches, unless another probe of the session asks or asked the same.
    pub(super) async fn search(
        &self,
        context: &Context,
        connection: &Connection,
        search: &Search<'_>,
    ) -> Result<Found, DirectoryFault> {
        let deadline = context.deadline;
        self.searches.search(connection, deadline, search).await
    }

    /// What was found is forgotten: somebody asks anew.
    pub fn ask_anew(&self) {
        self.searches.forget();
    }

    /// A connection to the wanted server; when one that DNS names does not
    /// answer, to the next.
    pub async fn get(
        &self,
        context: &Context,
        wanted: Wanted<'_>,
        access: Access,
    ) -> Result<Arc<Connection>, DirectoryFault> {
        if let Some(server) = wanted.server {
            let host = server.trim_end_matches('.').to_lowercase();
            let deadline = context.deadline.min(Instant::now() + OPENING_TIME);
            return self
                .open(context, wanted, &host, None, access, deadline)
                .await;
        }
        loop {
            let Chosen {
                host,
                reached,
                others,
            } = self
                .choice
                .choose(context, wanted, Box::pin(foresee(context, wanted, access)))
                .await?;
            let time = if others { IMPATIENT_TIME } else { OPENING_TIME };
            let deadline = context.deadline.min(Instant::now() + time);
            let result = self
                .open(context, wanted, &host, reached, access, deadline)
                .await;
            let Err(fault) = &result else {
                return result;
            };
            if fault.kind() == FaultKind::Unreachable {
                self.choice.suspect(wanted, &host, fault).await;
                if others && Instant::now() < context.deadline {
                    continue;
                }
            }
            return result;
        }
    }

    async fn open(
        &self,
        context: &Context,
        wanted: Wanted<'_>,
        host: &str,
        reached: Option<Reached>,
        access: Access,
        deadline: Instant,
    ) -> Result<Arc<Connection>, DirectoryFault> {
        let asked = Instant::now();
        let key = (host.to_owned(), wanted.role.port(), access);
        let slot = self.open.entry(key);
        let mut slot = tokio::time::timeout_at(deadline, slot.lock_owned())
            .await
            .map_err(|_| DirectoryFault::TimedOut(format!("{host}:{}", wanted.role.port())))?;
        if let Some(connection) = slot.connection.take_if(|open| !open.is_open()) {
            drop(connection);
        }
        if let Some(connection) = &slot.connection {
            return Ok(Arc::clone(connection));
        }
        if let Some((when, fault)) = &slot.fault
            && *when >= asked
        {
            return Err(fault.clone());
        }
        let by_password = access == Access::SignedIn
            && matches!(
                context.session.credentials.kerberos,
                KerberosCredential::Password(_)
            );
        let opened = if by_password {
            let sign_in = Box::pin(async {
                let soon = deadline.min(Instant::now() + KDC_TIME);
                let session = &context.session;
                if let Some(what) = session.tickets.refuse(session, soon).await {
                    return Err(DirectoryFault::SignInRefused {
                        server: format!("{host}:{}", wanted.role.port()),
                        what,
                    });
                }
                connect(context, wanted, host, reached, access, deadline).await
            });
            self.trial(host).try_once(deadline, sign_in).await
        } else {
            Box::pin(connect(context, wanted, host, reached, access, deadline)).await
        };
        match opened {
            Ok(connection) => {
                let connection = Arc::new(connection);
                slot.connection = Some(Arc::clone(&connection));
                slot.fault = None;
                Ok(connection)
            }
            Err(fault) => {
                slot.fault = Some((Instant::now(), fault.clone()));
                Err(fault)
            }
        }
    }

    /// What is known of the password at the servers of a host's domain: another
    /// forest may refuse a password that is right at home.
    fn trial(&self, host: &str) -> Arc<PasswordTrial> {
        let domain = host.split_once('.').map_or(host, |(_, domain)| domain);
        let mut trials = self
            .passwords
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(trials.entry(domain.to_owned()).or_default())
    }

    /// The place where a forest's domains are kept.
    pub(super) fn kept_forest(&self, forest: &str) -> Arc<OnceCell<Arc<Forest>>> {
        let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(domains.entry(forest.to_lowercase()).or_default())
    }

    /// A signed-in domain controller of `domain`.
    pub async fn controller(
        &self,
        context: &Context,
        domain: &str,
        server: Option<&str>,
    ) -> Result<Arc<Connection>, DirectoryFault> {
        let wanted = Wanted {
            role: Role::DomainController,
            name: domain,
            server,
        };
        self.get(context, wanted, Access::SignedIn).await
    }

    /// A signed-in global catalog of the forest that `domain` belongs to, and
    /// the forest's domains.
    pub async fn catalog(
        &self,
        context: &Context,
        domain: &str,
        server: Option<&str>,
    ) -> Result<(Arc<Connection>, Arc<Forest>), DirectoryFault> {
        let (connection, forest) = self.catalog_alone(context, domain, server).await?;
        let forest = self.forest(context, &connection, &forest).await?;
        Ok((connection, forest))
    }

    /// A signed-in global catalog of the forest that `domain` belongs to, and
    /// the forest's name: for those who read its domains beside something else.
    pub async fn catalog_alone(
        &self,
        context: &Context,
        domain: &str,
        server: Option<&str>,
    ) -> Result<(Arc<Connection>, String), DirectoryFault> {
        let forest = self.forest_of(context, domain).await?;
        let wanted = Wanted {
            role: Role::GlobalCatalog,
            name: &forest,
            server,
        };
        let connection = self.get(context, wanted, Access::SignedIn).await?;
        Ok((connection, forest))
    }

    /// The forest that `domain` belongs to, from DNS when the domain is the
    /// forest's root, else from the rootDSE of one of its controllers.
    pub async fn forest_of(
        &self,
        context: &Context,
        domain: &str,
    ) -> Result<String, DirectoryFault> {
        let key = domain.trim_matches('.').to_lowercase();
        let known = {
            let forests = self.forests.lock().unwrap_or_else(PoisonError::into_inner);
            forests.get(&key).cloned()
        };
        if let Some(forest) = known {
            return Ok(forest);
        }
        // Only the forest's root domain has records of global catalogs.
        let catalogs = reach::candidates(
            &context.session,
            Role::GlobalCatalog,
            &key,
            context.deadline,
        )
        .await;
        let forest = if catalogs.is_ok() {
            key.clone()
        } else {
            let wanted = Wanted {
                role: Role::DomainController,
                name: &key,
                server: None,
            };
            let connection = self.get(context, wanted, Access::Anonymous).await?;
            let root = connection.root(context.deadline).await?;
            root.forest().ok_or_else(|| DirectoryFault::Search {
                server: connection.server(),
                what: "its rootDSE names no forest".to_owned(),
            })?
        };
        self.forests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, forest.clone());
        Ok(forest)
    }
}

/// Gets the ticket for the KDCs of another domain while its servers are looked
/// for.
async fn foresee(context: &Context, wanted: Wanted<'_>, access: Access) {
    let session = &context.session;
    let realm = naming::realm_of(wanted.name);
    let by_ticket = !matches!(
        session.credentials.kerberos,
        KerberosCredential::Password(_)
    );
    if by_ticket && access == Access::SignedIn && !realm.is_empty() {
        let soon = context.deadline.min(Instant::now() + KDC_TIME);
        let tickets = &session.tickets.shared;
        tickets.foresee(session, &realm, soon).await;
    }
}

async fn connect(
    context: &Context,
    wanted: Wanted<'_>,
    host: &str,
    reached: Option<Reached>,
    access: Access,
    deadline: Instant,
) -> Result<Connection, DirectoryFault> {
    let started = Instant::now();
    let session = &context.session;
    let reached = match reached {
        Some(reached) => reached,
        None => reach::reach(session, &[host.to_owned()], wanted.role.port(), deadline).await?,
    };
    let address = reached.stream.peer_addr().ok().map(|peer| peer.ip());
    let silent = reached.silent.clone();
    let domain = match wanted.role {
        Role::DomainController if wanted.server.is_none() => Some(wanted.name),
        // A global catalog may be a controller of any domain of the forest: its
        // own name tells which.
        _ => host.split_once('.').map(|(_, domain)| domain),
    };
    let target = Target {
        host,
        role: wanted.role,
        domain: domain.filter(|domain| !naming::realm_of(domain).is_empty()),
        deadline,
    };
    let opened = match access {
        Access::Anonymous => bind::anonymous(reached, &target).await?,
        Access::SignedIn => bind::signed_in(session, reached, &target).await?,
    };
    let connection = Connection::new(
        opened,
        host.to_owned(),
        wanted.role,
        address,
        silent,
        started,
    );
    if access == Access::Anonymous {
        // Nothing was said yet: does it speak at all?
        connection.root(deadline).await?;
    }
    Ok(connection)
}
