//! A session in a real pseudo-terminal: cut off and gone on with, offered, and
//! looked at once more.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

#[path = "pty/line.rs"]
mod line;
#[path = "pty/terminal.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses a part of it"
)]
mod terminal;

use std::path::Path;
use std::sync::Arc;

use rustix::process::Signal;
use terminal::{Terminal, UTF8};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sspi-doctor");

fn start(home: &Arc<tempfile::TempDir>, arguments: &[&str]) -> Terminal {
    Terminal::start_in(Arc::clone(home), Path::new(PROGRAM), arguments, UTF8)
}

/// A demo, four steps on.
fn four_steps(home: &Arc<tempfile::TempDir>) -> Terminal {
    let mut terminal = start(home, &["demo", "spn-missing"]);
    for question in 1..=4 {
        terminal.wait_for(&format!("question {question} of 4"));
        terminal.type_in("\r");
    }
    for step in [
        "Look up sql1.corp.example  ",
        "Compare with this machine's hosts file  ",
        "Look the addresses up backward  ",
        "Ask the SQL Server Browser for the port  ",
    ] {
        shown(&terminal, step);
        if !step.starts_with("Ask") {
            terminal.type_in("\r");
        }
    }
    terminal
}

/// Waits for a result of a step to be read.
fn shown(terminal: &Terminal, title: &str) {
    let title = title.trim_end();
    terminal.wait(title, |seen| {
        let screen = seen.parser.screen().contents();
        let right = screen.lines().nth(1).unwrap_or_default().to_owned();
        right.contains(title) && screen.contains("Enter next")
    });
}

fn goes_on(home: &Arc<tempfile::TempDir>) {
    let mut terminal = start(home, &["resume"]);
    terminal.wait_for("The session goes on: 4 finished steps stand.");
    shown(&terminal, "Ask the SQL Server Browser for the port");
    // What was answered and seen before can be gone back to.
    terminal.type_in("b");
    shown(&terminal, "Look the addresses up backward");
    terminal.type_in("\r");
    shown(&terminal, "Ask the SQL Server Browser for the port");
    let title = |screen: &str| screen.lines().nth(1).unwrap_or_default().to_owned();
    while !terminal.screen().contains("1 cause was found") {
        let before = title(&terminal.screen());
        terminal.type_in("\r");
        terminal.wait("next step", |seen| {
            let screen = seen.parser.screen().contents();
            let next = title(&screen) != before && screen.contains("Enter next");
            next || screen.contains("1 cause was found")
        });
    }
    terminal.wait_for("1 cause was found");
    terminal.type_in("q");
    assert_eq!(terminal.ended(), 1);
    terminal.assert_restored();
}

#[test]
fn a_session_that_was_killed_goes_on_where_it_was() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let mut terminal = four_steps(&home);
    terminal.kill(Signal::KILL);
    terminal.ended();
    goes_on(&home);
}

#[test]
fn a_session_whose_line_was_lost_goes_on_where_it_was() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let mut terminal = four_steps(&home);
    terminal.kill(Signal::HUP);
    assert_eq!(terminal.ended(), 129);
    goes_on(&home);
}

#[test]
fn a_line_that_is_lost_again_while_a_session_goes_on_loses_nothing() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let mut terminal = four_steps(&home);
    terminal.kill(Signal::KILL);
    terminal.ended();
    line::is_lost_without_a_signal(
        home.path(),
        "resume",
        "The session goes on: 4 finished steps stand.",
    );
    goes_on(&home);
}

#[test]
fn a_second_wizard_on_a_session_is_refused() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let first = four_steps(&home);
    let mut second = start(&home, &["resume"]);
    assert_eq!(second.ended(), 2);
    second.wait_for("another sspi-doctor is walking");
    drop(first);
}

#[test]
fn the_first_screen_offers_what_was_cut_off() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    // A live walk of this minute, cut off in the middle.
    let world = include_str!("../flows/worlds/spn-missing.jsonl");
    let now = jiff::Timestamp::now().to_string();
    let mut journal = String::new();
    let mut left = 0;
    for line in world.lines() {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["at"] = serde_json::Value::from(now.clone());
        journal.push_str(&value.to_string());
        journal.push('\n');
        left += usize::from(value["entry"] == "branched");
        if left == 4 {
            break;
        }
    }
    let sessions = home.path().join("sspi-doctor/sessions");
    std::fs::create_dir_all(&sessions).unwrap();
    std::fs::write(sessions.join("20261122T101530Z-cut.jsonl"), journal).unwrap();
    // Without a network nobody can be asked ahead.
    let mut command = vec!["--net"];
    if !rustix::process::geteuid().is_root() {
        command.extend(["--user", "--map-root-user"]);
    }
    command.push(PROGRAM);
    let mut terminal = Terminal::start_in(home, Path::new("/usr/bin/unshare"), &command, UTF8);
    terminal.wait_for("A session was cut off just now: sql1.corp.example,1433, after 4 steps.");
    terminal.type_in("r");
    terminal.wait_for("The session goes on: 4 finished steps stand.");
    shown(&terminal, "Ask the SQL Server Browser for the port");
    terminal.type_in("q");
    terminal.wait_for("Leave?");
    terminal.type_in("\u{3}");
    terminal.ended();
}

#[test]
fn a_session_is_looked_at_once_more_with_nobody_there() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let file = home.path().join("theirs.jsonl");
    std::fs::write(
        &file,
        include_str!("../flows/worlds/spn-on-wrong-account.jsonl"),
    )
    .unwrap();
    let mut command = vec!["--net"];
    if !rustix::process::geteuid().is_root() {
        command.extend(["--user", "--map-root-user"]);
    }
    command.extend([PROGRAM, "replay", "theirs.jsonl"]);
    let mut terminal = Terminal::start_in(home, Path::new("/usr/bin/unshare"), &command, UTF8);
    terminal.wait_for("A replay: Enter goes forward, b goes back.");
    shown(&terminal, "Look up sql1.corp.example");
    terminal.wait_for("replay 1/");
    terminal.type_in("\r");
    shown(&terminal, "Compare with this machine's hosts file");
    terminal.wait_for("replay 2/");
    terminal.type_in("b");
    terminal.wait_for("replay 1/");
    // Nothing can be asked again.
    assert!(!terminal.screen().contains("r retry"));
    terminal.type_in("q");
    terminal.ended();
    terminal.assert_restored();
}

/// No session keeps a secret, so whoever goes on is asked for it.
#[test]
fn a_secret_is_asked_for_again_and_not_shown() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let flow = include_str!("session/own-secret.yaml");
    let flows = home.path().join("flows");
    std::fs::create_dir(&flows).unwrap();
    std::fs::write(flows.join("own-secret.yaml"), flow).unwrap();
    let flows = flows.to_str().unwrap();
    let mut first = start(&home, &["walk", "own-secret", "--flow-dir", flows]);
    first.wait_for("Its password?");
    first.type_in("S3cret-of-it\r");
    first.wait_for("Since when does it fail?");
    first.kill(Signal::KILL);
    first.ended();

    let mut second = start(&home, &["resume", "--flow-dir", flows]);
    second.wait_for("Its password? (no session keeps it)");
    second.type_in("S3cret-of-it\r");
    second.wait_for("Since when does it fail?");
    assert!(!second.screen().contains("S3cret"), "{}", second.screen());
    second.type_in("Monday\r");
    second.wait_for("Nothing is wrong");
    second.type_in("q");
    second.ended();
}
