//! The lab of this test run, and walks of the real program in it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use lab::exclusive::{Exclusive, exclusive};
use lab::fault::Fault;
use lab::lab::Lab;
use serde_json::Value;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_sspi-doctor");

/// The lab, healthy, and for this test alone.
pub fn lab() -> Exclusive {
    let lab = exclusive("live").unwrap_or_else(|fault| panic!("the lab does not start: {fault}"));
    lab.sign_in("alice").expect("alice signs in");
    lab
}

/// What a walk printed.
#[derive(Debug)]
pub struct Walked {
    /// The exit code.
    pub exit: Option<i32>,
    /// The session document.
    pub document: Value,
    /// Progress, for the message of a failed test.
    pub progress: String,
}

impl Walked {
    /// The causes that were found, in their order.
    pub fn causes(&self) -> Vec<&str> {
        texts(&self.document["findings"], "cause")
    }

    /// The causes that stay unknown.
    pub fn unknown(&self) -> Vec<&str> {
        texts(&self.document["unknown"], "cause")
    }

    /// Asserts that exactly these causes were found.
    #[track_caller]
    pub fn found(&self, causes: &[&str]) -> &Self {
        assert_eq!(
            self.causes(),
            causes,
            "{}\n{:#}",
            self.progress,
            self.document["findings"]
        );
        assert_eq!(self.exit, Some(1), "{}", self.progress);
        assert_eq!(self.document["verdict"], "cause-found");
        self
    }

    /// Asserts that nothing is wrong and nothing stays unknown.
    #[track_caller]
    pub fn healthy(&self) -> &Self {
        assert_eq!(
            self.causes(),
            Vec::<&str>::new(),
            "{}\n{:#}",
            self.progress,
            self.document
        );
        assert_eq!(
            self.unknown(),
            Vec::<&str>::new(),
            "{}\n{:#}",
            self.progress,
            self.document["unknown"]
        );
        assert_eq!(self.exit, Some(0), "{}", self.progress);
        assert_eq!(self.document["verdict"], "healthy");
        self
    }
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one[field].as_str())
        .collect()
}

/// Walks a flow on the jump host as alice, with every probe allowed.
pub fn walk(lab: &Lab, flow: &str, set: &[(&str, &str)]) -> Walked {
    walk_with(lab, flow, set, &[])
}

/// As [`walk`], with further options.
pub fn walk_with(lab: &Lab, flow: &str, set: &[(&str, &str)], options: &[&str]) -> Walked {
    let mut command = on_client(lab, PROGRAM);
    command.args(["run", flow, "--format", "json", "--allow", "all"]);
    for (name, value) in set {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    command.args(options);
    run_for_document(command)
}

/// Runs a command that prints a session document.
pub fn run_for_document(command: Command) -> Walked {
    walked(&run(command))
}

/// A walk with a SQL login; the shell opens the file with its password, because
/// alice may not open a pipe of ours again.
pub fn walk_with_password(
    lab: &Lab,
    flow: &str,
    set: &[(&str, &str)],
    user: &str,
    password: &str,
) -> Walked {
    let file = lab.dir().join("sql-password");
    std::fs::write(&file, password).expect("the password is written");
    let mut command = on_client(lab, "sh");
    command
        .args(["-c", "exec \"$@\" 3<\"$0\""])
        .arg(&file)
        .args([PROGRAM, "run", flow, "--format", "json", "--allow", "all"])
        .args(["--sql-user", user, "--sql-password-fd", "3"]);
    for (name, value) in set {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    walked(&run(command))
}

fn walked(output: &Output) -> Walked {
    let progress = String::from_utf8_lossy(&output.stderr).into_owned();
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|fault| {
        panic!(
            "no session document: {fault}\n{progress}\n{}",
            String::from_utf8_lossy(&output.stdout)
        )
    });
    Walked {
        exit: output.status.code(),
        document,
        progress,
    }
}

/// Runs the script that repairs a session, as the domain's administrator.
#[track_caller]
pub fn repair(lab: &Lab, walked: &Walked) {
    let ccache = lab
        .administrator_ccache()
        .expect("the administrator signs in");
    repair_as(lab, walked, &ccache);
}

/// The same with the ticket of somebody else.
#[track_caller]
pub fn repair_as(lab: &Lab, walked: &Walked, ccache: &Path) {
    let session = walked.document["session"]
        .as_str()
        .expect("the document names its session");
    let mut fix = on_client(lab, PROGRAM);
    fix.args(["fix", session, "--for", "linux"]);
    let script = run(fix);
    assert!(
        script.status.success(),
        "{}",
        String::from_utf8_lossy(&script.stderr)
    );
    let backup = lab.dir().join("backup");
    let mut shell = lab.host("client").expect("the jump host").command("sh");
    shell
        .env("KRB5CCNAME", ccache)
        .env("BACKUP_DIR", &backup)
        .arg("-s")
        .stdin(Stdio::piped());
    let mut child = shell
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(&script.stdout)
        .expect("the script is read");
    let output = child.wait_with_output().expect("the script ends");
    let _ = std::fs::remove_dir_all(&backup);
    assert!(
        output.status.success(),
        "the script failed\n{}\n{}\n{}",
        String::from_utf8_lossy(&script.stdout),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A program on the jump host, as alice.
pub fn on_client(lab: &Lab, program: impl AsRef<Path>) -> Command {
    lab.host("client")
        .and_then(|client| client.command_as("alice", program.as_ref()))
        .expect("a command on the jump host")
}

/// Puts a fault in.
pub fn inject(lab: &Lab, fault: Fault) {
    lab.inject(fault)
        .unwrap_or_else(|error| panic!("{fault:?} cannot be injected: {error}"));
}

fn run(mut command: Command) -> Output {
    command
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

/// The SQL Server that most tests are about.
pub const SQL1: &str = "sql1.corp.example,1433";
/// The flow that most people start.
pub const MAIN: &str = "cannot-generate-sspi-context";
