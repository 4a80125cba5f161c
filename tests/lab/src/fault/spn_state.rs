//! Further states of sql1's SPNs. They are undone by setting the directories
//! back, so that whatever a repair made of them is undone too.

use std::net::Ipv4Addr;

use crate::accounts::{self, Account, SQL1_SPNS, computer_dn};
use crate::directory::{Action, Rules, change};
use crate::dns::Record;
use crate::error::Result;
use crate::lab::Lab;
use crate::topology::{CORP, PARTNER, REVERSE_ZONE};

const SPNS: &str = "servicePrincipalName";
/// The virtual name and address of a failover cluster.
pub(crate) const CLUSTER: (&str, Ipv4Addr) = ("sqlv", Ipv4Addr::new(10, 88, 0, 35));
/// Another name of sql1.
const ALIAS: &str = "sales";
/// NORMAL_ACCOUNT, DONT_EXPIRE_PASSWORD and ACCOUNTDISABLE.
const DISABLED: &str = "66050";

/// A state of sql1's SPNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpnState {
    /// An account of PARTNER holds sql1's SPNs as well.
    DuplicateAcrossForests,
    /// svc_old's userPrincipalName is sql1's SPN.
    PrincipalNameCollision,
    /// The form with the port is missing.
    PortFormMissing,
    /// The form without a port is missing.
    BareFormMissing,
    /// The named instance has moved to another port.
    PortStale,
    /// Malformed values beside the right ones.
    Malformed,
    /// Malformed values instead of the right ones.
    MalformedOnly,
    /// A disabled account holds them.
    OnDisabledAccount,
    /// Another computer's account holds them.
    OnOtherComputer,
    /// sqlv is a cluster on sql1, which alone has SPNs.
    OnClusterNode,
    /// sql1 has the listener AGL, which has no SPN.
    ListenerMissing,
    /// AGL has its SPNs; no fault.
    ListenerRight,
    /// svc_old holds AGL's SPNs.
    ListenerOnWrongAccount,
    /// svc_old holds the named instance's SPN with its name as well.
    InstanceDuplicate,
    /// Reporting Services and Analysis Services on sql1 have SPNs; no fault.
    OtherServices,
    /// Two accounts hold the SPNs of those two services.
    OtherServicesDuplicate,
    /// AGL has its SPNs, but its replicas, sql1 and sql2, run under two accounts.
    ReplicaAccountsDiffer,
    /// sales is an alias of sql1.
    AliasCname,
    /// sales has sql1's address.
    AliasAddress,
    /// SQL Server has no right to register, and nobody else did.
    SelfRegistrationFailed,
    /// dc3 does not have sql1's SPNs yet.
    NotOnSecond,
    /// Only dc3 has sql1's SPNs.
    OnlyOnSecond,
}

/// Every state with its name and what it does.
pub(super) const TABLE: &[(SpnState, &str, &str)] = &[
    (
        SpnState::DuplicateAcrossForests,
        "spn-duplicate-across-forests",
        "svc_psql of PARTNER holds sql1's SPNs too",
    ),
    (
        SpnState::PrincipalNameCollision,
        "spn-upn-collision",
        "svc_old's userPrincipalName is sql1's SPN",
    ),
    (
        SpnState::PortFormMissing,
        "spn-form-missing:port",
        "sql1's SPN with the port is missing",
    ),
    (
        SpnState::BareFormMissing,
        "spn-form-missing",
        "sql1's SPN without a port is missing",
    ),
    (
        SpnState::PortStale,
        "spn-port-stale",
        "INST1 on sql1 has moved to port 14339",
    ),
    (
        SpnState::Malformed,
        "spn-malformed",
        "svc_sql holds malformed SPNs beside the right ones",
    ),
    (
        SpnState::MalformedOnly,
        "spn-malformed:only",
        "svc_sql holds malformed SPNs instead of the right ones",
    ),
    (
        SpnState::OnDisabledAccount,
        "spn-on-stale-object",
        "svc_old, which is disabled, holds sql1's SPNs",
    ),
    (
        SpnState::OnOtherComputer,
        "spn-on-stale-object:computer",
        "the computer account SQL2$ holds sql1's SPNs",
    ),
    (
        SpnState::OnClusterNode,
        "spn-on-cluster-node",
        "sqlv is a cluster on sql1, and only sql1 has SPNs",
    ),
    (
        SpnState::ListenerMissing,
        "listener-spn-missing",
        "sql1 has the listener AGL without SPNs",
    ),
    (
        SpnState::ListenerRight,
        "listener",
        "sql1 has the listener AGL with its SPNs; no fault",
    ),
    (
        SpnState::ListenerOnWrongAccount,
        "spn-on-wrong-account:listener",
        "svc_old holds the SPNs of sql1's listener AGL",
    ),
    (
        SpnState::InstanceDuplicate,
        "spn-duplicate:instance",
        "svc_old holds the SPN with the name of INST1 too",
    ),
    (
        SpnState::OtherServices,
        "other-services",
        "Reporting Services and Analysis Services on sql1 have SPNs; no fault",
    ),
    (
        SpnState::OtherServicesDuplicate,
        "other-services:duplicate",
        "two accounts hold the SPNs of Reporting Services and Analysis Services on sql1",
    ),
    (
        SpnState::ReplicaAccountsDiffer,
        "replica-accounts-differ",
        "the replicas of AGL, sql1 and sql2, run under two accounts",
    ),
    (
        SpnState::AliasCname,
        "alias-without-spn",
        "sales.corp.example is an alias (CNAME) of sql1",
    ),
    (
        SpnState::AliasAddress,
        "alias-without-spn:address",
        "sales.corp.example has sql1's address",
    ),
    (
        SpnState::SelfRegistrationFailed,
        "spn-self-registration-failed",
        "svc_sql has no right to register its SPNs, and nobody did",
    ),
    (
        SpnState::NotOnSecond,
        "spn-not-replicated",
        "a second domain controller, dc3, does not have sql1's SPNs",
    ),
    (
        SpnState::OnlyOnSecond,
        "spn-not-replicated:first",
        "only the second domain controller, dc3, has sql1's SPNs",
    ),
];

