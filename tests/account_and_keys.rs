//! The flow `account-and-keys` over played outcomes: what a lab cannot produce,
//! and where it must not be sure.

#![expect(clippy::expect_used, reason = "a test fails by it, and says where")]

use proof::notebook;
use proof::row::{How, Repair};
use serde_json::{Map, Value, json};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::engine::Session;
use sspi_doctor::probe::{Outcome, ProbeRequest};

#[path = "session/scripted.rs"]
mod scripted;

/// The status and the facts with which a probe answers.
type Played = (&'static str, Value);

/// What the probes answer: the ticket, the service's account, its computer.
struct World {
    ticket: Played,
    service: Value,
    computer: Value,
}

fn record(name: &str, class: &str, rid: u32) -> Value {
    json!({
        "name": format!("CORP\\{name}"), "sam_account_name": name, "domain": "corp.example",
        "netbios_domain": "CORP", "class": class, "sid": format!("S-1-5-21-1-2-3-{rid}"),
        "distinguished_name": format!("CN={name},DC=corp,DC=example"),
    })
}

fn with(mut facts: Value, more: Value) -> Value {
    let (Some(facts_of), Value::Object(more)) = (facts.as_object_mut(), more) else {
        return facts;
    };
    facts_of.extend(more);
    facts
}

fn service(class: &str) -> Value {
    json!({
        "account": record("svc_sql", class, 1105), "usable": true, "unusable_reasons": [],
        "des_only": false, "protected_user": false, "aes": true,
        "encryption_types": ["AES128-CTS-HMAC-SHA1-96", "AES256-CTS-HMAC-SHA1-96"],
        "password_last_set": "2026-11-01T06:00:00.5Z", "key_version": 3,
    })
}

fn world() -> World {
    World {
        ticket: (
            "granted",
            json!({"encryption_type": "aes256-cts-hmac-sha1-96", "kvno": 3, "realm": "CORP.EXAMPLE"}),
        ),
        service: service("user"),
        computer: json!({
            "account": record("SQL1$", "computer", 1110), "usable": true,
            "encryption_types": ["AES128-CTS-HMAC-SHA1-96", "AES256-CTS-HMAC-SHA1-96"],
            "security_identifiers": ["S-1-5-21-1-2-3-1110", "S-1-5-21-1-2-3-515"],
        }),
    }
}

fn refused(code: u32) -> Value {
    json!({"login": "refused", "krb_code": code.to_string(), "right_holder": true})
}

fn answer(world: &World, request: &ProbeRequest) -> Outcome {
    let is_computer = request.optional_text("account") == Some("NT AUTHORITY\\SYSTEM");
    let (status, facts) = match request.probe.as_str() {
        "kerberos-service-ticket" => world.ticket.clone(),
        "kerberos-ticket" => ("valid", json!({})),
        "ldap-account" if is_computer => ("found", world.computer.clone()),
        _ => ("found", world.service.clone()),
    };
    scripted::outcome(&request.probe, status, &facts)
}

/// Walks to the end.
fn session(world: &World, inputs: Value) -> Session {
    let mut given = Map::new();
    for (name, value) in [
        ("spn", json!("MSSQLSvc/sql1.corp.example:1433")),
        ("host", json!("sql1.corp.example")),
        ("service_account", json!("CORP\\svc_sql")),
    ] {
        given.insert(name.to_owned(), value);
    }
    if let Value::Object(inputs) = inputs {
        given.extend(inputs);
    }
    scripted::walk("account-and-keys", given, false, |request| {
        answer(world, request)
    })
}

/// The causes that are found, and those that stay unknown.
fn walk(world: &World, inputs: Value) -> (Vec<String>, Vec<String>) {
    let session = session(world, inputs);
    let found = session.findings().iter();
    let unknown = session.unknown().iter();
    (
        found.map(|one| one.cause.clone()).collect(),
        unknown.map(|one| one.cause.clone()).collect(),
    )
}

/// Walks, and asserts what is found when this is wrong.
#[track_caller]
fn finds(world: &World, inputs: Value, wrong: &str, causes: &[&str]) {
    let session = session(world, inputs);
    let findings = session.findings();
    let found: Vec<&str> = findings.iter().map(|one| one.cause.as_str()).collect();
    assert_eq!(found, causes);
    for finding in findings {
        let repair = Repair::of(&json!(finding.fix));
        notebook::cause(&finding.cause, How::Scripted, wrong, causes, repair);
    }
}

#[track_caller]
fn is_unsure(world: &World, inputs: Value, causes: &[&str]) {
    let (found, unknown) = walk(world, inputs);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(unknown, causes);
}

/// Walks, and asserts that only a card can tell whether it is this cause.
#[track_caller]
fn hands_over(world: &World, inputs: Value, wrong: &str, cause: &str) {
    let (found, unknown) = walk(world, inputs);
    assert!(found.is_empty(), "{found:?}");
    assert!(unknown.iter().any(|one| one == cause), "{unknown:?}");
    let known = Catalogue::embedded().cause(cause).expect("a known cause");
    assert!(known.card.is_some(), "{cause} has a card");
    notebook::cause(cause, How::Card, wrong, &[cause], Repair::HandedOver);
}

#[test]
fn nothing_is_wrong() {
    let (found, unknown) = walk(&world(), json!({"login": "accepted"}));
    assert!(
        found.is_empty() && unknown.is_empty(),
        "{found:?} {unknown:?}"
    );
}

#[test]
fn account_has_no_key() {
    let mut world = world();
    world.ticket = (
        "other-kdc-error",
        json!({"kdc_code": 9, "realm": "CORP.EXAMPLE"}),
    );
    finds(
        &world,
        json!({}),
        "the KDC answers 9",
        &["account-has-no-key"],
    );
}

#[test]
fn a_service_that_the_kdc_calls_revoked() {
    let mut world = world();
    world.ticket = ("service-revoked", json!({"kdc_code": 19}));
    finds(
        &world,
        json!({}),
        "the KDC answers 19, and the directory shows nothing",
        &["service-account-unusable"],
    );
}

#[test]
fn trust_encryption_mismatch_is_told_from_the_accounts_own() {
    let mut world = world();
    let code = 14;
    world.ticket = (
        "encryption-not-supported",
        json!({"kdc_code": code, "realm": "PARTNER.EXAMPLE"}),
    );
    let other = "the KDC of another realm than the account's answers 14";
    finds(&world, json!({}), other, &["trust-encryption-mismatch"]);
    world.ticket.1["realm"] = json!("CORP.EXAMPLE");
    let own = "the KDC of the account's realm answers 14";
    finds(&world, json!({}), own, &["no-common-encryption-type"]);
    world.service["des_only"] = json!(true);
    let marked = "it answers 14, and the account is marked for DES";
    finds(&world, json!({}), marked, &["des-only-account"]);
}

#[test]
fn encryption_policy_mismatch() {
    let mut world = world();
    world.ticket.1["encryption_type"] = json!("rc4-hmac");
    let wrong =
        "the ticket is RC4, the server's computer allows AES only, and SQL Server answers 41";
    finds(&world, refused(41), wrong, &["encryption-policy-mismatch"]);
}

#[test]
fn gmsa_host_not_allowed() {
    let mut world = world();
    let group = record("SQL Hosts", "group", 1200);
    world.service = with(
        service("group-managed-service-account"),
        json!({"password_readers": [group]}),
    );
    let outside = "the server's computer is not in the group that may fetch the gMSA's password";
    finds(&world, json!({}), outside, &["gmsa-host-not-allowed"]);
    world.computer["security_identifiers"] = json!(["S-1-5-21-1-2-3-1200"]);
    finds(&world, json!({}), "nothing", &[]);
    // Which groups the computer is in is not known: then nothing is said.
    world.computer["security_identifiers"] = Value::Null;
    is_unsure(&world, json!({}), &["gmsa-host-not-allowed"]);
}

#[test]
fn protection_by_an_authentication_policy() {
    let mut world = world();
    world.ticket = ("policy", json!({"kdc_code": 12}));
    world.service["authentication_policy"] = json!("CN=Tier 1,CN=AuthN Policies");
    let policy = "the KDC answers 12, and an authentication policy covers the account";
    finds(&world, json!({}), policy, &["protected-user"]);
}

#[test]
fn times_decide_when_both_are_known() {
    let started = |at: &str| with(refused(41), json!({"started": at}));
    let world = world();
    finds(
        &world,
        started("2026-10-31T23:00:00Z"),
        "SQL Server answers 41 and was started before the password was set",
        &["password-changed-after-start"],
    );
    is_unsure(
        &world,
        started("2026-11-02T06:00:00Z"),
        &["encryption-policy-mismatch"],
    );
    // In the same second nothing is certain, and no cause is named.
    is_unsure(
        &world,
        started("2026-11-01T06:00:00.1Z"),
        &["encryption-policy-mismatch"],
    );
    is_unsure(
        &world,
        refused(41),
        &["password-changed-after-start", "keytab-stale"],
    );
}

#[test]
fn a_computer_that_lost_its_place_in_the_domain() {
    let mut world = world();
    world.service = service("computer");
    let started = |at: &str| with(refused(41), json!({"started": at}));
    finds(
        &world,
        started("2026-10-31T23:00:00Z"),
        "SQL Server runs as its computer, answers 41 and was started before the password was set",
        &["computer-password-rotated"],
    );
    is_unsure(
        &world,
        started("2026-11-02T06:00:00Z"),
        &["secure-channel-broken"],
    );
    hands_over(
        &world,
        started("2026-11-02T06:00:00Z"),
        "SQL Server runs as its computer, answers 41 and was started after the password was set",
        "secure-channel-broken",
    );
    is_unsure(
        &world,
        refused(41),
        &["computer-password-rotated", "secure-channel-broken"],
    );
}

#[test]
fn keytabs() {
    let world = world();
    for code in [31, 44, 45] {
        let wrong = format!("SQL Server answers {code}");
        finds(&world, refused(code), &wrong, &["keytab-stale"]);
    }
    // Whose key it is that does not fit is not known.
    let unsure = json!({"login": "refused", "krb_code": "44"});
    is_unsure(
        &world,
        unsure,
        &["spn-on-wrong-account", "password-changed-after-start"],
    );
    let silent = json!({"login": "refused", "right_holder": true, "platform": "Linux"});
    is_unsure(
        &world,
        silent.clone(),
        &["keytab-misconfigured", "keytab-stale"],
    );
    hands_over(
        &world,
        silent,
        "SQL Server on Linux refuses the ticket without a Kerberos error",
        "keytab-misconfigured",
    );
}

#[test]
fn another_machine_says_nothing_about_keys() {
    let started = json!({"started": "2026-10-31T23:00:00Z", "elsewhere": true});
    finds(&world(), with(refused(41), started), "nothing", &[]);
}

#[test]
fn what_may_not_be_read_is_not_healthy() {
    let mut world = world();
    world.service = json!({"account": record("svc_sql", "user", 1105)});
    is_unsure(
        &world,
        json!({"login": "accepted"}),
        &["service-account-unusable"],
    );
}
