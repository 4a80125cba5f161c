//! Reading what anyone may send.

use super::*;
use proptest::prelude::*;

proptest! {
    /// Whatever a KDC or a server sends, reading it ends with a value.
    #[test]
    fn no_bytes_are_too_strange(
        tag in prop::sample::select(vec![0x6b_u8, 0x6d, 0x7e, 0x79, 0x7a, 0x7b, 0x6f, 0x61, 0x30]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for message in [der::element(tag, &[&der::element(0x30, &[&bytes])]), bytes] {
            let _ = KdcAnswer::from_der(&message);
            let _ = ReplyPart::from_der(&message);
            let _ = Ticket::from_der(&message);
            let _ = encryption_info(&message);
            let _ = ap_reply(&message);
            let _ = ApReplyPart::from_der(&message);
        }
    }

    /// A byte that is changed on the way makes another message or a fault.
    #[test]
    fn a_changed_error_is_read_or_refused(at in 0_usize..90, to in any::<u8>()) {
        let mut message = der::element(application_tag(30), &[&der::sequence(&[
            &der::field(4, &der::time(Timestamp::UNIX_EPOCH)),
            &der::field(5, &der::integer(0)),
            &der::field(6, &der::integer(25)),
            &der::field(7, &der::text("CORP.EXAMPLE")),
            &der::field(11, &der::text("words")),
            &der::field(12, &der::octets(&der::sequence(&[]))),
        ])]);
        let at = at % message.len();
        message[at] = to;
        if let Ok(error) = KrbError::from_der(&message) {
            let _ = (error.method_data(), error.nt_status());
        }
    }
}

#[test]
fn a_windows_status_is_found_in_an_error() {
    let extended = der::sequence(&[
        &der::field(1, &der::integer(3)),
        &der::field(
            2,
            &der::octets(&[0x8b, 0x01, 0x00, 0xc0, 0, 0, 0, 0, 1, 0, 0, 0]),
        ),
    ]);
    let error = KrbError {
        time: Timestamp::UNIX_EPOCH,
        code: 7,
        client_realm: None,
        text: None,
        data: Some(extended),
    };
    assert_eq!(error.nt_status(), Some(0xC000_018B));
    assert!(error.method_data().is_empty());
}
