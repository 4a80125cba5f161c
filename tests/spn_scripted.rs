//! The causes of the SPN walk that no lab can produce: Samba tells nobody over
//! LDAP when an attribute was changed (msDS-ReplAttributeMetaData). The answers
//! of the probes are scripted; the flow, the engine and the catalogue are real.

#![expect(clippy::expect_used, reason = "a test fails by it, and says where")]

use std::collections::BTreeMap;

use proof::notebook;
use proof::row::{How, Repair};
use serde_json::{Map, Value, json};
use sspi_doctor::engine::{Session, Verdict};
use sspi_doctor::probe::{Outcome, ProbeRequest, registry};

#[path = "session/scripted.rs"]
mod scripted;

const SPN: &str = "MSSQLSvc/sql1.corp.example:1433";
const BARE: &str = "MSSQLSvc/sql1.corp.example";

fn account() -> Value {
    json!({
        "name": "CORP\\svc_sql", "sam_account_name": "svc_sql", "domain": "corp.example",
        "netbios_domain": "CORP", "distinguished_name": "CN=svc_sql,CN=Users,DC=corp,DC=example",
        "sid": "S-1-5-21-1-2-3-1105", "class": "user",
    })
}

/// What each probe answers: its status and some of its facts.
type World = BTreeMap<&'static str, (&'static str, Value)>;

/// Everything is right.
fn healthy() -> World {
    let held = |spn: &str| json!({ "spn": spn, "words": "Good", "holders": [account()] });
    BTreeMap::from([
        (
            "dns-forward",
            (
                "resolved",
                json!({
                    "fqdn": "sql1.corp.example", "canonical_name": "sql1.corp.example",
                    "is_alias": false, "addresses": ["10.88.0.31"],
                }),
            ),
        ),
        (
            "sql-session",
            (
                "connected",
                json!({
                    "service_account": "CORP\\svc_sql", "started_at": "2026-11-22T10:00:00Z",
                    "availability_group_listeners": [], "spn_registration_failed": false,
                }),
            ),
        ),
        (
            "ldap-account",
            (
                "found",
                json!({ "account": account(), "usable": true, "registers_itself": "yes" }),
            ),
        ),
        (
            "ldap-spn-consistency",
            (
                "agree",
                json!({ "seen": ["dc1.corp.example: CORP\\svc_sql"], "unanswered": [], "foreign_holders": [] }),
            ),
        ),
        (
            "ldap-spn",
            (
                "held",
                json!({
                    "spn": SPN, "holders": [account()], "holder": account(), "expected_account": account(),
                    "expected_holds": true, "wrong_holders": [], "missing_spns": [],
                    "present_spns": [SPN, BARE], "by_spn": [held(SPN), held(BARE)],
                    "malformed_spns": [], "other_ports": [],
                }),
            ),
        ),
        (
            "sql-browser",
            (
                "listed",
                json!({ "clustered": false, "instances": [{ "name": "MSSQLSERVER", "tcp_port": 1433 }] }),
            ),
        ),
        (
            "dns-reverse",
            ("matches", json!({ "first_name": "sql1.corp.example" })),
        ),
        ("spn-names", ("no-name", json!({}))),
        (
            "kerberos-service-ticket",
            (
                "granted",
                json!({ "kvno": 2, "encryption_type": "aes256-cts-hmac-sha1-96" }),
            ),
        ),
    ])
}

/// The same with nobody holding the SPN.
fn missing() -> World {
    let mut world = healthy();
    let nobody =
        |spn: &str| json!({ "spn": spn, "words": "Required SPN is missing", "holders": [] });
    world.insert(
        "ldap-spn",
        (
            "missing",
            json!({
                "spn": SPN, "holders": [], "expected_account": account(), "expected_holds": false,
                "wrong_holders": [], "missing_spns": [SPN, BARE], "present_spns": [],
                "by_spn": [nobody(SPN), nobody(BARE)], "malformed_spns": [], "other_ports": [],
            }),
        ),
    );
    world.insert(
        "kerberos-service-ticket",
        ("unknown-spn", json!({ "kdc_code": 7 })),
    );
    world
}

