use serde_json::{Value, json};

use super::reading::SUBJECTS;
use super::*;
use crate::probe::LiveSession;
use crate::probe::credential::UserPassword;
use crate::probe::peer_bench::{play, port, run};
use crate::secret::Secret;

const CATALOG: &str = include_str!("tests/answers.yaml");

/// The settings of an instance that answers everything.
fn instance(queries: &Value) -> Value {
    json!({
        "sql-logins": [
            {"name": "report", "password": "Right-1"},
            {"name": "reader", "password": "Right-2"},
        ],
        "queries": queries,
        "version": "16.0.4165.4",
    })
}

fn catalog() -> Value {
    serde_yaml::from_str(CATALOG).unwrap()
}

async fn log_in_as(user: &str, password: &str, port: u16, trust: bool) -> Outcome {
    let mut session = LiveSession::default();
    session.credentials.sql_login = Some(UserPassword {
        user: user.to_owned(),
        password: Secret::new(password.to_owned()),
    });
    let request = ProbeRequest::new("sql-session")
        .with("host", "localhost")
        .with("port", port)
        .with("login", "sql")
        .with("trust_certificate", trust);
    run(&SqlSession, &request, session, 10).await
}

#[test]
fn the_catalogue_answers_every_query() {
    let catalog = catalog();
    for subject in &SUBJECTS {
        let answered = catalog
            .as_array()
            .unwrap()
            .iter()
            .any(|query| query["sql"].as_str() == Some(subject.sql));
        assert!(answered, "no answer to: {}", subject.sql);
    }
}

#[tokio::test]
async fn a_privileged_login_reads_everything() {
    let peer = play(instance(&catalog())).await;
    let port = port(&peer);
    let outcome = log_in_as("report", "Right-1", port, true).await;
    assert_eq!(outcome.status, "connected", "{outcome:?}");
    assert_eq!(*outcome.fact("unreadable"), json!([]));
    for (fact, value) in [
        ("auth_scheme", json!("SQL")),
        ("login", json!("report")),
        ("encrypted", json!(true)),
        ("server_name", json!("SQL1")),
        ("clustered", json!(false)),
        ("service_account", json!(r"CORP\svc_sql")),
        ("host_platform", json!("Windows")),
        ("ports", json!([port])),
        ("port_kind", json!("static")),
        ("extended_protection", json!("off")),
        ("force_encryption", json!(false)),
        ("accepted_spns", json!([])),
        ("availability_group_listeners", json!([])),
        (
            "linked_servers",
            json!([{
                "name": "SQL2", "product": "SQL Server", "provider": "MSOLEDBSQL",
                "data_source": "sql2.corp.example", "provider_string": null,
                "logins": [{"local_login": null, "uses_self_credential": true, "remote_login": null}],
            }]),
        ),
    ] {
        assert_eq!(*outcome.fact(fact), value, "{fact}");
    }
    let ahead = outcome.fact("clock_offset_seconds").as_f64().unwrap();
    assert!((ahead - 120.0).abs() < 1.5, "{ahead}");
    let started = outcome.fact("started_at").as_str().unwrap();
    assert!(started.ends_with('Z'), "{started}");
    let log = &outcome.fact("spn_registration")[0];
    assert!(log.as_str().unwrap().contains("successfully registered"));
    // The login, the batch, and each question.
    assert_eq!(outcome.evidence.len(), SUBJECTS.len() + 2);
    assert_eq!(
        outcome.evidence[0].credential.as_deref(),
        Some("SQL login report")
    );
}

#[tokio::test]
async fn missing_rights_make_facts_null_and_are_named() {
    let peer = play(instance(&catalog())).await;
    let outcome = log_in_as("reader", "Right-2", port(&peer), true).await;
    assert_eq!(outcome.status, "connected");
    assert_eq!(*outcome.fact("login"), json!("reader"));
    for fact in ["service_account", "ports", "port_kind", "spn_registration"] {
        assert_eq!(*outcome.fact(fact), Value::Null, "{fact}");
    }
    let unreadable = outcome.fact("unreadable").as_array().unwrap();
    let what: Vec<&str> = unreadable
        .iter()
        .map(|entry| entry["what"].as_str().unwrap())
        .collect();
    assert_eq!(
        what,
        [
            "this connection's encryption",
            "services and their accounts",
            "TCP listeners",
            "network settings in the registry",
            "how connections authenticated",
            "SPN registration in the error log",
        ]
    );
    assert!(
        unreadable[1]["error"]
            .as_str()
            .unwrap()
            .starts_with("error 300: VIEW SERVER SECURITY STATE permission was denied")
    );
}

#[tokio::test]
async fn a_refused_login_tells_number_and_state() {
    let peer = play(instance(&json!([]))).await;
    let outcome = log_in_as("report", "Wrong-1", port(&peer), true).await;
    assert_eq!(outcome.status, "login-failed", "{outcome:?}");
    assert_eq!(*outcome.fact("error_number"), json!(18456));
    assert_eq!(*outcome.fact("error_state"), json!(1));
    assert!(!format!("{outcome:?}").contains("Wrong-1"));
}

