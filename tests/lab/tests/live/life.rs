//! Coming up and going down: nothing stays behind, and labs do not meet.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use lab::topology::CORP;
use lab::{Fault, Lab, LabError};

use crate::lab;

fn name(part: &str) -> String {
    format!("{part}-{}", std::process::id())
}

/// Processes whose command line names a directory.
fn processes_of(dir: &Path) -> Vec<String> {
    let needle = dir.display().to_string();
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(&needle))
        .collect()
}

fn mounts_and_links() -> (usize, String) {
    let mounts = fs::read_to_string("/proc/self/mountinfo")
        .unwrap()
        .lines()
        .count();
    let links = Command::new("ip")
        .args(["-oneline", "link"])
        .output()
        .unwrap()
        .stdout;
    (mounts, String::from_utf8(links).unwrap())
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_lab_that_is_stopped_leaves_nothing_behind() {
    let _alone = lab();
    let before = mounts_and_links();
    let second = Lab::start(&name("stop")).unwrap_or_else(|error| panic!("{error}"));
    let dir = second.dir().to_path_buf();
    // Even a program that was started from outside goes with it.
    let mut sleeper = second
        .host("client")
        .unwrap()
        .command("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    assert_eq!(mounts_and_links(), before);
    second.stop();
    assert!(sleeper.wait().unwrap().code().is_none());
    assert!(!dir.exists() && !dir.with_extension("lock").exists());
    assert_eq!(processes_of(&dir), [""; 0]);
    assert_eq!(mounts_and_links(), before);
}

#[test]
fn when_the_supervisor_dies_everything_dies() {
    let _alone = lab();
    let second = Lab::start(&name("kill")).unwrap();
    let dir = second.dir().to_path_buf();
    assert!(!processes_of(&dir).is_empty());
    let supervisor = fs::read_to_string(dir.join("init")).unwrap();
    assert!(
        Command::new("kill")
            .args(["-9", supervisor.trim()])
            .status()
            .unwrap()
            .success()
    );
    // The killed supervisor's parent is left as a zombie, without a command line.
    wait_until("processes stay", || processes_of(&dir).is_empty());
    assert!(matches!(
        Lab::attach(&name("kill")),
        Err(LabError::NotUp(_))
    ));
    drop(second);
    assert!(!dir.exists());
}

#[test]
fn two_labs_do_not_meet() {
    let first = lab();
    let second = Lab::start(&name("other")).unwrap();
    second.inject(Fault::NamePointsElsewhere).unwrap();
    first
        .verify_healthy()
        .unwrap_or_else(|error| panic!("{error}"));
    let error = second.verify_healthy().unwrap_err().to_string();
    assert!(error.contains("10.88.0.32"), "{error}");
    assert_ne!(
        first.controller(&CORP).unwrap().dir,
        second.controller(&CORP).unwrap().dir
    );
}

#[test]
fn a_second_start_takes_seconds() {
    let _alone = lab();
    let start = Instant::now();
    let _second = Lab::start(&name("again")).unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn starting_what_is_up_attaches_to_it() {
    let first = lab();
    let again = Lab::start(first.name()).unwrap();
    assert_eq!(again.dir(), first.dir());
    drop(again);
    first
        .verify_healthy()
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn bad_names_are_refused() {
    for name in ["", "a/b", "..", "with space"] {
        assert!(
            matches!(Lab::start(name), Err(LabError::BadName(_))),
            "{name}"
        );
    }
    assert!(matches!(
        lab().host("sql9"),
        Err(LabError::NoSuchHost { .. })
    ));
}
