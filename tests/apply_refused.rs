//! `fix --plan`, `--apply` and `--undo` where nothing may be asked of any
//! server: each refusal says why and what to do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::{Command, Stdio};

struct Done {
    code: Option<i32>,
    err: String,
}

fn program(home: &Path, arguments: &[&str]) -> Done {
    let output = Command::new(env!("CARGO_BIN_EXE_sspi-doctor"))
        .args(arguments)
        .env("XDG_STATE_HOME", home)
        .env("KRB5CCNAME", home.join("no-cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Done {
        code: output.status.code(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A session over a recorded world, in a file.
fn session(home: &Path) -> String {
    let journal = home.join("case.jsonl").display().to_string();
    let walked = program(
        home,
        &[
            "run",
            "cannot-generate-sspi-context",
            "--world",
            "spn-duplicate",
            "--set",
            "server=sql1.corp.example,1433",
            "--set",
            r"service_account=CORP\svc_sql",
            "--journal",
            &journal,
        ],
    );
    assert_eq!(walked.code, Some(1), "{}", walked.err);
    journal
}

#[test]
fn a_recorded_session_is_not_applied() {
    let home = tempfile::tempdir().unwrap();
    let journal = session(home.path());
    for mode in ["--plan", "--apply"] {
        let done = program(home.path(), &["fix", &journal, mode]);
        assert_eq!(done.code, Some(2), "{}", done.err);
        assert!(
            done.err.contains("recorded case `spn-duplicate`"),
            "{}",
            done.err
        );
        assert!(done.err.contains("nothing was changed"), "{}", done.err);
    }
}

#[test]
fn an_old_session_is_not_applied() {
    let home = tempfile::tempdir().unwrap();
    let journal = session(home.path());
    let text = std::fs::read_to_string(&journal).unwrap();
    let year = &text[text.find("\"at\":\"").unwrap() + 6..][..4];
    let earlier = (year.parse::<u32>().unwrap() - 1).to_string();
    let old = text
        .replace(
            &format!("\"at\":\"{year}-"),
            &format!("\"at\":\"{earlier}-"),
        )
        .replace("\"source\":\"spn-duplicate\"", "\"source\":\"live\"");
    std::fs::write(&journal, old).unwrap();
    let done = program(home.path(), &["fix", &journal, "--apply"]);
    assert_eq!(done.code, Some(2), "{}", done.err);
    assert!(done.err.contains("days old"), "{}", done.err);
    assert!(done.err.contains("walk once more"), "{}", done.err);
}

#[test]
fn wrong_usage_is_told() {
    let home = tempfile::tempdir().unwrap();
    let journal = session(home.path());
    for (options, words) in [
        (&["--cause", "spn-missing"][..], "did not find it"),
        (&["--yes-to", "1:0"], "stands with `--apply`"),
        (&["--plan", "--apply"], "cannot be used with"),
        (&["--apply", "--undo"], "cannot be used with"),
    ] {
        let done = program(home.path(), &[&["fix", &journal], options].concat());
        assert_eq!(done.code, Some(2), "{options:?}: {}", done.err);
        assert!(done.err.contains(words), "{options:?}: {}", done.err);
    }
    let done = program(home.path(), &["fix", &journal, "--undo"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert!(done.err.contains("that could be undone"), "{}", done.err);
}
