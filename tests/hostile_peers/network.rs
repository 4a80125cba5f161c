//! A network of the test's own, in which every port is free, and what is
//! watched of the process there.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

/// Where the files of the test are, set where it runs in its own network.
const INSIDE: &str = "SSPI_DOCTOR_PEERS_INSIDE";

/// Runs this test once more in a network of its own, and there does the work.
/// The default ticket cache and configuration are found by the environment.
pub fn inside(test: &str, work: impl FnOnce(&Path)) {
    if let Some(files) = std::env::var_os(INSIDE) {
        return work(Path::new(&files));
    }
    let files = tempfile::tempdir().unwrap();
    super::tickets::write(files.path());
    let mut command = Command::new("unshare");
    command.args(["--net", "--kill-child", "--fork", "--pid", "--mount-proc"]);
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let status = command
        .args(["--", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, files.path())
        .env("KRB5_CONFIG", files.path().join("krb5.conf"))
        .env("KRB5CCNAME", files.path().join("default"))
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed in its network: {status}");
}

/// What panics say in any thread from now on.
pub fn count_panics() -> impl Fn() -> Vec<String> {
    let said = Arc::new(Mutex::new(Vec::new()));
    let (here, previous) = (Arc::clone(&said), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |information| {
        here.lock().unwrap().push(information.to_string());
        previous(information);
    }));
    move || said.lock().unwrap().clone()
}

/// The most memory that this process had at once so far, in bytes.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap() << 10
}
