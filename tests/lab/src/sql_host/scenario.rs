//! What the TDS peer plays on each SQL host: SQL Server 2022 on Windows.

use std::net::IpAddr;

use tds_peer::scenario::{
    Browser, CertificateFiles, Instance, KerberosAcceptor, NtlmAcceptor, Password, Personality,
    Scenario, SqlLogin, WindowsLogin,
};

use super::catalog;
use super::identity::Identity;
use crate::error::Result;
use crate::fault::{Clock, Fault, Trust, settings};
use crate::lab::Lab;
use crate::topology::{DOMAINS, HostSpec};

/// Eleven minutes: more than Kerberos allows.
const AHEAD_SECONDS: i64 = 11 * 60;

/// The SQL login that every instance knows.
pub const SQL_LOGIN: (&str, &str) = ("report", "Rep0rt-Passw0rd");

/// The Windows accounts that every healthy instance knows.
const LOGINS: [&str; 3] = ["CORP\\Administrator", "CORP\\alice", "PARTNER\\pat"];

/// The scenario of a host: a default instance on 1433, SQL Browser on 1434,
/// and on sql1 a named instance; changed by the faults that are in the lab.
pub(super) fn play(lab: &Lab, host: &HostSpec, identity: &Identity) -> Result<Scenario> {
    let address = IpAddr::V4(host.address);
    let faults = if host.name == "sql1" {
        lab.faults()
    } else {
        Vec::new()
    };
    let mut instances = vec![instance(lab, host, identity, "MSSQLSERVER", 1433)?];
    if host.name == "sql1" {
        instances.push(instance(lab, host, identity, "INST1", 14331)?);
    }
    if faults.contains(&Fault::LoginNotAuthorised) {
        for instance in &mut instances {
            instance
                .windows_logins
                .retain(|login| login.name != "CORP\\alice");
        }
    }
    // The login is made for a group or a SID that alice does not show sqlp.
    let made_for_another = [Fault::GroupScope, Fault::Trust(Trust::FormerSid)]
        .iter()
        .any(|fault| lab.faults().contains(fault));
    if host.name == "sqlp" && made_for_another {
        for instance in &mut instances {
            instance
                .windows_logins
                .retain(|login| login.name != "CORP\\alice");
        }
    }
    for instance in &mut instances {
        catalog::spoil(&mut instance.queries, &faults);
    }
    crate::fault::spn_scenario::apply(&faults, &mut instances);
    let skewed = faults.contains(&Fault::ClockSkew(Clock::SqlServer));
    let mut scenario = Scenario {
        host_name: host.name.to_uppercase(),
        clock_offset_seconds: if skewed { AHEAD_SECONDS } else { 0 },
        start_time: None,
        allow_wildcard_addresses: false,
        instances,
        browser: Some(Browser {
            listen: std::iter::once(address)
                .chain(crate::fault::spn_scenario::further_addresses(&faults))
                .collect(),
            port: 1434,
            silent: false,
        }),
        queries: Vec::new(),
    };
    settings::play(lab, &faults, &mut scenario);
    Ok(scenario)
}

fn instance(
    lab: &Lab,
    host: &HostSpec,
    identity: &Identity,
    name: &str,
    port: u16,
) -> Result<Instance> {
    let authority = lab.dir().join("ca");
    let mut instance = Instance::named(name);
    instance.listen = vec![IpAddr::V4(host.address)];
    instance.port = port;
    instance.tds8 = true;
    instance.certificate.files = Some(CertificateFiles {
        certificate: authority.join(host.name).with_extension("pem"),
        key: authority.join(host.name).with_extension("key"),
    });
    // The scenario file is beside it.
    let mut kerberos = KerberosAcceptor::with_keytab("service.keytab");
    if identity.is_linux {
        kerberos.personality = Personality::Linux;
    }
    instance.kerberos = Some(kerberos);
    instance.ntlm = Some(NtlmAcceptor {
        computer: host.name.to_uppercase(),
        domain: host.domain.netbios.to_owned(),
        dns_computer: Some(host.fqdn()),
        dns_domain: Some(host.domain.name.to_owned()),
        dns_tree: Some(host.domain.name.to_owned()),
        without_timestamp: false,
        accept: false,
    });
    instance.realms = DOMAINS
        .iter()
        .map(|domain| (domain.realm.to_owned(), domain.netbios.to_owned()))
        .collect();
    instance.sql_logins = vec![SqlLogin {
        name: SQL_LOGIN.0.to_owned(),
        password: Password::new(SQL_LOGIN.1),
        default_database: "master".to_owned(),
        refuse: None,
    }];
    instance.windows_logins = LOGINS
        .iter()
        .map(|name| WindowsLogin {
            name: (*name).to_owned(),
            default_database: "master".to_owned(),
            refuse: None,
        })
        .collect();
    instance.queries = catalog::answers(host, identity, name)?;
    Ok(instance)
}
