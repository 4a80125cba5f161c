//! A forest: a Samba domain controller, from provisioning to stopping.
//!
//! Samba's directories are private mounts at their usual places, so that every
//! tool works without options and a provisioned directory can be copied.

pub(crate) mod second;

use std::ffi::OsStr;
use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::accounts::{self, ADMINISTRATOR_PASSWORD};
use crate::error::{LabError, Result};
use crate::host::Host;
use crate::process;
use crate::supervisor::wait_for;
use crate::topology::{HostSpec, Role, with_role};

/// The name of the daemon in the host's log.
const DAEMON: &str = "samba";
/// How long Samba's helpers may take to end by themselves.
const PATIENCE_WITH_HELPERS: Duration = Duration::from_secs(4);

/// smb.conf of a domain controller.
///
/// `vfs objects` is empty because the usual ones want extended attributes that
/// not every file system has. The services that are left out answer nothing
/// that the lab asks and cost start-up time. Nothing is synced to disk: the
/// directories are copies.
pub(crate) fn smb_conf(host: &HostSpec) -> String {
    let forwarder = with_role(Role::NameServer)
        .next()
        .map_or(host.address, |server| server.address);
    let tls = "/var/lib/samba/private/tls";
    format!(
        "[global]\n\
         \tnetbios name = {netbios}\n\
         \trealm = {realm}\n\
         \tworkgroup = {workgroup}\n\
         \tserver role = active directory domain controller\n\
         \tserver services = -dnsupdate -kcc -nbt -wrepl -ntp_signd{replication}\n\
         \tdns forwarder = {forwarder}\n\
         \tinterfaces = lo eth0\n\
         \tbind interfaces only = yes\n\
         \tidmap_ldb:use rfc2307 = yes\n\
         \tldb:nosync = true\n\
         \tprefork children = 1\n\
         \tvfs objects =\n\
         \ttls enabled = yes\n\
         \ttls certfile = {tls}/cert.pem\n\
         \ttls keyfile = {tls}/key.pem\n\
         \ttls cafile = {tls}/ca.pem\n\
         \ttls dh params file = {tls}/dh.pem\n\
         \n[sysvol]\n\tpath = /var/lib/samba/sysvol\n\tread only = no\n\
         \n[netlogon]\n\tpath = /var/lib/samba/sysvol/{domain}/scripts\n\tread only = no\n",
        replication = if host.role == Role::SecondController {
            " -drepl"
        } else {
            ""
        },
        netbios = host.name.to_uppercase(),
        realm = host.domain.realm,
        workgroup = host.domain.netbios,
        domain = host.domain.name,
    )
}

/// Writes smb.conf.
pub(crate) fn configure(host: &Host) -> Result<()> {
    let path = host.dir.join("etc/samba/smb.conf");
    fs::write(&path, smb_conf(host.spec)).map_err(LabError::file("write", &path))
}

/// Makes the forest and its accounts, with the controller not yet running.
pub(crate) fn provision(host: &Host) -> Result<()> {
    let conf = host.dir.join("etc/samba/smb.conf");
    let _ = fs::remove_file(conf);
    let spec = host.spec;
    host.run(&[
        "samba-tool",
        "domain",
        "provision",
        "--use-rfc2307",
        &format!("--realm={}", spec.domain.realm),
        &format!("--domain={}", spec.domain.netbios),
        "--server-role=dc",
        "--dns-backend=SAMBA_INTERNAL",
        &format!("--adminpass={ADMINISTRATOR_PASSWORD}"),
        &format!("--host-name={}", spec.name),
        &format!("--host-ip={}", spec.address),
        "--option=interfaces=lo eth0",
        "--option=bind interfaces only=yes",
        "--option=vfs objects=",
        "--option=ldb:nosync=true",
    ])?;
    configure(host)?;
    let sam = "/var/lib/samba/private/sam.ldb";
    host.run_with_input(&["ldbadd", "-H", sam], &accounts::ldif(spec.domain))?;
    host.run_with_input(
        &["ldbmodify", "-H", sam],
        &accounts::password_policy(spec.domain),
    )?;
    // The controller's own SPNs (ldap/…, GC/…), which the service that is left
    // out of smb.conf would add; its DNS records are there already.
    host.run(&["samba_spnupdate"]).map(drop)
}

/// Starts the controller without waiting for it.
pub(crate) fn start(host: &Host) -> Result<()> {
    start_in(host, &[])
}

/// The same with an environment of its own, such as another clock.
pub(crate) fn start_in(host: &Host, environment: &[(String, String)]) -> Result<()> {
    // One that was killed leaves its number there, which another process of the
    // lab may have by now.
    host.run(&["rm", "-f", "/run/samba/samba.pid"])?;
    host.daemon(
        DAEMON,
        &[OsStr::new("samba"), OsStr::new("-F")],
        environment,
    )
}

/// Waits until DNS, LDAP and the KDC answer.
pub(crate) fn wait(host: &Host) -> Result<()> {
    wait_in(host, &[])
}

/// The same for a controller that was started in an environment of its own.
pub(crate) fn wait_in(host: &Host, environment: &[(String, String)]) -> Result<()> {
    let what = format!("the domain controller {}", host.spec.fqdn());
    wait_for(
        Duration::from_secs(90),
        &what,
        &host.dir.join("log/log.samba"),
        || (answers(host, environment) || !is_running(host)).then_some(()),
    )?;
    if is_running(host) {
        return Ok(());
    }
    let log = host.dir.join("log/log.samba");
    Err(LabError::Tool {
        host: host.spec.name.to_owned(),
        command: "samba -F".to_owned(),
        status: "it ended by itself".to_owned(),
        output: LabError::end_of(&log),
    })
}

fn answers(host: &Host, environment: &[(String, String)]) -> bool {
    let address = host.spec.address.to_string();
    let server = format!("@{address}");
    let name = host.spec.fqdn();
    let dig = ["dig", "+short", "+time=1", "+tries=1", &server, &name, "A"];
    if !host.run(&dig).is_ok_and(|answer| answer.trim() == address) {
        return false;
    }
    let url = format!("ldap://{address}");
    let ldap = [
        "ldapsearch",
        "-x",
        "-LLL",
        "-o",
        "nettimeout=1",
        "-H",
        &url,
        "-s",
        "base",
        "1.1",
    ];
    if host.run(&ldap).is_err() {
        return false;
    }
    let principal = format!("Administrator@{}", host.spec.domain.realm);
    let variables = environment
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    let mut kinit = host.tool(&["env"]);
    kinit.args(variables).args(["kinit", &principal]);
    process::run_with_input(host.spec.name, &mut kinit, ADMINISTRATOR_PASSWORD).is_ok()
}

/// Stops the controller and all its helpers, so that its files are at rest and
/// its ports are free. A helper may start another one while it is told to end,
/// so they are looked for until none is left.
pub(crate) fn stop(host: &Host) {
    host.stop_daemon(DAEMON);
    let started = Instant::now();
    loop {
        let left = host.processes();
        if left.is_empty() {
            return;
        }
        let signal = if started.elapsed() < PATIENCE_WITH_HELPERS {
            Signal::TERM
        } else {
            Signal::KILL
        };
        for pid in &left {
            crate::supervisor::kill(*pid, signal);
        }
        for pid in left {
            crate::supervisor::wait_until_gone(pid, Duration::from_millis(500));
        }
        if started.elapsed() > PATIENCE_WITH_HELPERS * 3 {
            return;
        }
    }
}

/// Whether the controller's root process is there.
pub(crate) fn is_running(host: &Host) -> bool {
    host.is_running(DAEMON)
}
