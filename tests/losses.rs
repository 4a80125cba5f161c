//! What is lost when a walk ends badly: nothing of a finished step.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "session/world.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses a part of it"
)]
mod world;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use sspi_doctor::driver::{Answers, Walk};
use sspi_doctor::engine::{StepKind, Visit};
use sspi_doctor::headless::{self, Progress};
use sspi_doctor::transcript::{self, Journal};
use world::{Asked, beginning, catalogue, essence, library, random, resumed, walked};

const WORLD: &str = "spn-missing";

/// Tells each finished step on standard output, as the wizard shows it: after
/// it was recorded.
struct Told;

impl Progress for Told {
    fn step(&mut self, visit: &Visit) {
        if !matches!(visit.kind, StepKind::Flow | StepKind::Finish) {
            let status = visit.status.as_deref().unwrap_or_default();
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "done {} {status}", visit.path);
            let _ = out.flush();
        }
    }
}

/// Not a test by itself: the process that the next test kills.
#[tokio::test]
async fn child_that_walks_until_it_is_killed() {
    let Some(directory) = std::env::var_os("LOSSES_TEST_CHILD") else {
        return;
    };
    let world = world::world(WORLD);
    let journal = Journal::create(Path::new(&directory), &world.flow, &world.target).unwrap();
    let mut runner = Asked::of(&world);
    runner.slowest = Duration::from_millis(12);
    let mut walk = Walk::begin(
        library(),
        catalogue(),
        Answers::new(Arc::new(runner)),
        Some(journal),
        beginning(&world),
    )
    .unwrap();
    headless::walk(&mut walk, &mut Told).await;
}

