//! A session as the engine would record it, written to a journal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::entry::SCHEMA;
use sspi_doctor::engine::{Entry, Finding, RuledOut, StepKind, StepPath, UnknownCause, Verdict};
use sspi_doctor::probe::outcome::{ByHand, Evidence};
use sspi_doctor::probe::{Outcome, ProbeRequest};
use sspi_doctor::transcript::Journal;

pub fn path(text: &str) -> StepPath {
    StepPath(text.to_owned())
}

pub fn began() -> Entry {
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

pub fn entered(visit: u64, id: &str, kind: StepKind, title: &str) -> Entry {
    Entry::Entered {
        visit,
        path: path(id),
        flow: "spn-verification".to_owned(),
        kind,
        title: title.to_owned(),
        why: "It matters.".to_owned(),
    }
}

pub fn observed(visit: u64, id: &str, probe: &str, status: &str, facts: &Value) -> Entry {
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

pub fn branched(visit: u64, id: &str, status: &str, goto: &str) -> Entry {
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

pub fn found(visit: u64, id: &str, cause: &str, values: &Value) -> Entry {
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

pub fn spn_missing() -> Value {
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
pub fn walk() -> Vec<Entry> {
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
                values: serde_json::Map::new(),
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
                values: serde_json::Map::new(),
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

pub fn write(directory: &Path, entries: &[Entry]) -> PathBuf {
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
