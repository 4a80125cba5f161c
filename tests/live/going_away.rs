//! A service goes away in the middle of a walk in the wizard and comes back:
//! the screen says who is silent and blames nobody else, a retry works, and the
//! walk goes on to the right end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lab::fault::{Fault, Network};
use lab::lab::Lab;
use lab::outage::Service;
use serde_json::Value;

use crate::terminal::Terminal;
use crate::walk::{MAIN, PROGRAM, SQL1, inject, lab, on_client};

/// The longest that a step may take, a silent server's deadline included.
const PATIENCE: Duration = Duration::from_secs(40);
/// How the last screen begins.
const HEALTHY: &str = "Nothing is wrong";
const FAULTY: &str = "What to do now";

/// A wizard on the jump host, as alice.
struct Wizard {
    terminal: Terminal,
    state: PathBuf,
}

impl Drop for Wizard {
    fn drop(&mut self) {
        let _ = self.terminal.child.kill();
        let _ = self.terminal.child.wait();
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

impl Wizard {
    fn start(lab: &Lab) -> Self {
        let mut command = on_client(lab, PROGRAM);
        command.args(["walk", MAIN, "--allow", "all"]);
        command.arg("--set").arg(format!("server={SQL1}"));
        let home = lab.host("client").and_then(|client| client.ccache("alice"));
        let state = home.expect("alice's home").with_file_name("going-away");
        let text = |text: &std::ffi::OsStr| text.to_str().expect("a plain text").to_owned();
        let arguments: Vec<String> = command.get_args().map(text).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut variables: Vec<(String, String)> = command
            .get_envs()
            .filter_map(|(name, value)| Some((text(name), text(value?))))
            .collect();
        let own = [
            ("XDG_STATE_HOME", state.to_str().expect("a plain path")),
            ("LC_ALL", "C.UTF-8"),
            ("TERM", "xterm-256color"),
        ];
        variables.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let program = Path::new("/usr/bin/nsenter");
        let terminal = Terminal::start_in(folder, program, &arguments, &variables);
        Self { terminal, state }
    }

    fn wait(&self, what: &str, until: impl Fn(&str) -> bool) -> String {
        let started = Instant::now();
        loop {
            let screen = self.terminal.screen();
            if until(&screen) {
                return screen;
            }
            assert!(started.elapsed() < PATIENCE, "no {what}:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a result can be read; its title.
    fn result(&self) -> String {
        let screen = self.wait("result", |screen| {
            ["Enter next", "Enter answer", HEALTHY, FAULTY]
                .iter()
                .any(|sign| screen.contains(sign))
        });
        screen.lines().nth(1).unwrap_or_default().trim().to_owned()
    }

    /// Goes on to the step whose title has these words.
    fn go_to(&mut self, words: &str) {
        loop {
            let title = self.result();
            if title.contains(words) {
                return;
            }
            assert!(!self.is_over(), "no `{words}`:\n{}", self.terminal.screen());
            self.next(&title);
        }
    }

    fn next(&mut self, title: &str) {
        self.terminal.type_in("\r");
        self.wait("next step", |screen| {
            !screen.lines().nth(1).unwrap_or_default().contains(title)
        });
        self.result();
    }

    /// Asks the shown step again; what the probe told this time.
    fn retry(&mut self) -> Value {
        let before = self.observed().len();
        self.terminal.type_in("r");
        let started = Instant::now();
        while self.observed().len() == before {
            assert!(
                started.elapsed() < PATIENCE,
                "no answer to the retry:\n{}",
                self.terminal.screen()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        self.result();
        self.observed().pop().expect("an observation")
    }

    /// Every entry of the journal of this kind.
    fn entries(&self, kind: &str) -> Vec<Value> {
        let sessions = self.state.join("sspi-doctor/sessions");
        let Ok(files) = std::fs::read_dir(&sessions) else {
            return Vec::new();
        };
        let journal = files
            .flatten()
            .map(|file| file.path())
            .find(|path| path.extension().is_some_and(|end| end == "jsonl"));
        let text = journal.and_then(|path| std::fs::read_to_string(path).ok());
        text.unwrap_or_default()
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|entry| entry["entry"] == kind)
            .collect()
    }

    fn observed(&self) -> Vec<Value> {
        self.entries("observed")
    }

    /// The causes that the shown step found.
    fn found_last(&self) -> Vec<String> {
        let visit = self.observed().pop().expect("an observation")["visit"].clone();
        self.entries("found")
            .iter()
            .filter(|entry| entry["visit"] == visit)
            .map(|entry| entry["finding"]["cause"].as_str().unwrap_or("?").to_owned())
            .collect()
    }

    fn is_over(&self) -> bool {
        !self.entries("finished").is_empty()
    }

    /// Goes on to the end, which must be that nothing is wrong, and that all was
    /// seen that is seen when nothing ever went away.
    fn ends_well(&mut self, lab: &Lab) {
        let mut title = self.result();
        while !self.is_over() {
            self.next(&title);
            title = self.result();
        }
        self.wait("last screen", |screen| screen.contains(HEALTHY));
        self.terminal.type_in("q");
        assert_eq!(self.terminal.ended(), 0);
        let document = on_client(lab, PROGRAM)
            .env("XDG_STATE_HOME", &self.state)
            .args(["export", "last", "--format", "json"])
            .output()
            .expect("it exports");
        let document: Value = serde_json::from_slice(&document.stdout).expect("a document");
        assert_eq!(document["verdict"], "healthy");
        for left in ["findings", "unknown"] {
            assert_eq!(document[left], serde_json::json!([]), "{left}");
        }
    }
}

#[track_caller]
fn told(observed: &Value, status: &str, whom: &str) {
    let outcome = &observed["outcome"];
    assert_eq!(outcome["status"], status, "{outcome:#}");
    let said = format!("{} {}", outcome["facts"], outcome["evidence"]);
    assert!(said.contains(whom), "it does not name {whom}: {outcome:#}");
}

#[test]
fn the_name_servers_go_away_and_come_back() {
    let lab = lab();
    let mut wizard = Wizard::start(&lab);
    wizard.go_to("Look the addresses up backward");
    let outage = lab.take_away(Service::Names).expect("it goes away");
    told(&wizard.retry(), "no-answer", "10.88.0.2");
    assert_eq!(wizard.found_last(), Vec::<String>::new());
    outage.end().expect("it comes back");
    told(&wizard.retry(), "matches", "10.88.0.2");
    // Who cannot ask where the KDCs are does not know them to be silent.
    wizard.go_to("Ask the KDCs");
    let outage = lab.take_away(Service::Names).expect("it goes away");
    told(
        &wizard.retry(),
        "names-unanswered",
        "no name server answered",
    );
    assert_eq!(wizard.found_last(), Vec::<String>::new());
    outage.end().expect("it comes back");
    told(&wizard.retry(), "answering", "dc1.corp.example");
    wizard.ends_well(&lab);
}

#[test]
fn the_kdc_goes_away_and_comes_back() {
    let lab = lab();
    let mut wizard = Wizard::start(&lab);
    wizard.go_to("Ask the KDCs");
    inject(&lab, Fault::Network(Network::KdcSilent));
    told(&wizard.retry(), "none-answers", "dc1.corp.example");
    assert_eq!(wizard.found_last(), ["kdc-unreachable"]);
    lab.restore().expect("it comes back");
    told(&wizard.retry(), "answering", "dc1.corp.example");
    wizard.ends_well(&lab);
}

#[test]
fn the_directory_goes_away_and_comes_back() {
    let lab = lab();
    let mut wizard = Wizard::start(&lab);
    wizard.go_to("Who holds MSSQLSvc/");
    // The connection that is open dies without a word.
    inject(&lab, Fault::Network(Network::DirectorySilent));
    told(&wizard.retry(), "unreachable", "dc1.corp.example");
    assert_eq!(wizard.found_last(), Vec::<String>::new());
    lab.restore().expect("it comes back");
    told(&wizard.retry(), "held", "dc1.corp.example");
    wizard.ends_well(&lab);
}

#[test]
fn sql_server_goes_away_and_comes_back() {
    let lab = lab();
    let mut wizard = Wizard::start(&lab);
    wizard.go_to("Connect to TCP port");
    let outage = lab.take_away(Service::SqlServer).expect("it goes away");
    told(&wizard.retry(), "refused", "10.88.0.31:1433");
    assert_eq!(wizard.found_last(), ["port-closed"]);
    outage.end().expect("it comes back");
    told(&wizard.retry(), "connected", "10.88.0.31");
    wizard.go_to("Log in with your ticket");
    let outage = lab.take_away(Service::SqlServer).expect("it goes away");
    told(&wizard.retry(), "unreachable", "sql1.corp.example,1433");
    assert_eq!(wizard.found_last(), Vec::<String>::new());
    outage.end().expect("it comes back");
    told(&wizard.retry(), "accepted", "10.88.0.31");
    wizard.ends_well(&lab);
}

/// Between two steps, while nobody asks: nothing is to be seen of it.
#[test]
fn a_domain_controller_that_starts_anew_changes_nothing() {
    let lab = lab();
    let mut wizard = Wizard::start(&lab);
    wizard.go_to("Who holds MSSQLSvc/");
    let outage = lab.take_away(Service::Controller).expect("it goes away");
    outage.end().expect("it comes back");
    // The first question over a connection that died meanwhile.
    told(&wizard.retry(), "held", "dc1.corp.example");
    wizard.ends_well(&lab);
}
