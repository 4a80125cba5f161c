//! Gives each name a pseudonym that keeps what matters: which names are the
//! same, which host is in which domain, which domain is a child of which.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use indexmap::IndexMap;

use super::collect::Names;
use crate::directory::sid::Sid;

/// Names in lower case and what stands for them, the most exact first.
#[derive(Debug, Default)]
pub(super) struct Pseudonyms {
    pub(super) names: IndexMap<String, String>,
    pub(super) sids: HashMap<String, Sid>,
    /// Labels of domains, from the root on.
    labels: IndexMap<String, String>,
    hosts: IndexMap<String, String>,
}

impl Pseudonyms {
    /// A pseudonym for each name.
    pub(super) fn of(names: &Names) -> Self {
        let mut all = Self::default();
        all.addresses(names);
        all.sids(names);
        all.domains(names);
        all.hosts(names);
        all.numbered(&names.accounts, "account");
        all.numbered(&names.instances, "instance");
        all.numbered(&names.units, "unit");
        all.numbered(&names.sites, "site");
        all.numbered(&names.others, "name");
        for (number, path) in (1..).zip(&names.paths) {
            all.add(path, format!("/path-{number}"));
        }
        for (number, guid) in (1..).zip(&names.guids) {
            all.add(guid, format!("00000000-0000-0000-0000-{number:012}"));
        }
        for (number, digest) in (1_usize..).zip(&names.digests) {
            let digits = digest.len();
            all.add(digest, format!("{number:0digits$}"));
        }
        all
    }

    fn add(&mut self, name: &str, pseudonym: String) {
        if !name.is_empty() {
            self.names.entry(name.to_owned()).or_insert(pseudonym);
        }
    }

