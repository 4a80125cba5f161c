//! A session that was cut off goes on: at whatever line its journal ends, what
//! stands there is not asked again, and the result is that of a whole walk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "session/world.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses a part of it"
)]
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sspi_doctor::engine::Entry;
use sspi_doctor::transcript::{self, Journal, Reading, reading};
use world::{essence, resumed, walked};

fn cut(lines: &[String], directory: &Path, name: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, lines.concat()).unwrap();
    path
}

fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path)
        .unwrap()
        .split_inclusive('\n')
        .map(str::to_owned)
        .collect()
}

/// The keys of what was seen in steps that were left.
fn seen(reading: &Reading) -> BTreeSet<String> {
    let left: BTreeSet<u64> = reading
        .lines
        .iter()
        .filter_map(|line| match line.entry {
            Entry::Branched { visit, .. } => Some(visit),
            _ => None,
        })
        .collect();
    reading
        .lines
        .iter()
        .filter_map(|line| match &line.entry {
            Entry::Observed { visit, request, .. } if left.contains(visit) => Some(request.key()),
            _ => None,
        })
        .collect()
}

fn an_hour_ago() -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(1)
}

#[tokio::test]
async fn wherever_the_journal_ends_the_walk_goes_on_from_there() {
    for name in ["spn-missing", "delegation-not-trusted"] {
        let home = world::directory();
        let world = world::world(name);
        let whole = walked(&world, home.path()).await;
        let expected = essence(&transcript::document::read(&whole).unwrap());
        let lines = lines(&whole);
        assert!(lines.len() > 40, "{}", lines.len());
        // `SSPI_EVERY_LINE=1` takes every line, which is minutes.
        let every = if std::env::var_os("SSPI_EVERY_LINE").is_some() {
            1
        } else {
            13
        };
        for end in (1..lines.len()).step_by(every) {
            let path = cut(&lines[..end], home.path(), &format!("cut-{end}.jsonl"));
            let before = transcript::reading::read(&path).unwrap();
            let (asked, _, document) = resumed(&world, &path, Some(an_hour_ago())).await;
            let again: Vec<String> = seen(&before).intersection(&asked).cloned().collect();
            assert!(
                again.is_empty(),
                "cut after {end} lines, asked again: {}",
                again.join(" ")
            );
            assert_eq!(essence(&document), expected, "cut after {end} lines");
            // Not one line of what was there is gone.
            let after = std::fs::read_to_string(&path).unwrap();
            assert!(after.starts_with(&lines[..end].concat()), "{end}");
        }
    }
}

#[tokio::test]
async fn what_is_old_is_asked_again_and_what_is_not_is_not() {
    let home = world::directory();
    let world = world::world("spn-missing");
    let whole = walked(&world, home.path()).await;
    let expected = essence(&transcript::document::read(&whole).unwrap());
    let mut lines = lines(&whole);
    lines.pop();
    // The first half is twenty minutes older than the second.
    let half = lines.len() / 2;
    let old = Timestamp::now() - SignedDuration::from_mins(20);
    for line in lines.iter_mut().take(half) {
        let mut value: Value = serde_json::from_str(line).unwrap();
        value["at"] = Value::from(old.to_string());
        *line = format!("{value}\n");
    }
    let path = cut(&lines, home.path(), "aged.jsonl");
    let first = reading::parse(lines[..half].concat().as_bytes(), "first").unwrap();
    let second = reading::parse(
        [lines[0].clone(), lines[half..].concat()]
            .concat()
            .as_bytes(),
        "second",
    )
    .unwrap();
    let limit = Some(Timestamp::now() - SignedDuration::from_mins(15));
    let (asked, kept, document) = resumed(&world, &path, limit).await;
    assert_eq!(kept, 0, "the first step is old");
    assert_eq!(essence(&document), expected);
    assert!(
        seen(&first)
            .difference(&seen(&second))
            .all(|key| asked.contains(key))
    );
    let again: Vec<String> = seen(&second).intersection(&asked).cloned().collect();
    assert!(again.is_empty(), "{again:?}");

    // Asked to begin anew, it believes nothing.
    let path = cut(&lines, home.path(), "fresh.jsonl");
    let (asked, kept, document) = resumed(&world, &path, None).await;
    assert_eq!(kept, 0);
    assert!(seen(&second).is_subset(&asked));
    assert_eq!(essence(&document), expected);
}