fn changed(world: &mut World, seconds_ago: i64, before_start: i64) {
    let (_, facts) = world
        .get_mut("ldap-spn-consistency")
        .expect("it is in every world");
    facts["changed_at"] = json!("2026-11-22T09:59:00Z");
    facts["changed_seconds_ago"] = json!(seconds_ago);
    facts["changed_before_start_seconds"] = json!(before_start);
}

fn answer(world: &World, request: &ProbeRequest) -> Outcome {
    let declaration = registry::declaration(&request.probe).expect("a known probe");
    let Some((status, facts)) = world.get(request.probe.as_str()) else {
        return Outcome::not_observed(declaration, "not in this world");
    };
    scripted::outcome(&request.probe, status, facts)
}

/// Walks spn-verification to its end.
fn walk(world: &World) -> Session {
    let mut inputs = Map::new();
    inputs.insert(
        "server".to_owned(),
        json!({
            "typed": "sql1.corp.example,1433", "host": "sql1.corp.example", "port": 1433,
            "instance": null, "is_address": false, "is_local": false, "is_short_name": false,
        }),
    );
    inputs.insert("port".to_owned(), json!(1433));
    scripted::walk("spn-verification", inputs, true, |request| {
        answer(world, request)
    })
}

/// Walks, and asserts what is found when this is wrong.
#[track_caller]
fn found(world: &World, wrong: &str, causes: &[&str]) {
    let session = walk(world);
    let seen: Vec<&str> = session
        .findings()
        .iter()
        .map(|finding| finding.cause.as_str())
        .collect();
    assert_eq!(seen, causes);
    let verdict = if causes.is_empty() {
        Verdict::Healthy
    } else {
        Verdict::CauseFound
    };
    assert_eq!(session.verdict(), Some(verdict), "{:?}", session.unknown());
    for finding in session.findings() {
        let repair = Repair::of(&json!(finding.fix));
        notebook::cause(&finding.cause, How::Scripted, wrong, causes, repair);
    }
}

#[test]
fn nothing_is_wrong() {
    found(&healthy(), "nothing", &[]);
}

#[test]
fn spn_removed_at_shutdown() {
    let nobody = "nobody holds the SPN, and nothing tells since when";
    let mut world = missing();
    found(&world, nobody, &["spn-missing"]);
    changed(&mut world, 3600, 60);
    found(
        &world,
        "the SPN went 60 s before SQL Server started, and its account may register it",
        &["spn-removed-at-shutdown"],
    );
    let session = walk(&world);
    let fix = &session.findings()[0].fix;
    assert_eq!(fix.len(), 3, "both forms are added, and advice: {fix:?}");
    // Long before the start, it has nothing to do with the shutdown.
    changed(&mut world, 90_000, 80_000);
    found(
        &world,
        "the SPN went long before SQL Server started",
        &["spn-missing"],
    );
    // After the start neither.
    changed(&mut world, 60, -600);
    found(
        &world,
        "the SPN went after SQL Server started",
        &["spn-missing"],
    );
    // An account without the right did not do it.
    changed(&mut world, 3600, 60);
    world.insert(
        "ldap-account",
        (
            "found",
            json!({ "account": account(), "usable": true, "registers_itself": "no" }),
        ),
    );
    found(
        &world,
        "the SPN went before SQL Server started, but its account may not register it",
        &["spn-missing"],
    );
}

#[test]
fn negative_ticket_cache() {
    let mut world = healthy();
    changed(&mut world, 300, -300);
    found(
        &world,
        "the SPN is right, and was changed 5 minutes ago",
        &["negative-ticket-cache"],
    );
    changed(&mut world, 1200, -1200);
    found(&world, "nothing", &[]);
}

/// What the directory does not show is unknown, and never healthy.
#[test]
fn what_cannot_be_read_is_unknown() {
    let mut world = healthy();
    world.insert("ldap-spn", ("not-readable", json!({})));
    let session = walk(&world);
    assert!(session.findings().is_empty());
    assert_ne!(session.verdict(), Some(Verdict::Healthy));
    assert!(
        session
            .unknown()
            .iter()
            .any(|unknown| unknown.cause == "spn-on-wrong-account")
    );
}
