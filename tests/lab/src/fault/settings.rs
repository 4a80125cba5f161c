//! Faults of how SQL Server on sql1 is set up: its scenario is changed and it
//! is started again.

use std::path::Path;

use tds_peer::scenario::{
    CertificateFiles, CertificateSource, ConnectionBehaviour, GeneratedCertificate, Instance,
    Scenario,
};
use tds_peer::value::Cell;

use super::names::DISJOINT_NAME;
use crate::certificates;
use crate::error::Result;
use crate::fault::{Fault, Names};
use crate::lab::Lab;
use crate::topology;

/// What SQL Server on sql1 is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    /// INST1 does not listen on TCP.
    TcpDisabled,
    /// SQL Browser takes questions and does not answer.
    BrowserSilent,
    /// SQL Browser is stopped.
    BrowserStopped,
    /// SQL Browser does not speak of INST1.
    InstanceHidden,
    /// INST1 takes a port of the system's choice at each start.
    DynamicPort,
    /// Something that is not SQL Server listens on port 1433.
    NotSqlServer,
    /// What listens on port 1433 hangs up at once.
    HangsUp,
    /// A certificate that SQL Server made for itself.
    CertificateUntrusted,
    /// The certificate has expired.
    CertificateExpired,
    /// The certificate is another server's.
    CertificateOfOther,
    /// Extended Protection is required.
    ExtendedProtection,
    /// Most connections are NTLM.
    SilentNtlm,
    /// The error log says that no domain controller was found at the start.
    NoDomainController,
}

/// Every fault with its name and what it does.
pub(super) const TABLE: &[(Settings, &str, &str)] = &[
    (
        Settings::TcpDisabled,
        "tcp-disabled",
        "INST1 on sql1 does not listen on TCP",
    ),
    (
        Settings::BrowserSilent,
        "instance-not-found",
        "SQL Browser on sql1 does not answer",
    ),
    (
        Settings::BrowserStopped,
        "instance-not-found:stopped",
        "SQL Browser on sql1 is stopped",
    ),
    (
        Settings::InstanceHidden,
        "instance-not-found:hidden",
        "INST1 on sql1 is hidden",
    ),
    (
        Settings::DynamicPort,
        "dynamic-port",
        "INST1 on sql1 has a dynamic port",
    ),
    (
        Settings::NotSqlServer,
        "not-a-sql-server",
        "something else answers on sql1's port 1433",
    ),
    (
        Settings::HangsUp,
        "not-a-sql-server:hangs-up",
        "sql1's port 1433 hangs up at once",
    ),
    (
        Settings::CertificateUntrusted,
        "tls-failure",
        "sql1 has a certificate of its own making",
    ),
    (
        Settings::CertificateExpired,
        "tls-failure:expired",
        "sql1's certificate has expired",
    ),
    (
        Settings::CertificateOfOther,
        "tls-failure:wrong-name",
        "sql1 has sql2's certificate",
    ),
    (
        Settings::ExtendedProtection,
        "extended-protection-required",
        "sql1 requires Extended Protection and refuses logins without channel binding",
    ),
    (
        Settings::SilentNtlm,
        "silent-ntlm",
        "most connections to sql1 are NTLM",
    ),
    (
        Settings::NoDomainController,
        "server-cannot-reach-dc",
        "sql1 found no domain controller when it was started: 0x54b",
    ),
];

/// Makes what the faults need beside the scenario: certificates.
pub(super) fn prepare(lab: &Lab, fault: Settings) -> Result<()> {
    if fault == Settings::CertificateExpired {
        let authority = lab.dir().join("ca");
        certificates::expired(
            &authority,
            topology::find("sql1")?,
            &file(&authority, EXPIRED),
        )?;
    }
    Ok(())
}

const EXPIRED: &str = "sql1-expired";

fn file(authority: &Path, name: &str) -> std::path::PathBuf {
    authority.join(name)
}

/// Changes sql1's scenario as the faults want it.
pub(crate) fn play(lab: &Lab, faults: &[Fault], scenario: &mut Scenario) {
    let authority = lab.dir().join("ca");
    for fault in faults {
        match fault {
            Fault::Settings(fault) => change(*fault, &authority, scenario),
            Fault::Names(Names::Disjoint) => {
                for ntlm in scenario
                    .instances
                    .iter_mut()
                    .filter_map(|one| one.ntlm.as_mut())
                {
                    ntlm.dns_computer = Some(DISJOINT_NAME.to_owned());
                }
            }
            _ => {}
        }
    }
}

