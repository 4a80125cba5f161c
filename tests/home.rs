//! The program at home on its system: configuration, own flows, the log, shell
//! completions, manual pages, `doctor`, and flows that change while they are
//! walked. Each test has a home of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

#[path = "home/completions.rs"]
mod completions;
#[path = "home/doctor.rs"]
mod doctor;
#[path = "home/manual.rs"]
mod manual;
#[path = "home/reload.rs"]
mod reload;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sspi-doctor");

/// A home that is empty, and gone with the test.
struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn configure(&self, text: &str) -> PathBuf {
        self.write(".config/sspi-doctor/config.toml", text)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }
}

/// What a run came to.
struct Ran {
    exit: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            exit: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}\n{}", self.out, self.err))
    }
}

const FLOW: &str = "schema: 1\nid: ours\ntitle: Our own\nsummary: A flow of the team.\nstart: done\nsteps:\n  done: { title: The end, finish: \"That is all.\" }\n";

fn setting<'a>(shown: &'a Value, name: &str) -> &'a Value {
    shown["settings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|setting| setting["name"] == name)
        .unwrap()
}

#[test]
fn the_command_line_wins_over_the_file_and_the_environment_too() {
    let home = Home::new();
    let file = home.configure(
        "domain = \"corp.example\"\nname-servers = [\"192.0.2.53\"]\ntheme = \"default\"\n",
    );
    let shown = home.run(&["config", "--format", "json"]);
    assert_eq!(shown.exit, Some(0), "{}", shown.err);
    let shown = shown.json();
    let servers = setting(&shown, "name-servers");
    assert_eq!(servers["value"][0], "192.0.2.53");
    assert_eq!(servers["from"], format!("{}:2", file.display()));
    assert_eq!(setting(&shown, "ascii")["from"], "the default");

    let mut command = home.command(&["config", "--format", "json", "--name-server", "::1"]);
    let shown = Ran::of(&command.env("NO_COLOR", "1").output().unwrap()).json();
    assert_eq!(setting(&shown, "name-servers")["value"][0], "::1");
    assert_eq!(setting(&shown, "name-servers")["from"], "the command line");
    assert_eq!(setting(&shown, "theme")["value"], "mono");
    assert_eq!(
        setting(&shown, "theme")["from"],
        "the environment (NO_COLOR)"
    );
}

#[test]
fn what_config_prints_is_a_configuration() {
    let home = Home::new();
    home.configure("domain = \"corp.example\"\nname-servers = [\"192.0.2.53\"]\n");
    let shown = home.run(&["config"]);
    let copy = home.write("copy.toml", &shown.out);
    let again = home.run(&[
        "config",
        "--config",
        copy.to_str().unwrap(),
        "--format",
        "json",
    ]);
    assert_eq!(again.exit, Some(0), "{}", again.err);
    assert_eq!(setting(&again.json(), "domain")["value"], "corp.example");
}

#[test]
fn a_faulty_file_is_told_with_line_and_hint_and_nothing_is_walked() {
    let home = Home::new();
    home.configure("# ours\ndomian = \"corp.example\"\n");
    let run = home.run(&["run", "--world", "healthy"]);
    assert_eq!(run.exit, Some(2));
    assert!(run.err.contains("config.toml:2:1"), "{}", run.err);
    assert!(run.err.contains("did you mean `domain`?"), "{}", run.err);
    assert_eq!(home.run(&["config"]).exit, Some(2));
    // What helps to repair it works.
    assert_eq!(home.run(&["completions", "bash"]).exit, Some(0));
}

#[test]
fn the_state_folder_of_the_file_takes_sessions_and_log() {
    let home = Home::new();
    let state = home.path().join("elsewhere");
    home.configure(&format!("state-folder = \"{}\"\n", state.display()));
    let run = home.run(&[
        "run",
        "--world",
        "healthy",
        "--set",
        "server=sql1.corp.example",
    ]);
    assert!(run.err.contains("journal: "), "{}", run.err);
    assert_eq!(
        std::fs::read_dir(state.join("sessions")).unwrap().count(),
        1
    );
    assert!(state.join("log/sspi-doctor.log").is_file());
    assert!(!home.path().join(".local").exists());
}

