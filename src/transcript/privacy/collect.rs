//! Finds the names in a document.

use std::net::{Ipv4Addr, Ipv6Addr};

use indexmap::IndexSet;
use serde_json::Value;

use super::super::document::SessionDocument;
use super::fields::{DECLARED, Kind, WORDS_OF_FLOWS, is_everywhere};
use super::form;
use crate::directory::sid::Sid;

/// Names by what they name, in the order in which they are met, in lower case.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) domains: IndexSet<String>,
    /// NetBIOS names of domains, and the DNS name where it is known.
    pub(super) netbios: IndexSet<(String, Option<String>)>,
    pub(super) hosts: IndexSet<String>,
    pub(super) accounts: IndexSet<String>,
    pub(super) instances: IndexSet<String>,
    pub(super) units: IndexSet<String>,
    pub(super) others: IndexSet<String>,
    pub(super) sites: IndexSet<String>,
    pub(super) paths: IndexSet<String>,
    pub(super) sids: IndexSet<String>,
    pub(super) guids: IndexSet<String>,
    pub(super) digests: IndexSet<String>,
    pub(super) ipv4: IndexSet<Ipv4Addr>,
    pub(super) ipv6: IndexSet<Ipv6Addr>,
}

/// Every name in a document.
pub(super) fn names(document: &SessionDocument) -> Names {
    let mut names = Names::default();
    // What has a field of its own comes first: it says what it is.
    for step in &document.steps {
        for (key, value) in &step.facts {
            names.fields(key, value);
        }
    }
    for (key, value) in &document.inputs {
        names.fields(key, value);
    }
    for finding in &document.findings {
        for (key, value) in &finding.finding.values {
            names.fields(key, value);
        }
        if let Ok(fix) = serde_json::to_value(&finding.finding.fix) {
            names.fields("fix", &fix);
        }
    }
    // Then what is known by its form alone.
    if let Ok(value) = serde_json::to_value(document) {
        names.forms(&value, "");
    }
    names
}

impl Names {
    fn fields(&mut self, key: &str, value: &Value) {
        match value {
            Value::String(text) => self.field(key, text),
            Value::Array(items) => items.iter().for_each(|item| self.fields(key, item)),
            Value::Object(fields) => {
                let text = |key: &str| fields.get(key).and_then(Value::as_str);
                for (netbios, domain) in [
                    ("netbios_domain", "domain"),
                    ("netbios-domain", "domain"),
                    ("netbios_name", "domain"),
                    ("netbios_name", "partner"),
                    ("flat_name", "partner"),
                ] {
                    if let (Some(netbios), Some(domain)) = (text(netbios), text(domain)) {
                        self.domain(domain);
                        self.netbios_of(netbios, Some(domain));
                    }
                }
                fields
                    .iter()
                    .for_each(|(key, field)| self.fields(key, field));
            }
            _ => {}
        }
    }

    /// A value whose field says what it names.
    fn field(&mut self, key: &str, text: &str) {
        let key = key.replace('-', "_");
        let text = text.trim().trim_end_matches('.');
        let is_word = !text.is_empty() && text.len() < 256 && !text.contains(char::is_whitespace);
        match DECLARED.get(key.as_str()) {
            Some(Kind::Domain) if is_word && form::is_labels(text) => self.domain(text),
            Some(Kind::NetBios) if is_word => self.netbios_of(text, None),
            Some(Kind::Host) if is_word && form::is_labels(text) && form::ipv4(text).is_none() => {
                self.host(text);
            }
            Some(Kind::Account) if is_word && form::is_labels(text.trim_end_matches('$')) => {
                self.account(text);
            }
            Some(Kind::Instance) if is_word => self.instance(text),
            Some(Kind::Site) if !is_everywhere(text) => {
                self.sites.insert(text.to_lowercase());
            }
            Some(Kind::Certificate) => self.certificate(text),
            _ => {}
        }
    }

