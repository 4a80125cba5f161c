use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::probe::LiveSession;

async fn run(host: &str, port: u16, addresses: &[&str]) -> Outcome {
    let request = ProbeRequest::new("tcp-connect")
        .with("host", host)
        .with("port", port)
        .with("addresses", addresses.to_vec());
    let context = Context {
        session: Arc::new(LiveSession::default()),
        deadline: tokio::time::Instant::now() + Duration::from_secs(2),
        cancel: CancellationToken::new(),
    };
    TcpConnect.observe(&request, &context).await
}

#[tokio::test]
async fn each_address_is_tried_and_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let outcome = run("sql1", port, &["127.0.0.9", "127.0.0.1"]).await;
    assert_eq!(outcome.status, "connected");
    assert_eq!(*outcome.fact("address"), json!("127.0.0.1"));
    assert_eq!(*outcome.fact("failed_addresses"), json!(["127.0.0.9"]));
    assert_eq!(outcome.fact("attempts")[0]["result"], json!("refused"));
    assert_eq!(outcome.evidence.len(), 2);
}

#[tokio::test]
async fn a_closed_port_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(run("127.0.0.1", port, &[]).await.status, "refused");
}

#[tokio::test]
async fn a_port_that_is_silent_is_filtered_by_the_deadline() {
    // A listener with a full backlog takes no more connections, and says nothing.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let target = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(
        Duration::from_millis(300),
        tokio::net::TcpStream::connect(target),
    )
    .await
    {
        held.push(stream);
    }
    let started = Instant::now();
    let outcome = run("127.0.0.1", target.port(), &[]).await;
    assert_eq!(outcome.status, "filtered");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn missing_arguments_are_told() {
    let request = ProbeRequest::new("tcp-connect").with("host", "sql1");
    let context = Context {
        session: Arc::new(LiveSession::default()),
        deadline: tokio::time::Instant::now(),
        cancel: CancellationToken::new(),
    };
    let outcome = TcpConnect.observe(&request, &context).await;
    assert_eq!(outcome.status, "not-observed");
    assert_eq!(
        *outcome.fact("reason"),
        json!("the probe `tcp-connect` needs `port` as a port from 1 to 65535; got nothing")
    );
}
