//! Searches against a scripted server on the loopback interface.

use std::time::Duration;

use ldap3::{LdapConnAsync, LdapConnSettings, StdStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [vec![tag, 0x82], length.to_vec(), content].concat()
}

fn text(value: &str) -> Vec<u8> {
    element(0x04, &[value.as_bytes().to_vec()])
}

fn message(number: u8, operation: Vec<u8>) -> Vec<u8> {
    element(0x30, &[element(0x02, &[vec![number]]), operation])
}

fn entry(number: u8, name: &str, attribute: &str, values: &[&str]) -> Vec<u8> {
    let values: Vec<Vec<u8>> = values.iter().map(|value| text(value)).collect();
    let pair = element(0x30, &[text(attribute), element(0x31, &values)]);
    message(number, element(0x64, &[text(name), element(0x30, &[pair])]))
}

fn reference(number: u8, url: &str) -> Vec<u8> {
    message(number, element(0x73, &[text(url)]))
}

fn done(number: u8, code: u8, diagnostic: &str) -> Vec<u8> {
    let code = element(0x0a, &[vec![code]]);
    message(number, element(0x65, &[code, text(""), text(diagnostic)]))
}

/// A server that answers the n-th request with the n-th bytes, some at a time,
/// and a library handle to it.
async fn server(answers: Vec<Vec<u8>>, piece: usize) -> Ldap {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 64 * 1024];
        for answer in answers {
            if stream.read(&mut buffer).await.unwrap() == 0 {
                return;
            }
            for part in answer.chunks(piece) {
                stream.write_all(part).await.unwrap();
                stream.flush().await.unwrap();
                tokio::task::yield_now().await;
            }
        }
        // Stays open and silent.
        let _ = stream.read(&mut buffer).await;
        tokio::time::sleep(Duration::from_secs(10)).await;
    });
    let stream = TcpStream::connect(address)
        .await
        .unwrap()
        .into_std()
        .unwrap();
    let settings = LdapConnSettings::new().set_std_stream(StdStream::Tcp(stream));
    let (connection, ldap) = LdapConnAsync::with_settings(settings, "ldap://x")
        .await
        .unwrap();
    tokio::spawn(async move {
        let _ = connection.drive().await;
    });
    ldap
}

async fn search(answers: Vec<Vec<u8>>, limit: usize) -> Result<Found, DirectoryFault> {
    let ldap = server(answers, 3).await;
    let search = Search {
        limit,
        ..Search::below("", "(a=b)", &["servicePrincipalName"])
    };
    let deadline = Instant::now() + Duration::from_millis(500);
    run(&ldap, "dc1:389", deadline, &search).await
}

#[tokio::test]
async fn entries_come_and_references_are_counted_not_followed() {
    let answer = [
        entry(1, "CN=a,DC=x", "servicePrincipalName", &["p", "q"]),
        reference(1, "ldap://elsewhere/DC=y"),
        entry(1, "CN=b,DC=x", "servicePrincipalName", &["r"]),
        done(1, 0, ""),
    ]
    .concat();
    let found = search(vec![answer], 10).await.unwrap();
    assert_eq!((found.entries.len(), found.references), (2, 1));
    assert_eq!(found.entries[0].texts("serviceprincipalname"), ["p", "q"]);
}

#[tokio::test]
async fn a_long_attribute_is_fetched_to_its_end() {
    let first = [
        entry(
            1,
            "CN=a,DC=x",
            "servicePrincipalName;range=0-1",
            &["p", "q"],
        ),
        done(1, 0, ""),
    ]
    .concat();
    let second = [
        entry(2, "CN=a,DC=x", "servicePrincipalName;range=2-*", &["r"]),
        done(2, 0, ""),
    ]
    .concat();
    let found = search(vec![first, second], 10).await.unwrap();
    assert_eq!(
        found.entries[0].texts("servicePrincipalName"),
        ["p", "q", "r"]
    );
}

#[tokio::test]
async fn more_than_is_wanted_is_not_taken() {
    let mut answer = Vec::new();
    for _ in 0..5 {
        answer.extend(entry(1, "CN=a,DC=x", "servicePrincipalName", &["p"]));
    }
    let found = search(vec![answer, Vec::new()], 2).await.unwrap();
    assert!(found.truncated);
    assert_eq!(found.entries.len(), 2);
}

#[tokio::test]
async fn an_error_is_told_and_no_such_object_is_nothing() {
    let refused =
        "000004DC: LdapErr: In order to perform this operation a successful bind must be completed";
    let fault = search(vec![done(1, 1, refused)], 10).await.unwrap_err();
    assert!(
        fault.to_string().contains("only those who have signed in"),
        "{fault}"
    );
    let found = search(vec![done(1, 32, "")], 10).await.unwrap();
    assert!(found.entries.is_empty());
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let started = Instant::now();
    let fault = search(Vec::new(), 10).await.unwrap_err();
    assert!(matches!(fault, DirectoryFault::TimedOut(_)));
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn what_is_not_ldap_breaks_the_connection() {
    let fault = search(vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()], 10)
        .await
        .unwrap_err();
    assert!(
        matches!(
            fault,
            DirectoryFault::Broken { .. } | DirectoryFault::TimedOut(_)
        ),
        "{fault}"
    );
}

#[tokio::test]
async fn an_entry_that_lies_about_its_shape_is_left_out() {
    let odd = message(1, element(0x64, &[text("CN=a"), text("not a list")]));
    let answer = [odd, done(1, 0, "")].concat();
    let found = search(vec![answer], 10).await.unwrap();
    assert!(found.entries.is_empty());
}
