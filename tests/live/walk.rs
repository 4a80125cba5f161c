//! The lab of this test run, and walks of the real program in it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use lab::exclusive::{Exclusive, exclusive};
use lab::fault::Fault;
use lab::lab::Lab;
use proof::notebook;
use proof::row::{How, Repair};
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
    /// What was wrong when it was walked, in words.
    pub wrong: String,
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
        for finding in self.document["findings"].as_array().into_iter().flatten() {
            let cause = finding["cause"].as_str().unwrap_or_default();
            let repair = Repair::of(&finding["fix"]);
            notebook::cause(cause, How::Live, &self.wrong, causes, repair);
        }
        self
    }

    /// Asserts that nothing was found and that this cause is unknown, with a
    /// card that says who can see it and how.
    #[track_caller]
    pub fn hands_over(&self, cause: &str) -> &Self {
        assert_eq!(self.causes(), Vec::<&str>::new(), "{}", self.progress);
        assert!(self.unknown().contains(&cause), "{:?}", self.unknown());
        let cards = texts(&self.document["cards"], "cause");
        assert!(cards.contains(&cause), "{cards:?}");
        notebook::cause(cause, How::Card, &self.wrong, &[cause], Repair::HandedOver);
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
        notebook::healthy_again();
        self
    }

    /// As [`Walked::healthy`], at a place that the report of the tests tells.
    #[track_caller]
    pub fn healthy_at(&self, place: &str) -> &Self {
        self.healthy();
        notebook::place(place, "healthy");
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
    arguments(&mut command, flow, set);
    command.args(options);
    walked(lab, command, set)
}

/// A walk with a SQL login.
pub fn walk_with_password(
    lab: &Lab,
    flow: &str,
    set: &[(&str, &str)],
    user: &str,
    password: &str,
) -> Walked {
    let options = ["--sql-user", user, "--sql-password-fd", "3"];
    walk_with_secret(lab, flow, set, &options, password)
}

/// A walk with the SQL login `report`, which sees what any login may see.
pub fn walk_with_sql_login(lab: &Lab, set: &[(&str, &str)]) -> Walked {
    walk_with_password(lab, MAIN, set, "report", "Rep0rt-Passw0rd")
}

/// A walk with a password on descriptor 3; the shell opens the file with it,
/// because alice may not open a pipe of ours again.
pub fn walk_with_secret(
    lab: &Lab,
    flow: &str,
    set: &[(&str, &str)],
    options: &[&str],
    password: &str,
) -> Walked {
    let file = lab.dir().join("password");
    std::fs::write(&file, password).expect("the password is written");
    let mut command = on_client(lab, "sh");
    command
        .args(["-c", "exec \"$@\" 3<\"$0\""])
        .arg(&file)
        .arg(PROGRAM);
    arguments(&mut command, flow, set);
    command.args(options);
    walked(lab, command, set)
}

/// A walk on another host than the jump host, with alice's ticket.
pub fn walk_on(lab: &Lab, host: &str, set: &[(&str, &str)]) -> Walked {
    let client = lab.host("client").expect("the jump host");
    let ticket = client.ccache("alice").expect("alice's cache");
    let mut command = lab.host(host).expect("a host").command(PROGRAM);
    arguments(&mut command, MAIN, set);
    command.env("USER", "alice").arg("--ccache").arg(ticket);
    walked(lab, command, set)
}

/// A walk that another program starts on the jump host.
pub fn walk_within(lab: &Lab, mut command: Command, flow: &str, set: &[(&str, &str)]) -> Walked {
    command.arg(PROGRAM);
    arguments(&mut command, flow, set);
    walked(lab, command, set)
}

fn arguments(command: &mut Command, flow: &str, set: &[(&str, &str)]) {
    command.args(["run", flow, "--format", "json", "--allow", "all"]);
    for (name, value) in set {
        command.arg("--set").arg(format!("{name}={value}"));
    }
}

fn walked(lab: &Lab, command: Command, set: &[(&str, &str)]) -> Walked {
    let output = run(command);
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
        wrong: wrong(lab, set),
    }
}

/// What is wrong in the lab; when nothing is, what was asked.
fn wrong(lab: &Lab, set: &[(&str, &str)]) -> String {
    let faults = lab.faults();
    if faults.is_empty() {
        let asked: Vec<String> = set
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        return format!("nothing in the lab; asked with {}", asked.join(", "));
    }
    let words: Vec<&str> = faults.iter().map(|fault| fault.description()).collect();
    words.join("; ")
}

/// Does by hand what the advice of the findings says: brings the lab back.
pub fn put_right(lab: &Lab) {
    notebook::done_by_hand(&wrong(lab, &[]));
    lab.restore().expect("the lab is healthy again");
}

/// Does by hand what the advice of the findings says.
pub fn by_hand(lab: &Lab, what: impl FnOnce()) {
    notebook::done_by_hand(&wrong(lab, &[]));
    what();
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
    let ccache = ccache.to_str().expect("a plain path");
    repair_on(lab, "client", walked, &[("KRB5CCNAME", ccache)]);
}

/// Runs the script as root of a host, with these variables.
#[track_caller]
pub fn repair_on(lab: &Lab, host: &str, walked: &Walked, variables: &[(&str, &str)]) {
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
    let mut shell = lab.host(host).expect("a host").command("sh");
    shell
        .envs(variables.iter().copied())
        .env("BACKUP_DIR", &backup)
        .arg("-s")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = shell.spawn().expect("sh starts");
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
    notebook::script_ran(&walked.wrong, &walked.causes());
}

/// A program on the jump host, as alice.
pub fn on_client(lab: &Lab, program: impl AsRef<Path>) -> Command {
    lab.host("client")
        .and_then(|client| client.command_as("alice", program.as_ref()))
        .expect("a command on the jump host")
}

/// alice gets a ticket for a controller, with which she can still ask it when
/// the KDC gives her none any more.
pub fn keep_a_ticket_for(lab: &Lab, controller: &str) {
    let status = on_client(lab, "/usr/bin/kvno")
        .arg(format!("ldap/{controller}"))
        .output()
        .expect("kvno runs")
        .status;
    assert!(status.success(), "alice gets a ticket for {controller}");
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
