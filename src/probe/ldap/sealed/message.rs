//! The SASL bind (RFC 4511 4.2).

use crate::probe::kerberos::der::{element, integer, octets};

/// The tag of the answer to a bind.
pub(super) const BIND_RESPONSE: u8 = 0x61;

/// A bind request, number 1, with the mechanism GSS-SPNEGO.
pub(super) fn bind_request(token: &[u8]) -> Vec<u8> {
    let sasl = element(0xa3, &[&octets(b"GSS-SPNEGO"), &octets(token)]);
    let bind = element(0x60, &[&integer(3), &octets(b""), &sasl]);
    element(0x30, &[&integer(1), &bind])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_as_other_clients_send_it() {
        assert_eq!(
            bind_request(b"ab"),
            b"\x30\x1c\x02\x01\x01\x60\x17\x02\x01\x03\x04\x00\xa3\x10\x04\x0aGSS-SPNEGO\x04\x02ab"
        );
    }
}
