//! The program itself: ready file, log, signals and exit codes.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio_util::compat::TokioAsyncWriteCompatExt;

const SCENARIO: &str = "host-name: SQL1
instances:
  - name: MSSQLSERVER
    listen: [127.0.0.1]
    encryption: required
    sql-logins: [{ name: probe, password: Secret1 }]
";

fn program(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tds-peer"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Waits for the ready file and gives back the first instance's address.
fn address(ready: &Path) -> String {
    for _ in 0..200 {
        if let Ok(text) = std::fs::read_to_string(ready) {
            let ready: Value = serde_json::from_str(&text).expect("JSON");
            return ready["instances"][0]["address"]
                .as_str()
                .expect("an address")
                .to_owned();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    String::new()
}

async fn ask(address: &str, sql: &str) -> bool {
    let (host, port) = address.split_once(':').expect("host and port");
    let mut config = Config::new();
    config.host(host);
    config.port(port.parse().expect("a port"));
    config.authentication(AuthMethod::sql_server("probe", "Secret1"));
    config.encryption(EncryptionLevel::Required);
    config.trust_cert();
    let tcp = TcpStream::connect(config.get_addr())
        .await
        .expect("a connection");
    let mut client = Box::pin(Client::connect(config, tcp.compat_write()))
        .await
        .expect("a login");
    client.simple_query(sql).await.is_ok()
}

fn terminate(child: Child) -> Output {
    let id = child.id().to_string();
    let sent = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .expect("kill runs");
    assert!(sent.success());
    child.wait_with_output().expect("it ends")
}

/// Plays the scenario for one query; gives back how the program ended, whether
/// the query was answered, and the log.
fn play(sql: &str) -> (Output, bool, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = |name: &str| directory.path().join(name).display().to_string();
    std::fs::write(file("scenario.yaml"), SCENARIO).expect("a scenario");
    let child = program(&[
        &file("scenario.yaml"),
        "--log",
        &file("log"),
        "--ready-file",
        &file("ready"),
    ]);
    let address = address(Path::new(&file("ready")));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let answered = runtime.block_on(ask(&address, sql));
    let output = terminate(child);
    let log = std::fs::read_to_string(file("log")).expect("a log");
    (output, answered, log)
}

#[test]
fn a_good_run_ends_with_0_on_sigterm() {
    let (output, answered, log) = play("SELECT @@VERSION");
    assert!(answered);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty() && output.stdout.is_empty());
    for event in ["ready", "connection", "prelogin", "login", "stop"] {
        assert!(
            log.contains(&format!("\"event\":\"{event}\"")),
            "{event} is missing in {log}"
        );
    }
    assert!(!log.contains("Secret1"));
}

#[test]
fn an_unknown_query_ends_with_1_and_is_named() {
    let (output, answered, _) = play("SELECT * FROM unheard_of");
    assert!(!answered);
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("SELECT * FROM unheard_of"), "{stderr}");
}

#[test]
fn wrong_use_and_wrong_scenarios_end_with_2() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("bad.yaml").display().to_string();
    std::fs::write(&path, "host-name: SQL1\ninstances: []\n").expect("a file");
    let cases: [(&[&str], &str); 4] = [
        (&[], "the scenario file is missing"),
        (&["--colour"], "unknown option --colour"),
        (&["/nowhere/scenario.yaml"], "/nowhere/scenario.yaml"),
        (&[&path], "at least one is needed"),
    ];
    for (arguments, expected) in cases {
        let output = program(arguments).wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            stderr.contains(expected),
            "{expected} is missing in {stderr}"
        );
    }
}

#[test]
fn an_address_in_use_ends_with_3_and_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = taken.local_addr().expect("an address").port();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("scenario.yaml").display().to_string();
    let text = SCENARIO.replace(
        "    encryption",
        &format!("    port: {port}\n    encryption"),
    );
    std::fs::write(&path, text).expect("a file");
    let output = program(&[&path]).wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains(&format!("127.0.0.1:{port}")), "{stderr}");
}
