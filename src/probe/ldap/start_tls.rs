//! StartTLS, RFC 4511 4.14: one question and one answer in clear. Done here and
//! not by the LDAP library, which has no limit for what a server answers.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::fault;
use super::guard::{Element, children, header};

/// ExtendedRequest number 1 with the name 1.3.6.1.4.1.1466.20037.
const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// The longest answer that is read.
const LONGEST: usize = 64 * 1024;
const EXTENDED_RESPONSE: u8 = 0x78;
const NOT_LDAP: &str = "its answer to StartTLS is not LDAP";

/// Asks the server to speak TLS from now on; the fault is in words. Not a byte
/// after the answer is read: what stands there is TLS.
pub(super) async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<(), String> {
    let io_words = |error: std::io::Error| fault::io_words(&error);
    stream.write_all(REQUEST).await.map_err(io_words)?;
    let mut head = Vec::new();
    let length = loop {
        head.push(stream.read_u8().await.map_err(io_words)?);
        if head[0] != 0x30 {
            return Err(NOT_LDAP.to_owned());
        }
        if let Some((_, _, length)) = header(&head).map_err(|_| NOT_LDAP)? {
            break length;
        }
    };
    if length > LONGEST {
        return Err(NOT_LDAP.to_owned());
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message).await.map_err(io_words)?;
    let (code, text) = result(&message).ok_or(NOT_LDAP)?;
    if code == 0 {
        Ok(())
    } else {
        Err(fault::result_words(code, &text))
    }
}

fn result(message: &[u8]) -> Option<(u32, String)> {
    let inside = |one: &Element| children(message, one.from, one.to).ok();
    let parts = children(message, 0, message.len()).ok()?;
    let answer = parts.get(1).filter(|one| one.tag == EXTENDED_RESPONSE)?;
    let parts = inside(answer)?;
    let [code, _, text, ..] = parts.as_slice() else {
        return None;
    };
    let code = message[code.from..code.to]
        .iter()
        .fold(0_u32, |sum, digit| (sum << 8) | u32::from(*digit));
    let text = String::from_utf8_lossy(&message[text.from..text.to]).into_owned();
    Some((code, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Samba and Windows answer, with and without their name.
    const GOOD: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";

    async fn answered(bytes: &[u8]) -> (Result<(), String>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(bytes).await.unwrap();
        let result = ask(&mut ours).await;
        drop(theirs);
        let mut rest = Vec::new();
        ours.read_to_end(&mut rest).await.unwrap();
        (result, rest)
    }

    #[tokio::test]
    async fn what_follows_the_answer_is_left_for_tls() {
        let (result, rest) = answered(&[GOOD, b"\x16\x03"].concat()).await;
        assert_eq!(result, Ok(()));
        assert_eq!(rest, b"\x16\x03");
    }

    #[tokio::test]
    async fn refusals_and_other_answers_are_told() {
        let refusal = b"\x30\x0f\x02\x01\x01\x78\x0a\x0a\x01\x34\x04\x00\x04\x03off";
        let (result, _) = answered(refusal).await;
        assert!(result.unwrap_err().contains("(LDAP result 52: off)"));
        for bytes in [&b"HTTP/1.1 400"[..], b"\x30\x84\x7f\xff\xff\xff"] {
            assert_eq!(answered(bytes).await.0.unwrap_err(), NOT_LDAP);
        }
    }
}
