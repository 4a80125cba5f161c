//! A session on disk and what is made from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::entry::SCHEMA;
use sspi_doctor::engine::{Entry, Finding, RuledOut, StepKind, StepPath, UnknownCause, Verdict};
use sspi_doctor::probe::outcome::{ByHand, Evidence};
use sspi_doctor::probe::{Outcome, ProbeRequest};
use sspi_doctor::transcript::{self, Journal, SessionDocument, sessions};

fn path(text: &str) -> StepPath {
    StepPath(text.to_owned())
}

fn began() -> Entry {
    Entry::Began {
        schema: SCHEMA,
        version: "1.0.0".to_owned(),
        flow: "spn-verification".to_owned(),
        title: "Who holds the SPN?".to_owned(),
        target: "sql1.corp.example,1433".to_owned(),
        inputs: json!({"server": {"typed": "sql1.corp.example,1433"}, "password": null})
            .as_object()
            .unwrap()
            .clone(),
        source: "live".to_owned(),
    }
}

fn entered(visit: u64, id: &str, kind: StepKind, title: &str) -> Entry {
    Entry::Entered {
        visit,
        path: path(id),
        flow: "spn-verification".to_owned(),
        kind,
        title: title.to_owned(),
        why: "It matters.".to_owned(),
    }
}

fn observed(visit: u64, id: &str, probe: &str, status: &str, facts: &Value) -> Entry {
    Entry::Observed {
        visit,
        path: path(id),
        request: ProbeRequest::new(probe).with("domain", "corp.example"),
        outcome: Outcome {
            status: status.to_owned(),
            summary: "a few words".to_owned(),
            facts: facts.as_object().unwrap().clone(),
            evidence: vec![Evidence {
                asked: "dc1.corp.example:3268: (servicePrincipalName=MSSQLSvc/sql1)".to_owned(),
                saw: "nobody".to_owned(),
                elapsed_ms: Some(12),
                credential: Some("alice@CORP.EXAMPLE".to_owned()),
            }],
            by_hand: ByHand {
                linux: vec!["ldapsearch -x".to_owned()],
                windows: vec!["setspn -F -Q MSSQLSvc/sql1".to_owned()],
            },
            elapsed_ms: 38,
        },
    }
}

fn branched(visit: u64, id: &str, status: &str, goto: &str) -> Entry {
    Entry::Branched {
        visit,
        path: path(id),
        status: status.to_owned(),
        branch: 1,
        condition: "on absent".to_owned(),
        saw: BTreeMap::new(),
        means: vec!["Nobody holds it.".to_owned()],
        goto: goto.to_owned(),
    }
}

fn found(visit: u64, id: &str, cause: &str, values: &Value) -> Entry {
    let values = values.as_object().unwrap().clone();
    let resolved = Catalogue::embedded().resolve(cause, &values).unwrap();
    Entry::Found {
        visit,
        finding: Finding {
            cause: cause.to_owned(),
            severity: resolved.severity,
            title: resolved.title,
            meaning: resolved.meaning,
            step: path(id),
            evidence: vec!["global catalog dc1.corp.example:3268: nobody".to_owned()],
            values,
            fix: resolved.fix,
        },
    }
}

fn spn_missing() -> Value {
    json!({
        "spn": "MSSQLSvc/sql1.corp.example:1433",
        "service_account": {
            "name": "CORP\\svc_sql", "sam_account_name": "svc_sql", "domain": "corp.example",
            "netbios_domain": "CORP", "distinguished_name": "CN=svc_sql,DC=corp,DC=example",
            "sid": "S-1-5-21-1-2-3-1105", "class": "user",
        },
    })
}

