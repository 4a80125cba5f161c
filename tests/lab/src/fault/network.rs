//! Faults of the way between the client and the servers: firewalls, service
//! records, a slow controller, a tunnel.

use std::ffi::OsStr;
use std::fs;
use std::time::Duration;

use crate::dns::Record;
use crate::error::{LabError, Result};
use crate::host::Host;
use crate::lab::Lab;
use crate::process;
use crate::supervisor::wait_for;
use crate::topology::{self, CORP, PREFIX};

/// What is wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Nothing listens on sql1's ports.
    PortRefused,
    /// A firewall drops what the client sends to port 1433.
    PortFiltered,
    /// DNS has no service records for KDCs.
    KdcWithoutRecords,
    /// A firewall drops what the client sends to port 88.
    KdcSilent,
    /// A firewall drops LDAP and the global catalog from the client.
    DirectorySilent,
    /// A firewall drops UDP port 88 from the client.
    KdcWithoutUdp,
    /// krb5.conf names a KDC on a host where none runs any more.
    KdcRefused,
    /// A second domain controller is in DNS whose answers take two seconds.
    SlowController,
    /// A tunnel on the client: 127.0.0.1 port 11433 leads to sql1.
    Tunnel,
}

/// Every fault with its name and what it does.
pub(super) const TABLE: &[(Network, &str, &str)] = &[
    (
        Network::PortRefused,
        "port-closed",
        "SQL Server on sql1 is stopped",
    ),
    (
        Network::PortFiltered,
        "port-closed:filtered",
        "a firewall drops TCP 1433 from the client",
    ),
    (
        Network::KdcWithoutRecords,
        "kdc-unreachable",
        "corp.example has no service records for KDCs",
    ),
    (
        Network::KdcSilent,
        "kdc-unreachable:silent",
        "a firewall drops port 88 from the client",
    ),
    (
        Network::DirectorySilent,
        "directory-unreachable",
        "a firewall drops LDAP and the global catalog from the client",
    ),
    (
        Network::KdcWithoutUdp,
        "kdc-udp-truncated",
        "a firewall drops UDP port 88 from the client",
    ),
    (
        Network::KdcRefused,
        "kdc-unreachable:refused",
        "the client's krb5.conf names a KDC that runs no more",
    ),
    (
        Network::SlowController,
        "domain-controller-slow",
        "dc9, a second controller in DNS, answers after 2 seconds",
    ),
    (
        Network::Tunnel,
        "connected-by-address:tunnel",
        "localhost port 11433 on the client is a tunnel to sql1",
    ),
];

/// Forwards TCP connections: listen address, port, target, port, and the
/// seconds for which each block is held back.
const RELAY: &str = r"
import asyncio, sys
address, port, target, target_port, delay = sys.argv[1:6]
async def pump(reader, writer):
    try:
        while block := await reader.read(65536):
            await asyncio.sleep(float(delay) / 2)
            writer.write(block)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
async def serve(reader, writer):
    try:
        there, back = await asyncio.open_connection(target, int(target_port))
    except OSError:
        return writer.close()
    await asyncio.gather(pump(reader, back), pump(there, writer))
async def main():
    server = await asyncio.start_server(serve, address, int(port))
    await server.serve_forever()
asyncio.run(main())
";

/// The port of the tunnel.
pub const TUNNEL_PORT: u16 = 11433;
/// Where the slow controller is: a second address of the name server's host.
const SLOW_ADDRESS: &str = "10.88.0.12";
const SLOW_NAME: &str = "dc9";
/// LDAP and the global catalog, each with and without TLS.
const LDAP_PORTS: [u16; 4] = [389, 636, 3268, 3269];
const SLOW_PORTS: [u16; 3] = [88, 389, 3268];
/// Nobody has this address; what is sent there is lost.
const NOWHERE: &str = "10.88.0.99";

impl Network {
    /// Whether it is in DNS, and so ends when the directories are reset.
    pub(super) fn is_in_directories(self) -> bool {
        matches!(self, Self::KdcWithoutRecords | Self::SlowController)
    }
}

pub(super) fn inject(lab: &Lab, fault: Network) -> Result<()> {
    match fault {
        Network::PortRefused => {
            lab.sql("sql1")?.stop();
            Ok(())
        }
        Network::PortFiltered => drop_port(lab.host("client")?, "tcp", 1433),
        Network::KdcSilent => drop_port(lab.host("client")?, "tcp", 88),
        Network::DirectorySilent => LDAP_PORTS
            .iter()
            .try_for_each(|port| drop_port(lab.host("client")?, "tcp", *port)),
        Network::KdcWithoutUdp => drop_port(lab.host("client")?, "udp", 88),
        Network::KdcWithoutRecords => kdc_records(CORP.controller)
            .iter()
            .try_for_each(|record| lab.dns_delete(record)),
        Network::KdcRefused => edit(lab.host("client")?, "krb5.conf", |text| {
            format!(
                "{text}[realms]\n\t{} = {{\n\t\tkdc = sql2.corp.example\n\t}}\n",
                CORP.realm
            )
        }),
        Network::SlowController => {
            let host = lab.host("dns1")?;
            host.run(&["ip", "address", "add", &slow_network(), "dev", "eth0"])?;
            let target = topology::find(CORP.controller)?.address.to_string();
            for port in SLOW_PORTS {
                relay(host, SLOW_ADDRESS, port, &target, port, "2")?;
            }
            slow_records()
                .iter()
                .try_for_each(|record| lab.dns_add(record))
        }
        Network::Tunnel => {
            let target = topology::find("sql1")?.address.to_string();
            let client = lab.host("client")?;
            relay(client, "127.0.0.1", TUNNEL_PORT, &target, 1433, "0")
        }
    }
}

