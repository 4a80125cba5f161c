//! The process that holds a lab together.
//!
//! It is the first process of a PID namespace, so that when it ends, for
//! whatever reason, the kernel ends every process of the lab with it. Its
//! network namespace holds the bridge between the hosts. It does nothing but
//! wait; everything else is done from outside with `nsenter`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::error::{LabError, Result};

/// Waits for ever (`up`), or until standard input ends (`tied`), and then
/// leaves nothing behind.
const SCRIPT: &str = r#"
read -r pid rest </proc/self/stat
echo "$pid" >"$1/init.new" && mv "$1/init.new" "$1/init"
if [ "$2" = tied ]; then
  cat >/dev/null
  rm -rf "$1" "$1.lock"
  rmdir "${1%/*}" 2>/dev/null
else
  while :; do sleep 86400; done
fi
"#;

const DEADLINE: Duration = Duration::from_secs(10);

/// How long a lab lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Until it is taken down.
    UntilDown,
    /// Until the process that started it ends, however that happens.
    TiedToThisProcess,
}

/// A running supervisor.
#[derive(Debug)]
pub(crate) struct Supervisor {
    /// The first process of the lab's PID namespace, as seen from outside.
    pub(crate) init: i32,
    /// Present when this process started it.
    child: Option<Child>,
}

impl Supervisor {
    /// Starts the supervisor of a lab whose directory exists.
    pub(crate) fn start(dir: &Path, life: Life) -> Result<Self> {
        let log = dir.join("supervisor.log");
        let output = fs::File::create(&log).map_err(LabError::file("write", &log))?;
        let errors = output.try_clone().map_err(LabError::file("write", &log))?;
        let mut command = Command::new("setsid");
        command
            .args([
                "unshare",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount",
                "--net",
            ])
            .args([
                "--propagation",
                "private",
                "sh",
                "-c",
                SCRIPT,
                "lab-supervisor",
            ])
            .arg(dir)
            .arg(if life == Life::UntilDown {
                "up"
            } else {
                "tied"
            })
            .stdin(if life == Life::UntilDown {
                Stdio::null()
            } else {
                Stdio::piped()
            })
            .stdout(output)
            .stderr(errors)
            .current_dir("/");
        let child = command.spawn().map_err(|source| LabError::Start {
            program: "setsid unshare".to_owned(),
            source,
        })?;
        let init = wait_for_pid(&dir.join("init"), "the supervisor", &log)?;
        Ok(Self {
            init,
            child: Some(child),
        })
    }

    /// Finds the running supervisor of a lab, if there is one.
    pub(crate) fn find(dir: &Path) -> Option<Self> {
        let init = read_pid(&dir.join("init"))?;
        let command = fs::read(format!("/proc/{init}/cmdline")).ok()?;
        let ours = String::from_utf8_lossy(&command)
            .split('\0')
            .any(|argument| Path::new(argument) == dir);
        ours.then_some(Self { init, child: None })
    }

    /// Ends every process of the lab.
    pub(crate) fn stop(&mut self) {
        kill(self.init, Signal::KILL);
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
        wait_until_gone(self.init, DEADLINE);
    }
}

/// Waits until a process has written its number to a file.
pub(crate) fn wait_for_pid(file: &Path, what: &str, log: &Path) -> Result<i32> {
    wait_for(DEADLINE, what, log, || read_pid(file))
}

/// Polls until there is a value, or fails naming what was waited for.
pub(crate) fn wait_for<T>(
    deadline: Duration,
    what: &str,
    log: &Path,
    mut ready: impl FnMut() -> Option<T>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = ready() {
            return Ok(value);
        }
        if start.elapsed() > deadline {
            return Err(LabError::NotReady {
                what: what.to_owned(),
                seconds: deadline.as_secs(),
                log: LabError::end_of(log),
            });
        }
        sleep(Duration::from_millis(20));
    }
}

/// The process number in a file.
pub(crate) fn read_pid(file: &Path) -> Option<i32> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// One of the namespaces of a process, as the kernel names it.
pub(crate) fn namespace(pid: i32, kind: &str) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()
}

/// All processes of this machine.
pub(crate) fn all_processes() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Sends a signal; a process that is gone already is what was wanted.
pub(crate) fn kill(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Waits until a process is gone; a zombie counts as gone.
pub(crate) fn wait_until_gone(pid: i32, deadline: Duration) -> bool {
    let start = Instant::now();
    while is_running(pid) {
        if start.elapsed() > deadline {
            return false;
        }
        sleep(Duration::from_millis(10));
    }
    true
}

fn is_running(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
    })
}
