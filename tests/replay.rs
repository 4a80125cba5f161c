//! A session once more: in the wizard's moments, in a terminal without one, from
//! a journal and from a JSON export.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "session/world.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test uses a part of it"
)]
mod world;

use std::collections::BTreeSet;

use sspi_doctor::engine::{Phase, StepKind};
use sspi_doctor::transcript::{self, Journal, Reading, SessionDocument, chronicle, reading};
use sspi_doctor::tui::playback::Playback;
use world::{essence, walked};

const WORLD: &str = include_str!("../flows/worlds/spn-on-wrong-account.jsonl");

fn read(text: &str) -> Reading {
    reading::parse(text.as_bytes(), "theirs").unwrap()
}

/// The steps that a playback shows, in order.
fn shown(mut playback: Playback) -> Vec<String> {
    let mut steps = Vec::new();
    loop {
        let (state, _) = playback.now();
        steps.push(state.visit().unwrap().path.0.clone());
        if !playback.forward() {
            return steps;
        }
    }
}

#[test]
fn every_step_is_shown_and_the_end_is_that_of_the_session() {
    let reading = read(WORLD);
    let document = SessionDocument::of(&reading);
    let mut playback = Playback::of(reading).unwrap();
    let (first, _) = playback.now();
    assert!(!first.can_go_back && first.findings.is_empty());
    let steps: BTreeSet<String> = shown(playback.clone()).into_iter().collect();
    for step in &document.steps {
        let alone = !matches!(step.kind, StepKind::Flow | StepKind::Finish);
        assert!(!alone || steps.contains(&step.id.0), "{}", step.id);
    }
    let mut forward = 1;
    while playback.forward() {
        forward += 1;
    }
    let (last, _) = playback.now();
    assert!(matches!(last.phase, Phase::Finished { verdict, .. } if verdict == document.verdict));
    assert_eq!(last.findings.len(), document.findings.len());
    assert_eq!(last.replayed.unwrap().number, forward);
    while playback.back() {
        forward -= 1;
    }
    assert_eq!(forward, 1);
    let (again, _) = playback.now();
    assert_eq!(again.visit().unwrap().path, first.visit().unwrap().path);
}

#[test]
fn what_was_taken_back_is_seen_and_a_cut_is_said() {
    let lines: Vec<&str> = WORLD.lines().collect();
    let entered = |line: &&str| line.contains("\"entered\"");
    let third = lines.iter().filter(|line| entered(line)).nth(3).unwrap();
    let value: serde_json::Value = serde_json::from_str(third).unwrap();
    let at = lines.iter().position(|line| line == third).unwrap();
    let end = (at + 1..lines.len())
        .filter(|at| entered(&lines[*at]))
        .nth(3)
        .unwrap();
    let back = format!(
        "{{\"seq\":1,\"at\":\"2026-11-22T12:05:19Z\",\"entry\":\"went-back\",\"from_visit\":{}}}",
        value["visit"]
    );
    let note = "{\"seq\":1,\"at\":\"2026-11-22T12:05:19Z\",\"entry\":\"noted\",\"path\":\"a\",\"text\":\"asked the DBA\"}";
    let mut text: Vec<&str> = lines[..end].to_vec();
    text.extend([note, back.as_str()]);
    // The same step once more, and cut off in it.
    let again = third.replace(&format!("\"visit\":{}", value["visit"]), "\"visit\":900");
    text.push(&again);
    let reading = read(&text.join("\n"));
    let mut playback = Playback::of(reading.clone()).unwrap();
    let mut remarks = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let (state, remark) = playback.now();
        remarks.extend(remark);
        sizes.push(state.visits.len());
        if !playback.forward() {
            break;
        }
    }
    assert!(
        remarks[0].contains("asked the DBA"),
        "{}",
        remarks.join("|")
    );
    let last = remarks.last().unwrap();
    assert!(
        last.contains("went back") && last.contains("cut off"),
        "{last}"
    );
    assert!(sizes.last() < sizes.iter().max(), "what came after is gone");
    let told = chronicle::render(&reading);
    assert!(
        told.contains("-- Back: what was found since is forgotten."),
        "{told}"
    );
    assert!(told.contains("Note: asked the DBA"), "{told}");
    assert!(told.contains("the walk was not finished"), "{told}");
}

/// Each moment holds what was before it: thousands of them would be gigabytes.
#[test]
fn a_journal_without_end_is_shown_in_part_and_says_so() {
    let lines: Vec<&str> = WORLD
        .lines()
        .filter(|line| !line.contains("\"finished\""))
        .collect();
    let (began, rest) = lines.split_first().unwrap();
    let mut text = format!("{began}\n");
    for _ in 0..8 {
        text.push_str(&rest.join("\n"));
        text.push('\n');
    }
    let mut playback = Playback::of(read(&text)).unwrap();
    while playback.forward() {}
    let (last, remark) = playback.now();
    assert!(last.visits.len() < 1000, "{}", last.visits.len());
    assert!(last.ahead.len() <= 1000, "{}", last.ahead.len());
    assert!(remark.unwrap().contains("replay --print"));
}

#[tokio::test]
async fn a_json_export_is_read_back_replayed_and_written_in_every_form() {
    let home = world::directory();
    for name in ["spn-missing", "healthy", "delegation-not-trusted"] {
        let journal = walked(&world::world(name), home.path()).await;
        let document = transcript::document::read(&journal).unwrap();
        let file = home.path().join(format!("{name}.json"));
        std::fs::write(&file, transcript::json::render(&document)).unwrap();
        let back = reading::read(&file).unwrap();
        assert!(back.is_document);
        let again = SessionDocument::of(&back);
        assert_eq!(essence(&again), essence(&document), "{name}");
        assert_eq!(again.session, document.session);
        assert_eq!(
            transcript::text::render(&again),
            transcript::text::render(&document)
        );
        let from_journal = shown(Playback::of(reading::read(&journal).unwrap()).unwrap());
        assert_eq!(shown(Playback::of(back).unwrap()), from_journal, "{name}");
        // It is no journal, so it is not written to.
        let before = std::fs::read(&file).unwrap();
        assert!(Journal::resume(&file).is_err());
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
}

#[test]
fn what_is_no_session_is_refused() {
    for text in [
        "{\"steps\": 1}",
        "[]",
        "hello",
        "{\"schema\":1,\"findings\":[]}",
    ] {
        assert!(reading::parse(text.as_bytes(), "x").is_err(), "{text}");
    }
}
