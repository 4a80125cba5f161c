//! A slow link between a host and the switch: every frame comes later by a
//! fixed time, each way.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::error::{LabError, Result};
use crate::host::DAEMON;
use crate::lab::Lab;
use crate::process;
use crate::supervisor::{self, wait_for};

/// Carries the frames.
const SCRIPT: &str = include_str!("slow_link.py");

impl Lab {
    /// Slows the link of a host down by so many milliseconds each way. What
    /// passes is noted in the file that comes back: a line a packet.
    pub fn slow_link(&self, host: &str, milliseconds: u32) -> Result<PathBuf> {
        let host = self.host(host)?.spec.name;
        let script = self.slow_file(host, "py");
        fs::write(&script, SCRIPT).map_err(LabError::file("write", &script))?;
        let (near, port, far) = (
            format!("to-{host}"),
            format!("sl-{host}"),
            format!("sx-{host}"),
        );
        self.at_switch_batch(&format!(
            "link add {port} type veth peer name {far}\nlink set {near} nomaster\n\
             link set {port} master lab0 up\nlink set {far} up\n"
        ))?;
        let (pid, log, passed) = (
            self.slow_file(host, "pid"),
            self.slow_file(host, "log"),
            self.slow_file(host, "passed"),
        );
        let mut daemon = Command::new("nsenter");
        daemon
            .args(["--target", &self.init().to_string()])
            .args([
                "--pid",
                "--mount",
                "--net",
                "--",
                "sh",
                "-c",
                DAEMON,
                "lab-daemon",
            ])
            .args([&pid, &log])
            .arg("python3")
            .arg(&script)
            .args([&near, &far, &milliseconds.to_string()])
            .arg(&passed);
        process::run("the switch", &mut daemon)?;
        wait_for(Duration::from_secs(10), "the slow link", &log, || {
            fs::read_to_string(&log)
                .ok()?
                .contains("ready")
                .then_some(())
        })?;
        Ok(passed)
    }

    /// Makes the link of a host as fast as the others again.
    pub fn fast_link(&self, host: &str) -> Result<()> {
        let host = self.host(host)?.spec.name;
        if let Some(pid) = supervisor::read_pid(&self.slow_file(host, "pid")) {
            supervisor::kill(pid, rustix::process::Signal::KILL);
        }
        for end in ["pid", "log", "passed", "py"] {
            let _ = fs::remove_file(self.slow_file(host, end));
        }
        self.at_switch_batch(&format!(
            "link delete sl-{host}\nlink set to-{host} master lab0 up\n"
        ))
    }

    fn slow_file(&self, host: &str, end: &str) -> PathBuf {
        self.dir().join(format!("slow-{host}.{end}"))
    }

    fn at_switch_batch(&self, lines: &str) -> Result<()> {
        let mut ip = self.at_switch("ip");
        process::run_with_input("the switch", ip.args(["-batch", "-"]), lines).map(drop)
    }
}
