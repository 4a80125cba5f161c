use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Map, json};

use super::*;
use crate::engine::entry::SCHEMA;
use crate::transcript::reading::read;

fn began(target: &str) -> Entry {
    Entry::Began {
        schema: SCHEMA,
        version: "1.0.0".to_owned(),
        flow: "spn-verification".to_owned(),
        title: "SPN".to_owned(),
        target: target.to_owned(),
        inputs: Map::new(),
        source: "live".to_owned(),
    }
}

fn note(text: &str) -> Entry {
    Entry::Noted {
        path: crate::engine::StepPath("a/b".to_owned()),
        text: text.to_owned(),
        told: None,
    }
}

#[test]
fn only_the_user_can_read_it() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("state/sspi-doctor/sessions");
    let mut journal = Journal::create(&directory, "spn-verification", r"sql1\INST ../x").unwrap();
    journal.append(&began("sql1")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(journal.path()), 0o600);
    assert_eq!(mode(&directory), 0o700);
    assert!(
        journal.name().contains("-spn-verification-sql1_inst_.._x-"),
        "{}",
        journal.name()
    );
    assert_eq!(journal.path().parent().unwrap(), directory);
}

#[test]
fn what_was_written_is_read_back() {
    let home = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(home.path(), "f", "t").unwrap();
    journal.append(&began("t")).unwrap();
    journal.append(&note("one\nline")).unwrap();
    let reading = read(journal.path()).unwrap();
    assert_eq!(reading.damage, None);
    assert_eq!(reading.lines.len(), 2);
    assert_eq!(reading.lines[1].seq, 2);
    assert_eq!(reading.lines[1].entry, note("one\nline"));
    let text = fs::read_to_string(journal.path()).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(text.starts_with(r#"{"seq":1,"at":""#), "{text}");
}

#[test]
fn a_cut_off_line_is_told_and_the_journal_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(home.path(), "f", "t").unwrap();
    journal.append(&began("t")).unwrap();
    journal.append(&note("whole")).unwrap();
    let path = journal.path().to_owned();
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"seq\":3,\"at\":\"2026-11-2");
    fs::write(&path, &bytes).unwrap();
    let reading = read(&path).unwrap();
    assert_eq!(reading.lines.len(), 2);
    assert!(
        reading
            .damage
            .unwrap()
            .starts_with("The last line (3) is damaged")
    );
    drop(journal);
    let (mut journal, _) = Journal::resume(&path).unwrap();
    journal.append(&note("after")).unwrap();
    let reading = read(&path).unwrap();
    assert_eq!(reading.damage, None);
    assert_eq!(reading.lines.last().unwrap().seq, 3);

    // A last line without its end is whole, and the next one begins anew.
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, bytes.trim_ascii_end()).unwrap();
    drop(journal);
    let (mut journal, _) = Journal::resume(&path).unwrap();
    journal.append(&note("x")).unwrap();
    assert_eq!(read(&path).unwrap().lines.len(), 4);
}

#[test]
fn a_later_schema_is_refused_with_the_remedy() {
    let line = json!({"seq": 1, "at": "2026-11-22T10:00:00Z", "entry": "began", "schema": 9,
        "version": "7.1.0", "something": "new"});
    let fault = crate::transcript::reading::parse(line.to_string().as_bytes(), "s").unwrap_err();
    assert!(
        fault
            .to_string()
            .starts_with("s was written by sspi-doctor 7.1.0 (journal schema 9)"),
        "{fault}"
    );
    for text in ["", "hello\n", "{\"entry\":\"noted\"}\n"] {
        let fault = crate::transcript::reading::parse(text.as_bytes(), "s").unwrap_err();
        assert!(matches!(fault, JournalFault::NotAJournal { .. }), "{fault}");
    }
}

#[test]
fn a_walk_that_could_not_begin_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    drop(Journal::create(home.path(), "f", "t").unwrap());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_secret_never_reaches_the_file() {
    let home = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(home.path(), "f", "t").unwrap();
    journal.hide(Secret::new("Gehe!m-Wort\"1".to_owned()));
    journal.append(&began("t")).unwrap();
    let mut inputs = Map::new();
    inputs.insert("Gehe!m-Wort\"1".to_owned(), json!(["x Gehe!m-Wort\"1 y"]));
    journal
        .append(&Entry::Began {
            schema: SCHEMA,
            version: String::new(),
            flow: String::new(),
            title: "Gehe!m-Wort\"1".to_owned(),
            target: String::new(),
            inputs,
            source: String::new(),
        })
        .unwrap();
    let text = fs::read_to_string(journal.path()).unwrap();
    assert!(!text.contains("Gehe!m"), "{text}");
    assert!(text.contains("x (hidden) y"));
}

#[test]
fn control_characters_do_not_come_back_from_a_file() {
    let line = json!({"seq": 1, "at": "2026-11-22T10:00:00Z", "entry": "began", "schema": 1,
        "version": "1", "flow": "f\u{1b}[2J", "title": "t", "target": "x", "inputs": {}, "source": "live"});
    let reading = crate::transcript::reading::parse(line.to_string().as_bytes(), "s").unwrap();
    assert!(matches!(&reading.lines[0].entry, Entry::Began { flow, .. } if flow == "f[2J"));
}