    /// Names that are a host's or a domain's as well keep that pseudonym.
    fn numbered<'a>(&mut self, names: impl IntoIterator<Item = &'a String>, word: &str) {
        let mut number = 0;
        for name in names {
            if self.names.contains_key(name) {
                continue;
            }
            number += 1;
            let pseudonym = format!("{word}-{number}");
            // A part of a name with spaces or quotes names the same: quoted for
            // a shell, the whole is not there any more.
            for part in name.split(|letter: char| !letter.is_alphanumeric()) {
                if part.len() > 2 && part.len() < name.len() && !is_common(part) && word != "unit" {
                    self.add(part, pseudonym.clone());
                }
            }
            self.names.insert(name.clone(), pseudonym);
        }
    }

    fn addresses(&mut self, names: &Names) {
        let stays = |address: &Ipv4Addr| {
            address.is_loopback() || address.is_unspecified() || address.is_broadcast()
        };
        for (number, address) in (1_u32..).zip(names.ipv4.iter().filter(|one| !stays(one))) {
            // RFC 5737: for documentation; then RFC 2544: for benchmarks.
            let stand_in = if number < 255 {
                Ipv4Addr::from(0xC000_0200 + number)
            } else {
                Ipv4Addr::from(0xC612_0000 + number)
            };
            let (own, other) = (backward(*address), backward(stand_in));
            self.add(&address.to_string(), stand_in.to_string());
            for zone in 0..=3 {
                let from = |text: &str| {
                    text.splitn(zone + 1, '.')
                        .last()
                        .unwrap_or_default()
                        .to_owned()
                };
                self.add(
                    &format!("{}.in-addr.arpa", from(&own)),
                    format!("{}.in-addr.arpa", from(&other)),
                );
            }
        }
        for (number, address) in (1..).zip(&names.ipv6) {
            if !address.is_loopback() && !address.is_unspecified() {
                // RFC 3849: for documentation.
                self.add(&address.to_string(), format!("2001:db8::{number:x}"));
            }
        }
    }

    fn sids(&mut self, names: &Names) {
        let mut domains: Vec<Sid> = Vec::new();
        let mut next = 1101;
        for text in &names.sids {
            let Some(sid) = Sid::parse(text) else {
                continue;
            };
            let is_domain = text.matches('-').count() == 6;
            let domain = if is_domain {
                Some(sid.clone())
            } else {
                sid.domain()
            };
            let Some(domain) = domain else { continue };
            let number = domains
                .iter()
                .position(|known| *known == domain)
                .unwrap_or_else(|| {
                    domains.push(domain);
                    domains.len() - 1
                })
                + 1;
            let stand_in = format!("S-1-5-21-1000000001-1000000001-{}", 1_000_000_000 + number);
            let stand_in = if is_domain {
                stand_in
            } else {
                // The first thousand are the same in every domain.
                match sid.relative_id() {
                    Some(id) if id < 1000 => format!("{stand_in}-{id}"),
                    _ => {
                        next += 1;
                        format!("{stand_in}-{}", next - 1)
                    }
                }
            };
            if let Some(other) = Sid::parse(&stand_in) {
                self.sids.insert(sid.to_string(), other);
            }
            self.add(&text.to_lowercase(), stand_in);
        }
    }

    fn domains(&mut self, names: &Names) {
        // Parents first.
        let mut domains: Vec<&String> = names.domains.iter().collect();
        domains.sort_by_key(|domain| domain.matches('.').count());
        for domain in domains {
            let pseudonym = self.domain(domain, names);
            self.add(domain, pseudonym.clone());
            let parts = |name: &str| -> Vec<String> {
                name.split('.').map(|label| format!("dc={label}")).collect()
            };
            self.add(
                &parts(domain).join(","),
                parts(&pseudonym).join(",").replace("dc=", "DC="),
            );
        }
        for (name, domain) in &names.netbios {
            let label = match domain.as_ref().and_then(|domain| self.names.get(domain)) {
                Some(pseudonym) => first(pseudonym).to_owned(),
                None => self.label(name),
            };
            self.add(name, label);
        }
        for (label, pseudonym) in self.labels.clone() {
            if label.len() > 2 && !is_common(&label) {
                self.add(&label, pseudonym);
            }
        }
    }

    fn domain(&mut self, domain: &str, names: &Names) -> String {
        let parent = names
            .domains
            .iter()
            .filter(|known| domain.ends_with(&format!(".{known}")))
            .max_by_key(|known| known.len());
        if let Some(parent) = parent {
            let own = domain[..domain.len() - parent.len() - 1].to_owned();
            let own: Vec<String> = own.split('.').map(|label| self.label(label)).collect();
            let parent = self.domain(parent, names);
            return format!("{}.{parent}", own.join("."));
        }
        let labels: Vec<&str> = domain.split('.').collect();
        let pseudonym = self.label(first(domain));
        // The labels between say who it is as well.
        for label in labels.iter().take(labels.len() - 1).skip(1) {
            self.labels
                .entry((*label).to_owned())
                .or_insert(pseudonym.clone());
        }
        format!("{pseudonym}.example")
    }

    fn label(&mut self, label: &str) -> String {
        let number = self
            .labels
            .values()
            .collect::<std::collections::HashSet<_>>()
            .len()
            + 1;
        self.labels
            .entry(label.to_owned())
            .or_insert_with(|| format!("domain-{number}"))
            .clone()
    }

    fn hosts(&mut self, names: &Names) {
        for host in &names.hosts {
            if self.names.contains_key(host) {
                continue;
            }
            let parent = names
                .domains
                .iter()
                .filter(|domain| host.ends_with(&format!(".{domain}")))
                .max_by_key(|domain| domain.len())
                .cloned();
            let (own, parent) = match (parent, host.split_once('.')) {
                (Some(parent), _) => (
                    host[..host.len() - parent.len() - 1].to_owned(),
                    Some(parent),
                ),
                (None, Some((own, rest))) if rest.contains('.') => {
                    (own.to_owned(), Some(rest.to_owned()))
                }
                (None, _) => (host.clone(), None),
            };
            let number = self.hosts.len() + 1;
            let name = self
                .hosts
                .entry(first(&own).to_owned())
                .or_insert_with(|| format!("host-{number}"))
                .clone();
            let pseudonym = match &parent {
                Some(parent) => {
                    let known = self.names.get(parent).cloned();
                    let parent = known.unwrap_or_else(|| self.domain(parent, names));
                    format!("{name}.{parent}")
                }
                None if own.contains('.') => format!("{name}.example"),
                None => name,
            };
            self.add(host, pseudonym);
        }
        for (label, name) in self.hosts.clone() {
            if label.parse::<u64>().is_err() && !is_common(&label) {
                self.add(&label, name);
            }
        }
    }
}

fn first(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn backward(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("{d}.{c}.{b}.{a}")
}

/// Words of every text here; as a part of a name they say nothing.
fn is_common(word: &str) -> bool {
    [
        "sql",
        "server",
        "service",
        "account",
        "accounts",
        "user",
        "users",
        "admin",
        "the",
        "and",
        "for",
        "root",
        "host",
        "domain",
        "com",
        "net",
        "org",
        "local",
        "agent",
        "lan",
        "example",
        "test",
        "www",
        "mail",
        "svc",
        "corporate",
        "internal",
    ]
    .contains(&word)
}
