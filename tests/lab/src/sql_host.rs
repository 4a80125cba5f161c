//! The SQL hosts, where the TDS peer plays SQL Server 2022 with the keys of
//! the service account that the directory has.

mod catalog;
mod identity;
mod scenario;

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tds_peer::scenario::Scenario;

pub(crate) use identity::Identity;

use crate::accounts::{self, Account};
use crate::error::{LabError, Result};
use crate::host::{Host, make_dir};
use crate::lab::Lab;
use crate::supervisor::wait_for;
use crate::tools;
use crate::topology::Role;

/// The name of the daemon in the host's log.
pub(crate) const DAEMON: &str = "sql";

/// SQL Server on one host of a lab.
#[derive(Debug)]
pub struct SqlHost<'a> {
    lab: &'a Lab,
    host: &'a Host,
    account: &'static Account,
}

impl Lab {
    /// SQL Server on sql1, sql2 or sqlp.
    pub fn sql(&self, name: &str) -> Result<SqlHost<'_>> {
        let host = self.host(name)?;
        if host.spec.role != Role::SqlHost {
            return Err(LabError::NoSuchHost {
                name: name.to_owned(),
                known: "sql1, sql2, sqlp".to_owned(),
            });
        }
        let account = accounts::find(match host.spec.name {
            "sql1" => "svc_sql",
            "sql2" => "svc_sql2",
            _ => "svc_psql",
        })?;
        Ok(SqlHost {
            lab: self,
            host,
            account,
        })
    }
}

impl SqlHost<'_> {
    /// The account that SQL Server runs under.
    pub fn account(&self) -> &'static Account {
        self.account
    }

    /// Starts it with the scenario that the lab's faults make, and with the
    /// keys that the directory holds at this moment.
    pub fn start(&self) -> Result<()> {
        self.export_keytab()?;
        self.start_with(&self.scenario()?)
    }

    /// Starts it with another scenario, made from [`SqlHost::scenario`], and
    /// the keytab that was exported last.
    pub fn start_with(&self, scenario: &Scenario) -> Result<()> {
        self.stop();
        let peer = tools::tds_peer()?;
        let scenario = scenario.to_yaml().map_err(|error| LabError::Scenario {
            host: self.host.spec.name.to_owned(),
            reason: error.to_string(),
        })?;
        let (file, ready, log) = (self.scenario_file(), self.ready_file(), self.log_file());
        fs::write(&file, scenario).map_err(LabError::file("write", &file))?;
        for former in [&ready, &self.host.log(DAEMON)] {
            let _ = fs::remove_file(former);
        }
        let arguments: Vec<&OsStr> = vec![
            peer.as_os_str(),
            file.as_os_str(),
            OsStr::new("--log"),
            log.as_os_str(),
            OsStr::new("--ready-file"),
            ready.as_os_str(),
        ];
        self.host.daemon(DAEMON, &arguments, &[])?;
        let what = format!("SQL Server on {}", self.host.spec.name);
        wait_for(
            Duration::from_secs(15),
            &what,
            &self.host.log(DAEMON),
            || (ready.is_file() || !self.is_running()).then_some(()),
        )?;
        if ready.is_file() {
            return Ok(());
        }
        Err(LabError::Scenario {
            host: self.host.spec.name.to_owned(),
            reason: LabError::end_of(&self.host.log(DAEMON)),
        })
    }

    /// Stops it.
    pub fn stop(&self) {
        self.host.stop_daemon(DAEMON);
    }

    /// Stops it and starts it as [`SqlHost::start`] does.
    pub fn restart(&self) -> Result<()> {
        self.start()
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.host.is_running(DAEMON)
    }

    /// What happened there, one JSON line an event.
    pub fn log(&self) -> Result<String> {
        let path = self.log_file();
        fs::read_to_string(&path).map_err(LabError::file("read", &path))
    }

    /// The statements that it was asked since its start and that no scenario
    /// knows: a test that leaves one has seen less than it thinks.
    pub fn unanswered(&self) -> Vec<String> {
        let log = fs::read_to_string(self.host.log(DAEMON)).unwrap_or_default();
        log.lines()
            .filter_map(|line| line.split_once("the scenario has no answer to: "))
            .map(|(_, statement)| statement.to_owned())
            .collect()
    }

    /// The scenario that [`SqlHost::start`] plays.
    pub fn scenario(&self) -> Result<Scenario> {
        scenario::play(self.lab, self.host.spec, &self.identity())
    }

    /// Exports the keys that the directory has now for the service account.
    /// SQL Server started before a password change goes on with the old ones.
    pub fn export_keytab(&self) -> Result<()> {
        make_dir(&self.host.dir.join("sql"))?;
        let keytab = self.keytab_file();
        let _ = fs::remove_file(&keytab);
        let path = keytab.display().to_string();
        for principal in self.identity().principals {
            let principal = format!("--principal={principal}");
            let arguments = ["domain", "exportkeytab", &principal, &path];
            self.lab
                .samba_tool(self.account.domain.controller, &arguments)?;
        }
        Ok(())
    }

    /// As whom it runs, with the faults that are in the lab.
    fn identity(&self) -> Identity {
        let faults = if self.host.spec.name == "sql1" {
            self.lab.faults()
        } else {
            Vec::new()
        };
        Identity::with(&faults, self.account)
    }

    /// The keytab with the service account's keys.
    pub fn keytab_file(&self) -> PathBuf {
        self.host.dir.join("sql/service.keytab")
    }

    /// The scenario file that is or was played.
    pub fn scenario_file(&self) -> PathBuf {
        self.host.dir.join("sql/scenario.yaml")
    }

    fn ready_file(&self) -> PathBuf {
        self.host.dir.join("sql/ready")
    }

    fn log_file(&self) -> PathBuf {
        self.host.dir.join("sql/events.jsonl")
    }
}
