//! A host of the lab: a network, mount, UTS and IPC namespace, with an /etc,
//! a /run and (for a domain controller) Samba directories of its own.

mod files;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::accounts::{self, UnixUser};
use crate::error::{LabError, Result};
use crate::process;
use crate::supervisor::{self, all_processes, namespace};
use crate::tools::{self, SEARCH_PATH};
use crate::topology::{HostSpec, Role};

/// Makes the private mounts of a host and then holds its namespaces.
const HOLD: &str = r#"
set -e
exec 2>"$1/holder.log"
[ -e "$1/samba" ] && {
  mount --bind "$1/samba" /var/lib/samba
  mount --bind "$1/cache" /var/cache/samba
  mount --bind "$1/log" /var/log/samba
}
mount --bind "$1/etc" /etc
case "$1" in /dev/shm/*)
  mount --bind "$3" /run
  mount -t tmpfs -o mode=1777 tmpfs /dev/shm
  mkdir -p "$3"
  mount --move /run "$3" ;;
*) mount -t tmpfs -o mode=1777 tmpfs /dev/shm ;;
esac
mount -t tmpfs -o mode=1777 tmpfs /run
mkdir -p -m 755 /run/samba /run/sshd /run/lock
echo "$2" >/proc/sys/kernel/hostname
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || true
read -r pid rest </proc/self/stat
echo "$pid" >"$1/holder.new" && mv "$1/holder.new" "$1/holder"
exec sleep infinity
"#;

/// Starts a program in the background, away from the caller's terminal, and
/// leaves its number (as seen from outside the lab) in a file.
pub(crate) const DAEMON: &str = r#"
pidfile=$1 log=$2; shift 2
(
  read -r pid rest </proc/self/stat
  echo "$pid" >"$pidfile.new" && mv "$pidfile.new" "$pidfile"
  exec setsid "$@" </dev/null >>"$log" 2>&1
) &
"#;

/// Root's home on a host: what programs write there goes with the lab.
const ROOT_HOME: &str = "home/root";

/// A running host.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its line in the map.
    pub spec: &'static HostSpec,
    /// Its files, as seen from outside: `etc/`, `log/`, `home/`.
    pub dir: PathBuf,
    /// The process that holds its namespaces, as seen from outside.
    pub(crate) holder: i32,
}

impl Host {
    /// Writes the files of a host and starts the process that holds its
    /// namespaces. The network comes after ([`crate::network::connect`]).
    pub(crate) fn start(init: i32, lab: &Path, spec: &'static HostSpec) -> Result<Self> {
        let dir = lab.join("hosts").join(spec.name);
        for part in ["log", ROOT_HOME] {
            make_dir(&dir.join(part))?;
        }
        copy_tree(Path::new("/etc"), &dir.join("etc"))?;
        files::write(&dir, spec)?;
        if matches!(spec.role, Role::DomainController | Role::SecondController) {
            make_dir(&dir.join("samba/private"))?;
            make_dir(&dir.join("cache"))?;
        }
        for user in accounts::UNIX_USERS {
            let home = user.home(&dir);
            make_dir(&home)?;
            chown(&home, Some(user.id), Some(user.id)).map_err(LabError::file("give", &home))?;
        }
        let mut command = Command::new("nsenter");
        command
            .args([
                "--target",
                &init.to_string(),
                "--pid",
                "--mount",
                "--net",
                "--",
            ])
            .args(["sh", "-c", DAEMON, "lab-daemon"])
            .arg(dir.join("unshare"))
            .arg(dir.join("log/unshare.log"))
            .args([
                "unshare",
                "--net",
                "--mount",
                "--uts",
                "--ipc",
                "--propagation",
                "private",
            ])
            .args(["sh", "-c", HOLD, "lab-host"])
            .arg(&dir)
            .arg(spec.name)
            .arg(lab);
        process::run(spec.name, &mut command)?;
        Ok(Self {
            spec,
            dir,
            holder: 0,
        })
    }

    /// Waits until the namespaces are there.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let log = self.dir.join("holder.log");
        let what = format!("host {}", self.spec.name);
        self.holder = supervisor::wait_for_pid(&self.dir.join("holder"), &what, &log)?;
        Ok(())
    }

    /// A host of a lab that is up.
    pub(crate) fn find(dir: PathBuf, spec: &'static HostSpec) -> Option<Self> {
        let holder = supervisor::read_pid(&dir.join("holder"))?;
        namespace(holder, "net").map(|_| Self { spec, dir, holder })
    }

    /// A program on this host as root. The process that it gives is the
    /// program itself, so that signals and terminals work as usual. Arguments
    /// and environment can be added; the working directory is the caller's.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.enter(program.as_ref(), None, &self.environment())
    }

    /// A program on this host as a user of the lab, in that user's home, with
    /// that user's Kerberos cache ([`Host::ccache`]).
    pub fn command_as(&self, user: &str, program: impl AsRef<OsStr>) -> Result<Command> {
        let user = accounts::unix_user(user)?;
        Ok(self.enter(program.as_ref(), Some(user), &self.environment()))
    }

    /// The same, untouched by the environment that a fault gives.
    pub(crate) fn healthy_command_as(
        &self,
        user: &str,
        program: impl AsRef<OsStr>,
    ) -> Result<Command> {
        Ok(self.enter(program.as_ref(), Some(accounts::unix_user(user)?), &[]))
    }

    /// Where the Kerberos cache of a user of this host is.
    pub fn ccache(&self, user: &str) -> Result<PathBuf> {
        Ok(accounts::unix_user(user)?.home(&self.dir).join("krb5cc"))
    }

    fn enter(
        &self,
        program: &OsStr,
        user: Option<&UnixUser>,
        environment: &[(String, String)],
    ) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.to_string()]);
        command.args(["--net", "--mount", "--uts", "--ipc"]);
        let (name, home, ccache, directory) = match user {
            Some(user) => {
                let id = user.id.to_string();
                command.args(["--setuid", &id, "--setgid", &id]);
                let home = user.home(&self.dir);
                (user.name, home.clone(), home.join("krb5cc"), home)
            }
            None => (
                "root",
                self.dir.join(ROOT_HOME),
                PathBuf::from("/run/krb5cc"),
                std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            ),
        };
        command.args(["--", "env", "--chdir"]).arg(directory);
        // For the program alone and not for nsenter: libfaketime's semaphore
        // must belong to the user.
        command.args(
            environment
                .iter()
                .map(|(key, value)| format!("{key}={value}")),
        );
        command.arg(program);
        for (key, _) in std::env::vars_os() {
            let text = key.to_string_lossy();
            if text.starts_with("KRB5") || text.starts_with("XDG_") {
                command.env_remove(&key);
            }
        }
        command
            .env("PATH", search_path())
            .env("HOME", home)
            .env("USER", name)
            .env("LOGNAME", name)
            .env("SHELL", "/bin/bash")
            .env("KRB5CCNAME", format!("FILE:{}", ccache.display()))
            .env("SSPI_LAB_HOST", self.spec.name);
        command
    }

    /// The environment that a fault has given to this host's programs.
    fn environment(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.environment_file()).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// One `KEY=VALUE` a line, for every program that is started here.
    pub(crate) fn environment_file(&self) -> PathBuf {
        self.dir.join("environment")
    }

    /// Runs a tool on this host as root, with a deadline; its standard output.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String> {
        process::run(self.spec.name, &mut self.tool(arguments))
    }

    /// The same with text on standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Result<String> {
        process::run_with_input(self.spec.name, &mut self.tool(arguments), input)
    }

    /// A tool under a deadline, untouched by a fault's environment. Samba's
    /// tools hang on a Kerberos cache of another realm, so theirs is in memory.
    pub(crate) fn tool(&self, arguments: &[&str]) -> Command {
        let mut command = self.enter(OsStr::new("timeout"), None, &[]);
        command.args(["--kill-after=5", "180"]).args(arguments);
        command.env("KRB5CCNAME", "MEMORY:lab");
        command
    }

    /// Starts a program in the background, in the lab's PID namespace; its
    /// output goes to `log/LABEL.log`.
    pub(crate) fn daemon(
        &self,
        label: &str,
        arguments: &[&OsStr],
        environment: &[(String, String)],
    ) -> Result<()> {
        let pid_file = self.pid_file(label);
        let _ = fs::remove_file(&pid_file);
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.holder.to_string()])
            .args(["--pid", "--net", "--mount", "--uts", "--ipc", "--"])
            .args(["sh", "-c", DAEMON, "lab-daemon"])
            .arg(&pid_file)
            .arg(self.log(label))
            .arg("env")
            .args(
                environment
                    .iter()
                    .map(|(key, value)| format!("{key}={value}")),
            )
            .args(arguments)
            .env("PATH", SEARCH_PATH)
            .env("KRB5CCNAME", "MEMORY:lab")
            .env("HOME", "/root")
            .current_dir("/");
        process::run(self.spec.name, &mut command)?;
        supervisor::wait_for_pid(&pid_file, label, &self.log(label)).map(drop)
    }

    /// Where a daemon's output goes.
    pub(crate) fn log(&self, label: &str) -> PathBuf {
        self.dir.join("log").join(format!("{label}.log"))
    }

    fn pid_file(&self, label: &str) -> PathBuf {
        self.dir.join(format!("{label}.pid"))
    }

    /// Whether a daemon runs.
    pub(crate) fn is_running(&self, label: &str) -> bool {
        self.daemon_pid(label).is_some()
    }

    fn daemon_pid(&self, label: &str) -> Option<i32> {
        let pid = supervisor::read_pid(&self.pid_file(label))?;
        (namespace(pid, "net")? == namespace(self.holder, "net")?).then_some(pid)
    }

    /// Ends a daemon and all its children: first politely.
    pub(crate) fn stop_daemon(&self, label: &str) {
        if let Some(pid) = self.daemon_pid(label) {
            supervisor::kill(pid, Signal::TERM);
            if !supervisor::wait_until_gone(pid, Duration::from_secs(10)) {
                supervisor::kill(pid, Signal::KILL);
            }
        }
        let _ = fs::remove_file(self.pid_file(label));
    }

    /// Every process in this host's network but the one that holds it.
    pub(crate) fn processes(&self) -> Vec<i32> {
        let Some(net) = namespace(self.holder, "net") else {
            return Vec::new();
        };
        all_processes()
            .filter(|pid| *pid != self.holder && namespace(*pid, "net").as_ref() == Some(&net))
            .collect()
    }
}

/// The usual places, then the programs of this workspace.
fn search_path() -> String {
    format!("{SEARCH_PATH}:{}", tools::program_directory().display())
}

/// Makes a directory that everybody may pass through.
pub(crate) fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(LabError::file("make the directory", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .map_err(LabError::file("open up", path))
}

/// Copies a directory tree with owners, rights and extended attributes.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    let mut command = process::bounded("cp");
    command
        .args(["--archive", "--reflink=auto", "--no-target-directory"])
        .arg(from)
        .arg(to);
    process::run("this machine", &mut command).map(drop)
}
