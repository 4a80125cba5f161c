//! SQL logins through tiberius, which nobody here wrote, in all TLS modes.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Peer, connect, instance, login_error, query_error, scenario};
use tds_peer::scenario::{Encryption, Query, Refusal};
use tds_peer::value::Cell;
use tiberius::EncryptionLevel;

/// Logs in and reads back what the server says of the session's encryption.
async fn encrypt_option(peer: &Peer, level: EncryptionLevel) -> tiberius::Result<String> {
    let mut client = connect(peer.address(), level, "probe", "Secret1").await?;
    let row = client
        .query(common::CONNECTION, &[])
        .await?
        .into_row()
        .await?
        .expect("a row");
    assert_eq!(row.get::<&str, _>("auth_scheme"), Some("SQL"));
    assert_eq!(row.get::<&str, _>("net_transport"), Some("TCP"));
    Ok(row
        .get::<&str, _>("encrypt_option")
        .expect("text")
        .to_owned())
}

#[tokio::test]
async fn every_pair_of_encryption_settings_ends_as_specified() {
    use EncryptionLevel::{NotSupported, Off, On, Required};
    let peer = Peer::start(scenario(instance(Encryption::LoginOnly))).await;
    for (level, encrypted) in [
        (Off, "FALSE"),
        (On, "TRUE"),
        (Required, "TRUE"),
        (NotSupported, "FALSE"),
    ] {
        assert_eq!(
            encrypt_option(&peer, level).await.expect("a login"),
            encrypted,
            "login-only, {level:?}"
        );
    }
    assert_eq!(peer.stop().await, 0);

    let peer = Peer::start(scenario(instance(Encryption::Required))).await;
    for level in [Off, On, Required] {
        assert_eq!(
            encrypt_option(&peer, level).await.expect("a login"),
            "TRUE",
            "required, {level:?}"
        );
    }
    assert!(encrypt_option(&peer, NotSupported).await.is_err());
    assert_eq!(peer.stop().await, 0);

    let peer = Peer::start(scenario(instance(Encryption::NotSupported))).await;
    assert_eq!(
        encrypt_option(&peer, NotSupported).await.expect("a login"),
        "FALSE"
    );
    for level in [On, Required] {
        assert!(
            encrypt_option(&peer, level).await.is_err(),
            "not-supported, {level:?}"
        );
    }
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn strict_encryption_is_tds_8_and_nothing_else() {
    let peer = Peer::start(scenario(instance(Encryption::Strict))).await;
    assert_eq!(
        encrypt_option(&peer, EncryptionLevel::Strict)
            .await
            .expect("a login"),
        "TRUE"
    );
    assert!(encrypt_option(&peer, EncryptionLevel::On).await.is_err());
    let prelogins = peer.events("prelogin");
    assert_eq!(prelogins.len(), 1);
    assert_eq!(prelogins[0]["alpn"], "tds/8.0");
    assert_eq!(peer.stop().await, 0);

    let peer = Peer::start(scenario(instance(Encryption::LoginOnly))).await;
    assert!(
        encrypt_option(&peer, EncryptionLevel::Strict)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn refusals_have_their_numbers_and_the_log_has_the_true_state() {
    let mut instance = instance(Encryption::LoginOnly);
    instance.sql_logins[1].refuse = Some(Refusal {
        state: 7,
        visible_state: 1,
    });
    let peer = Peer::start(scenario(instance)).await;
    let cases = [
        ("probe", "wrong", 8),
        ("nobody", "x", 5),
        ("disabled", "Secret2", 7),
    ];
    for (user, password, _) in cases {
        let error = connect(peer.address(), EncryptionLevel::On, user, password)
            .await
            .expect_err("a refusal");
        assert_eq!(
            login_error(&error),
            Some((18456, 1, format!("Login failed for user '{user}'.")))
        );
    }
    let states: Vec<u64> = peer
        .events("login")
        .iter()
        .filter_map(|event| event["state"].as_u64())
        .collect();
    assert_eq!(states, cases.map(|(_, _, state)| state));
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_refused() {
    let peer = Peer::start(scenario(instance(Encryption::LoginOnly))).await;
    let mut config = common::config(peer.address(), EncryptionLevel::On, "probe", "Secret1");
    config.database("payroll");
    let error = common::connect_with(config).await.expect_err("a refusal");
    let (number, _, message) = login_error(&error).expect("an error of the server");
    assert_eq!(number, 4060);
    assert!(message.contains("\"payroll\""));
}

#[tokio::test]
async fn an_unknown_query_fails_loudly() {
    let peer = Peer::start(scenario(instance(Encryption::LoginOnly))).await;
    let mut client = connect(peer.address(), EncryptionLevel::On, "probe", "Secret1")
        .await
        .expect("a login");
    let error = query_error(&mut client, "SELECT secret FROM vault").await;
    let (number, _, message) = login_error(&error).expect("an error of the server");
    assert_eq!(number, 50000);
    assert!(message.contains("SELECT secret FROM vault"));
    assert_eq!(peer.events("query")[0]["answered"], false);
    drop(client);
    assert_eq!(peer.stop().await, 1);
}

#[tokio::test]
async fn all_types_arrive_and_the_login_decides_about_the_answer() {
    let mut instance = instance(Encryption::Required);
    let denied =
        Query::refused("select * from types", 300, "denied to {login}").for_logins(&["disabled"]);
    instance.queries.push(denied);
    let types = Query::row(
        "select * from types",
        &[
            ("tiny", "tinyint", Cell::Integer(200)),
            ("small", "smallint", Cell::Integer(-2)),
            ("int", "int", Cell::Integer(70_000)),
            ("big", "bigint", Cell::Integer(1 << 40)),
            ("bit", "bit", Cell::Bool(true)),
            (
                "text",
                "nvarchar(max)",
                "{login} at {server_name} {{".into(),
            ),
            (
                "guid",
                "uniqueidentifier",
                "00112233-4455-6677-8899-aabbccddeeff".into(),
            ),
            ("bytes", "varbinary(85)", "0x0105".into()),
            ("nothing", "nvarchar(128)", Cell::Null),
            ("no_int", "int", Cell::Null),
            ("no_bytes", "varbinary(max)", Cell::Null),
        ],
    );
    instance.queries.push(types.expect("known types"));
    let peer = Peer::start(scenario(instance)).await;
    let mut client = connect(peer.address(), EncryptionLevel::On, "probe", "Secret1")
        .await
        .expect("a login");
    let row = client
        .simple_query("SELECT *\nFROM types;")
        .await
        .expect("sent")
        .into_row()
        .await;
    let row = row.expect("an answer").expect("a row");
    assert_eq!(row.get::<u8, _>("tiny"), Some(200));
    assert_eq!(row.get::<i16, _>("small"), Some(-2));
    assert_eq!(row.get::<i32, _>("int"), Some(70_000));
    assert_eq!(row.get::<i64, _>("big"), Some(1 << 40));
    assert_eq!(row.get::<bool, _>("bit"), Some(true));
    assert_eq!(row.get::<&str, _>("text"), Some("probe at SQL1 {"));
    let guid = row.get::<tiberius::Uuid, _>("guid").expect("a GUID");
    assert_eq!(guid.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
    assert_eq!(row.get::<&[u8], _>("bytes"), Some(&[1, 5][..]));
    assert_eq!(row.get::<&str, _>("nothing"), None);
    assert_eq!(row.get::<i32, _>("no_int"), None);
    assert_eq!(row.get::<&[u8], _>("no_bytes"), None);

    let mut other = connect(peer.address(), EncryptionLevel::On, "disabled", "Secret2")
        .await
        .expect("a login");
    let error = query_error(&mut other, "select * from types").await;
    assert_eq!(
        login_error(&error),
        Some((300, 1, "denied to disabled".to_owned()))
    );
    drop((client, other));
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn placeholders_tell_about_the_session_and_the_servers_clock() {
    let text = |name: &'static str| (name, "nvarchar(128)", Cell::Text(format!("{{{name}}}")));
    let names = [
        "now",
        "login",
        "port",
        "spid",
        "client_address",
        "host_name",
        "tds_version",
        "database",
    ];
    let mut instance = instance(Encryption::Required);
    instance
        .queries
        .push(Query::row("select all", &names.map(text)).expect("known types"));
    let mut scenario = scenario(instance);
    scenario.clock_offset_seconds = -7200;
    let peer = Peer::start(scenario).await;
    let mut client = connect(peer.address(), EncryptionLevel::On, "PROBE", "Secret1")
        .await
        .expect("a login");
    let row = client
        .query("select all", &[])
        .await
        .expect("sent")
        .into_row()
        .await;
    let row = row.expect("an answer").expect("a row");
    let value = |name: &str| row.get::<&str, _>(name).unwrap_or_default().to_owned();
    let expected = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(2);
    let shown: jiff::Timestamp = format!("{}Z", value("now")).parse().expect("a time");
    assert!(
        shown.duration_since(expected).abs() < jiff::SignedDuration::from_secs(10),
        "{shown}"
    );
    assert_eq!(value("login"), "PROBE");
    assert_eq!(value("port"), peer.address().port().to_string());
    assert!(value("spid").parse::<u16>().is_ok_and(|spid| spid > 50));
    assert_eq!(
        ["client_address", "host_name", "tds_version", "database"].map(value),
        ["127.0.0.1", "SQL1", "7.4", "master"]
    );
}
