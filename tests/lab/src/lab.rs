//! A lab that is up: its hosts, accounts, directories and names.

mod life;

use std::fs;
use std::path::{Path, PathBuf};

use crate::accounts::{self, ADMINISTRATOR_PASSWORD};
use crate::directory::{self, Rules};
use crate::dns::{self, Record};
use crate::error::{LabError, Result};
use crate::forest;
use crate::host::Host;
use crate::process;
use crate::supervisor::Supervisor;
use crate::topology::{CORP, Domain, PARTNER, Role};

/// The environment variable that names the directory of the labs that are up.
/// Without it that is `/dev/shm/sspi-lab`, or `/var/lib/sspi-lab` where
/// /dev/shm is small.
pub const VARIABLE: &str = "SSPI_LAB_STATE";

/// A lab that is up.
#[derive(Debug)]
pub struct Lab {
    name: String,
    dir: PathBuf,
    hosts: Vec<Host>,
    supervisor: Supervisor,
    owned: bool,
}

impl Lab {
    fn controllers(&self) -> impl Iterator<Item = &Host> {
        self.hosts
            .iter()
            .filter(|host| host.spec.role == Role::DomainController)
    }

    /// The lab's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The lab's directory; it has the same path inside every host.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The certificate of the authority that signed the controllers'
    /// certificates; all hosts trust it.
    pub fn ca_file(&self) -> PathBuf {
        self.dir.join("ca/ca.pem")
    }

    /// The first process of the lab, in whose network the switch is.
    pub(crate) fn init(&self) -> i32 {
        self.supervisor.init
    }

    /// All hosts.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// A host by its short or full name.
    pub fn host(&self, name: &str) -> Result<&Host> {
        let spec = crate::topology::find(name)?;
        self.hosts
            .iter()
            .find(|host| std::ptr::eq(host.spec, spec))
            .ok_or_else(|| LabError::NotUp(self.name.clone()))
    }

    /// The controller of a domain.
    pub fn controller(&self, domain: &Domain) -> Result<&Host> {
        self.host(domain.controller)
    }

    /// Gets a fresh ticket for a user of the client host into that user's
    /// default cache there.
    pub fn sign_in(&self, user: &str) -> Result<()> {
        self.sign_in_on("client", user)
    }

    /// The same on another jump host.
    pub fn sign_in_on(&self, host: &str, user: &str) -> Result<()> {
        let client = self.host(host)?;
        let account = accounts::find(user)?;
        let cache = client.ccache(user)?;
        let _ = fs::remove_file(&cache);
        let mut kinit = client.healthy_command_as(user, "timeout")?;
        kinit.args(["30", "kinit", &account.principal()]);
        process::run_with_input(host, &mut kinit, account.password).map(drop)
    }

    /// Gets a fresh ticket for an account, as root of the client host, into a
    /// file that is named by the caller.
    pub fn kinit(&self, account: &str, ccache: &Path) -> Result<()> {
        let account = accounts::find(account)?;
        self.kinit_with(&account.principal(), account.password, ccache)
    }

    /// A cache with a fresh ticket of Administrator of CORP.
    pub fn administrator_ccache(&self) -> Result<PathBuf> {
        let path = self.dir.join("administrator.krb5cc");
        let principal = format!("Administrator@{}", CORP.realm);
        self.kinit_with(&principal, ADMINISTRATOR_PASSWORD, &path)?;
        Ok(path)
    }

    /// Gets a fresh ticket of Administrator of PARTNER into a file.
    pub fn partner_administrator(&self, ccache: &Path) -> Result<()> {
        let principal = format!("Administrator@{}", PARTNER.realm);
        self.kinit_with(&principal, ADMINISTRATOR_PASSWORD, ccache)
    }

    fn kinit_with(&self, principal: &str, password: &str, ccache: &Path) -> Result<()> {
        let file = format!("FILE:{}", ccache.display());
        self.host("client")?
            .run_with_input(&["kinit", "-c", &file, principal], password)
            .map(drop)
    }

    /// Runs `samba-tool` on a controller; its output.
    pub fn samba_tool(&self, controller: &str, arguments: &[&str]) -> Result<String> {
        let mut command = vec!["samba-tool"];
        command.extend_from_slice(arguments);
        self.host(controller)?.run(&command)
    }

    /// Changes a directory with LDIF (`changetype: …`) on a controller.
    pub fn ldbmodify(&self, controller: &str, rules: Rules, ldif: &str) -> Result<()> {
        directory::modify(self.host(controller)?, rules, ldif)
    }

    /// Adds a DNS record at the controller that holds its zone.
    pub fn dns_add(&self, record: &Record) -> Result<()> {
        dns::add(self.controller(record.domain())?, record)
    }

    /// Deletes a DNS record at the controller that holds its zone.
    pub fn dns_delete(&self, record: &Record) -> Result<()> {
        dns::delete(self.controller(record.domain())?, record)
    }

    /// What runs and what does not, one line a service.
    pub fn status(&self) -> Vec<(String, bool)> {
        let mut status = Vec::new();
        for host in &self.hosts {
            let (service, running) = match host.spec.role {
                Role::DomainController => ("domain controller", forest::is_running(host)),
                // Not running is how it should be.
                Role::SecondController => ("second domain controller", true),
                Role::NameServer => ("name server", dns::is_running(host)),
                Role::SqlHost => ("SQL Server", host.is_running(crate::sql_host::DAEMON)),
                Role::Client => ("jump host", true),
            };
            status.push((
                format!(
                    "{:<12} {:<24} {service}",
                    host.spec.address.to_string(),
                    host.spec.fqdn()
                ),
                running,
            ));
        }
        status
    }
}