/// A walk that goes back once: what was found before is gone.
fn walk() -> Vec<Entry> {
    vec![
        began(),
        entered(1, "root", StepKind::Probe, "Find a domain controller"),
        observed(
            1,
            "root",
            "ldap-root",
            "answered",
            &json!({"domain": "CORP.example", "dns_host_name": "dc1.corp.example", "reason": null}),
        ),
        branched(1, "root", "answered", "holders"),
        entered(2, "holders", StepKind::Probe, "Who holds it?"),
        observed(
            2,
            "holders",
            "ldap-spn",
            "duplicate",
            &json!({"reason": null}),
        ),
        found(
            2,
            "holders",
            "name-does-not-exist",
            &json!({"name": "gone.corp.example"}),
        ),
        Entry::Unknown {
            visit: 2,
            unknown: UnknownCause {
                cause: "tls-failure".to_owned(),
                step: path("holders"),
                why: "taken back".to_owned(),
            },
        },
        branched(2, "holders", "duplicate", ""),
        Entry::Finished {
            verdict: Verdict::CauseFound,
            words: "first end".to_owned(),
        },
        Entry::WentBack { from_visit: 2 },
        Entry::Noted {
            path: path("holders"),
            text: "asked the DBA | *twice*".to_owned(),
            told: None,
        },
        entered(3, "holders", StepKind::Probe, "Who holds it?"),
        observed(3, "holders", "ldap-spn", "absent", &json!({"reason": null})),
        found(3, "holders", "spn-missing", &spn_missing()),
        found(
            3,
            "holders",
            "reverse-lookup-mismatch",
            &json!({"name": "sql1.corp.example", "address": "10.88.0.31", "names": ["old.corp.example"]}),
        ),
        Entry::RuledOut {
            visit: 3,
            ruled_out: RuledOut {
                excluded: String::new(),
                cause: "spn-duplicate".to_owned(),
                step: path("holders"),
                why: "nobody holds it".to_owned(),
            },
        },
        Entry::Unknown {
            visit: 3,
            unknown: UnknownCause {
                cause: "password-changed-after-start".to_owned(),
                step: path("holders"),
                why: "The time of the service's start needs a SQL login.".to_owned(),
            },
        },
        branched(3, "holders", "absent", "done"),
        entered(4, "done", StepKind::Finish, "Done"),
        Entry::Finished {
            verdict: Verdict::CauseFound,
            words: "Repair the causes in this order.".to_owned(),
        },
    ]
}

fn write(directory: &Path, entries: &[Entry]) -> PathBuf {
    let mut journal =
        Journal::create(directory, "spn-verification", "sql1.corp.example,1433").unwrap();
    let start: Timestamp = "2026-11-22T10:15:30Z".parse().unwrap();
    for (second, entry) in (0_i64..).zip(entries) {
        journal
            .append_at(entry, start + jiff::SignedDuration::from_secs(second))
            .unwrap();
    }
    journal.path().to_owned()
}

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

#[test]
fn a_stranger_reads_the_cause_first() {
    let home = tempfile::tempdir().unwrap();
    let document = transcript::document::read(&write(home.path(), &walk())).unwrap();
    let text = transcript::text::render(&document).replace(&document.session, "SESSION");
    insta::assert_snapshot!("text", text);
    assert!(text.lines().all(str::is_ascii));
}

#[test]
fn the_markdown_is_for_a_ticket() {
    let home = tempfile::tempdir().unwrap();
    let document = transcript::document::read(&write(home.path(), &walk())).unwrap();
    let text = transcript::markdown::render(&document);
    assert!(
        text.starts_with(
            "# sql1.corp.example,1433: Who holds the SPN?\n\n| | |\n|---|---|\n| **What is wrong** | (1) "
        )
    );
    assert!(text.contains("asked the DBA \\| \\*twice\\*"));
    assert!(text.contains("```sh\n#!/bin/sh\n"));
    // Every row of the table has its four cells.
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells = row.replace("\\|", "").matches('|').count();
        // The answers at the top have two cells.
        assert!(cells == 5 || cells == 3, "{row}");
    }
}

/// The recorded cases, and one with two causes and something unknown.
fn cases() -> Vec<SessionDocument> {
    let mut cases: Vec<SessionDocument> = sspi_doctor::probe::recorded::world::SHIPPED
        .iter()
        .map(|world| {
            let reading = transcript::reading::parse(world.journal.as_bytes(), world.name);
            SessionDocument::of(&reading.unwrap())
        })
        .collect();
    let home = tempfile::tempdir().unwrap();
    cases.push(transcript::document::read(&write(home.path(), &walk())).unwrap());
    cases
}

#[test]
fn the_first_ten_lines_answer_what_a_senior_asks() {
    for document in cases() {
        let text = transcript::text::render(&document);
        let first: Vec<&str> = text.lines().take(10).collect();
        for label in ["WRONG", "SURE", "DO", "WHO", "UNKNOWN"] {
            let answered = first.iter().any(|line| {
                line.split_once(label)
                    .is_some_and(|(before, rest)| before.is_empty() && !rest.trim().is_empty())
            });
            assert!(answered, "{label}:\n{}", first.join("\n"));
        }
        assert!(
            first.iter().all(|line| line.chars().count() <= 78),
            "{}",
            first.join("\n")
        );
        for finding in document.findings.iter().take(2) {
            let title = &finding.finding.title;
            assert!(
                first.join(" ").contains(title),
                "{title}:\n{}",
                first.join("\n")
            );
        }
        let unknown = first.contains(&"UNKNOWN  nothing");
        assert_eq!(unknown, document.unknown.is_empty(), "{}", first.join("\n"));
    }
}

