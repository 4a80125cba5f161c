//! What only a further question settles: who holds an SPN that came twice,
//! whether a host exists, and which instances a SQL Server has.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::Value;
use tokio::time::Instant;

use super::{Audit, AuditFault, PATIENCE, Watcher, context};
use crate::directory::filter;
use crate::directory::naming;
use crate::directory::spn::audit::{Kind, Problem, Server, Stray};
use crate::probe::ldap::entry::Entry;
use crate::probe::ldap::search::Search;
use crate::probe::{ProbeRequest, registry};

/// How many names stand in one search.
const TOGETHER: usize = 20;
/// How many searches, lookups and Browsers are asked at once.
const AT_ONCE: usize = 32;
/// How long a Browser is waited for.
const BROWSER_TIME: Duration = Duration::from_secs(3);

const HOLDER: &[&str] = &["sAMAccountName", "servicePrincipalName"];
const COMPUTER: &[&str] = &["sAMAccountName", "dNSHostName"];

impl Audit {
    /// Asks who holds the SPNs that came a second time.
    pub(super) async fn tell_duplicates(
        &mut self,
        watcher: &mut (dyn Watcher + Send),
    ) -> Result<(), AuditFault> {
        let mut repeated = self.state.known.repeated();
        repeated.sort_by_key(|spn| spn.to_lowercase());
        repeated.dedup_by(|one, two| one.eq_ignore_ascii_case(two));
        for spns in repeated.chunks(TOGETHER) {
            let filters: Vec<String> = spns
                .iter()
                .map(|spn| filter::equals("servicePrincipalName", spn))
                .collect();
            let filter = filter::any(&filters);
            let search = Search::below(&self.base, &filter, HOLDER);
            let deadline = Instant::now() + PATIENCE;
            let found = self
                .stoppable(self.connection.search(deadline, &search))
                .await??;
            for spn in spns {
                let holders: BTreeSet<String> = found
                    .entries
                    .iter()
                    .filter(|entry| {
                        let held = entry.texts("servicePrincipalName");
                        held.iter()
                            .any(|held| crate::directory::spn::same(held, spn))
                    })
                    .map(|entry| {
                        let sam = entry.text("sAMAccountName").unwrap_or_default();
                        self.account_name(entry, &crate::hostile::shown_line(&sam))
                    })
                    .collect();
                if holders.len() > 1 {
                    let problem = Problem::duplicate(spn, holders.into_iter().collect());
                    self.tell(problem, watcher);
                }
            }
        }
        Ok(())
    }

    /// All accounts have passed: what is left.
    pub(super) async fn settle(
        &mut self,
        watcher: &mut (dyn Watcher + Send),
    ) -> Result<(), AuditFault> {
        watcher.stage("looking for the hosts that no computer with SPNs has");
        let mut strays = self.unknown_hosts().await?;
        if self.state.plan.ask_dns {
            watcher.stage("asking DNS for them");
            strays = self.without_dns(strays).await?;
        }
        let why = if self.state.plan.ask_dns {
            "neither the directory nor DNS knows its host"
        } else {
            "no computer of the forest has this name; an alias or a machine outside may (--dns asks DNS)"
        };
        for stray in strays {
            for (spn, holder) in stray.spns {
                let problem = Problem::of(Kind::Orphaned, &spn, &holder, why.to_owned());
                self.tell(problem, watcher);
            }
        }
        if self.state.plan.ask_browsers {
            watcher.stage("asking the SQL Server Browsers");
            return self.ask_browsers(watcher).await;
        }
        let missing: Vec<Problem> = self
            .state
            .known
            .servers()
            .flat_map(|server| server.missing())
            .collect();
        for problem in missing {
            self.tell(problem, watcher);
        }
        Ok(())
    }

