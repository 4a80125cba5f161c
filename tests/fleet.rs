//! A list of targets over a recorded world, and the comparison of results.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sspi-doctor");

fn run(state: &Path, list: &str, options: &[&str]) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(["run", "cannot-generate-sspi-context", "--targets", "-"])
        .args(["--world", "healthy"])
        .args(options)
        .env("XDG_STATE_HOME", state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(list.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn results(output: &Output) -> Vec<Value> {
    let mut results: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    results.sort_by_key(|result| result["line"].as_u64());
    results
}

#[test]
fn every_line_has_its_result_and_its_journal() {
    let state = tempfile::tempdir().unwrap();
    let list = "sql1.corp.example,1433\n".repeat(40);
    let output = run(state.path(), &list, &["--at-once", "7"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    let results = results(&output);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let lines: Vec<u64> = results
        .iter()
        .filter_map(|result| result["line"].as_u64())
        .collect();
    assert_eq!(lines, (1..=40).collect::<Vec<u64>>());
    for result in &results {
        assert_eq!(result["verdict"], "healthy");
        assert!(Path::new(result["journal"].as_str().unwrap()).is_file());
    }
    assert!(errors.contains("40 targets in "), "{errors}");
    assert!(errors.contains(": 40 healthy, 0 with a cause"), "{errors}");
}

#[test]
fn bad_lines_are_told_and_the_worst_result_is_the_exit_code() {
    let state = tempfile::tempdir().unwrap();
    let list = "# list\n\nsql1.corp.example:1433\nsql1.corp.example,1433\nServer=x;\n";
    let output = run(state.path(), list, &["--quiet"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("error: line 3: SQL clients want a comma"),
        "{errors}"
    );
    assert!(errors.contains("error: line 5: "), "{errors}");
    let verdicts: Vec<Value> = results(&output)
        .into_iter()
        .map(|result| result["verdict"].clone())
        .collect();
    assert_eq!(verdicts, ["not-walked", "healthy", "not-walked"]);
    // Nothing of this server was recorded, so nothing can be told of it.
    let output = run(state.path(), "other.corp.example\n", &["--quiet"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_list_and_a_target_do_not_go_together() {
    let state = tempfile::tempdir().unwrap();
    let output = run(state.path(), "", &["--set", "server=sql1"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("both name the SQL Server"), "{errors}");
}

fn line(target: &str, from: &str, causes: &[&str]) -> String {
    let causes: Vec<Value> = causes
        .iter()
        .map(|cause| json!({ "cause": cause, "title": format!("About {cause}"), "severity": "every-login" }))
        .collect();
    let verdict = if causes.is_empty() {
        "healthy"
    } else {
        "cause-found"
    };
    let line = json!({
        "target": target, "line": 1, "from": from, "flow": "f", "verdict": verdict,
        "causes": causes, "unknown": [], "elapsed_ms": 1, "journal": null,
    });
    format!("{line}\n")
}

fn compare(files: &[&Path], options: &[&str]) -> Output {
    Command::new(PROGRAM)
        .arg("compare")
        .args(files)
        .args(options)
        .output()
        .unwrap()
}

#[test]
fn places_that_disagree_are_shown_with_their_opinions() {
    let folder = tempfile::tempdir().unwrap();
    let (berlin, vienna) = (
        folder.path().join("berlin.jsonl"),
        folder.path().join("vienna.jsonl"),
    );
    let here = [
        line("SQL1,1433", "a", &["spn-missing"]),
        line("sql2", "a", &[]),
    ];
    let there = [
        line("sql1,1433", "b", &[]),
        line("sql2", "b", &[]),
        line("sql3", "b", &[]),
    ];
    fs::write(&berlin, here.concat()).unwrap();
    fs::write(&vienna, there.concat()).unwrap();
    let output = compare(&[&berlin, &vienna], &[]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "sql1,1433\n  About spn-missing: berlin\n  healthy: vienna\n"
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains(
            "3 targets, 2 places: they disagree about 1; 1 were not seen from every place"
        )
    );
    let both = folder.path().join("both.jsonl");
    fs::write(&both, here.concat() + &there.concat()).unwrap();
    let output = compare(&[&both], &["--format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["places"], json!(["a", "b"]));
    assert_eq!(document["disagree"][0]["seen"]["b"]["verdict"], "healthy");
    assert_eq!(compare(&[&berlin, &berlin], &[]).status.code(), Some(0));
    assert_eq!(compare(&[&berlin], &[]).status.code(), Some(2));
    fs::write(&both, "{}\n").unwrap();
    let output = compare(&[&berlin, &both], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("both.jsonl, line 1"));
}
