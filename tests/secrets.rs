//! Secrets on the ways out that need no server: a panic with everything in it,
//! texts with connection strings, and the terminal that they are pasted into.
//! With servers: `tests/live/secrets.rs`.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

#[path = "secrets/needles.rs"]
mod needles;
#[path = "pty/terminal.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "a test uses a part of it"
)]
mod terminal;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use needles::{Needles, files};
use sspi_doctor::probe::context::LiveSession;
use sspi_doctor::probe::credential::{Credentials, KerberosCredential, UserPassword};
use sspi_doctor::secret::{Secret, Vault};
use terminal::{Terminal, UTF8};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sspi-doctor");
const DOMAIN: &str = "Sentinel-Domain-8f31";
const SQL: &str = "Sentinel-Sql-77c2";
const TYPED: &str = "Sentinel-Typed-19ae";
const PASTED: &str = "Sentinel-Pasted-5d04";

/// Names the folder of a child of this program that is to panic.
const FOLDER: &str = "SSPI_TEST_PANICS_IN";

fn all() -> Vec<Needles> {
    vec![
        Needles::of("the domain user's password", DOMAIN),
        Needles::of("the SQL login's password", SQL),
        Needles::of("a typed secret", TYPED),
        Needles::of("a pasted password", PASTED),
    ]
}

fn assert_none_in(place: &str, bytes: &[u8]) {
    for needle in all() {
        needle.assert_not_in(place, bytes);
    }
}

fn assert_none_below(folder: &Path) -> usize {
    let mut count = 0;
    files(folder, &mut |path, bytes| {
        count += 1;
        assert_none_in(&path.display().to_string(), bytes);
    });
    count
}

fn user(name: &str, password: &str) -> UserPassword {
    UserPassword {
        user: name.to_owned(),
        password: Secret::new(password.to_owned()),
    }
}

/// In a process of its own (see the test below), with the log at its finest:
/// panics with all that a session holds in its words.
#[test]
fn panics_with_all_secrets() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    sspi_doctor::log::open(Path::new(&folder), "trace").unwrap();
    let vault = Arc::new(Vault::default());
    let handle = vault.keep(Secret::new(TYPED.to_owned()));
    let mut session = LiveSession {
        credentials: Credentials {
            kerberos: KerberosCredential::Password(user("alice@CORP.EXAMPLE", DOMAIN)),
            sql_login: Some(user("report", SQL)),
        },
        ..LiveSession::default()
    };
    session.share(&vault);
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |information| {
        sspi_doctor::log::panicked(information);
        previous(information);
    }));
    panic!("on purpose: {session:?} {vault:?} {handle}");
}

#[test]
fn a_panic_tells_no_secret() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "panics_with_all_secrets", "--nocapture"])
        .env(FOLDER, home.path())
        .env("RUST_BACKTRACE", "full")
        .current_dir(home.path())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("on purpose: LiveSession"), "{words}");
    assert!(words.contains("Secret(hidden)"), "{words}");
    assert_none_in("standard error", &output.stderr);
    assert_none_in("standard output", &output.stdout);
    let log = std::fs::read_to_string(home.path().join("sspi-doctor.log")).unwrap();
    assert!(log.contains("on purpose"), "{log}");
    assert!(assert_none_below(home.path()) > 0);
}

/// An error message as it is copied from a log, with the connection string that
/// the program under it wrote.
fn message() -> String {
    format!(
        "System.Data.SqlClient.SqlException: The target principal name is incorrect.  Cannot generate \
         SSPI context.\nConnection: Server=tcp:sql1.corp.example,1433;User ID=x;Password={PASTED};\n\
         mssql://sa:{PASTED}@sql1.corp.example/\n"
    )
}

#[test]
fn a_pasted_connection_string_loses_its_password() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("message.txt");
    std::fs::write(&file, message()).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(PROGRAM)
            .args(["--log-level", "trace"])
            .args(arguments)
            .arg(&file)
            .stdin(Stdio::null())
            .env("HOME", home.path())
            .env("XDG_STATE_HOME", home.path().join("state"))
            .output()
            .unwrap();
        assert_none_in(&arguments.join(" "), &output.stdout);
        assert_none_in(&arguments.join(" "), &output.stderr);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let walked = run(&["run", "--world", "spn-missing", "--error"]);
    assert!(walked.contains("sql1.corp.example,1433"), "{walked}");
    for arguments in [
        ["explain", "--error"],
        ["explain", "--advice"],
        ["run", "--pasted"],
    ] {
        run(&arguments);
    }
    std::fs::remove_file(&file).unwrap();
    assert!(
        assert_none_below(home.path()) > 1,
        "journal and log are there"
    );
}

#[test]
fn the_terminal_does_not_show_a_pasted_password() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let arguments = ["--log-level", "trace"];
    let mut terminal = Terminal::start_in(Arc::clone(&home), Path::new(PROGRAM), &arguments, UTF8);
    terminal.wait_for("What do you want to find out?");
    terminal.type_in("v");
    terminal.wait_for("Esc");
    terminal.type_in(&format!("\u{1b}[200~{}\u{1b}[201~", message()));
    terminal.wait_for("Password=(hidden)");
    assert_none_in("the terminal", terminal.bytes().as_bytes());
    terminal.type_in("\u{3}");
    terminal.ended();
    assert_none_in("the terminal", terminal.bytes().as_bytes());
    assert!(assert_none_below(home.path()) > 0);
}
