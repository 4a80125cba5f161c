//! The audit of a forest's SPNs: pulls every account that has some over one
//! sealed connection, tells what is wrong as it comes, then asks once more for
//! what only the directory, DNS or a SQL Server Browser can settle.

mod settle;
mod windows;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::directory::account::UserAccountControl;
use crate::directory::naming;
use crate::directory::spn::audit::{AuditedAccount, Counted, Problem, SpnAudit};
use crate::hostile::shown_line;
use crate::probe::ldap::connection::Connection;
use crate::probe::ldap::connections::{Access, Wanted};
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::fault::DirectoryFault;
use crate::probe::ldap::forest::Forest;
use crate::probe::ldap::reach::Role;
use crate::probe::ldap::search::Search;
use crate::probe::{Context, LiveSession};
use windows::Windows;

/// How long one answer of the directory may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is pulled of each account.
pub const ATTRIBUTES: &[&str] = &[
    "servicePrincipalName",
    "sAMAccountName",
    "dNSHostName",
    "userAccountControl",
];

/// What to audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPlan {
    /// A domain of the forest, or the only one.
    pub domain: String,
    /// Every domain of its forest, from a global catalog.
    pub forest: bool,
    /// Ask DNS for hosts that the directory does not know.
    pub ask_dns: bool,
    /// Ask the SQL Server Browsers which instances and ports there are.
    pub ask_browsers: bool,
}

/// Where an audit stands: enough to go on later.
#[derive(Debug, Serialize, Deserialize)]
pub struct AuditState {
    /// What to audit.
    pub plan: AuditPlan,
    /// The server that is asked: change numbers are its own.
    server: String,
    /// The server's database (dsServiceName).
    database: String,
    windows: Windows,
    known: SpnAudit,
    /// What was told, by kind.
    pub told: std::collections::BTreeMap<String, u64>,
}

/// Why an audit ends early.
#[derive(Debug, thiserror::Error)]
pub enum AuditFault {
    /// The directory.
    #[error("{0}")]
    Directory(#[from] DirectoryFault),
    /// Another database answers under the server's name.
    #[error(
        "{0} is not the server that it was: its change numbers do not count any more; start the audit anew"
    )]
    OtherServer(String),
    /// The user stopped it.
    #[error("stopped")]
    Stopped,
}

/// Hears how an audit goes on.
pub trait Watcher {
    /// Something is wrong.
    fn problem(&mut self, problem: Problem);
    /// So far it has come; `share` is 0 to 1.
    fn progress(&mut self, counted: Counted, share: f64);
    /// What is done now.
    fn stage(&mut self, what: &str);
}

/// An audit under way.
#[derive(Debug)]
pub struct Audit {
    session: Arc<LiveSession>,
    cancel: CancellationToken,
    connection: Arc<Connection>,
    forest: Arc<Forest>,
    base: String,
    /// Where it stands.
    pub state: AuditState,
}

impl Audit {
    /// Connects, and begins; or goes on where an earlier audit stood.
    pub async fn begin(
        session: Arc<LiveSession>,
        cancel: CancellationToken,
        plan: AuditPlan,
        earlier: Option<AuditState>,
    ) -> Result<Self, AuditFault> {
        let context = context(&session, &cancel);
        let server = earlier.as_ref().map(|state| state.server.clone());
        let directory = &session.directory;
        let forest_name = directory.forest_of(&context, &plan.domain).await?;
        let (role, name) = if plan.forest {
            (Role::GlobalCatalog, forest_name.as_str())
        } else {
            (Role::DomainController, plan.domain.as_str())
        };
        let wanted = Wanted {
            role,
            name,
            server: server.as_deref(),
        };
        let connection = directory.get(&context, wanted, Access::SignedIn).await?;
        let forest = directory
            .forest(&context, &connection, &forest_name)
            .await?;
        let base = if plan.forest {
            String::new()
        } else {
            naming::distinguished_name_of(&plan.domain)
        };
        let search = Search::object("", &["highestCommittedUSN", "dsServiceName"]);
        let found = connection.search(context.deadline, &search).await?;
        let root = found.entries.first();
        let text = |name| root.and_then(|root| root.text(name)).unwrap_or_default();
        let database = text("dsServiceName");
        let highest = text("highestCommittedUSN").parse().unwrap_or(0);
        let state = match earlier {
            Some(state) if state.database == database => state,
            Some(state) => return Err(AuditFault::OtherServer(state.server)),
            None => {
                let mut known = SpnAudit::default();
                for domain in &forest.domains {
                    known.know_host(&domain.name);
                    domain
                        .netbios_name
                        .iter()
                        .for_each(|name| known.know_host(name));
                }
                AuditState {
                    plan,
                    server: connection.host().to_owned(),
                    database,
                    windows: Windows::up_to(highest),
                    known,
                    told: std::collections::BTreeMap::new(),
                }
            }
        };
        Ok(Self {
            session,
            cancel,
            connection,
            forest,
            base,
            state,
        })
    }

