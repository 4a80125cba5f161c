//! The format of hosts(5).

use std::fmt;
use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::probe::Settings;

/// More than anyone has, less than hurts: block lists are a few MiB.
const LIMIT: u64 = 16 * 1024 * 1024;

/// One line of a hosts file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// From 1.
    pub(crate) line: usize,
    /// The address.
    pub(crate) address: IpAddr,
    /// The names in lower case without trailing dots, canonical one first.
    pub(crate) names: Vec<String>,
}

impl Entry {
    /// Whether the entry is for this name.
    pub(crate) fn is_for(&self, name: &str) -> bool {
        self.names.contains(&plain(name))
    }

    /// The record of the fact `entries`.
    pub(crate) fn record(&self) -> Value {
        json!({
            "line": self.line,
            "address": self.address.to_string(),
            "names": self.names,
        })
    }
}

/// In words, for the evidence.
impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.names.join(" ");
        write!(formatter, "line {}: {} {names}", self.line, self.address)
    }
}

/// A hosts file.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostsFile {
    /// Its entries in the order of the file.
    pub(crate) entries: Vec<Entry>,
}

impl HostsFile {
    /// Where the settings say that it is, else `/etc/hosts`.
    pub(crate) fn path(settings: &Settings) -> PathBuf {
        settings
            .hosts_file
            .clone()
            .unwrap_or_else(|| PathBuf::from("/etc/hosts"))
    }

    /// Reads a hosts file; bytes that are not UTF-8 are replaced.
    pub(crate) fn read(path: &Path) -> std::io::Result<Self> {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?
            .take(LIMIT)
            .read_to_end(&mut bytes)?;
        Ok(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// Lines that are no entries are passed over, as the C library does.
    pub(crate) fn parse(text: &str) -> Self {
        let entry = |(index, line): (usize, &str)| {
            let content = line.split('#').next().unwrap_or_default();
            let mut words = content.split_whitespace();
            // A zone, as in `fe80::1%lo0`, is no part of the address.
            let address = words.next()?.split('%').next()?.parse().ok()?;
            let names: Vec<String> = words.map(plain).collect();
            (!names.is_empty()).then_some(Entry {
                line: index + 1,
                address,
                names,
            })
        };
        Self {
            entries: text.lines().enumerate().filter_map(entry).collect(),
        }
    }

    /// The addresses of a name, in the order of the file, each once.
    pub(crate) fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for entry in &self.entries {
            if entry.is_for(name) && !addresses.contains(&entry.address) {
                addresses.push(entry.address);
            }
        }
        addresses
    }
}

/// In lower case, without the dot that ends a full name.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_the_c_library_reads_them() {
        let file = HostsFile::parse(
            "127.0.0.1\tlocalhost\n# 10.9.9.9 sql1\n10.0.4.7  SQL1.Corp.Example. sql1 # old\n\
             nonsense sql1\n10.0.4.8\n10.0.4.9 sql1\nfe80::1%lo0 sql1\n",
        );
        assert_eq!(file.entries.len(), 4);
        assert_eq!(file.entries[1].line, 3);
        assert_eq!(file.entries[1].names, ["sql1.corp.example", "sql1"]);
        let expected: Vec<IpAddr> = ["10.0.4.7", "10.0.4.9", "fe80::1"]
            .iter()
            .map(|address| address.parse().unwrap())
            .collect();
        assert_eq!(file.addresses("Sql1."), expected);
    }
}
