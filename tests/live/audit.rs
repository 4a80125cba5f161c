//! The SPNs of a whole forest, among many accounts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use lab::crowd::PROBLEMS_OF_A_THOUSAND;
use serde_json::Value;

use crate::walk::{PROGRAM, lab, on_client};

const ACCOUNTS: u32 = 2000;

fn rows(text: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(text)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

fn counts(rows: &[Value]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let kind = row["kind"].as_str().expect("a kind").to_owned();
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

#[test]
fn every_problem_of_a_forest_is_found_and_an_audit_that_was_stopped_goes_on() {
    let lab = lab();
    let mut healthy = on_client(&lab, PROGRAM);
    let output = healthy.args(["audit", "--dns", "--browser"]).output();
    let output = output.expect("the program runs");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );

    lab.add_crowd(ACCOUNTS).expect("the accounts are added");
    let mut audit = on_client(&lab, PROGRAM);
    let whole = audit
        .args(["audit", "--format", "jsonl"])
        .output()
        .expect("the program runs");
    let whole_rows = rows(&whole.stdout);
    let expected: BTreeMap<String, u64> = PROBLEMS_OF_A_THOUSAND
        .iter()
        .map(|(kind, count)| ((*kind).to_owned(), count * u64::from(ACCOUNTS / 1000)))
        .collect();
    assert_eq!(counts(&whole_rows), expected);
    assert_eq!(whole.status.code(), Some(1));
    assert!(
        whole_rows.iter().any(|row| row["kind"] == "duplicate"
            && row["spn"] == "MSSQLSvc/pc001006.corp.example:1433"
            && row["accounts"] == serde_json::json!(["CORP\\sv001003", "CORP\\sv001007"])),
        "{whole_rows:?}"
    );

    // Slow enough that it is under way when it is stopped.
    lab.slow_link("client", 100).expect("a slow link");
    let mut audit = on_client(&lab, PROGRAM);
    let mut child = audit
        .args(["audit", "--format", "jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut errors = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    errors.read_line(&mut line).expect("progress");
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.expect("kill runs").success());
    let mut said = String::new();
    errors.read_to_string(&mut said).expect("the rest");
    let part = child.wait_with_output().expect("it ends");
    assert_eq!(part.status.code(), Some(130), "{said}");
    let token = said
        .split_once("--resume ")
        .and_then(|(_, rest)| rest.lines().next())
        .unwrap_or_else(|| panic!("no file is named: {said}"));
    lab.fast_link("client").expect("a fast link");
    let mut audit = on_client(&lab, PROGRAM);
    let rest = audit
        .args(["audit", "--format", "jsonl", "--resume", token])
        .output()
        .expect("the program runs");
    let texts =
        |rows: Vec<Value>| -> BTreeSet<String> { rows.iter().map(ToString::to_string).collect() };
    let mut together = texts(rows(&part.stdout));
    together.extend(texts(rows(&rest.stdout)));
    assert_eq!(together, texts(whole_rows));
    assert!(!std::path::Path::new(token).exists(), "{token} is left");
    lab.remove_crowd().expect("the accounts are gone");
}
