//! Facts that a person told: what pasted texts say, each with its source.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::card::CardAnswer;

/// The most facts of one sort that are kept.
const MOST: usize = 2000;

/// Everything that was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Which texts there were, in words: `setspn -Q (setspn.txt)`.
    pub sources: Vec<String>,
    /// Who holds an SPN.
    pub holders: Vec<Holder>,
    /// What a search for an SPN came to.
    pub searches: Vec<Search>,
    /// Accounts whose SPNs were listed in full.
    pub listed: Vec<Identity>,
    /// Services and the accounts that they run under.
    pub services: Vec<Service>,
    /// Ticket caches.
    pub caches: Vec<Cache>,
    /// Answers to hand-over cards.
    pub answers: Vec<CardAnswer>,
}

/// Who an account is, as far as a text tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// `DOMAIN\name` or `name`, as it stands there.
    pub account: Option<String>,
    /// The distinguished name.
    pub distinguished_name: Option<String>,
}

/// An account that holds an SPN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The SPN.
    pub spn: String,
    /// Who.
    pub who: Identity,
    /// Where it stands.
    pub source: String,
}

/// What somebody's search for an SPN came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The SPN.
    pub spn: String,
    /// What came out.
    pub result: SearchResult,
    /// Whether the whole forest was searched.
    pub whole_forest: bool,
    /// The account that the tool compared with: the service's.
    pub service_account: Option<String>,
    /// Where it stands.
    pub source: String,
}

/// The outcome of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchResult {
    /// Nobody holds it.
    Missing,
    /// One account does.
    Held,
    /// One account does, which is the service's.
    HeldRightly,
    /// One account does, which is not the service's.
    HeldWrongly,
    /// Several do.
    Duplicate,
}

/// A SQL Server service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its computer, where the text names it.
    pub host: Option<String>,
    /// The instance in upper case; none is the default one.
    pub instance: Option<String>,
    /// The account that it runs under, as it stands there.
    pub account: Option<String>,
    /// When it was started, as it stands there.
    pub started: Option<String>,
    /// `Windows` or `Linux`.
    pub platform: String,
    /// Where it stands.
    pub source: String,
}

/// A ticket cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    /// Whose, when the text says so.
    pub principal: Option<String>,
    /// The tickets in it.
    pub tickets: Vec<CachedTicket>,
    /// Why no ticket was got, as the command says it.
    pub failure: Option<String>,
    /// Where it stands.
    pub source: String,
}

/// A ticket in a cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CachedTicket {
    /// For which service, without the realm.
    pub service: String,
    /// Its realm.
    pub realm: String,
    /// The encryption type, as it stands there.
    pub encryption_type: Option<String>,
    /// When it ends, as it stands there, in the time of that machine.
    pub ends: Option<String>,
    /// The KDC that gave it.
    pub kdc: Option<String>,
}

impl Told {
    /// Whether nothing was told.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Adds what another text says.
    pub fn extend(&mut self, other: Self) {
        add(&mut self.sources, other.sources);
        add(&mut self.holders, other.holders);
        add(&mut self.searches, other.searches);
        add(&mut self.listed, other.listed);
        add(&mut self.services, other.services);
        add(&mut self.caches, other.caches);
        add(&mut self.answers, other.answers);
    }

    /// Adds a holder.
    pub(super) fn holds(&mut self, spn: &str, who: Identity, source: &str) {
        let holder = Holder {
            spn: spn.to_owned(),
            who,
            source: source.to_owned(),
        };
        add(&mut self.holders, vec![holder]);
    }

    /// Adds the result of a search.
    pub(super) fn searched(&mut self, spn: &str, result: SearchResult, forest: bool, source: &str) {
        let search = Search {
            spn: spn.to_owned(),
            result,
            whole_forest: forest,
            service_account: None,
            source: source.to_owned(),
        };
        add(&mut self.searches, vec![search]);
    }

    /// The answer to the card of a cause, the latest one.
    pub fn answer(&self, cause: &str) -> Option<&CardAnswer> {
        self.answers.iter().rev().find(|one| one.cause == cause)
    }

