//! The bridge between the hosts, inside the supervisor's network namespace.

use std::fmt::Write;
use std::process::Command;

use crate::error::Result;
use crate::process;
use crate::topology::{PREFIX, SWITCH};

/// Connects hosts (by the process that holds each one's network namespace).
pub(crate) fn connect(init: i32, hosts: &[crate::host::Host]) -> Result<()> {
    let mut switch = format!(
        "link set lo up\nlink add lab0 type bridge\nlink set lab0 up\n\
         address add {SWITCH}/{PREFIX} dev lab0\n"
    );
    for host in hosts {
        let port = format!("to-{}", host.spec.name);
        let _ = write!(
            switch,
            "link add {port} type veth peer name eth0 netns {holder}\n\
             link set {port} master lab0 up\n",
            holder = host.holder
        );
    }
    batch("the switch", init, &switch)?;
    for host in hosts {
        let lines = format!(
            "link set lo up\naddress add {}/{PREFIX} dev eth0\nlink set eth0 up\n",
            host.spec.address
        );
        batch(host.spec.name, host.holder, &lines)?;
    }
    Ok(())
}

fn batch(host: &str, pid: i32, lines: &str) -> Result<()> {
    let mut command = Command::new("nsenter");
    command.args(["--target", &pid.to_string(), "--net", "ip", "-batch", "-"]);
    process::run_with_input(host, &mut command, lines).map(drop)
}
