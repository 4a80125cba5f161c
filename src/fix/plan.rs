//! From findings to single changes: in the order in which they must be made,
//! each once.

use std::net::IpAddr;

use super::{Account, AccountSetting, Operation};
use crate::engine::Finding;

/// One change that can be made, and unmade, by one command.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Adds a DNS record.
    AddRecord(Record),
    /// Removes a DNS record.
    RemoveRecord(Record),
    /// Creates a trust between two forests.
    CreateTrust {
        /// The forest of the user.
        user_forest: String,
        /// The forest of the server.
        server_forest: String,
    },
    /// Takes an SPN away.
    RemoveSpn {
        /// The SPN.
        spn: String,
        /// Who holds it.
        account: Account,
    },
    /// Gives an SPN to an account.
    AddSpn {
        /// The SPN.
        spn: String,
        /// Who gets it.
        account: Account,
        /// From whom this script takes it away before.
        removed_from: Vec<Account>,
    },
    /// Adds an SPN to an account's delegation list.
    AddDelegation {
        /// The SPN of the back end.
        spn: String,
        /// The middle account.
        account: Account,
    },
    /// Changes a setting of an account.
    SetAccount {
        /// The account.
        account: Account,
        /// What it is to be.
        to: AccountSetting,
    },
    /// Creates a SQL Server login.
    CreateLogin {
        /// `host,port`.
        server: String,
        /// `DOMAIN\name`.
        login: String,
    },
}

/// A DNS record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The owner name, fully qualified, without a trailing dot.
    pub owner: String,
    /// `A`, `AAAA` or `PTR`.
    pub kind: &'static str,
    /// The address or the name.
    pub data: String,
    /// A domain whose controllers carry the zone.
    pub domain: String,
    /// A server of the zone by name, when one is known.
    pub server: Option<String>,
}

/// A change with what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The change.
    pub change: Change,
    /// The titles of the findings that need it.
    pub reasons: Vec<String>,
}

/// Something for a person: who must do what, or a command for the client.
#[derive(Clone, Debug, PartialEq)]
pub struct Manual {
    /// The title of the finding.
    pub reason: String,
    /// What to do.
    pub text: String,
    /// The command on Linux, when there is one.
    pub linux: Option<String>,
    /// The command on Windows, when there is one.
    pub windows: Option<String>,
}

/// All that repairs a set of findings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What a script does, in order.
    pub steps: Vec<Step>,
    /// What no script does.
    pub manual: Vec<Manual>,
}

impl Plan {
    /// The plan for these findings, which are in the order of repair. Over all
    /// findings, records come before trust, and wrong holders lose an SPN before
    /// right ones get it.
    pub fn of(findings: &[Finding]) -> Self {
        let mut plan = Self::default();
        for finding in findings {
            for operation in &finding.fix {
                plan.add(&finding.title, operation);
            }
        }
        plan.steps.sort_by_key(|step| rank(&step.change));
        let removals: Vec<(String, Account)> = plan
            .steps
            .iter()
            .filter_map(|step| match &step.change {
                Change::RemoveSpn { spn, account } => Some((spn.to_lowercase(), account.clone())),
                _ => None,
            })
            .collect();
        for step in &mut plan.steps {
            if let Change::AddSpn {
                spn, removed_from, ..
            } = &mut step.change
            {
                *removed_from = removals
                    .iter()
                    .filter(|(removed, _)| *removed == spn.to_lowercase())
                    .map(|(_, account)| account.clone())
                    .collect();
            }
        }
        plan
    }