#[test]
fn own_flows_stand_beside_the_shipped_ones_and_say_where_they_are_from() {
    let home = Home::new();
    let ours = home.write(".config/sspi-doctor/flows/ours.yaml", FLOW);
    let shared = home.write(".local/share/sspi-doctor/flows/ours.yaml", FLOW);
    let instead = FLOW.replace("id: ours", "id: sign-in");
    home.write(".config/sspi-doctor/flows/sign-in.yaml", &instead);
    let listed = home.run(&["flows"]);
    assert_eq!(listed.exit, Some(0), "{}", listed.err);
    assert!(
        listed.out.contains(&format!("from {}", ours.display())),
        "{}",
        listed.out
    );
    assert!(
        listed.out.contains(&format!(
            "instead of {}, which is not walked",
            shared.display()
        )),
        "{}",
        listed.out
    );
    assert!(
        listed.out.contains("instead of flows/sign-in.yaml"),
        "{}",
        listed.out
    );
    let run = home.run(&["run", "ours"]);
    assert_eq!(run.exit, Some(0), "{}", run.err);
    let json = home.run(&["flows", "--format", "json"]).json();
    let main = &json.as_array().unwrap()[0];
    assert_eq!(main["shipped"], true);
}

#[test]
fn a_faulty_flow_of_a_colleague_is_told_and_the_others_work() {
    let home = Home::new();
    home.write(".config/sspi-doctor/flows/bad.yaml", "schema: 1\nid: bad\n");
    let run = home.run(&[
        "run",
        "--world",
        "healthy",
        "--set",
        "server=sql1.corp.example",
    ]);
    assert_eq!(run.exit, Some(0), "{}", run.err);
    assert!(run.err.contains("bad.yaml"), "{}", run.err);
    // One that was named is what is wanted.
    let bad = home.path().join(".config/sspi-doctor/flows");
    let run = home.run(&["run", "bad", "--flow-dir", bad.to_str().unwrap()]);
    assert_eq!(run.exit, Some(2));
}

#[test]
fn the_log_is_its_owners_alone_and_holds_no_secret_and_no_escape() {
    let home = Home::new();
    let flow = FLOW.replace("start: done", "inputs:\n  word: { ask: Word?, type: secret }\n  name: { ask: Name?, type: text }\nstart: done");
    home.write(".config/sspi-doctor/flows/ours.yaml", &flow);
    let secret = home.write("secret", "Sentinel-1234\n");
    let mut command = home.command(&[
        "run",
        "ours",
        "--log-level",
        "trace",
        "--secret-fd",
        "word=0",
        "--set",
        "name=evil\u{1b}[2J\u{202E}",
        "--quiet",
    ]);
    command.stdin(std::fs::File::open(secret).unwrap());
    let run = Ran::of(&command.output().unwrap());
    assert_eq!(run.exit, Some(0), "{}", run.err);
    let run = home.run(&["run", "no\u{1b}[31m-flow\nx", "--quiet"]);
    assert_eq!(run.exit, Some(2));
    let log = home
        .path()
        .join(".local/state/sspi-doctor/log/sspi-doctor.log");
    assert_eq!(log.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("a walk begins"), "{text}");
    assert!(text.contains("there is no flow `no[31m-flow x`"), "{text}");
    assert!(!text.contains("Sentinel"), "{text}");
    assert!(
        !text
            .chars()
            .any(|character| character.is_control() && character != '\n')
    );
    let shown = home.run(&["config"]);
    assert!(
        shown.out.contains(&log.display().to_string()),
        "{}",
        shown.out
    );
    let silent = Home::new();
    assert_eq!(silent.run(&["flows", "--log-level", "off"]).exit, Some(0));
    assert!(!silent.path().join(".local/state/sspi-doctor/log").exists());
}

#[test]
fn a_fault_of_the_program_is_in_the_log_and_its_message_says_where_that_is() {
    static TOLD: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());
    let home = Home::new();
    sspi_doctor::log::open(home.path(), "error").unwrap();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|fault| {
        *TOLD.lock().unwrap() = sspi_doctor::log::panicked(fault);
    }));
    let _ = std::thread::spawn(|| panic!("a drill")).join();
    std::panic::set_hook(before);
    let log = home.path().join("sspi-doctor.log");
    let told = TOLD.lock().unwrap().clone();
    assert!(told.contains("tests/home.rs:"), "{told}");
    assert!(told.contains(&log.display().to_string()), "{told}");
    let text = std::fs::read_to_string(log).unwrap();
    assert!(
        text.contains("a fault of this program") && text.contains("a drill"),
        "{text}"
    );
}
