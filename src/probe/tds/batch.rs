//! A batch of Transact-SQL in a session that is logged in, [MS-TDS] 2.2.6.7, and
//! what it is answered with.

use tokio::time::Instant;

use super::connection::{Connection, by};
use super::packet;
use super::results::{self, Results};

/// All answers of a session together are shorter by far.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;

impl Connection {
    /// Asks in a session that is logged in. What has come by the deadline counts,
    /// and so does what came before the connection broke.
    pub async fn ask(&mut self, sql: &str, deadline: Instant) -> Results {
        let mut answer = Vec::new();
        let mut first_packet = None;
        let asked = by(deadline, async {
            let wire = &mut *self.wire;
            packet::send(wire, packet::SQL_BATCH, &message(sql)).await?;
            let sent = Instant::now();
            loop {
                let is_last = packet::receive_packet(&mut answer, LONGEST_ANSWER, wire).await?;
                first_packet.get_or_insert_with(|| sent.elapsed());
                if is_last {
                    return Ok(());
                }
            }
        })
        .await;
        let mut results = results::parse(&answer);
        results.first_packet = first_packet;
        if let Err(fault) = asked {
            results.fault = Some(fault);
        }
        results
    }
}

/// The message, with the header that every request has since TDS 7.2: no
/// transaction is open, and this is the only request ([MS-TDS] 2.2.5.3.2).
pub(super) fn message(sql: &str) -> Vec<u8> {
    const HEADER: u32 = 18;
    const TRANSACTION_DESCRIPTOR: u16 = 2;
    let mut message = Vec::with_capacity(22 + sql.len() * 2);
    message.extend_from_slice(&(HEADER + 4).to_le_bytes());
    message.extend_from_slice(&HEADER.to_le_bytes());
    message.extend_from_slice(&TRANSACTION_DESCRIPTOR.to_le_bytes());
    message.extend_from_slice(&0_u64.to_le_bytes());
    message.extend_from_slice(&1_u32.to_le_bytes());
    message.extend(sql.encode_utf16().flat_map(u16::to_le_bytes));
    message
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncWriteExt as _, DuplexStream};

    use super::*;
    use crate::probe::tds::{Greeting, TdsFault};

    /// A connection that is logged in to whatever is at the other end.
    fn connected() -> (Connection, DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let connection = Connection {
            wire: Box::new(ours),
            address: "192.0.2.1:1433".parse().unwrap(),
            greeting: greeting(),
            tls: None,
        };
        (connection, theirs)
    }

    fn greeting() -> Greeting {
        // VERSION 16.0.1000, and encryption: not supported.
        let answer = [
            0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 16, 0, 3, 0xE8, 0, 0, 2,
        ];
        super::super::greeting::parse(&answer, false).unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(200)
    }

    /// One column `a` and the row `x`.
    const SET: &[u8] = &[
        0x81, 1, 0, 0, 0, 0, 0, 9, 0, 0xE7, 20, 0, 9, 4, 0xD0, 0, 0x34, 1, b'a', 0, 0xD1, 2, 0,
        b'x', 0,
    ];

    fn packet(status: u8, body: &[u8]) -> Vec<u8> {
        let header = packet::header(packet::RESPONSE, status, body.len(), 1);
        [&header, body].concat()
    }

    #[tokio::test]
    async fn what_came_before_the_silence_counts() {
        let (mut connection, mut server) = connected();
        server.write_all(&packet(0, SET)).await.unwrap();
        let results = connection.ask("SELECT 1", soon()).await;
        assert_eq!(results.sets[0].rows, [[Some("x".to_owned())]]);
        assert!(matches!(results.fault, Some(TdsFault::TimedOut)));
        assert!(results.first_packet.is_some());
    }

    #[tokio::test]
    async fn a_server_that_closes_or_sends_something_else_says_so() {
        let (mut connection, server) = connected();
        drop(server);
        let results = connection.ask("SELECT 1", soon()).await;
        assert!(results.sets.is_empty() && results.fault.is_some());
        for garbage in [&b"HTTP/1.1 400 Bad Request"[..], &[0xFF; 64]] {
            let (mut connection, mut server) = connected();
            server.write_all(garbage).await.unwrap();
            let results = connection.ask("SELECT 1", soon()).await;
            assert!(matches!(results.fault, Some(TdsFault::NotSqlServer(_))));
        }
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_kept() {
        let (mut connection, mut server) = connected();
        let endless = tokio::spawn(async move {
            let more = packet(0, &[SET, &[0xD1, 2, 0, b'x', 0].repeat(800)].concat());
            while server.write_all(&more).await.is_ok() {}
        });
        let until = Instant::now() + Duration::from_secs(20);
        let results = connection.ask("SELECT 1", until).await;
        drop(connection);
        endless.await.unwrap();
        assert!(matches!(results.fault, Some(TdsFault::Malformed(_))));
        let rows: usize = results.sets.iter().map(|set| set.rows.len()).sum();
        assert!(rows <= 20_000, "{rows}");
    }

    #[test]
    fn the_text_follows_the_header() {
        let bytes = message("GO");
        assert_eq!(bytes.len(), 26);
        assert_eq!(bytes[..10], [22, 0, 0, 0, 18, 0, 0, 0, 2, 0]);
        assert_eq!(bytes[18..], [1, 0, 0, 0, b'G', 0, b'O', 0]);
    }
}