    /// The hosts that no computer has, with SPNs or without.
    async fn unknown_hosts(&self) -> Result<Vec<Stray>, AuditFault> {
        let mut unknown = Vec::new();
        let mut strays = self.state.known.strays();
        while !strays.is_empty() {
            let chunk: Vec<Stray> = strays.drain(..strays.len().min(TOGETHER)).collect();
            // By an attribute that has an index: a search by dNSHostName reads
            // the whole directory.
            let filters: Vec<String> = chunk
                .iter()
                .map(|stray| filter::equals("sAMAccountName", &format!("{}$", label(&stray.host))))
                .collect();
            let filter = filter::any(&filters);
            let search = Search::below(&self.base, &filter, COMPUTER);
            let deadline = Instant::now() + PATIENCE;
            let found = self
                .stoppable(self.connection.search(deadline, &search))
                .await??;
            unknown.extend(chunk.into_iter().filter(|stray| {
                !found
                    .entries
                    .iter()
                    .any(|entry| is_host(entry, &stray.host))
            }));
        }
        Ok(unknown)
    }

    async fn without_dns(&self, strays: Vec<Stray>) -> Result<Vec<Stray>, AuditFault> {
        let session = &self.session;
        let lookups = futures_util::stream::iter(strays).map(|stray| async move {
            let addresses = session.resolvers.addresses(&session.settings, &stray.host);
            let known = tokio::time::timeout(PATIENCE, addresses).await;
            (!matches!(known, Ok(Ok(_)))).then_some(stray)
        });
        let kept = lookups
            .buffered(AT_ONCE)
            .filter_map(std::future::ready)
            .collect();
        self.stoppable(kept).await
    }

    /// What each server's Browser says; of one that is silent, what its SPNs
    /// say themselves.
    async fn ask_browsers(&mut self, watcher: &mut (dyn Watcher + Send)) -> Result<(), AuditFault> {
        let servers: Vec<Server> = self.state.known.servers().collect();
        for chunk in servers.chunks(AT_ONCE) {
            let this = &*self;
            let asked = chunk.iter().map(|server| async move {
                let instances = if server.is_short() {
                    None
                } else {
                    this.instances(&server.host).await
                };
                match instances {
                    Some(instances) => server.missing_by(&instances),
                    None => server.missing(),
                }
            });
            let missing = this
                .stoppable(futures_util::future::join_all(asked))
                .await?;
            for problem in missing.into_iter().flatten() {
                self.tell(problem, watcher);
            }
        }
        Ok(())
    }

    /// The instances of a host with their ports, from its Browser.
    async fn instances(&self, host: &str) -> Option<Vec<(String, Option<u16>)>> {
        let probe = registry::probe("sql-browser")?;
        let request = ProbeRequest::new("sql-browser").with("host", host);
        let mut context = context(&self.session, &self.cancel);
        context.deadline = Instant::now() + BROWSER_TIME;
        let outcome = probe.observe(&request, &context).await;
        let instances: Vec<(String, Option<u16>)> = outcome
            .facts
            .get("instances")?
            .as_array()?
            .iter()
            .filter_map(|instance| {
                let name = instance.get("name").and_then(Value::as_str)?;
                let port = instance.get("tcp_port").and_then(Value::as_u64);
                Some((name.to_owned(), port.and_then(|port| port.try_into().ok())))
            })
            .collect();
        (!instances.is_empty()).then_some(instances)
    }

    async fn stoppable<T>(&self, work: impl Future<Output = T>) -> Result<T, AuditFault> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(AuditFault::Stopped),
            done = work => Ok(done),
        }
    }
}

/// The first part of a host name, as far as a computer's account has it.
fn label(host: &str) -> String {
    let label = host.split('.').next().unwrap_or(host);
    label.chars().take(15).collect()
}

/// Whether a computer, found by the first part of its name, is this host.
fn is_host(entry: &Entry, host: &str) -> bool {
    match entry.text("dNSHostName") {
        Some(name) if host.contains('.') => name.eq_ignore_ascii_case(host),
        _ if !host.contains('.') => true,
        _ => naming::domain_of(&entry.distinguished_name)
            .is_some_and(|domain| format!("{}.{domain}", label(host)).eq_ignore_ascii_case(host)),
    }
}
