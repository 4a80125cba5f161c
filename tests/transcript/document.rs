//! The session document and its JSON.

use serde_json::Value;
use sspi_doctor::engine::Verdict;
use sspi_doctor::transcript;

use crate::case::{walk, write};

#[test]
fn the_document_says_what_counts() {
    let home = tempfile::tempdir().unwrap();
    let document = transcript::document::read(&write(home.path(), &walk())).unwrap();
    assert_eq!(document.verdict, Verdict::CauseFound);
    assert_eq!(document.words, "Repair the causes in this order.");
    assert_eq!(document.ended.unwrap().to_string(), "2026-11-22T10:15:50Z");
    let causes: Vec<&str> = document
        .findings
        .iter()
        .map(|finding| finding.finding.cause.as_str())
        .collect();
    assert_eq!(
        causes,
        ["reverse-lookup-mismatch", "spn-missing"],
        "in the order of repair"
    );
    let steps: Vec<(&str, Option<&str>)> = document
        .steps
        .iter()
        .map(|step| (step.id.0.as_str(), step.status.as_deref()))
        .collect();
    assert_eq!(
        steps,
        [
            ("root", Some("answered")),
            ("holders", Some("absent")),
            ("done", None)
        ]
    );
    assert_eq!(document.unknown.len(), 1);
    assert_eq!(document.unknown[0].cause, "password-changed-after-start");
    assert_eq!(document.notes.len(), 1);
    let cards: Vec<&str> = document
        .cards
        .iter()
        .map(|card| card.cause.as_str())
        .collect();
    assert_eq!(
        cards,
        ["password-changed-after-start"],
        "a complete repair leaves nothing to ask"
    );
    // The scripts write to the domain controller that the session used.
    let scripts = &document.findings[1].scripts;
    assert!(
        scripts.linux.contains("DC1=dc1.corp.example"),
        "{}",
        scripts.linux
    );
    assert!(
        scripts
            .linux
            .contains("sspi-doctor run spn-verification --set server=sql1.corp.example,1433")
    );
    assert!(
        scripts
            .windows
            .contains("'corp.example' = 'dc1.corp.example'")
    );
}

#[test]
fn the_json_has_the_fields_that_were_promised() {
    let home = tempfile::tempdir().unwrap();
    let document = transcript::document::read(&write(home.path(), &walk())).unwrap();
    let json: Value = serde_json::from_str(&transcript::json::render(&document)).unwrap();
    for field in [
        "schema",
        "version",
        "session",
        "flow",
        "target",
        "source",
        "started",
        "ended",
        "verdict",
        "findings",
        "ruled_out",
        "unknown",
        "steps",
        "cards",
        "notes",
    ] {
        assert!(json.get(field).is_some(), "{field}");
    }
    assert_eq!(json["verdict"], "cause-found");
    let finding = &json["findings"][1];
    for field in ["cause", "severity", "title", "step", "evidence", "fix"] {
        assert!(finding.get(field).is_some(), "{field}");
    }
    assert_eq!(
        finding["fix"][0]["add-spn"]["spn"],
        "MSSQLSvc/sql1.corp.example:1433"
    );
    assert!(
        finding["scripts"]["linux"]
            .as_str()
            .unwrap()
            .starts_with("#!/bin/sh")
    );
    let step = &json["steps"][1];
    for field in [
        "id",
        "flow",
        "probe",
        "status",
        "facts",
        "branch",
        "elapsed_ms",
    ] {
        assert!(step.get(field).is_some(), "{field}");
    }
}