/// Thirty moments; `SSPI_KILLS=100` takes a hundred.
#[tokio::test]
async fn killed_at_any_moment_a_session_keeps_every_finished_step_and_goes_on() {
    let kills: u32 = std::env::var("SSPI_KILLS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(30);
    let world = world::world(WORLD);
    let home = world::directory();
    let whole = walked(&world, home.path()).await;
    let expected = essence(&transcript::document::read(&whole).unwrap());
    // One that nobody kills tells how long there is to kill the others.
    let (_, length) = walked_by_a_child(&home.path().join("whole"), None);
    let (mut cut, mut steps) = (0, 0);
    for kill in 0..kills {
        let directory = home.path().join(kill.to_string());
        // A random moment of each equal part of that time, so that all of it is tried.
        let moment = length.mul_f64((f64::from(kill) + random()) / f64::from(kills));
        let (told, _) = walked_by_a_child(&directory, Some(moment));

        let path = journal(&directory);
        let reading = transcript::reading::read(&path).unwrap();
        if let Some(damage) = &reading.damage {
            assert!(damage.starts_with("The last line"), "{damage}");
        }
        let document = transcript::document::read(&path).unwrap();
        for (id, status) in &told {
            let kept = document.steps.iter().find(|step| step.id.0 == *id);
            let kept = kept.unwrap_or_else(|| panic!("{id} is lost"));
            assert_eq!(kept.status.as_ref(), Some(status), "{id}");
        }
        steps += told.len();
        if document.ended.is_some() {
            continue;
        }
        cut += 1;
        let limit = Some(jiff::Timestamp::now() - jiff::SignedDuration::from_mins(15));
        let (_, kept, document) = resumed(&world, &path, limit).await;
        assert!(kept >= told.len(), "{kept} of {} stand", told.len());
        assert_eq!(essence(&document), expected);
    }
    assert!(cut * 3 > kills, "only {cut} of {kills} walks were cut off");
    assert!(steps > kills as usize, "{steps}");
}

/// Starts the walk in a process of its own and kills that so long after the
/// first finished step, or never; the steps it told of, and the time from the
/// first of them to its end.
fn walked_by_a_child(
    directory: &Path,
    killed_after: Option<Duration>,
) -> (Vec<(String, String)>, Duration) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "child_that_walks_until_it_is_killed",
        ])
        .env("LOSSES_TEST_CHILD", directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines
        .find_map(|line| line.ok().and_then(|line| step(&line)))
        .unwrap();
    let mut told = vec![first];
    let started = Instant::now();
    let id = rustix::process::Pid::from_child(&child);
    let killer = killed_after.map(|moment| {
        std::thread::spawn(move || {
            std::thread::sleep(moment);
            // It may have come to its end.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        })
    });
    told.extend(lines.filter_map(|line| step(&line.ok()?)));
    let length = started.elapsed();
    if let Some(killer) = killer {
        killer.join().unwrap();
    }
    child.wait().unwrap();
    (told, length)
}

fn step(line: &str) -> Option<(String, String)> {
    // The test harness writes before the first one, on the same line.
    let (_, step) = line.split_once("done ")?;
    let (id, status) = step.split_once(' ')?;
    Some((id.to_owned(), status.to_owned()))
}

fn journal(directory: &Path) -> std::path::PathBuf {
    std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .next()
        .unwrap()
}

/// Runs a shell script in mounts of its own; `$1` is a directory that goes away
/// with them, `$2` one that stays, `$3` the program, the rest its arguments.
fn in_own_mounts(script: &str) -> (Option<i32>, String, String, tempfile::TempDir) {
    let (gone, stays) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let world = world::world(WORLD);
    command
        .args(["--mount", "sh", "-c", script, "sh"])
        .args([gone.path(), stays.path()])
        .arg(env!("CARGO_BIN_EXE_sspi-doctor"))
        .args(["run", &world.flow, "--world", WORLD, "--format", "json"]);
    for (name, value) in &world.inputs {
        let value = value.get("typed").unwrap_or(value);
        if let Some(value) = value.as_str() {
            command.arg("--set").arg(format!("{name}={value}"));
        }
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        stays,
    )
}

/// What a whole walk says, as it is printed.
async fn expected() -> Value {
    let home = world::directory();
    let whole = walked(&world::world(WORLD), home.path()).await;
    essence(&transcript::document::read(&whole).unwrap())
}

fn printed(out: &str) -> Value {
    essence(&serde_json::from_str(out).unwrap())
}

#[tokio::test]
async fn a_full_disk_costs_the_journal_its_end_and_the_reader_nothing() {
    let (code, out, words, stays) = in_own_mounts(
        "gone=$1; stays=$2; shift 2
         mount -t tmpfs -o size=48k none $gone || exit 99
         \"$@\" --journal $gone/walk.jsonl; code=$?
         cp $gone/walk.jsonl $stays/
         exit $code",
    );
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("No space left on device"), "{words}");
    assert!(
        words.contains("what is printed here is complete"),
        "{words}"
    );
    assert_eq!(printed(&out), expected().await);
    // What fitted in is whole lines.
    let reading = transcript::reading::read(&stays.path().join("walk.jsonl")).unwrap();
    assert_eq!(reading.damage, None);
    assert!(reading.lines.len() > 10, "{}", reading.lines.len());
}

/// Not a test by itself: writes to a disk that is full for a while.
#[tokio::test]
async fn child_on_a_small_disk() {
    let Some(directory) = std::env::var_os("LOSSES_TEST_DISK") else {
        return;
    };
    let directory = Path::new(&directory);
    let whole = directory.join("whole.jsonl");
    let reading = transcript::reading::read(&whole).unwrap();
    let mut journal = Journal::create_at(&directory.join("disk/copy.jsonl")).unwrap();
    let filler = directory.join("disk/filler");
    let mut faults = 0;
    for (number, line) in reading.lines.iter().enumerate() {
        match number {
            20 => drop(std::fs::write(&filler, vec![b'x'; 1 << 20])),
            60 => std::fs::remove_file(&filler).unwrap(),
            _ => {}
        }
        faults += usize::from(journal.append_at(&line.entry, line.at).is_err());
    }
    assert!(faults > 10, "{faults}");
    drop(journal);
    std::fs::copy(
        directory.join("disk/copy.jsonl"),
        directory.join("copy.jsonl"),
    )
    .unwrap();
}

#[tokio::test]
async fn a_disk_that_has_room_again_gets_what_it_missed() {
    let home = world::directory();
    let whole = walked(&world::world(WORLD), home.path()).await;
    std::fs::rename(whole, home.path().join("whole.jsonl")).unwrap();
    std::fs::create_dir(home.path().join("disk")).unwrap();
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let output = command
        .args(["--mount", "sh", "-c"])
        .arg("mount -t tmpfs -o size=512k none \"$LOSSES_TEST_DISK/disk\" && exec \"$0\" --exact child_on_a_small_disk")
        .arg(std::env::current_exe().unwrap())
        .env("LOSSES_TEST_DISK", home.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let read = |name: &str| transcript::reading::read(&home.path().join(name)).unwrap();
    assert_eq!(read("copy.jsonl").lines, read("whole.jsonl").lines);
}

#[tokio::test]
async fn a_read_only_state_folder_moves_the_journal_and_says_where() {
    let (code, out, words, stays) = in_own_mounts(
        "gone=$1; stays=$2; shift 2
         mount -t tmpfs -o ro,size=48k none $gone || exit 99
         XDG_STATE_HOME=$gone TMPDIR=$stays \"$@\"",
    );
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("Read-only file system"), "{words}");
    assert!(words.contains("So this session is kept in"), "{words}");
    assert_eq!(printed(&out), expected().await);
    let directory = journal(stays.path());
    let kept = transcript::document::read(&journal(&directory)).unwrap();
    assert_eq!(essence(&kept), expected().await);

    let (code, out, words, _) = in_own_mounts(
        "gone=$1; shift 2
         mount -t tmpfs -o ro,size=48k none $gone || exit 99
         XDG_STATE_HOME=$gone TMPDIR=$gone \"$@\"",
    );
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("in memory only"), "{words}");
    assert_eq!(printed(&out), expected().await);
}