#[tokio::test]
async fn a_password_is_not_sent_to_a_server_that_is_not_trusted() {
    let peer = play(instance(&json!([]))).await;
    let outcome = log_in_as("report", "Right-1", port(&peer), false).await;
    assert_eq!(outcome.status, "tls-failed");
    let reason = outcome.fact("reason").as_str().unwrap();
    assert!(reason.contains("not trusted"), "{reason}");
    let mut open = instance(&json!([]));
    open["encryption"] = json!("not-supported");
    let peer = play(open).await;
    let outcome = log_in_as("report", "Right-1", port(&peer), false).await;
    assert_eq!(outcome.status, "tls-failed");
}

#[tokio::test]
async fn every_way_to_encrypt_is_gone_along_with() {
    for encryption in ["not-supported", "login-only", "required", "strict"] {
        let mut settings = instance(&catalog());
        settings["encryption"] = json!(encryption);
        let peer = play(settings).await;
        let outcome = log_in_as("report", "Right-1", port(&peer), true).await;
        assert_eq!(outcome.status, "connected", "{encryption}: {outcome:?}");
        assert_eq!(
            *outcome.fact("encrypted"),
            json!(encryption != "not-supported")
        );
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_by_the_deadline() {
    let mut settings = instance(&json!([]));
    settings["connection"] = json!("silent");
    let peer = play(settings).await;
    let mut session = LiveSession::default();
    session.credentials.sql_login = Some(UserPassword {
        user: "report".to_owned(),
        password: Secret::new("Right-1".to_owned()),
    });
    let request = ProbeRequest::new("sql-session")
        .with("host", "localhost")
        .with("port", port(&peer))
        .with("login", "sql");
    let outcome = run(&SqlSession, &request, session, 1).await;
    assert_eq!(outcome.status, "timed-out");
    assert!(outcome.elapsed_ms < 1000, "{}", outcome.elapsed_ms);
}

#[tokio::test]
async fn a_slow_question_costs_its_facts_and_not_the_session() {
    let mut catalog = catalog();
    let slow = catalog.as_array_mut().unwrap().last_mut().unwrap();
    slow["delay-ms"] = json!(60_000);
    let peer = play(instance(&catalog)).await;
    let mut session = LiveSession::default();
    session.credentials.sql_login = Some(UserPassword {
        user: "report".to_owned(),
        password: Secret::new("Right-1".to_owned()),
    });
    let request = ProbeRequest::new("sql-session")
        .with("host", "localhost")
        .with("port", port(&peer))
        .with("login", "sql")
        .with("trust_certificate", true);
    let outcome = run(&SqlSession, &request, session, 2).await;
    assert_eq!(outcome.status, "connected", "{outcome:?}");
    assert_eq!(*outcome.fact("service_account"), json!(r"CORP\svc_sql"));
    assert_eq!(*outcome.fact("linked_servers"), Value::Null);
    let unreadable = outcome.fact("unreadable").as_array().unwrap();
    assert_eq!(
        unreadable[0],
        json!({"what": "linked servers and their logins", "error": "no answer in time"})
    );
}

#[tokio::test]
async fn without_a_credential_nothing_is_tried() {
    let request = ProbeRequest::new("sql-session")
        .with("host", "localhost")
        .with("port", 1)
        .with("login", "sql");
    let outcome = run(&SqlSession, &request, LiveSession::default(), 5).await;
    assert_eq!(outcome.status, "no-credential");
    let request = request.with("login", "ntlm");
    let outcome = run(&SqlSession, &request, LiveSession::default(), 5).await;
    assert_eq!(outcome.status, "not-observed");
}

#[tokio::test]
async fn an_answer_without_end_costs_its_facts_and_not_the_memory() {
    const SUBJECT: &str = "how connections authenticated";
    let mut catalog = catalog();
    for query in catalog.as_array_mut().unwrap() {
        let is_it = query["sql"]
            .as_str()
            .is_some_and(|sql| sql.contains(SUBJECT));
        if is_it && query["rows"].is_array() {
            query["rows"] = json!(vec![json!(["TCP", "KERBEROS", "1"]); 6000]);
        }
    }
    let peer = play(instance(&catalog)).await;
    let outcome = log_in_as("report", "Right-1", port(&peer), true).await;
    assert_eq!(outcome.status, "connected", "{outcome:?}");
    let unreadable = outcome.fact("unreadable");
    assert_eq!(unreadable[0]["what"], SUBJECT, "{unreadable}");
    let error = unreadable[0]["error"].as_str().unwrap();
    assert!(error.contains("more than 5000 rows"), "{error}");
    // What was asked after it is known.
    assert_eq!(unreadable.as_array().unwrap().len(), 1, "{unreadable}");
    assert_eq!(*outcome.fact("spn_registration_failed"), json!(false));
}
