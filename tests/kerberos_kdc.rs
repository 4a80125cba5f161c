//! The Kerberos probes against a real KDC: MIT krb5's, started here on a
//! loopback port with two realms that trust each other.
//!
//! Needs the packages krb5-kdc, krb5-admin-server and krb5-user. Where they are
//! missing the tests say so and do nothing, unless SSPI_DOCTOR_REQUIRE_KDC is
//! set.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "kerberos_kdc/kdc.rs"]
mod kdc;
#[path = "kerberos_kdc/login.rs"]
mod login;

use std::time::Duration;

use kdc::TestKdc;
use serde_json::{Value, json};
use sspi_doctor::probe::credential::{KerberosCredential, UserPassword};
use sspi_doctor::probe::runner::{Live, Runner as _};
use sspi_doctor::probe::{LiveSession, Outcome, ProbeRequest};
use sspi_doctor::secret::Secret;

const SPN: &str = "MSSQLSvc/sql1.one.test:1433";

fn with_password(kdc: &TestKdc, user: &str, password: &str) -> Live {
    let mut session = LiveSession::default();
    session.settings.krb5_conf = Some(kdc.conf());
    session.credentials.kerberos = KerberosCredential::Password(UserPassword {
        user: user.to_owned(),
        password: Secret::new(password.to_owned()),
    });
    Live::new(session)
}

fn with_cache(kdc: &TestKdc, conf: Option<&str>) -> Live {
    let mut session = LiveSession::default();
    session.settings.krb5_conf = Some(match conf {
        Some(extra) => kdc.conf_with(extra),
        None => kdc.conf(),
    });
    session.credentials.kerberos = KerberosCredential::Cache(kdc.cache());
    Live::new(session)
}

async fn run(live: &Live, request: ProbeRequest) -> Outcome {
    let deadline = Some(Duration::from_secs(20));
    live.run(
        request,
        deadline,
        tokio_util::sync::CancellationToken::new(),
    )
    .await
}

async fn ticket_for(live: &Live, spn: &str) -> Outcome {
    run(
        live,
        ProbeRequest::new("kerberos-service-ticket").with("spn", spn),
    )
    .await
}

fn code(outcome: &Outcome) -> (&str, &Value) {
    (outcome.status.as_str(), outcome.fact("kdc_code"))
}

#[tokio::test]
async fn a_password_gets_tickets_and_a_wrong_one_is_shown_to_the_kdc_once() {
    let Some(kdc) = TestKdc::start() else { return };
    let live = with_password(&kdc, "alice", "alice-password");
    let outcome = run(
        &live,
        ProbeRequest::new("kerberos-ticket").with("user", "alice"),
    )
    .await;
    assert_eq!(outcome.status, "valid", "{outcome:?}");
    assert_eq!(outcome.fact("principal"), "alice@ONE.TEST");
    assert_eq!(outcome.fact("expected_principal_matches"), true);
    assert_eq!(outcome.fact("forwardable"), true);
    let outcome = ticket_for(&live, SPN).await;
    assert_eq!(outcome.status, "granted", "{outcome:?}");
    assert_eq!(outcome.fact("kvno"), 2);
    assert_eq!(outcome.fact("encryption_type_number"), 18);

    let live = with_password(&kdc, "alice", "not-her-password");
    // At once, as when steps are started ahead, and again, as on a retry.
    let (first, second) = tokio::join!(
        run(&live, ProbeRequest::new("kerberos-ticket")),
        run(&live, ProbeRequest::new("kerberos-ticket")),
    );
    let third = run(&live, ProbeRequest::new("kerberos-ticket")).await;
    for outcome in [first, second, third] {
        assert_eq!(code(&outcome), ("client-refused", &json!(24)));
    }
    let outcome = ticket_for(&live, SPN).await;
    assert_eq!(outcome.status, "no-ticket");
    assert_eq!(kdc.count_in_log("PREAUTH_FAILED:"), 1);
}

#[tokio::test]
async fn accounts_that_the_kdc_refuses_are_told_by_their_code() {
    let Some(kdc) = TestKdc::start() else { return };
    for (user, password, expected) in [
        ("nobody", "x", 6),
        ("locked", "locked-password", 18),
        ("expired", "expired-password", 23),
    ] {
        let live = with_password(&kdc, user, password);
        let outcome = run(&live, ProbeRequest::new("kerberos-ticket")).await;
        assert_eq!(
            code(&outcome),
            ("client-refused", &json!(expected)),
            "{user}"
        );
    }
}

#[tokio::test]
async fn every_encryption_type_of_an_account_is_understood() {
    let Some(kdc) = TestKdc::start() else { return };
    for (user, kind) in [
        ("aes128", "aes128-cts-hmac-sha1-96"),
        ("rc4", "rc4-hmac"),
        ("easy", "aes256-cts-hmac-sha1-96"),
    ] {
        let live = with_password(&kdc, user, &format!("{user}-password"));
        let outcome = run(&live, ProbeRequest::new("kerberos-ticket")).await;
        assert_eq!(outcome.status, "valid", "{user}: {outcome:?}");
        if user != "easy" {
            let said = outcome.evidence.iter().any(|line| line.saw.contains(kind));
            assert!(said, "{user}: {outcome:?}");
        }
        let outcome = ticket_for(&live, "MSSQLSvc/old.one.test:1433").await;
        assert_eq!(outcome.status, "granted", "{user}: {outcome:?}");
        assert_eq!(outcome.fact("encryption_type_number"), 23, "{user}");
    }
}

