//! The two messages of a SASL bind (RFC 4511 4.2), in BER.

/// A bind's answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BindResponse {
    /// The result.
    pub(super) result_code: u32,
    /// The server's text.
    pub(super) text: String,
    /// serverSaslCreds, empty when absent.
    pub(super) credentials: Vec<u8>,
}

/// The longest answer to a bind that is taken.
const LONGEST: usize = 128 * 1024;

/// A bind request with the mechanism GSS-SPNEGO.
pub(super) fn bind_request(number: u8, token: &[u8]) -> Vec<u8> {
    let sasl = [element(0x04, b"GSS-SPNEGO"), element(0x04, token)].concat();
    let bind = [
        element(0x02, &[3]),
        element(0x04, b""),
        element(0xa3, &sasl),
    ]
    .concat();
    element(
        0x30,
        &[element(0x02, &[number & 0x7f]), element(0x60, &bind)].concat(),
    )
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => bytes.push(length),
        _ => {
            let length = content.len().to_be_bytes();
            let from = length
                .iter()
                .position(|byte| *byte != 0)
                .unwrap_or(length.len() - 1);
            let digits = &length[from..];
            // At most eight digits.
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            bytes.extend_from_slice(digits);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

/// Reads a bind's answer; `Ok(None)` while it is not all there.
pub(super) fn parse_bind_response(bytes: &[u8]) -> Result<Option<BindResponse>, ()> {
    if bytes.first().is_some_and(|tag| *tag != 0x30) {
        return Err(());
    }
    let Some((_, message)) = Reader(bytes).element()? else {
        return Ok(None);
    };
    let mut message = Reader(message);
    let _number = message.expect(0x02)?;
    let mut response = Reader(message.expect(0x61)?);
    let result_code = response
        .expect(0x0a)?
        .iter()
        .fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
    let _matched = response.expect(0x04)?;
    let text = String::from_utf8_lossy(response.expect(0x04)?).into_owned();
    let mut credentials = Vec::new();
    while let Some((tag, content)) = response.element()? {
        if tag == 0x87 {
            credentials = content.to_vec();
        }
    }
    Ok(Some(BindResponse {
        result_code,
        text,
        credentials,
    }))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next element; `Ok(None)` when it is not all there.
    fn element(&mut self) -> Result<Option<(u8, &'a [u8])>, ()> {
        let Some((&tag, rest)) = self.0.split_first() else {
            return Ok(None);
        };
        let Some((&first, rest)) = rest.split_first() else {
            return Ok(None);
        };
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let digits = usize::from(first & 0x7f);
            if digits == 0 || digits > 4 {
                return Err(());
            }
            let Some((front, rest)) = rest.split_at_checked(digits) else {
                return Ok(None);
            };
            let length = front
                .iter()
                .fold(0_usize, |value, byte| (value << 8) | usize::from(*byte));
            (length, rest)
        };
        if length > LONGEST {
            return Err(());
        }
        let Some((content, rest)) = rest.split_at_checked(length) else {
            return Ok(None);
        };
        self.0 = rest;
        Ok(Some((tag, content)))
    }

    fn expect(&mut self, wanted: u8) -> Result<&'a [u8], ()> {
        match self.element()? {
            Some((tag, content)) if tag == wanted => Ok(content),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(code: u8, credentials: &[u8]) -> Vec<u8> {
        let body = [
            element(0x0a, &[code]),
            element(0x04, b""),
            element(0x04, b"text"),
            element(0x87, credentials),
        ]
        .concat();
        element(0x30, &[element(0x02, &[1]), element(0x61, &body)].concat())
    }

    #[test]
    fn an_answer_in_pieces() {
        let bytes = answer(14, &[7; 300]);
        for end in 0..bytes.len() {
            assert_eq!(parse_bind_response(&bytes[..end]), Ok(None), "{end}");
        }
        let response = parse_bind_response(&bytes).unwrap().unwrap();
        assert_eq!(response.result_code, 14);
        assert_eq!(response.text, "text");
        assert_eq!(response.credentials.len(), 300);
    }

    #[test]
    fn a_request_as_other_clients_send_it() {
        assert_eq!(
            bind_request(1, b"ab"),
            b"\x30\x1c\x02\x01\x01\x60\x17\x02\x01\x03\x04\x00\xa3\x10\x04\x0aGSS-SPNEGO\x04\x02ab"
        );
    }

    #[test]
    fn what_is_not_a_bind_response_is_refused() {
        assert_eq!(parse_bind_response(b"HTTP/1.1 400"), Err(()));
        assert_eq!(
            parse_bind_response(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
            Err(())
        );
        assert_eq!(parse_bind_response(&[0x30, 0x80]), Err(()));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse_bind_response(&bytes);
        }
    }
}
