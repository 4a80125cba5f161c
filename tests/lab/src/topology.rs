//! The lab's map: two forests, their hosts and addresses. Pure data.

use std::net::Ipv4Addr;

use crate::error::{LabError, Result};

/// Length of the prefix of the one network that all hosts share.
pub const PREFIX: u8 = 24;
/// The reverse zone of that network, held by the first domain controller.
pub const REVERSE_ZONE: &str = "0.88.10.in-addr.arpa";
/// The switch's own address: `lab ssh` comes from there.
pub const SWITCH: Ipv4Addr = Ipv4Addr::new(10, 88, 0, 1);

/// A forest of one domain.
#[derive(Debug, PartialEq, Eq)]
pub struct Domain {
    /// DNS name, in lower case.
    pub name: &'static str,
    /// Kerberos realm: the DNS name in upper case.
    pub realm: &'static str,
    /// NetBIOS name.
    pub netbios: &'static str,
    /// Distinguished name of the domain.
    pub base: &'static str,
    /// Short name of its domain controller.
    pub controller: &'static str,
}

/// The forest of the user, the client and the SQL Servers.
pub static CORP: Domain = Domain {
    name: "corp.example",
    realm: "CORP.EXAMPLE",
    netbios: "CORP",
    base: "DC=corp,DC=example",
    controller: "dc1",
};

/// The forest that CORP trusts and that trusts CORP.
pub static PARTNER: Domain = Domain {
    name: "partner.example",
    realm: "PARTNER.EXAMPLE",
    netbios: "PARTNER",
    base: "DC=partner,DC=example",
    controller: "dc2",
};

/// Both forests.
pub static DOMAINS: [&Domain; 2] = [&CORP, &PARTNER];

/// What a host is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A Samba domain controller.
    DomainController,
    /// A second controller of CORP that does not replicate; it runs only in the
    /// fault that needs it.
    SecondController,
    /// A resolver that forwards each forest's zones to its controller.
    NameServer,
    /// A host where the TDS peer plays SQL Server.
    SqlHost,
    /// A jump host where a person or a test runs programs.
    Client,
}

/// A host of the lab.
#[derive(Debug)]
pub struct HostSpec {
    /// Short name.
    pub name: &'static str,
    /// The domain that it belongs to.
    pub domain: &'static Domain,
    /// Its only address.
    pub address: Ipv4Addr,
    /// What it is there for.
    pub role: Role,
}

impl HostSpec {
    /// Fully qualified name.
    pub fn fqdn(&self) -> String {
        format!("{}.{}", self.name, self.domain.name)
    }

    /// The name under [`REVERSE_ZONE`].
    pub fn reverse_label(&self) -> String {
        self.address.octets()[3].to_string()
    }
}

const fn host(name: &'static str, domain: &'static Domain, last: u8, role: Role) -> HostSpec {
    HostSpec {
        name,
        domain,
        address: Ipv4Addr::new(10, 88, 0, last),
        role,
    }
}

/// Every host. A second name server or controller is one more line.
pub static HOSTS: [HostSpec; 9] = [
    host("dns1", &CORP, 2, Role::NameServer),
    host("dc1", &CORP, 10, Role::DomainController),
    host("dc3", &CORP, 11, Role::SecondController),
    host("dc2", &PARTNER, 20, Role::DomainController),
    host("sql1", &CORP, 31, Role::SqlHost),
    host("sql2", &CORP, 32, Role::SqlHost),
    host("sqlp", &PARTNER, 41, Role::SqlHost),
    host("client", &CORP, 50, Role::Client),
    host("client2", &CORP, 51, Role::Client),
];

/// Finds a host by its short or full name.
pub fn find(name: &str) -> Result<&'static HostSpec> {
    HOSTS
        .iter()
        .find(|host| host.name == name || host.fqdn() == name)
        .ok_or_else(|| LabError::NoSuchHost {
            name: name.to_owned(),
            known: HOSTS
                .iter()
                .map(|host| host.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// The hosts with a role, in the order of the table.
pub fn with_role(role: Role) -> impl Iterator<Item = &'static HostSpec> {
    HOSTS.iter().filter(move |host| host.role == role)
}
