//! How this machine resolves names: resolv.conf(5).

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::probe::Settings;

/// As many as the C library uses.
const MOST_SERVERS: usize = 3;
/// The stub of systemd-resolved, which hides the real name servers.
const STUBS: [&str; 2] = ["127.0.0.53", "127.0.0.54"];
/// Where systemd-resolved writes the real ones.
const BEHIND_STUB: &str = "/run/systemd/resolve/resolv.conf";

/// Name servers and search suffixes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ResolvConf {
    /// The name servers, in the order in which they are asked.
    pub(super) servers: Vec<IpAddr>,
    /// The search suffixes in lower case, without dots around them.
    pub(super) suffixes: Vec<String>,
    /// A name with this many dots is first taken as full.
    pub(super) ndots: usize,
    /// The file that it came from.
    pub(super) path: PathBuf,
}

impl ResolvConf {
    /// As the settings and the system say. A file that is missing has no
    /// name servers.
    pub(super) fn read(settings: &Settings) -> Self {
        let path = settings
            .resolv_conf
            .clone()
            .unwrap_or_else(|| PathBuf::from("/etc/resolv.conf"));
        let mut found = Self::read_file(&path);
        let behind_stub = !found.servers.is_empty()
            && found
                .servers
                .iter()
                .all(|server| STUBS.contains(&server.to_string().as_str()));
        if behind_stub && settings.resolv_conf.is_none() {
            let real = Self::read_file(Path::new(BEHIND_STUB));
            if !real.servers.is_empty() {
                found = real;
            }
        }
        if !settings.name_servers.is_empty() {
            found.servers.clone_from(&settings.name_servers);
        }
        found
    }

    fn read_file(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        Self {
            path: path.to_owned(),
            ..Self::parse(&String::from_utf8_lossy(&bytes))
        }
    }

    fn parse(text: &str) -> Self {
        let mut found = Self {
            ndots: 1,
            ..Self::default()
        };
        for line in text.lines() {
            let content = line.split(['#', ';']).next().unwrap_or_default();
            let mut words = content.split_whitespace();
            match words.next() {
                Some("nameserver") => {
                    let address = words
                        .next()
                        .and_then(|word| word.split('%').next()?.parse::<IpAddr>().ok());
                    found.servers.extend(address);
                }
                // The last line of either kind wins, resolv.conf(5).
                Some("search" | "domain") => {
                    found.suffixes = words
                        .map(|word| word.trim_matches('.').to_ascii_lowercase())
                        .filter(|word| !word.is_empty())
                        .collect();
                }
                Some("options") => {
                    for option in words {
                        if let Some(count) = option.strip_prefix("ndots:") {
                            found.ndots = count.parse().unwrap_or(1).min(15);
                        }
                    }
                }
                _ => {}
            }
        }
        found.servers.truncate(MOST_SERVERS);
        found
    }

    /// The full names that a typed name can mean, in the order in which they
    /// are tried; the first group is tried before the second is thought of.
    pub(super) fn candidates(&self, name: &str) -> [Vec<String>; 2] {
        let lower = name.to_ascii_lowercase();
        if let Some(full) = lower.strip_suffix('.') {
            return [vec![full.to_owned()], Vec::new()];
        }
        let searched: Vec<String> = self
            .suffixes
            .iter()
            .map(|suffix| format!("{lower}.{suffix}"))
            .collect();
        let as_typed = vec![lower.clone()];
        if lower.matches('.').count() >= self.ndots.max(1) || searched.is_empty() {
            [as_typed, searched]
        } else {
            [searched, as_typed]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_search_line_wins_and_comments_are_none() {
        let conf = ResolvConf::parse(
            "; made by hand\ndomain old.example\nnameserver 10.0.0.2 # first\n\
             nameserver nonsense\nnameserver fe80::1%eth0\nsearch Corp.Example. emea.corp.example\n\
             options timeout:1 ndots:2\n",
        );
        assert_eq!(conf.servers.len(), 2);
        assert_eq!(conf.suffixes, ["corp.example", "emea.corp.example"]);
        assert_eq!(conf.ndots, 2);
    }

    #[test]
    fn short_names_are_searched_first_and_full_names_last() {
        let conf = ResolvConf::parse("search corp.example\n");
        assert_eq!(conf.candidates("SQL1")[0], ["sql1.corp.example"]);
        assert_eq!(conf.candidates("SQL1")[1], ["sql1"]);
        assert_eq!(conf.candidates("sql1.emea")[0], ["sql1.emea"]);
        assert_eq!(conf.candidates("sql1.emea")[1], ["sql1.emea.corp.example"]);
        assert_eq!(
            conf.candidates("sql1.")[0],
            ["sql1"],
            "a trailing dot ends it"
        );
        assert!(conf.candidates("sql1.")[1].is_empty());
    }
}