    /// What is known by its form, in any text.
    fn forms(&mut self, value: &Value, parent: &str) {
        match value {
            Value::String(text) => {
                for parts in form::distinguished_names(text) {
                    self.distinguished_name(&parts);
                }
                // Commands are full of what looks like names.
                let is_command = ["linux", "windows", "condition"].contains(&parent);
                for word in form::words(text) {
                    self.word(word, !is_command);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.forms(item, parent)),
            Value::Object(fields) => {
                for (key, field) in fields {
                    if WORDS_OF_FLOWS.contains(&key.as_str()) {
                        continue;
                    }
                    self.forms(field, key);
                    if parent != "saw" && key.contains(['.', '\\', '/', '@']) {
                        self.word(key, false);
                    }
                }
            }
            _ => {}
        }
    }

    fn word(&mut self, word: &str, is_prose: bool) {
        if let Some(address) = form::ipv4(word) {
            self.ipv4.insert(address);
        } else if let Some(address) = form::ipv6(word) {
            self.ipv6.insert(address);
        } else if let Some(path) = form::own_path(word) {
            self.paths.insert(path.to_lowercase());
        } else if form::is_guid(word) {
            self.guids.insert(word.to_lowercase());
        } else if form::is_digest(word) {
            self.digests.insert(word.to_lowercase());
        } else if word.starts_with("S-1-5-21-") && Sid::parse(word).is_some() {
            self.sids.insert(word.to_uppercase());
        } else if let Some((host, after, domain)) = form::spn(word) {
            self.host(host);
            if let Some(instance) = after.filter(|after| after.parse::<u16>().is_err()) {
                self.instance(instance);
            }
            if let Some(domain) = domain.filter(|domain| form::is_dns_name(domain)) {
                self.domain(domain);
            }
        } else if let Some((domain, name)) = form::down_level(word) {
            if !form::is_labels(domain) {
                return;
            }
            let label = domain.split('.').next().unwrap_or(domain).to_lowercase();
            let is_host = self
                .hosts
                .iter()
                .any(|host| host.split('.').next() == Some(&label));
            if is_host && !self.netbios.iter().any(|(known, _)| *known == label) {
                self.instance(name);
            } else {
                self.netbios_of(domain, None);
                self.account(name);
            }
        } else if let Some((name, domain)) = word.split_once('@') {
            if form::is_labels(name.trim_end_matches('$')) && form::is_dns_name(domain) {
                self.account(name);
                self.domain(domain);
            }
        } else if is_prose && form::is_dns_name(word.split([':', '/']).next().unwrap_or(word)) {
            self.host(word.split([':', '/']).next().unwrap_or(word));
        }
    }

    fn domain(&mut self, name: &str) {
        if form::is_dns_name(name) {
            self.domains.insert(name.to_lowercase());
        } else if form::is_labels(name) {
            self.netbios_of(name, None);
        }
    }

    fn netbios_of(&mut self, name: &str, domain: Option<&str>) {
        let name = name.to_lowercase();
        if is_everywhere(&name) || !form::is_labels(&name) {
            return;
        }
        if name.contains('.') {
            return self.domain(&name);
        }
        if domain.is_some() || !self.netbios.iter().any(|(known, _)| *known == name) {
            self.netbios.insert((name, domain.map(str::to_lowercase)));
        }
    }

    fn host(&mut self, name: &str) {
        let name = name.to_lowercase();
        if form::is_labels(&name) && form::ipv4(&name).is_none() && !is_everywhere(&name) {
            self.hosts.insert(name);
        }
    }

    fn account(&mut self, name: &str) {
        let name = name.trim_end_matches('$').to_lowercase();
        if name.len() > 1 && !is_everywhere(&name) && name.parse::<u64>().is_err() {
            self.accounts.insert(name);
        }
    }

    fn instance(&mut self, name: &str) {
        let name = name.to_lowercase();
        if form::is_labels(&name) && !is_everywhere(&name) && name.parse::<u64>().is_err() {
            self.instances.insert(name);
        }
    }

    fn certificate(&mut self, text: &str) {
        let parts = form::distinguished_name(text);
        if parts.is_empty() {
            self.named(text);
        }
        for (_, value) in parts {
            self.named(&value);
        }
    }

    fn named(&mut self, text: &str) {
        if form::is_dns_name(text) {
            self.host(text);
        } else if text.len() > 1 && !is_everywhere(text) && form::ipv4(text).is_none() {
            self.others.insert(text.to_lowercase());
        }
    }

    fn distinguished_name(&mut self, parts: &[(String, String)]) {
        let domain: Vec<&str> = parts
            .iter()
            .filter(|(attribute, _)| attribute == "DC")
            .map(|(_, value)| value.as_str())
            .collect();
        if domain.len() > 1 {
            self.domain(&domain.join("."));
        }
        for (attribute, value) in parts {
            match attribute.as_str() {
                "DC" => {}
                _ if is_everywhere(value) => {}
                "OU" => {
                    self.units.insert(value.to_lowercase());
                }
                _ => self.named(value),
            }
        }
    }
}
