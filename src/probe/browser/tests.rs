use proptest::prelude::*;
use serde_json::json;
use tokio::time::Instant;

use super::*;

const TWO: &str = r"ServerName;SQL1;InstanceName;MSSQLSERVER;IsClustered;No;Version;16.0.1000.6;tcp;1433;;ServerName;SQL1;InstanceName;Sales;IsClustered;Yes;Version;15.0.2000.5;np;\\SQL1\pipe\MSSQL$SALES\sql\query;;";

fn packed(text: &str) -> Vec<u8> {
    let mut reply = vec![5];
    reply.extend_from_slice(&u16::try_from(text.len()).unwrap().to_le_bytes());
    reply.extend_from_slice(text.as_bytes());
    reply
}

/// A Browser on loopback that answers questions of this first byte.
async fn browser(answers_to: &'static [u8], reply: Vec<u8>) -> u16 {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut buffer = [0; 512];
        while let Ok((_, peer)) = socket.recv_from(&mut buffer).await {
            if answers_to.contains(&buffer[0]) {
                socket.send_to(&reply, peer).await.unwrap();
            }
        }
    });
    port
}

async fn look(port: u16, wanted: &str) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(4);
    let seen = ask_all(&["127.0.0.1".parse().unwrap()], port, wanted, deadline).await;
    tell(Outcome::of(&DECLARATION), wanted, &seen)
}

#[tokio::test]
async fn instances_are_listed_with_their_ports() {
    let port = browser(&[3], packed(TWO)).await;
    let outcome = look(port, "MSSQLSERVER").await;
    assert_eq!(outcome.status, "listed");
    assert_eq!(*outcome.fact("port"), json!(1433));
    assert_eq!(outcome.fact("instances").as_array().unwrap().len(), 2);

    let sales = look(port, "SALES").await;
    assert_eq!(sales.status, "listed");
    assert_eq!(*sales.fact("port"), json!(null));
    assert_eq!(*sales.fact("tcp_enabled"), json!(false));
    assert_eq!(*sales.fact("clustered"), json!(true));

    let other = look(port, "HR").await;
    assert_eq!(other.status, "instance-not-listed");
    assert_eq!(
        *other.fact("reason"),
        json!("the Browser does not list HR, but MSSQLSERVER, SALES")
    );
}

#[tokio::test]
async fn silence_and_a_closed_port_are_told_apart() {
    let silent = browser(&[], Vec::new()).await;
    assert_eq!(look(silent, "MSSQLSERVER").await.status, "silent");
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let closed = socket.local_addr().unwrap().port();
    drop(socket);
    assert_eq!(look(closed, "MSSQLSERVER").await.status, "unreachable");
}

#[tokio::test]
async fn another_protocol_on_the_port_is_malformed() {
    let port = browser(&[3, 4], b"HTTP/1.1 400 Bad Request\r\n".to_vec()).await;
    let outcome = look(port, "MSSQLSERVER").await;
    assert_eq!(outcome.status, "malformed");
}

#[test]
fn a_reply_that_is_cut_off_is_refused() {
    let mut reply = packed(TWO);
    reply.truncate(40);
    assert_eq!(ssrp::parse(&reply), Err("it is cut off"));
    assert_eq!(ssrp::parse(&packed("")), Err("it names no instance"));
}

proptest! {
    #[test]
    fn any_reply_is_read_or_refused_without_a_panic(mut reply in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ssrp::parse(&reply);
        reply.splice(0..0, [5, 100, 0]);
        let _ = ssrp::parse(&reply);
    }
}
