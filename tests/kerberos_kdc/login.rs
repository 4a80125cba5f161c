//! `sql-login-kerberos` against the TDS peer with keys of the test KDC.

use serde_json::Value;
use sspi_doctor::probe::ProbeRequest;
use tds_peer::log::EventLog;
use tds_peer::scenario::{
    ConnectionBehaviour, Encryption, Instance, KerberosAcceptor, KerberosRefusal, Personality,
    Refusal, Scenario, WindowsLogin,
};
use tds_peer::server::{Running, start};

use super::kdc::TestKdc;
use super::{SPN, run, with_cache, with_password};

/// A SQL Server with alice's login and the keys of the service's account.
fn instance(kdc: &TestKdc) -> Instance {
    let mut instance = Instance::named("MSSQLSERVER");
    instance.listen = vec!["127.0.0.1".parse().unwrap()];
    instance.kerberos = Some(KerberosAcceptor::with_keytab(kdc.keytab(SPN)));
    instance.realms = [("ONE.TEST".to_owned(), "ONE".to_owned())].into();
    instance.windows_logins = vec![WindowsLogin {
        name: r"ONE\alice".to_owned(),
        default_database: "master".to_owned(),
        refuse: None,
    }];
    instance
}

async fn serve(instance: Instance, clock_offset_seconds: i64) -> (Running, u16) {
    let scenario = Scenario {
        host_name: "SQL1".to_owned(),
        clock_offset_seconds,
        start_time: None,
        allow_wildcard_addresses: false,
        instances: vec![instance],
        browser: None,
        queries: Vec::new(),
    };
    let running = start(scenario, EventLog::nowhere()).await.unwrap();
    let port = running.ready.address("MSSQLSERVER").unwrap().port();
    (running, port)
}

fn login(port: u16, spn: &str) -> ProbeRequest {
    ProbeRequest::new("sql-login-kerberos")
        .with("host", "sql1.one.test")
        .with("port", port)
        .with("spn", spn)
        .with("addresses", serde_json::json!(["127.0.0.1"]))
}

#[tokio::test]
async fn an_accepted_login_proves_the_server_in_every_kind_of_encryption() {
    let Some(kdc) = TestKdc::start() else { return };
    kdc.kinit("alice", "alice-password");
    for (encryption, tls) in [
        (Encryption::NotSupported, "none"),
        (Encryption::LoginOnly, "all"),
        (Encryption::Required, "all"),
        (Encryption::Strict, "strict"),
    ] {
        let mut instance = instance(&kdc);
        instance.encryption = encryption;
        let (_server, port) = serve(instance, 0).await;
        let outcome = run(&with_cache(&kdc, None), login(port, SPN)).await;
        assert_eq!(outcome.status, "accepted", "{encryption:?}: {outcome:?}");
        assert_eq!(outcome.fact("mutual"), true);
        assert_eq!(outcome.fact("tls"), tls);
        assert_eq!(outcome.fact("kvno"), 2);
    }
}

#[tokio::test]
async fn a_ticket_with_rc4_keys_logs_in_too() {
    let Some(kdc) = TestKdc::start() else { return };
    let spn = "MSSQLSvc/old.one.test:1433";
    let mut instance = instance(&kdc);
    instance.kerberos = Some(KerberosAcceptor::with_keytab(kdc.keytab(spn)));
    let (_server, port) = serve(instance, 0).await;
    // Only RC4 is permitted, so that the session key is of that type as well.
    kdc.kinit("alice", "alice-password");
    let live = with_cache(&kdc, Some("default_tgs_enctypes = rc4-hmac"));
    let outcome = run(&live, login(port, spn)).await;
    assert_eq!(outcome.status, "accepted", "{outcome:?}");
    assert_eq!(outcome.fact("encryption_type_number"), 23);
    assert_eq!(outcome.fact("mutual"), true);
}

#[tokio::test]
async fn a_user_without_a_login_is_told_from_a_ticket_that_is_refused() {
    let Some(kdc) = TestKdc::start() else { return };
    let mut known = instance(&kdc);
    known.windows_logins[0].refuse = Some(Refusal {
        state: 7,
        visible_state: 1,
    });
    let (_server, port) = serve(known, 0).await;
    for (user, name) in [("alice", r"ONE\alice"), ("easy", r"ONE\easy")] {
        let live = with_password(&kdc, user, &format!("{user}-password"));
        let outcome = run(&live, login(port, SPN)).await;
        assert_eq!(outcome.status, "not-authorised", "{outcome:?}");
        assert_eq!(outcome.fact("error_number"), 18456);
        assert_eq!(outcome.fact("login_name"), name);
        assert_eq!(outcome.fact("mutual"), true);
    }
}

