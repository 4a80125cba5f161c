use std::time::Instant;

use serde_json::json;

use super::*;
use crate::probe::NOT_OBSERVED;

fn line(name: &str, status: &str, elapsed: u64) -> String {
    json!({
        "seq": 2, "at": "2026-11-22T10:00:00Z", "entry": "observed", "visit": 1, "path": "names/forward",
        "request": {"probe": "dns-forward", "arguments": {"name": name}},
        "outcome": {
            "status": status, "summary": "s\u{1b}", "facts": {}, "evidence": [],
            "by_hand": {"linux": [], "windows": []}, "elapsed_ms": elapsed,
        },
    })
    .to_string()
}

fn recorded() -> World {
    let text = [
        json!({"entry": "began", "schema": 1, "flow": "name-resolution", "target": "sql1",
            "inputs": {"server": "sql1"}})
        .to_string(),
        line("sql1", "no-answer", 1),
        line("sql1", "resolved", 5_000),
        json!({"entry": "answered", "path": "names/scope", "answer": "one-user"}).to_string(),
        json!({"entry": "branched", "saw": {"given.sql_login": true}}).to_string(),
        "{\"entry\": \"obs".to_owned(),
    ]
    .join("\n");
    World::parse("w", &text).unwrap()
}

#[test]
fn a_world_tells_how_it_was_recorded() {
    let world = recorded();
    assert_eq!(
        (world.flow.as_str(), world.target.as_str()),
        ("name-resolution", "sql1")
    );
    assert_eq!(world.inputs["server"], "sql1");
    assert_eq!(world.answers["scope"], "one-user");
    assert!(world.sql_login());
    let fault = World::parse("w", "hello").unwrap_err().to_string();
    assert!(
        fault.starts_with("w: not a recorded world: line 1"),
        "{fault}"
    );
}

#[tokio::test]
async fn the_latest_answer_counts_and_none_is_said_to_be_none() {
    let runner = Recorded::of(&recorded());
    let request = ProbeRequest::new("dns-forward").with("name", "sql1");
    let outcome = runner.run(request, None, CancellationToken::new()).await;
    assert_eq!(
        (outcome.status.as_str(), outcome.summary.as_str()),
        ("resolved", "s")
    );
    let other = ProbeRequest::new("dns-forward").with("name", "sql2");
    let outcome = runner.run(other, None, CancellationToken::new()).await;
    assert_eq!(outcome.status, NOT_OBSERVED);
    assert!(
        outcome
            .fact("reason")
            .as_str()
            .unwrap()
            .contains("`w` has no answer")
    );
    assert_eq!(runner.source(), "w");
}

#[tokio::test]
async fn the_pace_is_limited_and_can_be_cancelled() {
    let request = ProbeRequest::new("dns-forward").with("name", "sql1");
    let started = Instant::now();
    let runner = Recorded::of(&recorded()).paced(Duration::from_millis(60));
    let outcome = runner
        .run(request.clone(), None, CancellationToken::new())
        .await;
    assert_eq!(outcome.status, "resolved");
    assert!(started.elapsed() >= Duration::from_millis(60));
    assert!(started.elapsed() < Duration::from_secs(2));
    let cancel = CancellationToken::new();
    cancel.cancel();
    let runner = runner.paced(Duration::from_secs(4));
    let outcome = runner.run(request, None, cancel).await;
    assert_eq!(outcome.status, NOT_OBSERVED);
    assert!(started.elapsed() < Duration::from_secs(2));
}

/// What stands in `flows/worlds` is carried, can be read, and every request and
/// status in it is one that this version's probes know.
/// Probes without a command by hand for both systems: one asks nobody, and the
/// others had none when the worlds were recorded.
const NOTHING_BY_HAND: &[&str] = &[
    "spn-names",
    "kerberos-configuration",
    "kerberos-udp",
    "ldap-spn-consistency",
    "ldap-trusts",
];

#[test]
fn the_shipped_worlds_are_those_in_the_folder() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/worlds");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| {
                    std::path::Path::new(name)
                        .extension()
                        .is_some_and(|end| end == "jsonl")
                })
                .collect()
        })
        .unwrap_or_default();
    files.sort();
    let mut carried: Vec<String> = world::SHIPPED
        .iter()
        .map(|shipped| format!("{}.jsonl", shipped.name))
        .collect();
    carried.sort();
    assert_eq!(
        files, carried,
        "add it to SHIPPED in src/probe/recorded/world.rs"
    );
    for shipped in world::SHIPPED {
        let world = World::parse(shipped.name, shipped.journal).unwrap();
        assert!(!world.observations.is_empty(), "{}", shipped.name);
        for (request, outcome) in &world.observations {
            let declaration = registry::declaration(&request.probe)
                .unwrap_or_else(|| panic!("{}: {}", shipped.name, request.probe));
            assert!(
                declaration.has_status(&outcome.status),
                "{}: {} has no status {}",
                shipped.name,
                request.probe,
                outcome.status
            );
            // What was looked at can be looked at by hand as well.
            let by_hand = &outcome.by_hand;
            assert!(
                outcome.status == NOT_OBSERVED
                    || NOTHING_BY_HAND.contains(&request.probe.as_str())
                    || !(by_hand.linux.is_empty() || by_hand.windows.is_empty()),
                "{}: {} has no command by hand for one of the systems",
                shipped.name,
                request.probe
            );
        }
    }
}
