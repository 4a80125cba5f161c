//! The negotiation around a Kerberos token (RFC 4178), of which only Kerberos is
//! offered: NTLM is never fallen back to.

use crate::probe::kerberos::der::{self, DerFault, Reader};

/// SPNEGO, 1.3.6.1.5.5.2, as a whole element.
const SPNEGO: &[u8] = b"\x06\x06\x2b\x06\x01\x05\x05\x02";
/// Kerberos, 1.2.840.113554.1.2.2, as a whole element.
const KERBEROS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
/// `ENUMERATED`.
const ENUMERATED: u8 = 0x0a;
/// `[1]`, as which a NegTokenResp stands in a NegotiationToken.
const RESPONSE: u8 = 0xa1;

/// What a server says of the negotiation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// It wants nothing of what was offered: `reject`.
    pub(super) rejected: bool,
    /// The mechanism's answer, empty when there is none.
    pub(super) token: Vec<u8>,
}

/// A NegTokenInit that offers Kerberos with its first token (RFC 4178 4.2.1).
pub(super) fn offer(token: &[u8]) -> Vec<u8> {
    let mechanisms = der::field(0, &der::sequence(&[KERBEROS]));
    let first = der::field(2, &der::octets(token));
    let init = der::field(0, &der::sequence(&[&mechanisms, &first]));
    der::element(der::application_tag(0), &[SPNEGO, &init])
}

/// Reads a NegTokenResp (RFC 4178 4.2.2).
pub(super) fn answer(bytes: &[u8]) -> Result<Answer, DerFault> {
    const REJECT: &[u8] = &[2];
    let mut response = Reader::new(bytes).enter(RESPONSE)?.sequence()?;
    let rejected = match response.optional_field(0)? {
        Some(mut state) => state.enter(ENUMERATED)?.rest() == REJECT,
        None => false,
    };
    let token = match response.optional_field(2)? {
        Some(mut token) => token.octets()?.to_vec(),
        None => Vec::new(),
    };
    Ok(Answer { rejected, token })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kerberos_is_offered() {
        assert_eq!(
            offer(b"ab"),
            b"\x60\x21\x06\x06\x2b\x06\x01\x05\x05\x02\
              \xa0\x17\x30\x15\
              \xa0\x0d\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\
              \xa2\x04\x04\x02ab"
        );
    }

    #[test]
    fn an_answer_has_a_state_and_a_token() {
        let done = b"\xa1\x18\x30\x16\xa0\x03\x0a\x01\x00\
                     \xa1\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\
                     \xa2\x02\x04\x00";
        for end in 0..done.len() {
            assert!(answer(&done[..end]).is_err(), "{end}");
        }
        let answered = Answer {
            rejected: false,
            token: Vec::new(),
        };
        assert_eq!(answer(done), Ok(answered));
        let refused = answer(b"\xa1\x07\x30\x05\xa0\x03\x0a\x01\x02");
        assert!(refused.is_ok_and(|answer| answer.rejected));
    }
}
