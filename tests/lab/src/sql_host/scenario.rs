//! What the TDS peer plays on each SQL host.

use std::fmt::Write;

use crate::accounts::Account;
use crate::fault::{Clock, Fault};
use crate::lab::Lab;
use crate::topology::HostSpec;

/// Eleven minutes: more than Kerberos allows.
const AHEAD_SECONDS: i64 = 11 * 60;

/// The scenario of a host: a default instance on 1433, SQL Browser on 1434,
/// and on sql1 a named instance; changed by the faults that are in the lab.
pub(super) fn text(lab: &Lab, host: &HostSpec, account: &Account) -> String {
    let faults: Vec<Fault> = if host.name == "sql1" {
        lab.faults()
    } else {
        Vec::new()
    };
    let ahead = if faults.contains(&Fault::ClockSkew(Clock::SqlServer)) {
        AHEAD_SECONDS
    } else {
        0
    };
    let known: &[&str] = if faults.contains(&Fault::LoginNotAuthorised) {
        &["CORP\\Administrator"]
    } else {
        &["CORP\\Administrator", "CORP\\alice", "PARTNER\\pat"]
    };
    let upper = host.name.to_uppercase();
    let mut text = format!(
        "host-name: {upper}\nclock-offset-seconds: {ahead}\n\
         browser: {{ listen: [{}] }}\ninstances:\n",
        host.address
    );
    instance(&mut text, lab, host, account, ("MSSQLSERVER", 1433), known);
    if host.name == "sql1" {
        instance(&mut text, lab, host, account, ("INST1", 14331), known);
    }
    text
}

fn instance(
    text: &mut String,
    lab: &Lab,
    host: &HostSpec,
    account: &Account,
    (name, port): (&str, u16),
    known: &[&str],
) {
    let certificates = lab.dir().join("ca");
    let domain = host.domain;
    let _ = write!(
        text,
        "- name: {name}\n  listen: [{address}]\n  port: {port}\n  \
         certificate: {{ files: {{ certificate: {dir}/{host}.pem, key: {dir}/{host}.key }} }}\n  \
         kerberos: {{ keytab: service.keytab }}\n  \
         realms: {{ CORP.EXAMPLE: CORP, PARTNER.EXAMPLE: PARTNER }}\n  \
         ntlm: {{ computer: {upper}, domain: {netbios}, dns-computer: {fqdn}, \
         dns-domain: {zone}, dns-tree: {zone} }}\n  \
         sql-logins: [ {{ name: report, password: Rep0rt-Passw0rd }} ]\n  \
         windows-logins:\n",
        address = host.address,
        dir = certificates.display(),
        host = host.name,
        upper = host.name.to_uppercase(),
        netbios = domain.netbios,
        fqdn = host.fqdn(),
        zone = domain.name,
    );
    for login in known {
        let _ = writeln!(text, "  - name: '{login}'");
    }
    let _ = account;
}