fn account(name: &str) -> Result<&'static Account> {
    accounts::find(name)
}

fn add(lab: &Lab, dn: &str, spns: &[&str]) -> Result<()> {
    let ldif = change(dn, Action::Add, SPNS, spns);
    lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)
}

/// Adds SPNs that others may hold, which no directory lets anybody do.
fn below_the_rules(lab: &Lab, dn: &str, spns: &[&str]) -> Result<()> {
    let ldif = change(dn, Action::Add, SPNS, spns);
    lab.ldbmodify(CORP.controller, Rules::Bypassed, &ldif)
}

fn take(lab: &Lab, spns: &[&str]) -> Result<()> {
    let ldif = change(&account("svc_sql")?.dn(), Action::Delete, SPNS, spns);
    lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)
}

fn replace(lab: &Lab, dn: &str, attribute: &str, value: &str) -> Result<()> {
    let ldif =
        format!("dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n\n");
    lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)
}

fn record(name: &str, kind: &'static str, data: impl Into<String>) -> Record {
    Record {
        zone: CORP.name,
        name: name.to_owned(),
        kind,
        data: data.into(),
    }
}

/// sql1 answers for the listener AGL, whose SPNs this account holds.
fn listener(lab: &Lab, holder: Option<&str>) -> Result<()> {
    lab.dns_add(&record(AGL, "A", "10.88.0.31"))?;
    virtual_computer(lab, AGL)?;
    if let Some(holder) = holder {
        add(lab, holder, &LISTENER)?;
    }
    lab.sql("sql1")?.restart()
}

/// The computer account that the cluster service makes for a virtual name.
fn virtual_computer(lab: &Lab, name: &str) -> Result<()> {
    let (sam, fqdn) = (name.to_uppercase(), format!("{name}.{}", CORP.name));
    let spns: Vec<String> = ["HOST", "MSClusterVirtualServer"]
        .iter()
        .flat_map(|class| [&sam, &fqdn].map(|host| format!("{SPNS}: {class}/{host}")))
        .collect();
    let ldif = format!(
        "dn: {}\nchangetype: add\nobjectClass: computer\nsAMAccountName: {sam}$\n\
         userAccountControl: 4096\ndNSHostName: {fqdn}\n{}\n\n",
        computer_dn(name, &CORP),
        spns.join("\n")
    );
    lab.ldbmodify(CORP.controller, Rules::Kept, &ldif)
}