#[tokio::test]
async fn a_cache_that_kinit_wrote_is_read_and_used() {
    let Some(kdc) = TestKdc::start() else { return };
    let live = with_cache(&kdc, None);
    let outcome = run(
        &live,
        ProbeRequest::new("kerberos-ticket").with("user", "bob"),
    )
    .await;
    assert_eq!(outcome.status, "no-cache", "{outcome:?}");
    kdc.kinit("alice", "alice-password");
    let outcome = run(
        &live,
        ProbeRequest::new("kerberos-ticket").with("user", "bob"),
    )
    .await;
    assert_eq!(outcome.status, "valid", "{outcome:?}");
    assert_eq!(outcome.fact("principal"), "alice@ONE.TEST");
    assert_eq!(outcome.fact("expected_principal_matches"), false);
    assert_eq!(outcome.fact("cache_owner_matches"), true);
    assert_eq!(ticket_for(&live, SPN).await.status, "granted");
    let outcome = ticket_for(&live, "MSSQLSvc/nosuch.one.test:1433").await;
    assert_eq!(code(&outcome), ("unknown-spn", &json!(7)));
    assert_eq!(outcome.fact("clock_offset_seconds"), 0);
    let outcome = ticket_for(&live, "MSSQLSvc/locked.one.test:1433").await;
    assert_eq!(
        outcome.status, "unknown-spn",
        "MIT hides it so: {outcome:?}"
    );
}

#[tokio::test]
async fn restricted_encryption_types_are_asked_for_and_refused() {
    let Some(kdc) = TestKdc::start() else { return };
    kdc.kinit("alice", "alice-password");
    let live = with_cache(&kdc, Some("permitted_enctypes = camellia256-cts"));
    let outcome = run(&live, ProbeRequest::new("kerberos-ticket")).await;
    assert_eq!(
        outcome.fact("permitted_encryption_types"),
        &json!(["camellia256-cts-cmac"])
    );
    let outcome = ticket_for(&live, SPN).await;
    assert_eq!(code(&outcome), ("encryption-not-supported", &json!(14)));
}

#[tokio::test]
async fn the_way_to_the_other_realm_is_found_and_dead_ends_are_named() {
    let Some(kdc) = TestKdc::start() else { return };
    kdc.kinit("alice", "alice-password");
    let live = with_cache(&kdc, None);
    let spn = "MSSQLSvc/sql2.two.test:1433";
    let outcome = ticket_for(&live, spn).await;
    assert_eq!(outcome.status, "granted", "{outcome:?}");
    assert_eq!(
        outcome.fact("referral_path"),
        &json!(["ONE.TEST", "TWO.TEST"])
    );
    assert_eq!(outcome.fact("realm"), "TWO.TEST");
    let named = ProbeRequest::new("kerberos-service-ticket")
        .with("spn", spn)
        .with("realm", "two.test");
    let outcome = run(&live, named).await;
    assert_eq!(outcome.status, "granted", "{outcome:?}");
    assert_eq!(outcome.fact("found_by"), "named-realm");
    let named = ProbeRequest::new("kerberos-service-ticket")
        .with("spn", spn)
        .with("realm", "NOWHERE.TEST");
    let outcome = run(&live, named).await;
    assert_eq!(code(&outcome), ("no-path", &json!(7)));
    assert_eq!(outcome.fact("no_path_to"), "NOWHERE.TEST");
}

#[tokio::test]
async fn kdcs_are_asked_at_once_and_a_silent_one_does_not_hide_the_others() {
    let Some(kdc) = TestKdc::start() else { return };
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let live = with_cache(&kdc, None);
    let hosts = json!([
        format!("127.0.0.1:{silent_port}"),
        format!("127.0.0.1:{}", kdc.port()),
    ]);
    let request = ProbeRequest::new("kerberos-kdc")
        .with("realm", "ONE.TEST")
        .with("hosts", hosts);
    let cancel = tokio_util::sync::CancellationToken::new();
    let outcome = live
        .run(request, Some(Duration::from_secs(1)), cancel)
        .await;
    assert_eq!(outcome.status, "some-silent", "{outcome:?}");
    let statuses: Vec<&Value> = outcome.fact("kdcs").as_array().unwrap().iter().collect();
    assert_eq!(statuses[0]["status"], "silent");
    assert_eq!(statuses[1]["status"], "answering");
    assert_eq!(statuses[1]["clock_offset_seconds"], 0);
    let outcome = run(&live, ProbeRequest::new("kerberos-kdc")).await;
    assert_eq!(outcome.status, "answering", "{outcome:?}");
    assert_eq!(outcome.fact("source"), "krb5.conf");
    let nowhere = ProbeRequest::new("kerberos-kdc").with("realm", "NOWHERE.TEST");
    assert_eq!(run(&live, nowhere).await.status, "no-kdc-found");
}

#[tokio::test]
async fn the_next_kdc_is_asked_when_the_first_is_silent() {
    let Some(kdc) = TestKdc::start() else { return };
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let first = format!("127.0.0.1:{}", silent.local_addr().unwrap().port());
    let mut session = LiveSession::default();
    session.settings.krb5_conf = Some(kdc.conf_with_kdc_before(&first));
    kdc.kinit("alice", "alice-password");
    session.credentials.kerberos = KerberosCredential::Cache(kdc.cache());
    let live = Live::new(session);
    let outcome = ticket_for(&live, SPN).await;
    assert_eq!(outcome.status, "granted", "{outcome:?}");
    assert_eq!(outcome.evidence.len(), 2, "{:?}", outcome.evidence);
    assert!(outcome.elapsed_ms >= 2_900);
    // The one that answered is asked first from now on.
    let outcome = ticket_for(&live, SPN).await;
    assert!(outcome.elapsed_ms < 2_000, "{outcome:?}");
}
