//! Names: the resolver that all hosts use, and the records in the forests.

use std::ffi::{OsStr, OsString};

use crate::accounts::ADMINISTRATOR_PASSWORD;
use crate::error::Result;
use crate::host::Host;
use crate::topology::{CORP, DOMAINS, Domain, HOSTS, HostSpec, REVERSE_ZONE, Role};

const DAEMON: &str = "dnsmasq";
const SECOND_DAEMON: &str = "dnsmasq-second";

/// A record of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The zone, which also names the controller that holds it.
    pub zone: &'static str,
    /// The name inside the zone.
    pub name: String,
    /// `A`, `PTR`, `CNAME`.
    pub kind: &'static str,
    /// The data.
    pub data: String,
}

impl Record {
    /// The address record of a host.
    pub fn forward(host: &HostSpec) -> Self {
        Self {
            zone: host.domain.name,
            name: host.name.to_owned(),
            kind: "A",
            data: host.address.to_string(),
        }
    }

    /// The pointer record of a host.
    pub fn reverse(host: &HostSpec) -> Self {
        Self {
            zone: REVERSE_ZONE,
            name: host.reverse_label(),
            kind: "PTR",
            data: host.fqdn(),
        }
    }

    /// The same record with other data.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<String>) -> Self {
        self.data = data.into();
        self
    }

    /// The domain whose controller holds the zone.
    pub fn domain(&self) -> &'static Domain {
        DOMAINS
            .into_iter()
            .find(|domain| domain.name == self.zone)
            .unwrap_or(&CORP)
    }
}

/// Starts the resolver: each forest's zones go to its controller, and every
/// other name is answered "no such name" at once. Two Samba servers that
/// forward to each other would loop instead. Nothing is cached, so that a
/// changed record is seen by the next query.
pub(crate) fn start(host: &Host) -> Result<()> {
    run(host, DAEMON, &host.spec.address.to_string(), &[])
}

/// Stops the resolver.
pub(crate) fn stop(host: &Host) {
    host.stop_daemon(DAEMON);
}

/// A second resolver on another address of the host, with an address record
/// of its own that is not what the forest says.
pub(crate) fn start_second(host: &Host, address: &str, wrong: &Record) -> Result<()> {
    let own = format!("--address=/{}.{}/{}", wrong.name, wrong.zone, wrong.data);
    run(host, SECOND_DAEMON, address, &[own])
}

/// Stops the second resolver.
pub(crate) fn stop_second(host: &Host) {
    host.stop_daemon(SECOND_DAEMON);
}

fn run(host: &Host, label: &str, address: &str, more: &[String]) -> Result<()> {
    let mut arguments: Vec<OsString> = [
        "dnsmasq",
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--bind-interfaces",
        "--cache-size=0",
        "--user=root",
        "--pid-file=",
        "--log-facility=-",
        // Any name that no line below forwards.
        "--address=/#/",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.push(format!("--listen-address={address}").into());
    arguments.extend(more.iter().map(OsString::from));
    for controller in HOSTS
        .iter()
        .filter(|other| other.role == Role::DomainController)
    {
        let (zone, address) = (controller.domain.name, controller.address);
        arguments.push(format!("--server=/{zone}/{address}").into());
        if controller.domain == &CORP {
            arguments.push(format!("--server=/{REVERSE_ZONE}/{address}").into());
        }
    }
    let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
    host.daemon(label, &arguments, &[])
}

/// Whether the resolver runs.
pub(crate) fn is_running(host: &Host) -> bool {
    host.is_running(DAEMON)
}

/// Adds the reverse zone and the records of all members, once, when the lab
/// is provisioned. The controllers' own address records are there already.
pub(crate) fn provision(first: &Host, second: &Host) -> Result<()> {
    change(first, &["zonecreate", "127.0.0.1", REVERSE_ZONE])?;
    for host in &HOSTS {
        add(first, &Record::reverse(host))?;
        if host.role != Role::DomainController {
            let controller = if host.domain == &CORP { first } else { second };
            add(controller, &Record::forward(host))?;
        }
    }
    Ok(())
}

/// Adds a record at the controller that holds its zone.
pub(crate) fn add(controller: &Host, record: &Record) -> Result<()> {
    let Record {
        zone,
        name,
        kind,
        data,
    } = record;
    change(controller, &["add", "127.0.0.1", zone, name, kind, data])
}

/// Deletes a record at the controller that holds its zone.
pub(crate) fn delete(controller: &Host, record: &Record) -> Result<()> {
    let Record {
        zone,
        name,
        kind,
        data,
    } = record;
    change(controller, &["delete", "127.0.0.1", zone, name, kind, data])
}

fn change(controller: &Host, arguments: &[&str]) -> Result<()> {
    let credentials = format!("-UAdministrator%{ADMINISTRATOR_PASSWORD}");
    let mut command = vec!["samba-tool", "dns"];
    command.extend_from_slice(arguments);
    command.push(&credentials);
    controller.run(&command).map(drop)
}
