//! Scenario files: the example, the way through Rust, and what faults say.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;

use tds_peer::scenario::{Scenario, ScenarioError};

fn load(text: &str) -> Result<Scenario, ScenarioError> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("scenario.yaml");
    std::fs::write(&path, text).expect("a file");
    Scenario::load(&path)
}

fn fault(text: &str) -> String {
    load(text).expect_err("a fault").to_string()
}

#[test]
fn the_example_loads_and_survives_the_way_through_text() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/example.yaml");
    let scenario = Scenario::load(&path).expect("a good example");
    assert_eq!(scenario.instances.len(), 4);
    let again = load(&scenario.to_yaml().expect("text")).expect("the same scenario");
    assert_eq!(again, scenario);
}

#[tokio::test]
async fn the_example_can_be_played() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/example.yaml");
    let scenario = Scenario::load(&path).expect("a good example");
    let running = tds_peer::server::start(scenario, tds_peer::log::EventLog::nowhere())
        .await
        .expect("it listens");
    assert!(running.ready.address("REPORTING").is_some());
    assert!(running.ready.address("STOPPED").is_none());
    assert_eq!(running.stop().await, 0);
}

#[test]
fn a_key_that_is_not_known_is_named_with_its_line() {
    let text = fault("host-name: SQL1\ninstances:\n  - name: A\n    encrption: off\n");
    assert!(
        text.contains("encrption") && text.contains("line 4"),
        "{text}"
    );
    let text = fault("host-name: SQL1\ninstances:\n  - name: A\n    encryption: sometimes\n");
    assert!(
        text.contains("sometimes") && text.contains("login-only"),
        "{text}"
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let text = fault(
        "host-name: SQL1\n\
         instances:\n\
         - name: A\n  listen: [0.0.0.0]\n  version: '16'\n  windows-logins: [{name: alice}]\n\
         - name: a\n\
         queries:\n\
         - sql: select 2\n  columns: [{name: x, type: int}]\n  rows: [[one], [1, 2], ['{spid}'], ['{pid}']]\n",
    );
    for expected in [
        "allow-wildcard-addresses",
        "not four numbers",
        "DOMAIN\\user",
        "same name",
        "\"one\" is not a value of type int",
        "2 cells for 1 columns",
        "unknown placeholder {pid}",
    ] {
        assert!(text.contains(expected), "{expected} is missing in: {text}");
    }
    assert!(!text.contains("rows[2]"), "{text}");
}

#[test]
fn a_column_type_that_is_not_known_is_explained() {
    let text = fault(
        "host-name: S\ninstances: [{name: A}]\nqueries:\n- sql: x\n  columns: [{name: a, type: money}]\n",
    );
    assert!(
        text.contains("money") && text.contains("nvarchar"),
        "{text}"
    );
}

#[test]
fn passwords_do_not_show_in_debug_output() {
    let scenario =
        load("host-name: S\ninstances: [{name: A, sql-logins: [{name: p, password: hunter2}]}]\n")
            .expect("good");
    assert!(!format!("{scenario:?}").contains("hunter2"));
}
