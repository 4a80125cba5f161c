//! StartTLS, RFC 4511 4.14.

use tokio::io::{AsyncRead, AsyncWrite};

use super::exchange::exchange;
use super::fault;

/// ExtendedRequest number 1 with the name 1.3.6.1.4.1.1466.20037.
const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
const EXTENDED_RESPONSE: u8 = 0x78;

/// Asks the server to speak TLS from now on; the fault is in words.
pub(super) async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<(), String> {
    let answer = exchange(stream, REQUEST, EXTENDED_RESPONSE)
        .await
        .map_err(|fault| fault.words("StartTLS"))?;
    if answer.code == 0 {
        Ok(())
    } else {
        Err(fault::result_words(answer.code, &answer.text))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn answered(bytes: &[u8]) -> (Result<(), String>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(1024);
        theirs.write_all(bytes).await.unwrap();
        let result = ask(&mut ours).await;
        drop(theirs);
        let mut rest = Vec::new();
        ours.read_to_end(&mut rest).await.unwrap();
        (result, rest)
    }

    /// As Samba and Windows answer; what follows is TLS.
    #[tokio::test]
    async fn a_yes_leaves_what_follows() {
        let good = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00\x16\x03";
        let (result, rest) = answered(good).await;
        assert_eq!(result, Ok(()));
        assert_eq!(rest, b"\x16\x03");
    }

    #[tokio::test]
    async fn a_refusal_is_told() {
        let refusal = b"\x30\x0f\x02\x01\x01\x78\x0a\x0a\x01\x34\x04\x00\x04\x03off";
        let (result, _) = answered(refusal).await;
        assert!(result.unwrap_err().contains("(LDAP result 52: off)"));
    }
}
