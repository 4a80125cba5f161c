//! Sessions on disk: listed, found by name, whole after a kill.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use sspi_doctor::transcript::{self, Journal, sessions};

use crate::case::{began, observed, walk, write};

#[test]
fn sessions_are_listed_newest_first_and_found_by_name() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("sessions");
    assert_eq!(sessions::list(&directory).unwrap(), []);
    let one = write(&directory, &walk());
    let mut journal = Journal::create(&directory, "name-resolution", "sql2").unwrap();
    journal.append(&began()).unwrap();
    std::fs::write(directory.join("other.jsonl"), "hello").unwrap();
    let listed = sessions::list(&directory).unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed[0].started > listed[1].started);
    assert!(!listed[0].complete);
    assert_eq!(listed[1].causes, ["reverse-lookup-mismatch", "spn-missing"]);
    assert_eq!(
        listed[1].words(),
        "2026-11-22 10:15:30 UTC  found: reverse-lookup-mismatch, spn-missing (3 steps)"
    );
    // The last by name, which begins with the time of its making.
    let other = directory.join("other.jsonl");
    assert_eq!(sessions::find("last", &directory).unwrap(), other);
    assert_eq!(
        sessions::find(one.to_str().unwrap(), &directory).unwrap(),
        one
    );
    let name = one.file_stem().unwrap().to_str().unwrap();
    assert_eq!(sessions::find(name, &directory).unwrap(), one);
    let fault = sessions::find("nothing", &directory)
        .unwrap_err()
        .to_string();
    assert!(
        fault.contains("`sspi-doctor sessions` lists them"),
        "{fault}"
    );
}

/// Not a test by itself: the process that the next test kills.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os("TRANSCRIPT_TEST_CHILD") else {
        return;
    };
    let mut journal = Journal::create(Path::new(&directory), "f", "t").unwrap();
    journal.append(&began()).unwrap();
    for visit in 1.. {
        journal
            .append(&observed(
                visit,
                "a",
                "ldap-spn",
                "absent",
                &json!({"x": "y".repeat(4000)}),
            ))
            .unwrap();
    }
}

#[test]
fn a_killed_process_leaves_whole_lines() {
    let home = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sessions::child_that_writes_until_it_is_killed"])
        .env("TRANSCRIPT_TEST_CHILD", home.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let file = loop {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the child writes nothing"
        );
        let file = std::fs::read_dir(home.path())
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| {
                path.metadata()
                    .is_ok_and(|metadata| metadata.len() > 400_000)
            });
        match file {
            Some(file) => break file,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let reading = transcript::reading::read(&file).unwrap();
    assert!(reading.lines.len() > 50);
    if let Some(damage) = reading.damage {
        assert!(damage.starts_with("The last line"), "{damage}");
    }
}