#[tokio::test]
async fn a_ticket_that_the_service_cannot_read_is_refused_in_each_of_its_ways() {
    let Some(kdc) = TestKdc::start() else { return };
    kdc.kinit("alice", "alice-password");
    // The service has the keys of another account.
    let other = kdc.keytab("MSSQLSvc/old.one.test:1433");
    for (refusal, personality, by, code) in [
        (
            KerberosRefusal::TokenAndMessage,
            Personality::Windows,
            "krb-error",
            Some(41),
        ),
        (
            KerberosRefusal::TokenOnly,
            Personality::Windows,
            "krb-error",
            Some(41),
        ),
        (
            KerberosRefusal::TokenAndMessage,
            Personality::Linux,
            "krb-error",
            Some(45),
        ),
        (
            KerberosRefusal::MessageOnly,
            Personality::Windows,
            "error-message",
            None,
        ),
        (KerberosRefusal::Close, Personality::Windows, "closed", None),
    ] {
        let mut instance = instance(&kdc);
        let mut acceptor = KerberosAcceptor::with_keytab(&other);
        acceptor.refusal = refusal;
        acceptor.personality = personality;
        instance.kerberos = Some(acceptor);
        let (_server, port) = serve(instance, 0).await;
        let outcome = run(&with_cache(&kdc, None), login(port, SPN)).await;
        assert_eq!(outcome.status, "refused", "{refusal:?}: {outcome:?}");
        assert_eq!(outcome.fact("refused_by"), by, "{refusal:?}: {outcome:?}");
        let code = code.map_or(Value::Null, Value::from);
        assert_eq!(outcome.fact("krb_code"), &code, "{refusal:?}");
    }
}

#[tokio::test]
async fn a_server_with_another_clock_tells_how_far_it_is_off() {
    let Some(kdc) = TestKdc::start() else { return };
    kdc.kinit("alice", "alice-password");
    let (_server, port) = serve(instance(&kdc), -900).await;
    let outcome = run(&with_cache(&kdc, None), login(port, SPN)).await;
    assert_eq!(outcome.status, "refused", "{outcome:?}");
    assert_eq!(outcome.fact("krb_code"), 37);
    let offset = outcome.fact("clock_offset_seconds").as_i64().unwrap();
    assert!((-901..=-899).contains(&offset), "{offset}");
}

#[tokio::test]
async fn what_is_no_sql_server_is_not_taken_for_a_refusal() {
    let Some(kdc) = TestKdc::start() else { return };
    kdc.kinit("alice", "alice-password");
    let live = with_cache(&kdc, None);
    for (behaviour, status) in [
        (ConnectionBehaviour::Garbage, "not-sql-server"),
        (ConnectionBehaviour::CloseAtPrelogin, "not-sql-server"),
        (ConnectionBehaviour::Silent, "timed-out"),
    ] {
        let mut instance = instance(&kdc);
        instance.connection = behaviour;
        let (_server, port) = serve(instance, 0).await;
        let outcome = sspi_doctor::probe::runner::Runner::run(
            &live,
            login(port, SPN),
            Some(std::time::Duration::from_secs(2)),
            tokio_util::sync::CancellationToken::new(),
        )
        .await;
        assert_eq!(outcome.status, status, "{behaviour:?}: {outcome:?}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let outcome = run(&live, login(port, SPN)).await;
    assert_eq!(outcome.status, "unreachable", "{outcome:?}");
    let outcome = run(&live, login(port, "MSSQLSvc/nosuch.one.test:1433")).await;
    assert_eq!(outcome.status, "no-service-ticket");
    assert_eq!(outcome.fact("kdc_code"), 7);
}

#[tokio::test]
async fn the_ticket_of_the_step_before_is_used_once() {
    let Some(kdc) = TestKdc::start() else { return };
    kdc.kinit("alice", "alice-password");
    let (_server, port) = serve(instance(&kdc), 0).await;
    let live = with_cache(&kdc, None);
    let asked = |outcome: &sspi_doctor::probe::Outcome| {
        outcome
            .evidence
            .iter()
            .filter(|line| line.asked.contains("TGS-REQ"))
            .count()
    };
    assert_eq!(super::ticket_for(&live, SPN).await.status, "granted");
    let first = run(&live, login(port, SPN)).await;
    assert_eq!((first.status.as_str(), asked(&first)), ("accepted", 0));
    let second = run(&live, login(port, SPN)).await;
    assert_eq!((second.status.as_str(), asked(&second)), ("accepted", 1));
}