    /// Whom it asks, in words.
    pub fn source(&self) -> String {
        format!(
            "{} {} ({})",
            self.connection.role().words(),
            self.connection.server(),
            self.connection.credential()
        )
    }

    /// How much has passed.
    pub fn counted(&self) -> Counted {
        self.state.known.counted()
    }

    /// How much is done, 0 to 1.
    pub fn share(&self) -> f64 {
        self.state.windows.share()
    }

    /// Audits to the end. When it ends early, [`Audit::state`] says where.
    pub async fn run(&mut self, watcher: &mut (dyn Watcher + Send)) -> Result<(), AuditFault> {
        while let Some(filter) = self.state.windows.filter() {
            let began = Instant::now();
            let count = self.pull(&filter, watcher).await?;
            self.state.windows.done(count, began.elapsed());
            watcher.progress(self.counted(), self.state.windows.share());
            self.tell_duplicates(watcher).await?;
        }
        self.settle(watcher).await
    }

    /// Pulls the accounts of one window of change numbers.
    async fn pull(
        &mut self,
        filter: &str,
        watcher: &mut (dyn Watcher + Send),
    ) -> Result<u64, AuditFault> {
        let connection = Arc::clone(&self.connection);
        let mut pull = connection
            .pull(&self.base, filter, ATTRIBUTES, Instant::now() + PATIENCE)
            .await?;
        let mut count = 0_u64;
        loop {
            let cancel = self.cancel.clone();
            let entry = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(AuditFault::Stopped),
                entry = pull.next(Instant::now() + PATIENCE) => entry?,
            };
            let Some(entry) = entry else {
                return Ok(count);
            };
            count += 1;
            for problem in self.take(&entry) {
                self.tell(problem, watcher);
            }
            if count.is_multiple_of(1000) {
                let share = self.state.windows.share_within(count);
                watcher.progress(self.counted(), share);
            }
        }
    }

    fn take(&mut self, entry: &Entry) -> Vec<Problem> {
        let sam = shown_line(&entry.text("sAMAccountName").unwrap_or_default());
        let name = self.account_name(entry, &sam);
        let host = entry.text("dNSHostName").map(|name| shown_line(&name));
        let disabled = entry
            .bits("userAccountControl")
            .is_some_and(|bits| bits & UserAccountControl::DISABLED != 0);
        let account = AuditedAccount {
            name: &name,
            sam_account_name: &sam,
            dns_host_name: host.as_deref(),
            disabled,
            spns: &entry.texts("servicePrincipalName"),
        };
        self.state.known.take(&entry.distinguished_name, &account)
    }

    /// `DOMAIN\name`, without the detour over a record: this is done for every
    /// account of a forest.
    fn account_name(&self, entry: &Entry, sam: &str) -> String {
        let dn = &entry.distinguished_name;
        let domain = self.forest.domains.iter().find(|domain| {
            dn.len()
                .checked_sub(domain.distinguished_name.len())
                .and_then(|at| dn.get(at.checked_sub(1)?..))
                .and_then(|end| end.strip_prefix(','))
                .is_some_and(|end| end.eq_ignore_ascii_case(&domain.distinguished_name))
        });
        match domain {
            Some(domain) => {
                let domain = domain.netbios_name.as_deref().unwrap_or(&domain.name);
                format!("{}\\{sam}", shown_line(domain))
            }
            None => sam.to_owned(),
        }
    }

    fn tell(&mut self, mut problem: Problem, watcher: &mut (dyn Watcher + Send)) {
        problem.spn = shown_line(&problem.spn);
        *self
            .state
            .told
            .entry(problem.kind.word().to_owned())
            .or_default() += 1;
        watcher.problem(problem);
    }
}

/// A context for the next question.
fn context(session: &Arc<LiveSession>, cancel: &CancellationToken) -> Context {
    Context {
        session: Arc::clone(session),
        deadline: Instant::now() + PATIENCE,
        cancel: cancel.clone(),
    }
}
