use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::identity::SqlIdentity;
use super::ntlm::tests::{challenge, utf16};
use super::prelogin::SqlPrelogin;
use crate::probe::peer_bench::{play, port, run};
use crate::probe::{LiveSession, Outcome, ProbeRequest};

async fn greet(port: u16) -> Outcome {
    let request = ProbeRequest::new("sql-prelogin")
        .with("host", "localhost")
        .with("port", port)
        .with("instance", "MSSQLSERVER");
    run(&SqlPrelogin, &request, LiveSession::default(), 5).await
}

async fn identify(port: u16) -> Outcome {
    let request = ProbeRequest::new("sql-identity")
        .with("host", "127.0.0.1")
        .with("port", port);
    run(&SqlIdentity, &request, LiveSession::default(), 5).await
}

/// Something that sends these bytes to whoever connects, and waits.
async fn something_else(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(bytes).await.unwrap();
            let _ = stream.read(&mut [0; 64]).await;
            held.push(stream);
        }
    });
    port
}

#[tokio::test]
async fn each_way_to_encrypt_is_told() {
    for (setting, told, tls) in [
        ("not-supported", "not-supported", Value::Null),
        ("login-only", "off", json!("TLS 1.2")),
        ("required", "required", json!("TLS 1.2")),
        ("strict", "strict", json!("TLS 1.3")),
    ] {
        let peer = play(json!({"encryption": setting, "version": "16.0.4165.4"})).await;
        let outcome = greet(port(&peer)).await;
        assert_eq!(outcome.status, "sql-server", "{setting}: {outcome:?}");
        assert_eq!(*outcome.fact("encryption"), json!(told));
        assert_eq!(*outcome.fact("tls_version"), tls, "{setting}");
        assert_eq!(*outcome.fact("version"), json!("16.0.4165"));
        assert_eq!(*outcome.fact("product"), json!("SQL Server 2022"));
    }
}

