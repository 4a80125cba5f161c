//! A real ssh session on the jump host, as a person has one, with keys that
//! live as long as the lab.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::accounts::{UNIX_USERS, unix_user};
use crate::error::{LabError, Result};
use crate::host::make_dir;
use crate::lab::Lab;
use crate::process::{bounded, run};
use crate::supervisor::wait_for;
use crate::topology::Role;

const DAEMON: &str = "sshd";

impl Lab {
    /// An ssh client that opens a session on the jump host, from the network's
    /// switch. Starts sshd there when it does not run yet.
    pub fn ssh(&self, user: &str) -> Result<Command> {
        unix_user(user)?;
        self.start_sshd("client")?;
        let address = self.host("client")?.spec.address;
        let mut command = self.at_switch("ssh");
        command.args(self.ssh_options());
        command.arg(format!("{user}@{address}"));
        Ok(command)
    }

    /// A program on this machine in the network of the lab's switch, from where
    /// every host can be reached.
    pub fn at_switch(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.init().to_string(), "--net", "--"]);
        command.arg(program);
        command
    }

    /// What ssh needs for the lab's keys, and nothing of this machine's.
    pub fn ssh_options(&self) -> Vec<String> {
        let mut options: Vec<String> = ["-F", "none"].map(str::to_owned).into();
        for option in [
            "IdentitiesOnly=yes".to_owned(),
            "StrictHostKeyChecking=yes".to_owned(),
            "GlobalKnownHostsFile=/dev/null".to_owned(),
            format!("UserKnownHostsFile={}", self.ssh_file("known_hosts")),
        ] {
            options.extend(["-o".to_owned(), option]);
        }
        options.extend(["-i".to_owned(), self.ssh_file("user")]);
        options
    }

    fn ssh_dir(&self) -> PathBuf {
        self.dir().join("ssh")
    }

    fn ssh_file(&self, name: &str) -> String {
        self.ssh_dir().join(name).display().to_string()
    }

    /// Starts sshd on a host, with keys that all hosts share.
    pub fn start_sshd(&self, host: &str) -> Result<()> {
        let client = self.host(host)?;
        if client.is_running(DAEMON) {
            return Ok(());
        }
        make_dir(&self.ssh_dir())?;
        for name in ["host", "user"] {
            let path = self.ssh_dir().join(name);
            if !path.exists() {
                let mut keygen = bounded("ssh-keygen");
                keygen
                    .args(["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f"])
                    .arg(path);
                run("this machine", &mut keygen)?;
            }
        }
        let key = self.read_ssh("host.pub")?;
        let mut known = String::new();
        for host in crate::topology::with_role(Role::Client) {
            let _ = writeln!(known, "{} {}", host.address, key.trim_end());
        }
        self.write_ssh("known_hosts", &known)?;
        let mut config = format!(
            "ListenAddress {}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPidFile none\n\
             PrintMotd no\nSubsystem sftp internal-sftp\nAcceptEnv LANG LC_* COLORTERM NO_COLOR\n",
            client.spec.address,
            self.ssh_file("host"),
            self.ssh_file("user.pub"),
        );
        for user in UNIX_USERS {
            let cache = client.ccache(user.name)?;
            let _ = writeln!(
                config,
                "Match User {}\n  SetEnv KRB5CCNAME=FILE:{}",
                user.name,
                cache.display()
            );
        }
        let file = format!("sshd_config-{host}");
        self.write_ssh(&file, &config)?;
        let config = self.ssh_file(&file);
        // sshd wants to be called by its full name.
        let arguments = ["/usr/sbin/sshd", "-D", "-e", "-f", &config].map(OsStr::new);
        client.daemon(DAEMON, &arguments, &[])?;
        wait_for(Duration::from_secs(10), "sshd", &client.log(DAEMON), || {
            let log = fs::read_to_string(client.log(DAEMON)).ok()?;
            log.contains("Server listening").then_some(())
        })
    }

    fn read_ssh(&self, name: &str) -> Result<String> {
        let path = self.ssh_dir().join(name);
        fs::read_to_string(&path).map_err(LabError::file("read", &path))
    }

    fn write_ssh(&self, name: &str, text: &str) -> Result<()> {
        let path = self.ssh_dir().join(name);
        fs::write(&path, text).map_err(LabError::file("write", &path))
    }
}
