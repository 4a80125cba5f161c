//! What is said to which KDC, and what is not said twice.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::probe::kerberos::der;

/// KRB-ERROR 7, with its length.
fn unknown() -> Vec<u8> {
    let error = der::element(
        der::application_tag(30),
        &[&der::sequence(&[
            &der::field(4, &der::time(Timestamp::UNIX_EPOCH)),
            &der::field(5, &der::integer(0)),
            &der::field(6, &der::integer(7)),
        ])],
    );
    let length = u32::try_from(error.len()).unwrap();
    [&length.to_be_bytes()[..], &error].concat()
}

/// Reads a question; gives back its length.
async fn question(stream: &mut TcpStream) -> usize {
    let length = usize::try_from(stream.read_u32().await.unwrap()).unwrap();
    let mut question = vec![0; length];
    stream.read_exact(&mut question).await.unwrap();
    length
}

/// Answers a question with KRB-ERROR 7, when it is asked to answer.
async fn kdc(answers: bool) -> (u16, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let length = question(&mut stream).await;
        if answers {
            stream.write_all(&unknown()).await.unwrap();
        }
        length
    });
    (port, task)
}

async fn asked(kdcs: &[u16]) -> (Result<Answered, RealmFault>, Vec<Evidence>, Duration) {
    let started = Instant::now();
    let (result, trail) = asked_in(&LiveSession::default(), kdcs, b"abc").await;
    (result, trail, started.elapsed())
}

async fn asked_in(
    session: &LiveSession,
    kdcs: &[u16],
    message: &[u8],
) -> (Result<Answered, RealmFault>, Vec<Evidence>) {
    let lines: Vec<String> = kdcs
        .iter()
        .map(|port| format!("kdc = 127.0.0.1:{port}"))
        .collect();
    let text = format!("[realms]\nCORP.EXAMPLE = {{\n{}\n}}\n", lines.join("\n"));
    let conf = Krb5Conf::from_text(std::path::Path::new("krb5.conf"), &text);
    let mut trail = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(10);
    let result = ask(
        session,
        &conf,
        "CORP.EXAMPLE",
        "a question",
        message,
        deadline,
        &mut trail,
    )
    .await;
    (result, trail)
}

/// A KDC that answers so many questions a connection, and tells how many
/// connections it took for three.
async fn three_questions(a_connection: usize, message: &[u8]) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let kdc = tokio::spawn(async move {
        let (mut connections, mut left) = (0, 3);
        while left > 0 {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections += 1;
            for _ in 0..a_connection.min(left) {
                // Who asks anew hangs up.
                if stream.peek(&mut [0]).await.unwrap() == 0 {
                    break;
                }
                question(&mut stream).await;
                stream.write_all(&unknown()).await.unwrap();
                left -= 1;
            }
        }
        connections
    });
    let session = LiveSession::default();
    for _ in 0..3 {
        let (answered, trail) = asked_in(&session, &[port], message).await;
        assert!(answered.is_ok() && trail.is_empty(), "{trail:#?}");
    }
    drop(session);
    kdc.await.unwrap()
}

#[tokio::test]
async fn a_connection_serves_as_long_as_the_kdc_keeps_it_and_no_password_goes_over_it() {
    let (tgs_req, as_req) = ([application_tag(12)], [application_tag(10)]);
    assert_eq!(three_questions(3, &tgs_req).await, 1);
    assert_eq!(three_questions(2, &tgs_req).await, 2);
    assert_eq!(three_questions(1, &tgs_req).await, 3);
    assert_eq!(three_questions(3, &as_req).await, 3);
}

#[tokio::test]
async fn one_that_refuses_or_hangs_up_is_passed_over_at_once() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = closed.local_addr().unwrap().port();
    drop(closed);
    let (hanging_up, first) = kdc(false).await;
    let (answering, second) = kdc(true).await;
    let (answered, trail, took) = asked(&[refusing, hanging_up, answering]).await;
    assert_eq!(answered.unwrap().kdc.port, answering);
    assert_eq!(trail.len(), 2, "{trail:#?}");
    assert!(took < HEAD_START, "{took:?}");
    // The message came to both, to the one after the other.
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (3, 3));
}

#[tokio::test]
async fn what_every_kdc_did_is_told() {
    let (answered, trail, _) = asked(&[1, 2]).await;
    let words = answered.unwrap_err().to_string();
    assert_eq!(words.matches("refused").count(), 2, "{words}");
    assert_eq!(trail.len(), 2);
}

#[tokio::test]
async fn the_message_goes_to_one_at_a_time() {
    let (answering, first) = kdc(true).await;
    let (other, second) = kdc(true).await;
    let (answered, _, _) = asked(&[answering, other]).await;
    assert_eq!(answered.unwrap().kdc.port, answering);
    assert_eq!(first.await.unwrap(), 3);
    assert!(!second.is_finished());
}
