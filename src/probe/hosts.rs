//! The hosts file of this machine, hosts(5), and where nsswitch.conf(5) puts it.

mod file;

use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

pub(crate) use file::HostsFile;

use file::Entry;

use super::by_hand::{posix, powershell};
use super::declare::{exchange, fact, fault, good, optional, required, unknown};
use super::{Consent, Context, FactKind, Outcome, Probe, ProbeDeclaration, ProbeRequest};

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&HostsFileProbe];

static DECLARATION: ProbeDeclaration = ProbeDeclaration {
    key: "hosts-file",
    title: "Hosts file",
    help: "Reads the hosts file of this machine: an entry there overrides DNS, forward and reverse, \
           for programs on this machine only.",
    consent: Consent::Silent,
    deadline: Duration::from_secs(2),
    arguments: &[
        required("name", FactKind::HostName, "the name to look for"),
        optional(
            "addresses",
            FactKind::List(&FactKind::Address),
            "what DNS says, to compare with, and to look for in reverse",
        ),
    ],
    statuses: &[
        good(
            "no-entry",
            "the hosts file says nothing of the name or of its addresses",
        ),
        good(
            "same-as-dns",
            "there is an entry, and it says what DNS says",
        ),
        fault(
            "differs",
            "an entry gives the name other addresses than DNS, or one of the addresses another name",
        ),
        unknown("unreadable", "the hosts file could not be read"),
    ],
    facts: &[
        fact("path", FactKind::Text, "the file that was read"),
        fact(
            "entries",
            FactKind::List(&FactKind::Record(&[
                fact("line", FactKind::Integer, "the line in the file, from 1"),
                fact("address", FactKind::Address, "the address"),
                fact(
                    "names",
                    FactKind::List(&FactKind::HostName),
                    "the names, canonical one first",
                ),
            ])),
            "the entries with the name or one of the addresses",
        ),
        fact(
            "addresses",
            FactKind::List(&FactKind::Address),
            "the addresses that the file gives the name",
        ),
        fact(
            "canonical_name",
            FactKind::HostName,
            "the first name of the first entry with the name: what programs take as canonical",
        ),
        fact(
            "reverse_names",
            FactKind::List(&FactKind::HostName),
            "the canonical names that the file gives the addresses which were handed in",
        ),
        fact(
            "loopback",
            FactKind::Boolean,
            "whether the file leads the name to this machine itself",
        ),
        fact(
            "before_dns",
            FactKind::Boolean,
            "whether nsswitch.conf asks the file before DNS; null when it cannot be read",
        ),
    ],
};

/// Where the system says in which order names are looked up.
const NSSWITCH: &str = "/etc/nsswitch.conf";

/// See the declaration.
#[derive(Debug)]
struct HostsFileProbe;

impl Probe for HostsFileProbe {
    fn declaration(&self) -> &'static ProbeDeclaration {
        &DECLARATION
    }

    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match (request.text("name"), request.texts("addresses")) {
                (Ok(name), Ok(addresses)) => {
                    let addresses: Vec<IpAddr> = addresses
                        .iter()
                        .filter_map(|text| text.parse().ok())
                        .collect();
                    let path = HostsFile::path(&context.session.settings);
                    observe(name, &addresses, &path)
                }
                (Err(fault), _) | (_, Err(fault)) => {
                    Outcome::not_observed(&DECLARATION, &fault.to_string())
                }
            }
        })
    }
}