#[tokio::test]
async fn a_flow_that_has_changed_is_walked_anew_from_where_it_differs() {
    let home = world::directory();
    let world = world::world("spn-missing");
    let whole = walked(&world, home.path()).await;
    let expected = essence(&transcript::document::read(&whole).unwrap());
    let mut lines = lines(&whole);
    lines.truncate(lines.len() - 4);
    let branched = lines
        .iter()
        .position(|line| line.contains("\"branched\"") && lines[0] != *line)
        .unwrap();
    let third = (branched + 1..lines.len())
        .filter(|at| lines[*at].contains("\"branched\""))
        .nth(2)
        .unwrap();
    let mut value: Value = serde_json::from_str(&lines[third]).unwrap();
    value["goto"] = Value::from("a_step_that_was_renamed");
    lines[third] = format!("{value}\n");
    let path = cut(&lines, home.path(), "changed.jsonl");
    let (_, kept, document) = resumed(&world, &path, Some(an_hour_ago())).await;
    assert!((1..=4).contains(&kept), "{kept}");
    assert_eq!(essence(&document), expected);
}

#[tokio::test]
async fn a_session_that_is_cut_off_again_and_again_comes_to_its_end() {
    let home = world::directory();
    let world = world::world("spn-missing");
    let whole = walked(&world, home.path()).await;
    let expected = essence(&transcript::document::read(&whole).unwrap());
    let first = lines(&whole);
    let path = cut(&first[..20], home.path(), "again.jsonl");
    for more in [15, 7, 30] {
        let before = lines(&path).len();
        resumed(&world, &path, Some(an_hour_ago())).await;
        let now = lines(&path);
        let end = (before + more).min(now.len() - 1);
        std::fs::write(&path, now[..end].concat()).unwrap();
    }
    let (_, kept, document) = resumed(&world, &path, Some(an_hour_ago())).await;
    assert!(kept > 3, "{kept}");
    assert_eq!(essence(&document), expected);
    assert_eq!(document.resumed.len(), 4);
}