    /// What it tells, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for one in &self.searches {
            lines.push(format!("{}: {}", one.spn, one.result.words()));
        }
        for one in &self.holders {
            lines.push(format!("{}: held by {}", one.spn, one.who.words()));
        }
        for one in &self.services {
            lines.push(one.words());
        }
        for cache in &self.caches {
            lines.push(cache.words());
        }
        for answer in &self.answers {
            lines.push(answer.words.clone());
        }
        lines
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if list.len() >= MOST {
            return;
        }
        if !list.contains(&one) {
            list.push(one);
        }
    }
}

impl SearchResult {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Missing => "nobody holds it",
            Self::Held => "one account holds it",
            Self::HeldRightly => "the service's account holds it",
            Self::HeldWrongly => "another account than the service's holds it",
            Self::Duplicate => "several accounts hold it",
        }
    }
}

impl Identity {
    /// An account by its distinguished name.
    pub fn of_distinguished_name(name: &str) -> Self {
        Self {
            account: None,
            distinguished_name: Some(name.trim().to_owned()),
        }
    }

    /// An account by its name.
    pub fn of_account(name: &str) -> Self {
        Self {
            account: Some(name.trim().to_owned()),
            distinguished_name: None,
        }
    }

    /// The common name: the first value of the distinguished name.
    pub fn common_name(&self) -> Option<&str> {
        let name = self.distinguished_name.as_deref()?;
        let rest = name
            .get(3..)
            .filter(|_| name[..3].eq_ignore_ascii_case("CN="))?;
        // `\,` is a comma of the name itself (RFC 4514 2.4).
        let mut end = rest.len();
        let mut escaped = false;
        for (index, character) in rest.char_indices() {
            match character {
                '\\' if !escaped => escaped = true,
                ',' if !escaped => {
                    end = index;
                    break;
                }
                _ => escaped = false,
            }
        }
        Some(&rest[..end])
    }

    /// The DNS name of the domain that the distinguished name ends in.
    pub fn domain(&self) -> Option<String> {
        let name = self.distinguished_name.as_deref()?;
        let labels: Vec<&str> = name
            .split(',')
            .filter_map(|part| {
                let part = part.trim();
                let (key, value) = part.split_once('=')?;
                key.eq_ignore_ascii_case("DC").then_some(value)
            })
            .collect();
        (!labels.is_empty()).then(|| labels.join(".").to_lowercase())
    }

    /// In words.
    pub fn words(&self) -> String {
        match (&self.account, &self.distinguished_name) {
            (Some(account), Some(name)) => format!("{account} ({name})"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => "an account that is not named".to_owned(),
        }
    }
}

impl Service {
    /// In words.
    fn words(&self) -> String {
        let instance = self.instance.as_deref().unwrap_or("the default instance");
        let mut words = match &self.host {
            Some(host) => format!("SQL Server {instance} on {host}"),
            None => format!("SQL Server {instance}"),
        };
        if let Some(account) = &self.account {
            let _ = write!(words, " runs under {account}");
        }
        if let Some(started) = &self.started {
            let _ = write!(words, ", started {started}");
        }
        words
    }
}

impl Cache {
    /// In words.
    fn words(&self) -> String {
        if let Some(failure) = &self.failure {
            return format!("no ticket: {failure}");
        }
        let whose = self.principal.as_deref().unwrap_or("a user");
        let services: Vec<&str> = self
            .tickets
            .iter()
            .take(8)
            .map(|ticket| ticket.service.as_str())
            .collect();
        if services.is_empty() {
            format!("the ticket cache of {whose} is empty")
        } else {
            format!("{whose} has tickets for {}", services.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distinguished_name_tells_name_and_domain() {
        let who = Identity::of_distinguished_name(r"CN=Smith\, John,OU=Staff,DC=corp,DC=Example");
        assert_eq!(who.common_name(), Some(r"Smith\, John"));
        assert_eq!(who.domain().as_deref(), Some("corp.example"));
        assert_eq!(Identity::of_distinguished_name("Cé").common_name(), None);
    }
}