    fn add(&mut self, reason: &str, operation: &Operation) {
        match operation {
            Operation::RemoveSpn { spn, account } => self.step(
                reason,
                Change::RemoveSpn {
                    spn: spn.clone(),
                    account: account.clone(),
                },
            ),
            Operation::AddSpn { spn, account } => self.step(
                reason,
                Change::AddSpn {
                    spn: spn.clone(),
                    account: account.clone(),
                    removed_from: Vec::new(),
                },
            ),
            Operation::SetReverseRecord {
                address,
                name,
                remove,
                server,
            } => self.reverse(reason, address, name, remove, server.as_deref()),
            Operation::SetAddressRecord {
                name,
                addresses,
                remove,
                server,
            } => self.addresses(reason, name, addresses, remove, server.as_deref()),
            Operation::AllowDelegation { account, spns } => {
                for spn in spns {
                    self.step(
                        reason,
                        Change::AddDelegation {
                            spn: spn.clone(),
                            account: account.clone(),
                        },
                    );
                }
            }
            Operation::SetAccount { account, to } => self.step(
                reason,
                Change::SetAccount {
                    account: account.clone(),
                    to: *to,
                },
            ),
            Operation::CreateForestTrust {
                user_forest,
                server_forest,
            } => self.step(
                reason,
                Change::CreateTrust {
                    user_forest: user_forest.clone(),
                    server_forest: server_forest.clone(),
                },
            ),
            Operation::CreateLogin { server, login } => self.step(
                reason,
                Change::CreateLogin {
                    server: server.clone(),
                    login: login.clone(),
                },
            ),
            Operation::ClientCommand {
                what,
                linux,
                windows,
            } => self.manual(Manual {
                reason: reason.to_owned(),
                text: what.clone(),
                linux: Some(linux.clone()),
                windows: windows.clone(),
            }),
            Operation::Advice { text } => self.manual(Manual {
                reason: reason.to_owned(),
                text: text.clone(),
                linux: None,
                windows: None,
            }),
        }
    }

    fn reverse(
        &mut self,
        reason: &str,
        address: &str,
        name: &str,
        remove: &[String],
        server: Option<&str>,
    ) {
        let Ok(parsed) = address.parse::<IpAddr>() else {
            return self.manual(Manual {
                reason: reason.to_owned(),
                text: format!("Make the reverse record of {address} name {name}."),
                linux: None,
                windows: None,
            });
        };
        let record = |data: &str| Record {
            owner: reverse_name(parsed),
            kind: "PTR",
            data: host(data),
            domain: domain_of(name),
            server: server.and_then(server_name),
        };
        self.step(reason, Change::AddRecord(record(name)));
        for wrong in remove {
            if host(wrong) != host(name) {
                self.step(reason, Change::RemoveRecord(record(wrong)));
            }
        }
    }

    fn addresses(
        &mut self,
        reason: &str,
        name: &str,
        addresses: &[String],
        remove: &[String],
        server: Option<&str>,
    ) {
        let record = |address: &str| {
            let kind = match address.parse::<IpAddr>() {
                Ok(IpAddr::V4(_)) => "A",
                Ok(IpAddr::V6(_)) => "AAAA",
                Err(_) => return None,
            };
            Some(Record {
                owner: host(name),
                kind,
                data: address.to_owned(),
                domain: domain_of(name),
                server: server.and_then(server_name),
            })
        };
        for address in addresses {
            if let Some(record) = record(address) {
                self.step(reason, Change::AddRecord(record));
            }
        }
        for wrong in remove {
            if !addresses.contains(wrong)
                && let Some(record) = record(wrong)
            {
                self.step(reason, Change::RemoveRecord(record));
            }
        }
    }

