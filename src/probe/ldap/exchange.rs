//! One question and one answer in clear, before the LDAP library has the
//! connection: a bind (RFC 4511 4.2) or StartTLS (4.14). The library has no limit
//! for what a server answers.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::fault;
use super::guard::{Element, children, header};

/// The longest answer that is read.
const LONGEST: usize = 128 * 1024;
/// The tag of a message.
const SEQUENCE: u8 = 0x30;
/// serverSaslCreds in the answer to a bind.
const CREDENTIALS: u8 = 0x87;

/// An answer with a result.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The result.
    pub(super) code: u32,
    /// The server's text.
    pub(super) text: String,
    /// serverSaslCreds, empty when absent.
    pub(super) credentials: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum ExchangeFault {
    /// The connection broke.
    Broken(std::io::Error),
    /// What came is something else.
    NotLdap,
}

impl ExchangeFault {
    /// In words, after a question such as `the bind`.
    pub(super) fn words(&self, question: &str) -> String {
        match self {
            Self::Broken(error) => fault::io_words(error),
            Self::NotLdap => format!("its answer to {question} is not LDAP"),
        }
    }
}

/// Asks, and reads the answer of this kind. Not a byte after it is read: what
/// stands there is encrypted.
pub(super) async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    question: &[u8],
    kind: u8,
) -> Result<Answer, ExchangeFault> {
    let broken = ExchangeFault::Broken;
    stream.write_all(question).await.map_err(broken)?;
    let mut head = Vec::new();
    let length = loop {
        head.push(stream.read_u8().await.map_err(broken)?);
        if head[0] != SEQUENCE {
            return Err(ExchangeFault::NotLdap);
        }
        if let Some((_, _, length)) = header(&head).map_err(|_| ExchangeFault::NotLdap)? {
            break length;
        }
    };
    if length > LONGEST {
        return Err(ExchangeFault::NotLdap);
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message).await.map_err(broken)?;
    answer(&message, kind).ok_or(ExchangeFault::NotLdap)
}

fn answer(message: &[u8], kind: u8) -> Option<Answer> {
    let content = |one: &Element| &message[one.from..one.to];
    let parts = children(message, 0, message.len()).ok()?;
    let operation = parts.get(1).filter(|one| one.tag == kind)?;
    let parts = children(message, operation.from, operation.to).ok()?;
    let [code, _, text, more @ ..] = parts.as_slice() else {
        return None;
    };
    let credentials = more.iter().find(|one| one.tag == CREDENTIALS);
    Some(Answer {
        code: content(code)
            .iter()
            .fold(0_u32, |sum, digit| (sum << 8) | u32::from(*digit)),
        text: String::from_utf8_lossy(content(text)).into_owned(),
        credentials: credentials.map(content).unwrap_or_default().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The answer to a bind that goes on.
    const BIND: &[u8] =
        b"\x30\x13\x02\x01\x01\x61\x0e\x0a\x01\x0e\x04\x00\x04\x03abc\x87\x02\x01\x02";

    async fn asked(bytes: &[u8], kind: u8) -> (Result<Answer, String>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(bytes).await.unwrap();
        theirs.shutdown().await.unwrap();
        let result = exchange(&mut ours, b"", kind).await;
        let mut rest = Vec::new();
        ours.read_to_end(&mut rest).await.unwrap();
        (result.map_err(|fault| fault.words("the bind")), rest)
    }

    #[tokio::test]
    async fn an_answer_is_read_and_nothing_behind_it() {
        let (answer, rest) = asked(&[BIND, b"\x16\x03"].concat(), 0x61).await;
        let wanted = Answer {
            code: 14,
            text: "abc".to_owned(),
            credentials: vec![1, 2],
        };
        assert_eq!(answer, Ok(wanted));
        assert_eq!(rest, b"\x16\x03");
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_is_none() {
        for end in 0..BIND.len() {
            assert!(asked(&BIND[..end], 0x61).await.0.is_err(), "{end}");
        }
    }

    #[tokio::test]
    async fn other_answers_are_refused() {
        let others: [(&[u8], u8); 4] = [
            (b"HTTP/1.1 400", 0x61),
            (b"\x30\x84\x7f\xff\xff\xff", 0x61),
            (b"\x30\x80", 0x61),
            (BIND, 0x78),
        ];
        for (bytes, kind) in others {
            let (answer, _) = asked(bytes, kind).await;
            assert_eq!(answer.unwrap_err(), "its answer to the bind is not LDAP");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = answer(&bytes, 0x61);
        }
    }
}
