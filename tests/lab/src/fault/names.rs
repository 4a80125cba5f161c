//! Faults of the names of sql1: DNS records, the hosts file, search suffixes
//! and name servers.

use super::network::{edit, put_back};
use crate::dns::{self, Record};
use crate::error::Result;
use crate::fault::Pointer;
use crate::lab::Lab;
use crate::topology::{self, CORP, PARTNER, PREFIX};

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// sql1 has no record at all.
    DoesNotExist,
    /// sql1 has a record, but no address.
    WithoutAddress,
    /// The client has a second name server with an old address of sql1.
    ServersDisagree,
    /// The client searches a second domain, which has a sql1 too.
    Ambiguous,
    /// The client's hosts file leads sql1 to sql2.
    HostsFile,
    /// sql1 is sql1.apps.corp.example, in a DNS domain that is not its own.
    Disjoint,
}

/// Every fault with its name and what it does.
pub(super) const TABLE: &[(Names, &str, &str)] = &[
    (
        Names::DoesNotExist,
        "name-does-not-exist",
        "sql1 has no record in DNS",
    ),
    (
        Names::WithoutAddress,
        "name-does-not-exist:no-address",
        "sql1 has a record in DNS, but no address",
    ),
    (
        Names::ServersDisagree,
        "name-servers-disagree",
        "the client's second name server leads sql1 to sql2",
    ),
    (
        Names::Ambiguous,
        "name-is-ambiguous",
        "partner.example, which the client searches too, has a sql1",
    ),
    (
        Names::HostsFile,
        "hosts-file-override",
        "the client's hosts file leads sql1 to sql2",
    ),
    (
        Names::Disjoint,
        "disjoint-namespace",
        "sql1 calls itself sql1.apps.corp.example",
    ),
];

/// A second name server: another address of the first one's host.
const SECOND_NAME_SERVER: &str = "10.88.0.3";
/// The label of sql1 in a DNS domain below its own.
const DISJOINT_LABEL: &str = "sql1.apps";
/// The name that sql1 has then.
pub const DISJOINT_NAME: &str = "sql1.apps.corp.example";

impl Names {
    /// Whether it is in DNS, and so ends when the directories are reset.
    pub(super) fn is_in_directories(self) -> bool {
        !matches!(self, Self::ServersDisagree | Self::HostsFile)
    }
}

pub(super) fn inject(lab: &Lab, fault: Names) -> Result<()> {
    let client = lab.host("client")?;
    match fault {
        Names::DoesNotExist => lab.dns_delete(&forward()?),
        Names::WithoutAddress => {
            lab.dns_delete(&forward()?)?;
            lab.dns_add(&note()?)
        }
        Names::ServersDisagree => {
            let host = lab.host("dns1")?;
            let network = format!("{SECOND_NAME_SERVER}/{PREFIX}");
            host.run(&["ip", "address", "add", &network, "dev", "eth0"])?;
            dns::start_second(host, SECOND_NAME_SERVER, &wrong_forward()?)?;
            edit(client, "resolv.conf", |text| {
                format!("{text}nameserver {SECOND_NAME_SERVER}\n")
            })
        }
        Names::Ambiguous => {
            lab.dns_add(&namesake()?)?;
            edit(client, "resolv.conf", |text| {
                let one = format!("search {}", CORP.name);
                text.replace(&one, &format!("{one} {}", PARTNER.name))
            })
        }
        Names::HostsFile => {
            let (sql1, sql2) = (topology::find("sql1")?, topology::find("sql2")?);
            edit(client, "hosts", |text| {
                format!("{text}{} {} {}\n", sql2.address, sql1.fqdn(), sql1.name)
            })
        }
        Names::Disjoint => {
            lab.dns_add(&disjoint_forward()?)?;
            lab.dns_delete(&reverse()?)?;
            lab.dns_add(&reverse()?.with_data(DISJOINT_NAME))?;
            lab.sql("sql1")?.restart()
        }
    }
}

pub(super) fn undo(lab: &Lab, fault: Names) -> Result<()> {
    let client = lab.host("client")?;
    match fault {
        Names::DoesNotExist => lab.dns_add(&forward()?),
        Names::WithoutAddress => {
            lab.dns_delete(&note()?)?;
            lab.dns_add(&forward()?)
        }
        Names::ServersDisagree => {
            let host = lab.host("dns1")?;
            dns::stop_second(host);
            let network = format!("{SECOND_NAME_SERVER}/{PREFIX}");
            // What was not added half way needs no removal.
            let _ = host.run(&["ip", "address", "del", &network, "dev", "eth0"]);
            put_back(client, "resolv.conf")
        }
        Names::Ambiguous => {
            put_back(client, "resolv.conf")?;
            lab.dns_delete(&namesake()?)
        }
        Names::HostsFile => put_back(client, "hosts"),
        // A repair has registered SPNs with the name.
        Names::Disjoint => {
            lab.reset_directories()?;
            lab.sql("sql1")?.restart()
        }
    }
}

/// A record that is no address.
fn note() -> Result<Record> {
    let mut record = forward()?.with_data("moved");
    record.kind = "TXT";
    Ok(record)
}

/// The other domain's host of the same short name.
fn namesake() -> Result<Record> {
    let mut record = forward()?.with_data(topology::find("sqlp")?.address.to_string());
    record.zone = PARTNER.name;
    Ok(record)
}

fn disjoint_forward() -> Result<Record> {
    let mut record = forward()?;
    DISJOINT_LABEL.clone_into(&mut record.name);
    Ok(record)
}

/// A name that the machine had once.
const FORMER_NAME: &str = "legacy.corp.example";

fn forward() -> Result<Record> {
    topology::find("sql1").map(Record::forward)
}

fn reverse() -> Result<Record> {
    topology::find("sql1").map(Record::reverse)
}

fn wrong_reverse() -> Result<Record> {
    Ok(reverse()?.with_data(topology::find("sql2")?.fqdn()))
}

fn second_reverse() -> Result<Record> {
    Ok(reverse()?.with_data(FORMER_NAME))
}

fn wrong_forward() -> Result<Record> {
    Ok(forward()?.with_data(topology::find("sql2")?.address.to_string()))
}

pub(super) fn break_pointer(lab: &Lab, pointer: Pointer) -> Result<()> {
    match pointer {
        Pointer::Missing => lab.dns_delete(&reverse()?),
        Pointer::Wrong => {
            lab.dns_delete(&reverse()?)?;
            lab.dns_add(&wrong_reverse()?)
        }
        Pointer::Several => lab.dns_add(&second_reverse()?),
    }
}

pub(super) fn mend_pointer(lab: &Lab, pointer: Pointer) -> Result<()> {
    match pointer {
        Pointer::Missing => lab.dns_add(&reverse()?),
        Pointer::Wrong => {
            lab.dns_delete(&wrong_reverse()?)?;
            lab.dns_add(&reverse()?)
        }
        Pointer::Several => lab.dns_delete(&second_reverse()?),
    }
}

pub(super) fn point_elsewhere(lab: &Lab) -> Result<()> {
    lab.dns_delete(&forward()?)?;
    lab.dns_add(&wrong_forward()?)
}

pub(super) fn point_back(lab: &Lab) -> Result<()> {
    lab.dns_delete(&wrong_forward()?)?;
    lab.dns_add(&forward()?)
}