fn change(fault: Settings, authority: &Path, scenario: &mut Scenario) {
    match fault {
        Settings::BrowserSilent => {
            if let Some(browser) = &mut scenario.browser {
                browser.silent = true;
            }
        }
        Settings::BrowserStopped => scenario.browser = None,
        Settings::TcpDisabled | Settings::InstanceHidden | Settings::DynamicPort => {
            for instance in scenario
                .instances
                .iter_mut()
                .filter(|one| one.name == "INST1")
            {
                change_named(fault, instance);
            }
        }
        _ => {
            for instance in &mut scenario.instances {
                change_each(fault, authority, instance);
            }
        }
    }
}

fn change_named(fault: Settings, instance: &mut Instance) {
    match fault {
        Settings::TcpDisabled => {
            instance.announce.tcp = false;
            instance.announce.named_pipe = Some(r"\\SQL1\pipe\MSSQL$INST1\sql\query".to_owned());
            instance.listen.clear();
        }
        Settings::InstanceHidden => instance.announce.hidden = true,
        _ => {
            set_registry(instance, "TcpPort", "");
            set_registry(instance, "TcpDynamicPorts", "{port}");
        }
    }
}

fn change_each(fault: Settings, authority: &Path, instance: &mut Instance) {
    let signed = |name: &str| CertificateSource {
        files: Some(CertificateFiles {
            certificate: file(authority, name).with_extension("pem"),
            key: file(authority, name).with_extension("key"),
        }),
        generate: None,
    };
    match fault {
        Settings::NotSqlServer => instance.connection = ConnectionBehaviour::Garbage,
        Settings::HangsUp => instance.connection = ConnectionBehaviour::Close,
        Settings::CertificateUntrusted => {
            instance.certificate = CertificateSource {
                files: None,
                generate: Some(GeneratedCertificate {
                    names: vec!["sql1.corp.example".to_owned()],
                    common_name: Some("SSL_Self_Signed_Fallback".to_owned()),
                    ..GeneratedCertificate::default()
                }),
            };
        }
        Settings::CertificateExpired => instance.certificate = signed(EXPIRED),
        Settings::CertificateOfOther => instance.certificate = signed("sql2"),
        Settings::ExtendedProtection => {
            set_registry(instance, "ExtendedProtection", "2");
            if let Some(kerberos) = &mut instance.kerberos {
                kerberos.channel_binding_required = true;
            }
        }
        Settings::SilentNtlm => set_rows(
            instance,
            "how connections authenticated",
            &[
                &["TCP", "KERBEROS", "2"],
                &["TCP", "NTLM", "12"],
                &["TCP", "SQL", "3"],
            ],
        ),
        Settings::NoDomainController => log_registration(instance),
        _ => {}
    }
}

/// What SQL Server writes when it is started and finds no domain controller:
/// ERROR_NO_SUCH_DOMAIN ([MS-ERREF] 2.2). The SQL login may read it.
fn log_registration(instance: &mut Instance) {
    let line = "The SQL Server Network Interface library could not register the Service Principal Name \
                (SPN) [ MSSQLSvc/sql1.corp.example:1433 ] for the SQL Server service. Windows return code: \
                0x54b, state: 3. Failure to register a SPN might cause integrated authentication to use \
                NTLM instead of Kerberos.";
    for query in &mut instance.queries {
        if query.sql.contains("SPN registration in the error log") && query.error.is_none() {
            query.for_logins.push("report".to_owned());
            query.rows = vec![vec![Cell::Null, Cell::from("Server"), Cell::from(line)]];
        }
    }
}

/// Gives a question of the catalogue other rows.
fn set_rows(instance: &mut Instance, question: &str, rows: &[&[&str]]) {
    for query in &mut instance.queries {
        if query.sql.contains(question) && query.error.is_none() {
            query.rows = rows
                .iter()
                .map(|row| row.iter().map(|cell| Cell::from(*cell)).collect())
                .collect();
        }
    }
}

/// Gives a value of the network settings in the registry other data.
fn set_registry(instance: &mut Instance, value: &str, data: &str) {
    let rows = instance
        .queries
        .iter_mut()
        .flat_map(|query| &mut query.rows);
    for row in rows {
        if row.get(1) == Some(&Cell::from(value))
            && let Some(cell) = row.get_mut(2)
        {
            *cell = Cell::from(data);
        }
    }
}