    fn step(&mut self, reason: &str, change: Change) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.change == change) {
            if !step.reasons.iter().any(|known| known == reason) {
                step.reasons.push(reason.to_owned());
            }
        } else {
            self.steps.push(Step {
                change,
                reasons: vec![reason.to_owned()],
            });
        }
    }

    fn manual(&mut self, manual: Manual) {
        if !self.manual.contains(&manual) {
            self.manual.push(manual);
        }
    }

    /// The domains whose directory or DNS is changed, in order.
    pub fn domains(&self) -> Vec<&str> {
        let mut domains: Vec<&str> = Vec::new();
        for step in &self.steps {
            let domain = match &step.change {
                Change::AddRecord(record) | Change::RemoveRecord(record) => &record.domain,
                Change::RemoveSpn { account, .. }
                | Change::AddSpn { account, .. }
                | Change::SetAccount { account, .. }
                | Change::AddDelegation { account, .. } => &account.domain,
                Change::CreateTrust { user_forest, .. } => user_forest,
                Change::CreateLogin { .. } => continue,
            };
            if !domains
                .iter()
                .any(|known| known.eq_ignore_ascii_case(domain))
            {
                domains.push(domain);
            }
        }
        domains
    }

    /// The accounts whose values are saved before anything is changed.
    pub fn accounts(&self) -> Vec<&Account> {
        let mut accounts: Vec<&Account> = Vec::new();
        for step in &self.steps {
            if let Change::RemoveSpn { account, .. }
            | Change::AddSpn { account, .. }
            | Change::SetAccount { account, .. }
            | Change::AddDelegation { account, .. } = &step.change
                && !accounts.contains(&account)
            {
                accounts.push(account);
            }
        }
        accounts
    }

    /// The SPNs that are moved, for the check at the end: each with the account
    /// that must hold it alone.
    pub fn spns(&self) -> Vec<(&str, &Account)> {
        self.steps
            .iter()
            .filter_map(|step| match &step.change {
                Change::AddSpn { spn, account, .. } => Some((spn.as_str(), account)),
                _ => None,
            })
            .collect()
    }
}

impl Change {
    /// What it does, in words.
    pub fn words(&self) -> String {
        match self {
            Self::AddRecord(record) => {
                format!(
                    "add the record {} {} {}",
                    record.owner, record.kind, record.data
                )
            }
            Self::RemoveRecord(record) => {
                format!(
                    "remove the record {} {} {}",
                    record.owner, record.kind, record.data
                )
            }
            Self::CreateTrust {
                user_forest,
                server_forest,
            } => format!("create a forest trust: {server_forest} trusts {user_forest}"),
            Self::RemoveSpn { spn, account } => format!("remove {spn} from {}", account.name),
            Self::AddSpn { spn, account, .. } => format!("add {spn} to {}", account.name),
            Self::AddDelegation { spn, account } => {
                format!("let {} delegate to {spn}", account.name)
            }
            Self::SetAccount { account, to } => to.words(&account.name),
            Self::CreateLogin { server, login } => {
                format!("create the login {login} in SQL Server {server}")
            }
        }
    }
}

fn rank(change: &Change) -> u8 {
    match change {
        Change::AddRecord(_) => 0,
        Change::RemoveRecord(_) => 1,
        Change::CreateTrust { .. } => 2,
        Change::SetAccount { .. } => 3,
        Change::RemoveSpn { .. } => 4,
        Change::AddSpn { .. } => 5,
        Change::AddDelegation { .. } => 6,
        Change::CreateLogin { .. } => 7,
    }
}

/// A host name as it stands in a zone.
fn host(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

/// What follows the first label.
fn domain_of(name: &str) -> String {
    host(name)
        .split_once('.')
        .map_or_else(String::new, |(_, domain)| domain.to_owned())
}

/// A server that can be used with Kerberos: by name, not by address.
fn server_name(server: &str) -> Option<String> {
    let name = host(server);
    (!name.is_empty() && name.parse::<IpAddr>().is_err()).then_some(name)
}

/// The owner name of an address's reverse record (RFC 1035 3.5, RFC 3596 2.5).
fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let mut name = String::with_capacity(72);
            for byte in address.octets().iter().rev() {
                use std::fmt::Write as _;
                let _ = write!(name, "{:x}.{:x}.", byte & 15, byte >> 4);
            }
            name + "ip6.arpa"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_names() {
        assert_eq!(
            reverse_name("10.88.0.31".parse().unwrap()),
            "31.0.88.10.in-addr.arpa"
        );
        assert_eq!(
            reverse_name("fd00::1".parse().unwrap()),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"
        );
    }

    #[test]
    fn a_server_by_address_is_not_used() {
        assert_eq!(server_name("10.0.0.2"), None);
        assert_eq!(
            server_name("DC1.corp.example."),
            Some("dc1.corp.example".to_owned())
        );
    }
}