fn program(state: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sspi-doctor"))
        .args(arguments)
        .env("XDG_STATE_HOME", state)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[tokio::test]
async fn the_command_goes_on_repairs_a_damaged_line_and_says_so() {
    let home = world::directory();
    let sessions = home.path().join("sspi-doctor/sessions");
    let world = world::world("spn-missing");
    let whole = walked(&world, &sessions).await;
    let mut lines = lines(&whole);
    let last = lines[30].clone();
    lines.truncate(30);
    lines.push(last[..last.len() / 2].to_owned());
    std::fs::write(&whole, lines.concat()).unwrap();
    let (code, out, words) = program(home.path(), &["resume", "--format", "json"]);
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("The last line (31) is damaged"), "{words}");
    assert!(words.contains("finished steps stand"), "{words}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["findings"][0]["cause"], "spn-missing");
    assert_eq!(reading::read(&whole).unwrap().damage, None);

    // Now it has an end.
    let (code, _, words) = program(home.path(), &["resume"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("was walked to its end"), "{words}");
    assert!(words.contains("sspi-doctor replay"), "{words}");
}

#[tokio::test]
async fn two_processes_do_not_write_one_session() {
    let home = world::directory();
    let world = world::world("spn-missing");
    let whole = walked(&world, home.path()).await;
    let lines = lines(&whole);
    let path = cut(&lines[..30], home.path(), "shared.jsonl");
    let before = std::fs::read(&path).unwrap();
    let (journal, _) = Journal::resume(&path).unwrap();
    let (code, _, words) = program(home.path(), &["resume", path.to_str().unwrap()]);
    assert_eq!(code, Some(2), "{words}");
    assert!(
        words.contains("another sspi-doctor is walking this session"),
        "{words}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert!(transcript::cut::latest(home.path(), "spn-missing", Timestamp::now()).is_none());
    // To look at it is always possible.
    let (code, out, _) = program(home.path(), &["replay", path.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    assert!(out.contains("The journal ends here"), "{out}");
    drop(journal);
    let (code, _, words) = program(home.path(), &["resume", path.to_str().unwrap(), "--quiet"]);
    assert_eq!(code, Some(1), "{words}");
}

/// The junior's session, finished or not, takes the senior's sentence.
#[tokio::test]
async fn a_note_is_added_to_a_session_that_nobody_walks() {
    let home = world::directory();
    let whole = walked(&world::world("spn-missing"), home.path()).await;
    let path = whole.to_str().unwrap();
    let said = "Ann renamed it\u{1b}[2J on Monday";
    let noted = |text: &str| program(home.path(), &["note", "--session", path, text]);
    let (code, _, words) = noted(said);
    assert_eq!(code, Some(0), "{words}");
    let (_, document, _) = program(home.path(), &["export", path, "--format", "json"]);
    let document: Value = serde_json::from_str(&document).unwrap();
    let text = document["notes"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("Ann renamed it") && !text.contains('\u{1b}'),
        "{text}"
    );
    assert_eq!(document["verdict"], "cause-found");
    let (_, replayed, _) = program(home.path(), &["replay", path]);
    assert!(replayed.contains("Note: Ann renamed it"), "{replayed}");
    assert!(!replayed.contains("not finished"), "{replayed}");

    assert_eq!(noted(" ").0, Some(2));
    let (journal, _) = Journal::resume(&whole).unwrap();
    let (code, _, words) = noted("later");
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("another sspi-doctor is walking"), "{words}");
    drop(journal);
}

#[tokio::test]
async fn the_last_session_is_offered_if_it_was_cut_off() {
    let home = world::directory();
    let world = world::world("spn-missing");
    let whole = walked(&world, home.path()).await;
    let now = Timestamp::now();
    assert_eq!(
        transcript::cut::latest(home.path(), "spn-missing", now),
        None
    );
    let lines = lines(&whole);
    std::fs::write(&whole, lines[..30].concat()).unwrap();
    let offered = transcript::cut::latest(home.path(), "spn-missing", now).unwrap();
    assert_eq!(offered.path, whole);
    assert!(offered.steps > 2, "{}", offered.steps);
    assert_eq!(offered.ago(offered.last), "just now");
    let later = offered.last + SignedDuration::from_mins(5);
    assert_eq!(offered.ago(later), "5 minutes ago");
    assert_eq!(transcript::cut::latest(home.path(), "live", now), None);
    let tomorrow = now + SignedDuration::from_hours(25);
    assert_eq!(
        transcript::cut::latest(home.path(), "spn-missing", tomorrow),
        None
    );
}

/// A flow with a secret among its inputs.
const SECRET_FLOW: &str = include_str!("session/own-secret.yaml");

#[test]
fn a_session_with_a_secret_goes_on_when_the_secret_is_given_again() {
    let home = world::directory();
    let flows = home.path().join("flows");
    std::fs::create_dir(&flows).unwrap();
    std::fs::write(flows.join("own-secret.yaml"), SECRET_FLOW).unwrap();
    let secret = home.path().join("secret");
    std::fs::write(&secret, "Rep0rt-Passw0rd").unwrap();
    let with_secret = |arguments: &[&str]| {
        let output = Command::new("sh")
            .args(["-c", r#"exec "$@" 3<"$0""#])
            .arg(&secret)
            .arg(env!("CARGO_BIN_EXE_sspi-doctor"))
            .args(arguments)
            .args(["--secret-fd", "password=3", "--flow-dir"])
            .arg(&flows)
            .env("XDG_STATE_HOME", home.path())
            .output()
            .unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), words)
    };
    let (code, words) = with_secret(&["run", "own-secret"]);
    assert_eq!(code, Some(0), "{words}");
    let sessions = home.path().join("sspi-doctor/sessions");
    let journal = std::fs::read_dir(sessions).unwrap().next().unwrap();
    let journal = journal.unwrap().path();
    let first = lines(&journal)[..2].concat();
    std::fs::write(&journal, first).unwrap();

    // No journal keeps it, and no command line may carry it.
    let folder = flows.to_str().unwrap();
    let (code, _, words) = program(home.path(), &["resume", "--quiet", "--flow-dir", folder]);
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("--secret-fd password=3"), "{words}");
    assert!(!words.contains("--set"), "{words}");
    let (code, words) = with_secret(&["resume", "--quiet"]);
    assert_eq!(code, Some(0), "{words}");
    let kept = std::fs::read_to_string(&journal).unwrap();
    assert!(!kept.contains("Rep0rt"), "{kept}");
    assert!(kept.contains("\"finished\""), "{kept}");
}
