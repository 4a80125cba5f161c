//! Hostile and unusual clients, SQL Browser, NTLM.

mod common;

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use common::raw::{RawClient, V7_4, first_error, login7, only_token};
use common::{Peer, connect, instance, scenario};
use tds_peer::kerberos::der::{context, element, nested, tag};
use tds_peer::kerberos::gss::mechanism;
use tds_peer::kerberos::spnego::{State, response, response_token};
use tds_peer::packet::kind;
use tds_peer::scenario::{
    Browser, ConnectionBehaviour, Encryption, NtlmAcceptor, Query, WindowsLogin,
};
use tds_peer::value::Cell;
use tds_peer::wire::utf16_bytes;
use tiberius::EncryptionLevel;
use tokio::net::UdpSocket;
use tokio::time::timeout;

#[tokio::test]
async fn malformed_bytes_close_the_connection_and_nothing_else() {
    let peer = Peer::start(scenario(instance(Encryption::LoginOnly))).await;
    let messages: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\nHost: sql1\r\n\r\n",
        &[0x12, 1, 0, 7, 0, 0, 0, 0],
        &[0x12, 1, 0, 9, 0, 0, 0, 0, 0],
        &[0x12, 1, 0, 14, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0xFF],
        &[0x10, 1, 0, 9, 0, 0, 0, 0, 0],
        // A TLS ClientHello, for an instance that does not speak TDS 8.
        &[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0],
    ];
    for bytes in messages {
        let mut client = RawClient::connect(peer.address()).await;
        client.send_bytes(bytes).await;
        assert!(client.receive().await.is_none(), "{bytes:?}");
    }
    for payload in [&[][..], &[1, 2, 3], &[0xFF; 200]] {
        let mut client = RawClient::with_prelogin(peer.address()).await;
        client.send(kind::LOGIN7, payload).await;
        assert!(client.receive().await.is_none());
        let mut client = RawClient::logged_in(peer.address()).await;
        client.send(kind::RPC, payload).await;
        assert!(client.receive().await.is_none());
    }
    let ends = peer.wait_for("end", 12).await;
    let malformed = ends.iter().filter(|end| {
        end["why"]
            .as_str()
            .is_some_and(|why| why.starts_with("malformed"))
    });
    assert_eq!(malformed.count(), 12);
    // It still serves others.
    connect(peer.address(), EncryptionLevel::On, "probe", "Secret1")
        .await
        .expect("a login");
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn changed_security_tokens_never_make_it_panic() {
    use common::ticket::{Wish, ap_req, keytab};
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("keytab");
    std::fs::write(&path, keytab("svc@CORP.EXAMPLE", 3, 18, &[1; 32])).expect("a keytab");
    let mut instance = instance(Encryption::LoginOnly);
    instance.kerberos = Some(tds_peer::scenario::KerberosAcceptor::with_keytab(&path));
    let peer = Peer::start(scenario(instance)).await;
    let good = ap_req(&Wish::default());
    // A fixed sequence, so that a failure can be repeated.
    let mut state = 12_345_u32;
    let mut next = move |limit: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % limit
    };
    for _ in 0..200 {
        let mut token = good.clone();
        for _ in 0..=next(4) {
            let at = next(token.len());
            token[at] = u8::try_from(next(256)).expect("a byte");
        }
        token.truncate(token.len() - next(3) * next(token.len() / 3));
        let mut client = RawClient::with_prelogin(peer.address()).await;
        client
            .send(kind::LOGIN7, &login7(V7_4, "", "", &token))
            .await;
        client.receive().await;
    }
    assert!(peer.events("internal-fault").is_empty());
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn an_attention_ends_a_query_that_takes_long() {
    let mut instance = instance(Encryption::NotSupported);
    let mut slow = Query::row("waitfor delay '00:01'", &[("a", "int", Cell::Integer(1))])
        .expect("known types");
    slow.delay_ms = 60_000;
    instance.queries.push(slow);
    let peer = Peer::start(scenario(instance)).await;
    let mut client = RawClient::logged_in(peer.address()).await;
    let began = Instant::now();
    client
        .send(
            kind::SQL_BATCH,
            &[&[4, 0, 0, 0][..], &utf16_bytes("WAITFOR DELAY '00:01'")].concat(),
        )
        .await;
    client.send(kind::ATTENTION, &[]).await;
    let answer = client.receive().await.expect("an answer");
    assert_eq!(answer.payload[..3], [0xFD, 0x20, 0]);
    assert!(began.elapsed() < Duration::from_secs(5));
    // The session goes on.
    let answer = client.batch("SELECT 1").await;
    assert_eq!(answer.payload[0], 0x81);
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn transactions_and_prepared_statements_are_answered() {
    let peer = Peer::start(scenario(instance(Encryption::NotSupported))).await;
    let mut client = RawClient::logged_in(peer.address()).await;
    // Begin: an ENVCHANGE of kind 8 with a descriptor of 8 bytes.
    client
        .send(kind::TRANSACTION, &[4, 0, 0, 0, 5, 0, 0, 0])
        .await;
    assert_eq!(
        client.receive().await.expect("an answer").payload[..5],
        [0xE3, 11, 0, 8, 8]
    );
    // sp_prepexec: an unset handle, no parameters, the statement.
    let statement = utf16_bytes("SELECT 1");
    let mut call = vec![4, 0, 0, 0, 0xFF, 0xFF, 13, 0, 0, 0];
    call.extend([0, 1, 0x26, 4, 0]);
    call.extend([0, 0, 0xE7, 0x40, 0x1F, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
    call.extend([
        0,
        0,
        0xE7,
        0x40,
        0x1F,
        0,
        0,
        0,
        0,
        0,
        u8::try_from(statement.len()).expect("short"),
        0,
    ]);
    call.extend(statement);
    client.send(kind::RPC, &call).await;
    let answer = client.receive().await.expect("an answer").payload;
    assert_eq!(answer[0], 0x81);
    let handle: &[u8] = &[0x26, 4, 4, 1, 0, 0, 0];
    assert!(
        answer.windows(handle.len()).any(|part| part == handle),
        "no handle came back"
    );
    client
        .send(
            kind::RPC,
            &[&[4, 0, 0, 0, 0xFF, 0xFF, 12, 0, 0, 0, 0, 0][..], handle].concat(),
        )
        .await;
    assert_eq!(client.receive().await.expect("an answer").payload[0], 0x81);
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn connections_are_treated_as_the_scenario_says() {
    use ConnectionBehaviour::{Close, CloseAtPrelogin, Garbage, Silent};
    for behaviour in [Close, CloseAtPrelogin, Garbage, Silent] {
        let mut instance = instance(Encryption::LoginOnly);
        instance.connection = behaviour;
        let peer = Peer::start(scenario(instance)).await;
        let login = connect(peer.address(), EncryptionLevel::On, "probe", "Secret1");
        match (behaviour, timeout(Duration::from_millis(700), login).await) {
            (Silent, Err(_)) | (Close | CloseAtPrelogin | Garbage, Ok(Err(_))) => {}
            (_, other) => panic!("{behaviour:?}: {:?}", other.map(|login| login.is_ok())),
        }
        assert_eq!(peer.stop().await, 0);
    }
}

#[tokio::test]
async fn sql_browser_answers_over_udp() {
    let mut scenario = scenario(instance(Encryption::LoginOnly));
    scenario.browser = Some(Browser {
        listen: vec![Ipv4Addr::LOCALHOST.into()],
        port: 0,
        silent: false,
    });
    let peer = Peer::start(scenario.clone()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    socket
        .send_to(b"\x04MSSQLSERVER\0", peer.browser())
        .await
        .expect("sent");
    let mut buffer = [0; 1024];
    let length = timeout(Duration::from_secs(5), socket.recv(&mut buffer))
        .await
        .expect("in time")
        .expect("an answer");
    let text = String::from_utf8_lossy(&buffer[3..length]).into_owned();
    assert!(
        text.contains(&format!("tcp;{};;", peer.address().port())),
        "{text}"
    );
    assert_eq!(peer.events("ssrp")[0]["request"], "instance MSSQLSERVER");
    peer.stop().await;

    scenario.browser = scenario.browser.map(|browser| Browser {
        silent: true,
        ..browser
    });
    let peer = Peer::start(scenario).await;
    socket.send_to(b"\x03", peer.browser()).await.expect("sent");
    assert_eq!(peer.wait_for("ssrp", 1).await[0]["answered"], false);
    assert!(
        timeout(Duration::from_millis(200), socket.recv(&mut buffer))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_ntlm_challenge_tells_who_the_server_is() {
    let mut instance = instance(Encryption::NotSupported);
    instance.ntlm = Some(NtlmAcceptor {
        computer: "SQL1".into(),
        domain: "CORP".into(),
        dns_computer: Some("sql1.corp.example".into()),
        dns_domain: Some("corp.example".into()),
        dns_tree: Some("corp.example".into()),
        without_timestamp: false,
        accept: false,
    });
    instance.windows_logins = vec![WindowsLogin::new(r"CORP\*")];
    let peer = Peer::start(scenario(instance)).await;
    let negotiate = b"NTLMSSP\0\x01\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let list = nested(tag::SEQUENCE, &[element(tag::OID, mechanism::NTLM)]);
    let parts = [
        context(0, &list),
        context(2, &element(tag::OCTET_STRING, negotiate)),
    ];
    let init = context(0, &nested(tag::SEQUENCE, &parts));
    let wrapped = element(
        tag::application(0),
        &[element(tag::OID, mechanism::SPNEGO), init].concat(),
    );
    for (token, spnego) in [(&negotiate[..], false), (&wrapped, true)] {
        let mut client = RawClient::with_prelogin(peer.address()).await;
        client
            .send(kind::LOGIN7, &login7(V7_4, "", "", token))
            .await;
        let answer = only_token(&client.receive().await.expect("a challenge"));
        let challenge = response_token(&answer).expect("a challenge");
        assert_eq!(spnego, answer != challenge);
        assert_eq!(challenge[..12], *b"NTLMSSP\0\x02\0\0\0");
        let name = utf16_bytes("sql1.corp.example");
        assert!(challenge.windows(name.len()).any(|part| part == name));
        // An answer without a name is an anonymous login.
        let anonymous = [&b"NTLMSSP\0\x03\0\0\0"[..], &[0; 52]].concat();
        let reply = if spnego {
            response(State::Incomplete, mechanism::NTLM, Some(&anonymous))
        } else {
            anonymous
        };
        client.send(kind::SSPI, &reply).await;
        let error = first_error(&client.receive().await.expect("a refusal"));
        assert_eq!(error.map(|(number, ..)| number), Some(18452));
    }
    assert_eq!(
        peer.events("login")[0]["login"],
        r"NT AUTHORITY\ANONYMOUS LOGON"
    );
    assert_eq!(peer.stop().await, 0);
}

#[tokio::test]
async fn another_instance_than_the_one_asked_for_says_so() {
    let peer = Peer::start(scenario(instance(Encryption::NotSupported))).await;
    for (name, expected) in [("MSSQLServer", 0), ("OTHER", 1)] {
        let mut client = RawClient::connect(peer.address()).await;
        let length = u8::try_from(name.len() + 1).expect("short");
        let hello = [
            &[1, 0, 11, 0, 1, 2, 0, 12, 0, length, 0xFF, 2][..],
            name.as_bytes(),
            &[0],
        ]
        .concat();
        client.send(kind::PRELOGIN, &hello).await;
        let answer = client.receive().await.expect("an answer").payload;
        let at = answer
            .chunks(5)
            .find(|option| option[0] == 2)
            .expect("the option INSTOPT");
        let offset = usize::from(u16::from_be_bytes([at[1], at[2]]));
        assert_eq!((answer[offset], at[4]), (expected, 1), "{name}");
    }
}

#[tokio::test]
async fn an_instance_of_2022_lets_strict_clients_in_as_well() {
    let mut instance = instance(Encryption::LoginOnly);
    instance.tds8 = true;
    let peer = Peer::start(scenario(instance)).await;
    for level in [EncryptionLevel::Strict, EncryptionLevel::Off] {
        connect(peer.address(), level, "probe", "Secret1")
            .await
            .expect("a login");
    }
}
