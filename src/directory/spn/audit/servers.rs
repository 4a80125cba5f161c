//! The SQL Servers that a forest's SPNs tell of, and which SPN each lacks.

use super::{Kind, Problem, SpnAudit};
use crate::directory::spn::Spn;
use crate::directory::spn::required::{Need, named, needed};

/// What the SPNs of one host tell of its SQL Server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The host in lower case.
    pub host: String,
    /// Whether the form without port and instance is there.
    pub bare: bool,
    /// The ports, in order.
    pub ports: Vec<u16>,
    /// The instances in upper case, in order.
    pub instances: Vec<String>,
    /// Who holds them.
    pub holders: Vec<String>,
}

/// One server after the other, from what is kept; nothing but an order of
/// numbers is added to it.
pub(super) fn of(audit: &SpnAudit) -> impl Iterator<Item = Server> + '_ {
    let mut order: Vec<(u64, u32)> = audit
        .kept
        .iter()
        .enumerate()
        .filter(|(_, kept)| !kept.disabled)
        .filter_map(|(at, kept)| {
            let spn = Spn::parse(audit.text(kept)).ok()?;
            let at = u32::try_from(at).ok()?;
            spn.is_sql_server().then(|| (super::hash(spn.host()), at))
        })
        .collect();
    order.sort_unstable();
    let mut at = 0;
    std::iter::from_fn(move || {
        let (host, _) = *order.get(at)?;
        let mut server = Server::default();
        while let Some((_, kept)) = order.get(at).filter(|(other, _)| *other == host) {
            at += 1;
            let kept = usize::try_from(*kept)
                .ok()
                .and_then(|at| audit.kept.get(at));
            if let Some(kept) = kept
                && let Ok(spn) = Spn::parse(audit.text(kept))
            {
                server.add(&spn, audit.holder(kept));
            }
        }
        server.ports.sort_unstable();
        server.instances.sort_unstable();
        Some(server)
    })
}

impl Server {
    fn add(&mut self, spn: &Spn, holder: &str) {
        self.host = spn.host().to_lowercase();
        match (spn.port(), spn.instance()) {
            (Some(port), _) if !self.ports.contains(&port) => self.ports.push(port),
            (None, Some(instance)) => {
                let instance = instance.to_uppercase();
                if !self.instances.contains(&instance) {
                    self.instances.push(instance);
                }
            }
            (None, None) => self.bare = true,
            _ => {}
        }
        if !self.holders.iter().any(|known| known == holder) {
            self.holders.push(holder.to_owned());
        }
    }

    /// Whether only the short name stands in the SPNs.
    pub fn is_short(&self) -> bool {
        !self.host.contains('.')
    }

    /// What is missing as far as the SPNs themselves tell: they come in pairs,
    /// one with the port and one with the instance or without either. A short
    /// name is not required, so nothing is missing for it.
    pub fn missing(&self) -> Vec<Problem> {
        let mut missing = Vec::new();
        if self.is_short() {
            return missing;
        }
        let names = usize::from(self.bare) + self.instances.len();
        if self.ports.is_empty() {
            if self.bare {
                missing.push(self.problem(
                    &Spn::sql_port(&self.host, 1433),
                    "clients that connect over TCP ask for the port; 1433 if nobody changed it",
                ));
            }
            for instance in &self.instances {
                missing.push(Problem {
                    kind: Kind::Missing,
                    spn: format!("MSSQLSvc/{}:PORT", self.host),
                    accounts: self.holders.clone(),
                    why: format!(
                        "clients that connect over TCP ask for the port of the instance {instance}"
                    ),
                });
            }
        } else if names == 0
            || (names < self.ports.len() && !self.bare && self.ports.contains(&1433))
        {
            missing.push(self.problem(
                &Spn::sql(&self.host),
                "clients without a port, and named pipes, ask for this form (for a named instance with :INSTANCE)",
            ));
        }
        missing
    }

    /// What is missing by what its SQL Server Browser says: each instance with
    /// its port.
    pub fn missing_by(&self, instances: &[(String, Option<u16>)]) -> Vec<Problem> {
        let mut missing = Vec::new();
        for (instance, port) in instances {
            for needed in needed(&self.host, *port, Some(instance)) {
                if needed.need == Need::Required && !self.has(&needed.spn) {
                    missing.push(self.problem(&needed.spn, needed.why));
                }
            }
        }
        missing
    }

    fn has(&self, spn: &Spn) -> bool {
        match (spn.port(), named(spn.instance())) {
            (Some(port), _) => self.ports.contains(&port),
            (None, Some(instance)) => self.instances.contains(&instance.to_uppercase()),
            (None, None) => self.bare,
        }
    }

    fn problem(&self, spn: &Spn, why: &str) -> Problem {
        Problem {
            kind: Kind::Missing,
            spn: spn.to_string(),
            accounts: self.holders.clone(),
            why: why.to_owned(),
        }
    }
}