pub(super) fn undo(lab: &Lab, fault: Network) -> Result<()> {
    match fault {
        Network::PortRefused => lab.sql("sql1")?.restart(),
        Network::PortFiltered => pass_port(lab.host("client")?, "tcp", 1433),
        Network::KdcSilent => pass_port(lab.host("client")?, "tcp", 88),
        Network::DirectorySilent => LDAP_PORTS
            .iter()
            .try_for_each(|port| pass_port(lab.host("client")?, "tcp", *port)),
        Network::KdcWithoutUdp => pass_port(lab.host("client")?, "udp", 88),
        Network::KdcWithoutRecords => kdc_records(CORP.controller)
            .iter()
            .try_for_each(|record| lab.dns_add(record)),
        Network::KdcRefused => put_back(lab.host("client")?, "krb5.conf"),
        Network::SlowController => {
            let host = lab.host("dns1")?;
            for port in SLOW_PORTS {
                host.stop_daemon(&label(port));
            }
            // What was not added half way needs no removal.
            let _ = host.run(&["ip", "address", "del", &slow_network(), "dev", "eth0"]);
            slow_records()
                .iter()
                .try_for_each(|record| lab.dns_delete(record))
        }
        Network::Tunnel => {
            lab.host("client")?.stop_daemon(&label(TUNNEL_PORT));
            Ok(())
        }
    }
}

fn slow_network() -> String {
    format!("{SLOW_ADDRESS}/{PREFIX}")
}

fn service(name: &str, port: u16, host: &str) -> Record {
    Record {
        zone: CORP.name,
        name: name.to_owned(),
        kind: "SRV",
        data: format!("{host}.{} {port} 0 100", CORP.name),
    }
}

/// The service records by which clients find a KDC on this host.
fn kdc_records(host: &str) -> [Record; 2] {
    ["_kerberos._tcp", "_kerberos._udp"].map(|name| service(name, 88, host))
}

fn slow_records() -> Vec<Record> {
    let address = Record {
        zone: CORP.name,
        name: SLOW_NAME.to_owned(),
        kind: "A",
        data: SLOW_ADDRESS.to_owned(),
    };
    [address]
        .into_iter()
        .chain(kdc_records(SLOW_NAME))
        .collect()
}

fn label(port: u16) -> String {
    format!("relay-{port}")
}

fn relay(
    host: &Host,
    address: &str,
    port: u16,
    target: &str,
    target_port: u16,
    delay: &str,
) -> Result<()> {
    let (listen, there) = (port.to_string(), target_port.to_string());
    let arguments = [
        "python3", "-c", RELAY, address, &listen, target, &there, delay,
    ];
    host.daemon(&label(port), &arguments.map(OsStr::new), &[])?;
    let dest = format!("{address}:{port}");
    wait_for(
        Duration::from_secs(10),
        "the relay",
        &host.log(&label(port)),
        || {
            let mut sockets = host.tool(&["ss", "-Hltn", "src", &dest]);
            let listening = process::output(&mut sockets, "").ok()?;
            (!listening.stdout.is_empty()).then_some(())
        },
    )
}

/// This kernel has no packet filter, but routes by port: what goes to this
/// port is sent to a hardware address that nobody has.
fn drop_port(host: &Host, protocol: &str, port: u16) -> Result<()> {
    let port = port.to_string();
    host.run(&[
        "ip",
        "neigh",
        "replace",
        NOWHERE,
        "lladdr",
        "02:00:00:00:00:99",
        "dev",
        "eth0",
    ])?;
    host.run(&[
        "ip", "route", "replace", "default", "via", NOWHERE, "dev", "eth0", "onlink", "table",
        &port,
    ])?;
    host.run(&[
        "ip", "rule", "add", "ipproto", protocol, "dport", &port, "table", &port,
    ])
    .map(drop)
}

fn pass_port(host: &Host, protocol: &str, port: u16) -> Result<()> {
    let port = port.to_string();
    host.run(&[
        "ip", "rule", "del", "ipproto", protocol, "dport", &port, "table", &port,
    ])
    .map(drop)
}

/// Changes a file of a host's /etc and keeps what was there.
pub(super) fn edit(host: &Host, name: &str, change: impl FnOnce(String) -> String) -> Result<()> {
    let path = host.dir.join("etc").join(name);
    let text = fs::read_to_string(&path).map_err(LabError::file("read", &path))?;
    let kept = kept(host, name);
    if !kept.exists() {
        fs::write(&kept, &text).map_err(LabError::file("write", &kept))?;
    }
    fs::write(&path, change(text)).map_err(LabError::file("write", &path))
}

/// Puts a file of a host's /etc back as it was before the first [`edit`].
pub(super) fn put_back(host: &Host, name: &str) -> Result<()> {
    let (path, kept) = (host.dir.join("etc").join(name), kept(host, name));
    if !kept.exists() {
        return Ok(());
    }
    fs::copy(&kept, &path).map_err(LabError::file("write", &path))?;
    fs::remove_file(&kept).map_err(LabError::file("remove", &kept))
}

fn kept(host: &Host, name: &str) -> std::path::PathBuf {
    host.dir.join(format!("{name}.before"))
}