#[test]
fn a_screen_that_was_kept_is_in_every_form() {
    let home = tempfile::tempdir().unwrap();
    let mut entries = walk();
    entries.insert(
        6,
        Entry::Screen {
            path: path("holders"),
            text: "+----+\n| <b> |\n+----+".to_owned(),
        },
    );
    let document = transcript::document::read(&write(home.path(), &entries)).unwrap();
    assert_eq!(document.screens.len(), 1);
    assert!(transcript::text::render(&document).contains("    | <b> |\n"));
    assert!(transcript::markdown::render(&document).contains("```text\n+----+\n| <b> |\n"));
    assert!(transcript::html::render(&document).contains("| &lt;b&gt; |\n"));
    let private = transcript::privacy::without_names(&document).unwrap();
    assert!(
        private.screens[0]
            .text
            .starts_with("(A screen was kept here.")
    );
}

#[test]
fn what_was_cut_off_is_inconclusive_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let file = write(home.path(), &walk()[..6]);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.truncate(bytes.len() - 20);
    std::fs::write(&file, bytes).unwrap();
    let document = transcript::document::read(&file).unwrap();
    assert_eq!(document.verdict, Verdict::Inconclusive);
    assert_eq!(document.ended, None);
    assert_eq!(document.steps.len(), 2);
    assert_eq!(document.steps[1].status, None);
    let text = transcript::text::render(&document);
    assert!(
        text.contains("WRONG    Nothing was found so far; the walk was not finished."),
        "{text}"
    );
    assert!(text.contains("is damaged"), "{text}");
}

#[test]
fn sessions_are_listed_newest_first_and_found_by_name() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("sessions");
    assert_eq!(sessions::list(&directory).unwrap(), []);
    let one = write(&directory, &walk());
    let mut journal = Journal::create(&directory, "name-resolution", "sql2").unwrap();
    journal.append(&began()).unwrap();
    std::fs::write(directory.join("other.jsonl"), "hello").unwrap();
    let listed = sessions::list(&directory).unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed[0].started > listed[1].started);
    assert!(!listed[0].complete);
    assert_eq!(listed[1].causes, ["reverse-lookup-mismatch", "spn-missing"]);
    assert_eq!(
        listed[1].words(),
        "2026-11-22 10:15:30 UTC  found: reverse-lookup-mismatch, spn-missing (3 steps)"
    );
    // The last by name, which begins with the time of its making.
    let other = directory.join("other.jsonl");
    assert_eq!(sessions::find("last", &directory).unwrap(), other);
    assert_eq!(
        sessions::find(one.to_str().unwrap(), &directory).unwrap(),
        one
    );
    let name = one.file_stem().unwrap().to_str().unwrap();
    assert_eq!(sessions::find(name, &directory).unwrap(), one);
    let fault = sessions::find("nothing", &directory)
        .unwrap_err()
        .to_string();
    assert!(
        fault.contains("`sspi-doctor sessions` lists them"),
        "{fault}"
    );
}

/// Not a test by itself: the process that the next test kills.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os("TRANSCRIPT_TEST_CHILD") else {
        return;
    };
    let mut journal = Journal::create(Path::new(&directory), "f", "t").unwrap();
    journal.append(&began()).unwrap();
    for visit in 1.. {
        journal
            .append(&observed(
                visit,
                "a",
                "ldap-spn",
                "absent",
                &json!({"x": "y".repeat(4000)}),
            ))
            .unwrap();
    }
}

#[test]
fn a_killed_process_leaves_whole_lines() {
    let home = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_writes_until_it_is_killed"])
        .env("TRANSCRIPT_TEST_CHILD", home.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let file = loop {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "the child writes nothing"
        );
        let file = std::fs::read_dir(home.path())
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| {
                path.metadata()
                    .is_ok_and(|metadata| metadata.len() > 400_000)
            });
        match file {
            Some(file) => break file,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let reading = transcript::reading::read(&file).unwrap();
    assert!(reading.lines.len() > 50);
    if let Some(damage) = reading.damage {
        assert!(damage.starts_with("The last line"), "{damage}");
    }
}