impl SpnState {
    pub(super) fn inject(self, lab: &Lab) -> Result<()> {
        let owner = account("svc_sql")?.dn();
        let old = account("svc_old")?.dn();
        match self {
            Self::DuplicateAcrossForests => {
                let other = account("svc_psql")?.dn();
                let ldif = change(&other, Action::Add, SPNS, &SQL1_SPNS);
                lab.ldbmodify(PARTNER.controller, Rules::Kept, &ldif)
            }
            Self::PrincipalNameCollision => {
                let name = format!("{}@{}", SQL1_SPNS[0], CORP.name);
                replace(lab, &old, "userPrincipalName", &name)
            }
            Self::PortFormMissing => take(lab, &SQL1_SPNS[..1]),
            Self::BareFormMissing => take(lab, &SQL1_SPNS[1..]),
            Self::Malformed => add(lab, &owner, &MALFORMED),
            Self::MalformedOnly => {
                take(lab, &SQL1_SPNS)?;
                add(lab, &owner, &MALFORMED)
            }
            Self::OnDisabledAccount => {
                take(lab, &SQL1_SPNS)?;
                add(lab, &old, &SQL1_SPNS)?;
                replace(lab, &old, "userAccountControl", DISABLED)
            }
            Self::OnOtherComputer => {
                take(lab, &SQL1_SPNS)?;
                add(lab, &computer_dn("sql2", &CORP), &SQL1_SPNS)
            }
            Self::OnClusterNode => {
                let (name, address) = CLUSTER;
                virtual_computer(lab, name)?;
                lab.dns_add(&record(name, "A", address.to_string()))?;
                lab.dns_add(&Record {
                    zone: REVERSE_ZONE,
                    name: address.octets()[3].to_string(),
                    kind: "PTR",
                    data: format!("{name}.{}", CORP.name),
                })?;
                let network = format!("{address}/24");
                lab.host("sql1")?
                    .run(&["ip", "address", "add", &network, "dev", "eth0"])?;
                lab.sql("sql1")?.restart()
            }
            Self::AliasCname => lab.dns_add(&record(ALIAS, "CNAME", format!("sql1.{}", CORP.name))),
            Self::AliasAddress => lab.dns_add(&record(ALIAS, "A", "10.88.0.31")),
            Self::ListenerMissing => listener(lab, None),
            Self::ListenerRight | Self::ReplicaAccountsDiffer => listener(lab, Some(&owner)),
            Self::ListenerOnWrongAccount => listener(lab, Some(&old)),
            Self::InstanceDuplicate => {
                below_the_rules(lab, &old, &["MSSQLSvc/sql1.corp.example:INST1"])
            }
            Self::OtherServices => below_the_rules(lab, &old, &OTHER_SERVICES),
            Self::OtherServicesDuplicate => {
                let second = account("svc_sql2")?.dn();
                below_the_rules(lab, &old, &OTHER_SERVICES)?;
                below_the_rules(lab, &second, &OTHER_SERVICES)
            }
            Self::PortStale => lab.sql("sql1")?.restart(),
            Self::NotOnSecond => {
                lab.start_second_controller()?;
                let ldif = change(&owner, Action::Delete, SPNS, &SQL1_SPNS);
                lab.ldbmodify("dc3", Rules::Kept, &ldif)
            }
            Self::OnlyOnSecond => {
                lab.start_second_controller()?;
                take(lab, &SQL1_SPNS)
            }
            Self::SelfRegistrationFailed => {
                take(lab, &SQL1_SPNS)?;
                lab.sql("sql1")?.restart()
            }
        }
    }

    /// What is left to undo when the directories are as they were.
    pub(super) fn after_reset(self, lab: &Lab) -> Result<()> {
        if self == Self::OnClusterNode {
            let network = format!("{}/24", CLUSTER.1);
            // A repaired lab has it still; one that was left half way may not.
            let _ = lab
                .host("sql1")?
                .run(&["ip", "address", "delete", &network, "dev", "eth0"]);
        }
        if self.is_of_sql_server() {
            return lab.sql("sql1")?.restart();
        }
        Ok(())
    }

    fn is_of_sql_server(self) -> bool {
        matches!(
            self,
            Self::OnClusterNode
                | Self::ListenerMissing
                | Self::ListenerRight
                | Self::ListenerOnWrongAccount
                | Self::ReplicaAccountsDiffer
                | Self::PortStale
                | Self::SelfRegistrationFailed
        )
    }
}

/// The listener's label in DNS.
const AGL: &str = "agl";
/// The SPNs of the listener AGL.
const LISTENER: [&str; 2] = [
    "MSSQLSvc/agl.corp.example:1433",
    "MSSQLSvc/agl.corp.example",
];

/// The SPNs of Reporting Services and Analysis Services on sql1.
const OTHER_SERVICES: [&str; 2] = ["HTTP/sql1.corp.example", "MSOLAPSvc.3/sql1.corp.example"];

/// What people register by mistake.
const MALFORMED: [&str; 3] = [
    "MSSQLSvc/sql1.corp.example\\MSSQLSERVER",
    "MSSQLSvc/sql1.corp.example/MSSQLSERVER",
    "MSSQLSvc/sql1.corp.example:1433:MSSQLSERVER",
];
