//! Passwords that are really used: after every kind of run none is in a file, in
//! what was printed, in the log, in an environment or on a command line, and no
//! core is left of a process that died.

mod watch;

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lab::lab::Lab;
use rustix::process::{Pid, Signal, kill_process};
use tds_peer::scenario::{Password, Query};

use crate::needles::{Needles, files};
use crate::terminal::{Terminal, UTF8};
use crate::walk::{MAIN, PROGRAM, SQL1, lab, on_client};
use watch::Watch;

/// The password of bob in CORP, and a password for the SQL login `report`.
const DOMAIN: &str = "B0b-Passw0rd";
const SQL: &str = "Sentinel-Sql-Passw0rd-41d7";

fn needles() -> [Needles; 2] {
    [
        Needles::of("bob's password", DOMAIN),
        Needles::of("the SQL login's password", SQL),
    ]
}

fn assert_none_in(place: &str, bytes: &[u8]) {
    for needle in needles() {
        needle.assert_not_in(place, bytes);
    }
}

/// Everything that alice has written on the jump host, and what was left in the
/// folder for temporary files.
fn assert_none_in_files(lab: &Lab) {
    let mut count = 0;
    let mut look = |path: &Path, bytes: &[u8]| {
        count += 1;
        assert_none_in(&path.display().to_string(), bytes);
    };
    files(&lab.dir().join("hosts/client/home/alice"), &mut look);
    // Where journals go when the home cannot be written to.
    for entry in std::fs::read_dir(std::env::temp_dir())
        .into_iter()
        .flatten()
        .flatten()
    {
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with("sspi-doctor")
        {
            files(&entry.path(), &mut look);
        }
    }
    assert!(count > 0, "the journals are not where they are looked for");
}

/// SQL Server says back what it was sent, as no server should.
fn talkative_sql_server(lab: &Lab) {
    let sql1 = lab.sql("sql1").expect("sql1");
    let mut scenario = sql1.scenario().expect("a scenario");
    for instance in &mut scenario.instances {
        for login in &mut instance.sql_logins {
            login.password = Password::new(SQL);
        }
        for query in &mut instance.queries {
            if query.sql.contains("TCP listeners") && query.for_logins.is_empty() {
                query.columns.clear();
                query.rows.clear();
                let said = format!("You signed in with {SQL}; Server=a;Pwd={DOMAIN};");
                query.error = Query::refused(&query.sql, 50_002, &said).error;
            }
        }
    }
    sql1.start_with(&scenario).expect("SQL Server starts");
}

