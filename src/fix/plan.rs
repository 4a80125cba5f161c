//! From findings to single changes: in the order in which they must be made,
//! each once.

use std::fmt::Write as _;
use std::net::IpAddr;

use super::quote::comment;
use super::{Account, Operation};
use crate::engine::Finding;

mod change;
pub(super) mod name;
mod refused;

pub use change::{Change, Record};
use name::{domain_of, host, is_host, reverse_name, server_name};

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
    /// What a script does, as comments at its head; `command` picks the
    /// system's own command of what is left to do by hand.
    pub(super) fn contents(&self, text: &mut String, command: fn(&Manual) -> Option<&str>) {
        for (index, step) in self.steps.iter().enumerate() {
            let _ = writeln!(
                text,
                "# {}. {} ({})",
                index + 1,
                comment(&step.change.words()),
                comment(&step.reasons.join("; "))
            );
        }
        for entry in &self.manual {
            let _ = writeln!(
                text,
                "# By hand ({}): {}",
                comment(&entry.reason),
                comment(&entry.text)
            );
            if let Some(command) = command(entry) {
                let _ = writeln!(text, "#   {}", comment(command));
            }
        }
    }

    /// Who can make its steps, each once.
    pub fn who(&self) -> Vec<&'static str> {
        let mut who = Vec::new();
        for step in &self.steps {
            if !who.contains(&step.change.who()) {
                who.push(step.change.who());
            }
        }
        who
    }

    /// The plan for these findings, which are in the order of repair. Over all
    /// findings, records come before trust, and wrong holders lose an SPN before
    /// right ones get it.
    pub fn of(findings: &[Finding]) -> Self {
        let mut plan = Self::default();
        for finding in findings {
            for operation in &finding.fix {
                match refused::why(operation) {
                    Some(text) => plan.by_hand(&finding.title, text),
                    None => plan.add(&finding.title, operation),
                }
            }
        }
        plan.steps.sort_by_key(|step| step.change.rank());
        let removals: Vec<(String, Account)> = plan
            .steps
            .iter()
            .filter_map(|step| match &step.change {
                Change::RemoveSpn { spn, account, .. } => Some((spn.clone(), account.clone())),
                _ => None,
            })
            .collect();
        for step in &mut plan.steps {
            match &mut step.change {
                Change::AddSpn {
                    spn, removed_from, ..
                } => {
                    *removed_from = removals
                        .iter()
                        .filter(|(removed, _)| removed.eq_ignore_ascii_case(spn))
                        .map(|(_, account)| account.clone())
                        .collect();
                }
                Change::RemoveSpn {
                    spn,
                    account,
                    others,
                } => {
                    *others = removals
                        .iter()
                        .filter(|(removed, from)| from == account && removed != spn)
                        .map(|(removed, _)| removed.clone())
                        .collect();
                }
                _ => {}
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
                    others: Vec::new(),
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
            Operation::AllowToAct {
                account,
                delegate,
                also,
            } => self.entry(reason, account, delegate, also),
            Operation::AllowUserDelegation { account } => self.step(
                reason,
                Change::ClearSensitive {
                    account: account.clone(),
                },
            ),
            Operation::ResetPrincipalName { account, spn } => self.step(
                reason,
                Change::ResetPrincipalName {
                    account: account.clone(),
                    spn: spn.clone(),
                },
            ),
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
            Operation::Advice { text } => self.by_hand(reason, text.clone()),
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
            let text = format!("Make the reverse record of {address} name {name}.");
            return self.by_hand(reason, text);
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
            if !is_host(wrong) {
                let text = format!(
                    "Remove the reverse record of {address} that names {wrong}: that is not a host name that a script could be given."
                );
                self.by_hand(reason, text);
            } else if host(wrong) != host(name) {
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

    fn entry(&mut self, reason: &str, account: &Account, delegate: &Account, also: &[String]) {
        let Some(own) = &delegate.sid else {
            let text = format!(
                "Let {} act for users towards {}.",
                delegate.name, account.name
            );
            return self.by_hand(reason, text);
        };
        let mut sids = vec![own.clone()];
        sids.extend(also.iter().filter(|sid| *sid != own).cloned());
        self.step(
            reason,
            Change::SetEntry {
                account: account.clone(),
                delegate: delegate.clone(),
                sids,
            },
        );
    }

    /// Something without a command.
    fn by_hand(&mut self, reason: &str, text: String) {
        self.manual(Manual {
            reason: reason.to_owned(),
            text,
            linux: None,
            windows: None,
        });
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
                Change::CreateTrust { user_forest, .. } => user_forest,
                change => match change.account() {
                    Some(account) => &account.domain,
                    None => continue,
                },
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
            if let Some(account) = step.change.account()
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