#[tokio::test]
async fn the_certificate_is_reported_and_not_believed() {
    let certificate = json!({"generate": {
        "names": ["sql1.corp.example", "10.0.4.7"], "common-name": "sql1.corp.example",
        "valid-from": "2026-01-01", "valid-to": "2036-01-01",
    }});
    let peer = play(json!({"certificate": certificate})).await;
    let outcome = greet(port(&peer)).await;
    assert_eq!(outcome.status, "sql-server");
    let seen = outcome.fact("certificate");
    assert_eq!(seen["subject"], json!("sql1.corp.example"));
    assert_eq!(seen["names"], json!(["sql1.corp.example", "10.0.4.7"]));
    assert_eq!(seen["not_before"], json!("2026-01-01T00:00:00Z"));
    assert_eq!(seen["self_signed"], json!(true));
    assert_eq!(seen["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(*outcome.fact("certificate_trusted"), json!(false));
    assert_eq!(*outcome.fact("name_matches"), json!(false));
}

#[tokio::test]
async fn a_certificate_is_trusted_by_the_settings() {
    let directory = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let write = |name: &str, text: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certificate = write("sql1.pem", made.cert.pem());
    let key = write("sql1.key", made.signing_key.serialize_pem());
    let files = json!({"files": {"certificate": certificate, "key": key}});
    let peer = play(json!({"certificate": files})).await;
    let mut session = LiveSession::default();
    session.settings.ca_file = Some(certificate);
    let request = ProbeRequest::new("sql-prelogin")
        .with("host", "localhost")
        .with("port", port(&peer));
    let outcome = run(&SqlPrelogin, &request, session, 5).await;
    assert_eq!(*outcome.fact("certificate_trusted"), json!(true));
    assert_eq!(*outcome.fact("certificate_fault"), Value::Null);
    assert_eq!(*outcome.fact("name_matches"), json!(true));
}

#[tokio::test]
async fn what_is_no_sql_server_is_told_apart() {
    let ssh = something_else(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    let outcome = greet(ssh).await;
    assert_eq!(outcome.status, "not-sql-server");
    let reason = outcome.fact("reason").as_str().unwrap().to_owned();
    assert!(reason.contains("it begins with \"SSH-2.0-\""), "{reason}");

    for (behaviour, status) in [
        ("garbage", "not-sql-server"),
        ("close", "closed"),
        ("close-at-prelogin", "closed"),
        ("silent", "timed-out"),
    ] {
        let peer = play(json!({"connection": behaviour})).await;
        assert_eq!(greet(port(&peer)).await.status, status, "{behaviour}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(greet(closed).await.status, "refused");
}

#[tokio::test]
async fn the_server_describes_itself() {
    for encryption in ["not-supported", "login-only", "required", "strict"] {
        let peer = play(json!({
            "encryption": encryption,
            "ntlm": {
                "computer": "SQL1", "domain": "CORP", "dns-computer": "SQL1.corp.example",
                "dns-domain": "corp.example", "dns-tree": "root.example",
            },
        }))
        .await;
        let outcome = identify(port(&peer)).await;
        assert_eq!(outcome.status, "described", "{encryption}: {outcome:?}");
        assert_eq!(*outcome.fact("fqdn"), json!("sql1.corp.example"));
        assert_eq!(*outcome.fact("netbios_computer"), json!("SQL1"));
        assert_eq!(*outcome.fact("domain"), json!("corp.example"));
        assert_eq!(*outcome.fact("netbios_domain"), json!("CORP"));
        assert_eq!(*outcome.fact("forest"), json!("root.example"));
        assert_eq!(*outcome.fact("domain_member"), json!(true));
        let offset = outcome.fact("clock_offset_seconds").as_f64().unwrap();
        assert!((offset - 120.0).abs() < 1.5, "{offset}");
    }
}

#[tokio::test]
async fn a_server_without_ntlm_is_no_fault() {
    let peer = play(json!({})).await;
    let outcome = identify(port(&peer)).await;
    assert_eq!(outcome.status, "no-ntlm", "{outcome:?}");
    assert_eq!(*outcome.fact("error_number"), json!(18452));
}

/// Version 11.0.2100, and the byte for encryption.
fn greeting(encryption: u8) -> Vec<u8> {
    let mut answer = vec![0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF];
    answer.extend([11, 0, 0x08, 0x34, 0, 0, encryption]);
    answer
}

/// A server with a TLS that we cannot speak: it hangs up on our handshake, and
/// goes on in clear with who offers no encryption. It answers a login with an
/// NTLM challenge.
async fn old_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            // The encryption option's data follows the version's six bytes.
            let offers_none = buffer[8 + 26 + 6] == 2;
            assert!(length > 8 + 26 + 6);
            let encryption = if offers_none { 2 } else { 0 };
            send(&mut stream, &greeting(encryption)).await;
            let _ = stream.read(&mut buffer).await.unwrap();
            if offers_none {
                let challenge = challenge(&[(1, utf16("OLD1")), (2, utf16("CORP"))]);
                let length = u16::try_from(challenge.len()).unwrap().to_le_bytes();
                let token = [&[0xED], length.as_slice(), &challenge].concat();
                send(&mut stream, &token).await;
                let _ = stream.read(&mut buffer).await;
            }
        }
    });
    port
}

async fn send(stream: &mut tokio::net::TcpStream, message: &[u8]) {
    super::packet::send(stream, super::packet::RESPONSE, message)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_server_with_old_tls_still_describes_itself() {
    let port = old_server().await;
    let greeted = greet(port).await;
    assert_eq!(greeted.status, "tls-failed", "{greeted:?}");
    assert_eq!(*greeted.fact("product"), json!("SQL Server 2012"));
    let outcome = identify(port).await;
    assert_eq!(outcome.status, "described", "{outcome:?}");
    assert_eq!(*outcome.fact("netbios_computer"), json!("OLD1"));
    assert_eq!(*outcome.fact("fqdn"), Value::Null);
}

/// Servers that answer the greeting, and then the handshake with these records.
async fn server_with_handshake(records: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await.unwrap();
            send(&mut stream, &greeting(0)).await;
            let _ = stream.read(&mut buffer).await.unwrap();
            super::packet::send(&mut stream, super::packet::PRELOGIN, records)
                .await
                .unwrap();
            let _ = stream.read(&mut buffer).await;
        }
    });
    port
}

#[tokio::test]
async fn a_server_with_too_old_a_protocol_is_said_to_be_old() {
    // A fatal alert `protocol_version`, and a ServerHello of TLS 1.0
    // (TLS_RSA_WITH_AES_128_CBC_SHA), as Windows Server 2008 sends it.
    const HELLO: &[u8] = &{
        let mut record = [0_u8; 47];
        record[0] = 22;
        record[1] = 3;
        record[2] = 1;
        record[4] = 42;
        record[5] = 2;
        record[8] = 38;
        record[9] = 3;
        record[10] = 1;
        record[45] = 0x2F;
        record
    };
    for records in [&[21, 3, 1, 0, 2, 2, 70][..], HELLO] {
        let greeted = greet(server_with_handshake(records).await).await;
        assert_eq!(greeted.status, "tls-failed", "{greeted:?}");
        let reason = greeted.fact("reason").as_str().unwrap_or_default();
        assert!(reason.contains("TLS 1.2"), "{reason}");
    }
}