/// A walk with both passwords on descriptors; the shell opens the files, and a
/// core may be as large as it likes.
fn walk(lab: &Lab) -> Command {
    let folder = lab.dir().join("secrets");
    std::fs::create_dir_all(&folder).expect("a folder for the passwords");
    std::fs::write(folder.join("domain"), DOMAIN).expect("the password is written");
    std::fs::write(folder.join("sql"), SQL).expect("the password is written");
    let mut command = on_client(lab, "sh");
    command
        .args([
            "-c",
            "ulimit -c unlimited; exec \"$@\" 3<\"$0/domain\" 4<\"$0/sql\"",
        ])
        .arg(folder)
        .arg(PROGRAM)
        .args(["--log-level", "trace", "run", MAIN, "--allow", "all"])
        .args(["--set", &format!("server={SQL1}")])
        .args(["--user", "bob@CORP.EXAMPLE", "--password-fd", "3"])
        .args(["--sql-user", "report", "--sql-password-fd", "4"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn assert_none_printed(what: &str, output: &Output) {
    assert_none_in(&format!("standard output of {what}"), &output.stdout);
    assert_none_in(&format!("standard error of {what}"), &output.stderr);
}

#[test]
fn a_whole_walk_leaves_no_password_anywhere() {
    let lab = lab();
    talkative_sql_server(&lab);
    let child = walk(&lab).spawn().expect("the program starts");
    let watch = Watch::over(child.id());
    let output = child.wait_with_output().expect("it ends");
    let seen = watch.stop();
    assert_none_printed("a walk", &output);
    for (place, bytes) in &seen {
        assert_none_in(place, bytes);
    }
    assert!(
        seen.iter().any(|(place, _)| place.ends_with("environ")),
        "nothing was watched"
    );
    let text = String::from_utf8_lossy(&output.stdout);
    // Both were used, and what the server said back is blank.
    assert!(text.contains("bob@CORP.EXAMPLE"), "{text}");
    assert!(text.contains("You signed in with (hidden)"), "{text}");
    assert!(text.contains("Pwd=(hidden);"), "{text}");
    for arguments in [
        &["export", "last", "--format", "json"][..],
        &["export", "last", "--format", "markdown"],
        &["export", "last", "--format", "html"],
        &["export", "last", "--privacy"],
        &["fix", "last", "--for", "linux"],
        &["sessions"],
    ] {
        let mut command = on_client(&lab, PROGRAM);
        let output = command.args(arguments).output().expect("the program runs");
        assert_none_printed(&arguments.join(" "), &output);
    }
    assert_none_in_files(&lab);
    lab.sql("sql1")
        .and_then(|sql1| sql1.start())
        .expect("SQL Server is as it was");
}

#[test]
fn a_walk_that_dies_leaves_no_password_and_no_core() {
    let lab = lab();
    for signal in [
        Signal::KILL,
        Signal::TERM,
        Signal::HUP,
        Signal::ABORT,
        Signal::SEGV,
    ] {
        let child = walk(&lab).spawn().expect("the program starts");
        let watch = Watch::over(child.id());
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a number")).expect("a process");
        // It has the passwords when it has left files open no longer than that.
        wait_until(|| watch::is_private(child.id()) && watch::has_connections(child.id()));
        kill_process(pid, signal).expect("it is there");
        let output = child.wait_with_output().expect("it ends");
        assert!(!output.status.core_dumped(), "{signal:?} left a core");
        assert_none_printed(&format!("{signal:?}"), &output);
        for (place, bytes) in watch.stop() {
            assert_none_in(&place, &bytes);
        }
        assert_none_in_files(&lab);
    }
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it does not come"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Typed at the prompts, in a terminal that echoes nothing of it.
#[test]
fn typed_passwords_are_not_on_the_terminal() {
    let lab = lab();
    let mut command = on_client(&lab, PROGRAM);
    command.args(["--log-level", "trace", "walk", MAIN, "--allow", "all"]);
    command.args(["--user", "bob@CORP.EXAMPLE", "--sql-user", "report"]);
    command.arg("--set").arg(format!("server={SQL1}"));
    let arguments: Vec<&str> = command
        .get_args()
        .filter_map(|word| word.to_str())
        .collect();
    let home = lab.dir().join("hosts/client/home/alice");
    let home = home.to_str().expect("a plain path");
    let mut variables = UTF8.to_vec();
    variables.extend([
        ("USER", "alice"),
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("HOME", home),
        ("XDG_STATE_HOME", home),
    ]);
    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    let mut terminal = Terminal::start_in(
        folder,
        command.get_program().as_ref(),
        &arguments,
        &variables,
    );
    for (prompt, password) in [
        ("Password of bob@CORP.EXAMPLE: ", DOMAIN),
        ("Password of the SQL login report: ", "Rep0rt-Passw0rd"),
    ] {
        terminal.wait_for(prompt.trim_end());
        wait_until(|| !terminal.is_cooked());
        terminal.type_in(&format!("{password}\n"));
    }
    for _ in 0..8 {
        terminal.wait_for("Enter next");
        terminal.type_in("\r");
    }
    let pid = terminal.child.process_id().expect("it runs");
    assert!(watch::is_private(pid));
    terminal.kill(Signal::KILL);
    terminal.ended();
    let bytes = terminal.seen.lock().expect("not poisoned").bytes.clone();
    let report = Needles::of("the SQL login's password", "Rep0rt-Passw0rd");
    report.assert_not_in("the terminal", &bytes);
    assert_none_in("the terminal", &bytes);
    files(Path::new(home), &mut |path, bytes| {
        report.assert_not_in(&path.display().to_string(), bytes);
    });
    assert_none_in_files(&lab);
}
