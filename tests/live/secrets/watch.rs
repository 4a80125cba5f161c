//! Looks at a process from outside while it runs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// The command lines and environments of a process and of all that it starts.
pub struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<BTreeMap<String, Vec<u8>>>,
}

impl Watch {
    /// Looks every few milliseconds.
    pub fn over(process: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeMap::new();
            while !told.load(Ordering::Relaxed) {
                look(process, &mut seen);
                std::thread::sleep(Duration::from_millis(5));
            }
            seen
        });
        Self { stop, thread }
    }

    /// What was seen, by its place.
    pub fn stop(self) -> BTreeMap<String, Vec<u8>> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the watch does not panic")
    }
}

fn look(process: u32, seen: &mut BTreeMap<String, Vec<u8>>) {
    for file in ["cmdline", "environ"] {
        let place = format!("/proc/{process}/{file}");
        if let Ok(bytes) = fs::read(&place) {
            // A process can become another program: all of it is kept.
            seen.entry(place).or_default().extend(bytes);
        }
    }
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        return;
    };
    for thread in threads.flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in children
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
        {
            look(child, seen);
        }
    }
}

/// Whether nobody but root can look into a process, and it leaves no core: its
/// files in /proc are root's, though it runs as somebody else (proc(5)).
pub fn is_private(process: u32) -> bool {
    let owner = fs::metadata(format!("/proc/{process}/environ")).map(|file| file.uid());
    let runs_as = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let as_root = runs_as.lines().any(|line| line.starts_with("Uid:\t0\t"));
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap_or_default();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let no_core = core.is_some_and(|line| line.split_whitespace().nth(4) == Some("0"));
    owner.is_ok_and(|owner| owner == 0) && !as_root && no_core
}

/// Whether a process has spoken with servers.
pub fn has_connections(process: u32) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{process}/fd")) else {
        return false;
    };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count()
        > 0
}
