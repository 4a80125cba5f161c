//! The SPNs of a whole forest: what is wrong with them, told as the accounts
//! pass by, in little memory. Of most SPNs only a hash is kept; those that lead
//! to another host, or are SQL Server's, are kept as text until the end.

mod problem;
mod servers;

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

pub use problem::{Kind, Problem};
pub use servers::Server;

use super::{Malformed, Spn};

/// What is known of an account.
#[derive(Clone, Debug, Default)]
pub struct AuditedAccount<'a> {
    /// `DOMAIN\name`, for people.
    pub name: &'a str,
    /// sAMAccountName.
    pub sam_account_name: &'a str,
    /// dNSHostName.
    pub dns_host_name: Option<&'a str>,
    /// Whether it is disabled.
    pub disabled: bool,
    /// servicePrincipalName.
    pub spns: &'a [String],
}

/// What is kept of the accounts that have passed. It can be written down and
/// taken up again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SpnAudit {
    accounts: HashSet<u64>,
    spns: HashSet<u64>,
    computers: HashSet<u64>,
    /// SPNs that came a second time, as text.
    repeated: Vec<String>,
    kept: Vec<Kept>,
    /// The texts of what is kept, one behind the other.
    texts: String,
    /// The names of the accounts that hold something kept.
    holders: Vec<String>,
    counted: Counted,
}

/// How much has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Accounts with SPNs.
    pub accounts: u64,
    /// Their SPNs.
    pub spns: u64,
}

/// An SPN that is looked at again in the end.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Kept {
    start: u32,
    length: u16,
    disabled: bool,
    holder: u32,
}

/// An SPN whose host has not been met among the computers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// The host in lower case.
    pub host: String,
    /// The SPNs with their holders.
    pub spns: Vec<(String, String)>,
}

impl SpnAudit {
    /// Takes an account; what can be told at once comes back. One that has
    /// passed already changes nothing.
    pub fn take(&mut self, identity: &str, account: &AuditedAccount<'_>) -> Vec<Problem> {
        if !self.accounts.insert(hash(identity)) {
            return Vec::new();
        }
        self.counted.accounts += 1;
        let plain = account.sam_account_name.trim_end_matches('$');
        let is_computer = account.sam_account_name.ends_with('$');
        if is_computer {
            self.computers.insert(hash(plain));
            if let Some(name) = account.dns_host_name {
                self.computers.insert(hash(name));
            }
        }
        let mut problems = Vec::new();
        let mut holder = None;
        for text in account.spns {
            self.counted.spns += 1;
            if !self.spns.insert(hash(text)) {
                self.repeated.push(text.clone());
            }
            let spn = match Spn::parse(text) {
                Ok(spn) => spn,
                Err(fault) => {
                    if !is_usual(text, fault) {
                        problems.push(Problem::of(
                            Kind::Malformed,
                            text,
                            account.name,
                            fault.to_string(),
                        ));
                    }
                    continue;
                }
            };
            if account.disabled && !is_built_in(account.sam_account_name) {
                let why = "the account is disabled: nobody can use this SPN, and no other account can take it";
                problems.push(Problem::of(
                    Kind::Orphaned,
                    text,
                    account.name,
                    why.to_owned(),
                ));
            }
            let own = is_computer
                && (spn.host().eq_ignore_ascii_case(plain)
                    || account
                        .dns_host_name
                        .is_some_and(|name| spn.host().eq_ignore_ascii_case(name)));
            let elsewhere = !own && leads_to_a_host(&spn, account.sam_account_name);
            if spn.is_sql_server() || elsewhere {
                let holder = *holder.get_or_insert_with(|| {
                    self.holders.push(account.name.to_owned());
                    self.holders.len() - 1
                });
                self.keep(text, holder, account.disabled);
            }
        }
        problems
    }

    fn keep(&mut self, text: &str, holder: usize, disabled: bool) {
        let (Ok(start), Ok(length), Ok(holder)) = (
            u32::try_from(self.texts.len()),
            u16::try_from(text.len()),
            u32::try_from(holder),
        ) else {
            return;
        };
        self.texts.push_str(text);
        self.kept.push(Kept {
            start,
            length,
            disabled,
            holder,
        });
    }

    /// How much has passed.
    pub fn counted(&self) -> Counted {
        self.counted
    }

    /// The SPNs that came a second time since this was last asked. Two that
    /// merely look alike are possible: ask for the holders of each.
    pub fn repeated(&mut self) -> Vec<String> {
        std::mem::take(&mut self.repeated)
    }

    /// Names that are hosts though no computer has them, such as domains.
    pub fn know_host(&mut self, name: &str) {
        self.computers.insert(hash(name));
    }

    /// The hosts of SPNs that no computer with SPNs has.
    pub fn strays(&self) -> Vec<Stray> {
        let mut strays: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for kept in &self.kept {
            let text = self.text(kept);
            // Of a disabled account it was told already.
            if kept.disabled {
                continue;
            }
            if let Ok(spn) = Spn::parse(text)
                && !self.computers.contains(&hash(spn.host()))
            {
                strays
                    .entry(spn.host().to_lowercase())
                    .or_default()
                    .push((text.to_owned(), self.holder(kept).to_owned()));
            }
        }
        strays
            .into_iter()
            .map(|(host, spns)| Stray { host, spns })
            .collect()
    }

    /// The SQL Servers that the directory knows, one after the other.
    pub fn servers(&self) -> impl Iterator<Item = Server> + '_ {
        servers::of(self)
    }

    fn text(&self, kept: &Kept) -> &str {
        let start = usize::try_from(kept.start).unwrap_or(usize::MAX);
        self.texts
            .get(start..start.saturating_add(usize::from(kept.length)))
            .unwrap_or_default()
    }

    fn holder(&self, kept: &Kept) -> &str {
        usize::try_from(kept.holder)
            .ok()
            .and_then(|at| self.holders.get(at))
            .map_or("", String::as_str)
    }
}

/// Some products of Microsoft have spaces in their service class ("Hyper-V
/// Replica Service/host"): that works and is no fault.
fn is_usual(text: &str, fault: Malformed) -> bool {
    fault == Malformed::Space
        && text.split_once('/').is_some_and(|(class, rest)| {
            class.contains(' ')
                && !class.to_lowercase().starts_with("mssql")
                && Spn::parse(&format!("{}/{rest}", class.replace(' ', "-"))).is_ok()
        })
}

/// krbtgt is disabled in every domain, as it should be.
fn is_built_in(sam_account_name: &str) -> bool {
    let name = sam_account_name.to_ascii_lowercase();
    name == "krbtgt" || name.starts_with("krbtgt_")
}

/// Whether the second part of the SPN should be a host: for the KDC's own and
/// for replication between controllers it is something else.
fn leads_to_a_host(spn: &Spn, sam_account_name: &str) -> bool {
    let host = spn.host();
    let guid = host.len() == 36 && host.bytes().filter(|byte| *byte == b'-').count() == 4;
    !is_built_in(sam_account_name) && !guid && !host.to_lowercase().contains("._msdcs.")
}

/// FNV-1a of the text without its case: the same on every machine, so that it
/// can be written down.
fn hash(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut byte = |byte: u8| {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    };
    if text.is_ascii() {
        for letter in text.bytes() {
            byte(letter.to_ascii_lowercase());
        }
    } else {
        text.to_lowercase().bytes().for_each(byte);
    }
    hash
}

#[cfg(test)]
mod tests;
