//! SPNEGO: choosing a mechanism (RFC 4178).

use super::der::{Der, context, element, nested, tag};
use crate::wire::Malformed;

/// A client's first SPNEGO message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegTokenInit {
    /// Object identifiers of the mechanisms, the preferred one first.
    pub mechanisms: Vec<Vec<u8>>,
    /// A token of the preferred mechanism.
    pub token: Option<Vec<u8>>,
}

impl NegTokenInit {
    /// Reads what stands behind the SPNEGO object identifier.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut sequence = Der::new("NegTokenInit", bytes)
            .enter(tag::context(0))?
            .enter(tag::SEQUENCE)?;
        let mut list = sequence.enter(tag::context(0))?.enter(tag::SEQUENCE)?;
        let mut mechanisms = Vec::new();
        while !list.is_empty() {
            mechanisms.push(list.expect(tag::OID)?.to_vec());
        }
        let _flags = sequence.optional(tag::context(1))?;
        let token = match sequence.enter_optional(tag::context(2))? {
            Some(mut token) => Some(token.expect(tag::OCTET_STRING)?.to_vec()),
            None => None,
        };
        Ok(Self { mechanisms, token })
    }
}

/// The state in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The login is authenticated.
    Completed,
    /// Another token is expected.
    Incomplete,
    /// It is refused.
    Rejected,
}

/// Builds a NegTokenResp.
pub fn response(state: State, mechanism: &[u8], token: Option<&[u8]>) -> Vec<u8> {
    let number = match state {
        State::Completed => 0,
        State::Incomplete => 1,
        State::Rejected => 2,
    };
    let mut parts = vec![
        context(0, &element(tag::ENUMERATED, &[number])),
        context(1, &element(tag::OID, mechanism)),
    ];
    if let Some(token) = token {
        parts.push(context(2, &element(tag::OCTET_STRING, token)));
    }
    context(1, &nested(tag::SEQUENCE, &parts))
}

/// The mechanism's token in a NegTokenResp; a token without SPNEGO around it
/// is given back as it is.
pub fn response_token(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    if bytes.first() != Some(&tag::context(1)) {
        return Ok(bytes.to_vec());
    }
    let mut sequence = Der::new("NegTokenResp", bytes)
        .enter(tag::context(1))?
        .enter(tag::SEQUENCE)?;
    let _state = sequence.optional(tag::context(0))?;
    let _mechanism = sequence.optional(tag::context(1))?;
    Ok(sequence
        .enter(tag::context(2))?
        .expect(tag::OCTET_STRING)?
        .to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kerberos::gss::mechanism;

    #[test]
    fn mechanisms_and_the_first_token_are_read() {
        let list = nested(
            tag::SEQUENCE,
            &[
                element(tag::OID, mechanism::MICROSOFT_KERBEROS),
                element(tag::OID, mechanism::NTLM),
            ],
        );
        let parts = [
            context(0, &list),
            context(2, &element(tag::OCTET_STRING, b"token")),
        ];
        let init =
            NegTokenInit::parse(&context(0, &nested(tag::SEQUENCE, &parts))).expect("well formed");
        assert_eq!(
            init.mechanisms,
            [mechanism::MICROSOFT_KERBEROS, mechanism::NTLM]
        );
        assert_eq!(init.token.as_deref(), Some(&b"token"[..]));
        assert!(NegTokenInit::parse(b"\xA0\x02\x30\x09").is_err());
    }

    #[test]
    fn a_response_can_be_read_back() {
        let bytes = response(State::Incomplete, mechanism::NTLM, Some(b"challenge"));
        assert_eq!(response_token(&bytes), Ok(b"challenge".to_vec()));
        assert_eq!(response_token(b"NTLMSSP\0"), Ok(b"NTLMSSP\0".to_vec()));
        assert!(response_token(&response(State::Completed, mechanism::KERBEROS, None)).is_err());
    }
}