fn observe(name: &str, dns: &[IpAddr], path: &Path) -> Outcome {
    let started = Instant::now();
    let mut outcome = Outcome::of(&DECLARATION);
    let shown = path.display().to_string();
    outcome
        .fact("path", shown.as_str())
        .fact("before_dns", files_before_dns(Path::new(NSSWITCH)))
        .by_hand_linux(format!("grep -inw -- {} {}", posix(name), posix(&shown)))
        .by_hand_linux("grep ^hosts: /etc/nsswitch.conf")
        .by_hand_windows(format!(
            "Select-String -SimpleMatch -Pattern {} -Path $env:SystemRoot\\System32\\drivers\\etc\\hosts",
            powershell(name)
        ));
    let file = match HostsFile::read(path) {
        Ok(file) => file,
        Err(error) => {
            outcome
                .saw(format!("read {shown}"), error.to_string())
                .summary("unreadable")
                .reason(format!("{shown} cannot be read: {error}"));
            return outcome.finish("unreadable");
        }
    };
    let given = file.addresses(name);
    let matching: Vec<&Entry> = file
        .entries
        .iter()
        .filter(|entry| entry.is_for(name) || dns.contains(&entry.address))
        .collect();
    let mut reverse: Vec<&str> = Vec::new();
    for entry in matching.iter().filter(|entry| dns.contains(&entry.address)) {
        if !reverse.contains(&entry.names[0].as_str()) {
            reverse.push(&entry.names[0]);
        }
    }
    let saw = if matching.is_empty() {
        format!("{} entries, none for it", file.entries.len())
    } else {
        let lines: Vec<String> = matching.iter().map(ToString::to_string).collect();
        lines.join("\n")
    };
    outcome
        .evidence(exchange(
            format!("{shown}: entries for {name}"),
            saw,
            started.elapsed(),
        ))
        .fact(
            "entries",
            matching
                .iter()
                .map(|entry| entry.record())
                .collect::<Vec<_>>(),
        )
        .fact(
            "addresses",
            given.iter().map(IpAddr::to_string).collect::<Vec<_>>(),
        )
        .fact(
            "canonical_name",
            file.entries
                .iter()
                .find(|entry| entry.is_for(name))
                .map(|entry| entry.names[0].as_str()),
        )
        .fact("loopback", given.iter().any(IpAddr::is_loopback));
    let names_another = matching
        .iter()
        .any(|entry| dns.contains(&entry.address) && !entry.is_for(name));
    let gives_another = given.iter().any(|address| !dns.contains(address));
    outcome.fact("reverse_names", reverse);
    if matching.is_empty() {
        outcome.summary("no entry");
        outcome.finish("no-entry")
    } else if names_another || gives_another {
        outcome.summary(matching[0].to_string());
        outcome.finish("differs")
    } else {
        outcome.summary("says the same as DNS");
        outcome.finish("same-as-dns")
    }
}

/// Whether the line `hosts:` of nsswitch.conf(5) has `files` before `dns` and
/// `resolve`. Without a line the C library asks DNS first.
fn files_before_dns(nsswitch: &Path) -> Option<bool> {
    let text = std::fs::read_to_string(nsswitch).ok()?;
    let line = text
        .lines()
        .filter_map(|line| line.split('#').next()?.trim().strip_prefix("hosts:"))
        .next_back()?;
    let at = |wanted: &[&str]| {
        line.split_whitespace()
            .position(|word| wanted.contains(&word))
            .unwrap_or(usize::MAX)
    };
    Some(at(&["files"]) < at(&["dns", "resolve"]))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::json;

    use super::*;

    fn look(hosts: &str, name: &str, dns: &[&str]) -> Outcome {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(hosts.as_bytes()).unwrap();
        let dns: Vec<IpAddr> = dns.iter().map(|text| text.parse().unwrap()).collect();
        observe(name, &dns, file.path())
    }

    #[test]
    fn the_three_answers() {
        let hosts = "127.0.0.1 localhost\n10.0.4.7 sql1.corp.example sql1\n";
        let none = look(hosts, "sql2.corp.example", &["10.0.4.8"]);
        assert_eq!(none.status, "no-entry");
        let same = look(hosts, "SQL1.corp.example", &["10.0.4.7"]);
        assert_eq!(same.status, "same-as-dns");
        let differs = look(hosts, "sql1", &["10.0.4.8"]);
        assert_eq!(differs.status, "differs");
        assert_eq!(*differs.fact("addresses"), json!(["10.0.4.7"]));
        assert_eq!(*differs.fact("canonical_name"), json!("sql1.corp.example"));
        assert_eq!(differs.fact("entries")[0]["line"], json!(2));
    }

    #[test]
    fn an_address_that_is_given_to_another_name_is_seen() {
        let hosts = "10.0.4.7 old.corp.example\n";
        let outcome = look(hosts, "sql1.corp.example", &["10.0.4.7"]);
        assert_eq!(outcome.status, "differs");
        assert_eq!(*outcome.fact("reverse_names"), json!(["old.corp.example"]));
        assert_eq!(*outcome.fact("addresses"), json!([]));
    }

    #[test]
    fn a_file_that_is_not_there_is_not_an_empty_one() {
        let outcome = observe("sql1", &[], Path::new("/nonexistent/hosts"));
        assert_eq!(outcome.status, "unreadable");
    }

    #[test]
    fn the_order_of_nsswitch() {
        let before = |line: &str| {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            writeln!(file, "passwd: files\n{line}").unwrap();
            files_before_dns(file.path())
        };
        assert_eq!(
            before("hosts: files mdns4_minimal [NOTFOUND=return] dns"),
            Some(true)
        );
        assert_eq!(
            before("hosts: resolve [!UNAVAIL=return] files dns"),
            Some(false)
        );
        assert_eq!(before("hosts: dns"), Some(false));
        assert_eq!(before(""), None);
    }
}
