use proptest::prelude::*;

use super::*;

fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [vec![tag, 0x84], length.to_vec(), content].concat()
}

fn text(value: &[u8]) -> Vec<u8> {
    element(0x04, &[value.to_vec()])
}

fn message(number: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &[element(0x02, &[vec![number]]), parts.concat()])
}

fn result(tag: u8, words: &[u8]) -> Vec<u8> {
    element(tag, &[element(0x0a, &[vec![0]]), text(b""), text(words)])
}

fn page_control() -> Vec<u8> {
    let value = element(0x30, &[element(0x02, &[vec![0]]), text(b"next")]);
    let control = element(0x30, &[text(b"1.2.840.113556.1.4.319"), text(&value)]);
    element(0xa0, &[control])
}

fn entry() -> Vec<u8> {
    let pair = element(
        0x30,
        &[text(b"cn"), element(0x31, &[text(b"a"), text(b"b")])],
    );
    element(0x64, &[text(b"CN=a"), element(0x30, &[pair])])
}

/// A guard that has seen a search with number 1 and a bind with number 2.
fn asked() -> Guard {
    let mut guard = Guard::default();
    let requests = [
        message(1, &[element(0x63, &[])]),
        message(2, &[element(0x60, &[])]),
    ];
    // As TCP may cut them.
    for byte in requests.concat() {
        guard.ask(&[byte]);
    }
    guard
}

fn answers() -> Vec<u8> {
    [
        message(1, &[entry()]),
        message(1, &[element(0x73, &[text(b"ldap://x")])]),
        message(2, &[result(0x61, b"fine")]),
        message(1, &[result(0x65, b""), page_control()]),
    ]
    .concat()
}

#[test]
fn good_answers_pass_whole_however_they_are_cut() {
    let bytes = answers();
    for cut in 0..=bytes.len() {
        let mut guard = asked();
        let mut passed = guard.pass(&bytes[..cut]).unwrap();
        passed.extend(guard.pass(&bytes[cut..]).unwrap());
        assert_eq!(passed, bytes, "cut at {cut}");
        assert!(guard.inward.is_empty() && guard.open.is_empty());
    }
}

#[test]
fn what_nobody_waits_for_is_left_out() {
    let notice = message(
        0,
        &[result(0x78, b"bye"), element(0x8a, &[b"1.3.6".to_vec()])],
    );
    let late = message(9, &[entry()]);
    let mut guard = asked();
    assert_eq!(guard.pass(&[notice, late].concat()), Ok(Vec::new()));
    guard.ask(&message(3, &[element(0x50, &[vec![1]])]));
    assert_eq!(guard.pass(&message(1, &[entry()])), Ok(Vec::new()));
}

/// On each of these the library would panic, wait for ever or run out of stack.
#[test]
fn messages_of_another_shape_are_refused() {
    let mut deep = Vec::new();
    for _ in 0..10_000 {
        deep = element(0x30, &[deep]);
    }
    let without_text = element(0x65, &[element(0x0a, &[vec![0]]), text(b"")]);
    let control = |parts: &[Vec<u8>]| {
        let control = element(0x30, parts);
        message(1, &[result(0x65, b""), element(0xa0, &[control])])
    };
    let refused = [
        b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
        vec![0x30, 0],
        vec![0x30, 0x80],
        vec![0x30, 3, 2, 1, 1],
        vec![0x30, 6, 2, 1, 1, 0x64, 9, 0],
        message(1, &[result(0x61, b"")]),
        message(2, &[result(0x65, b"")]),
        message(1, &[without_text]),
        message(
            1,
            &[element(
                0x65,
                &[element(0x0a, &[vec![0; 9]]), text(b""), text(b"")],
            )],
        ),
        message(1, &[element(0x73, &[element(0x30, &[])])]),
        control(&[]),
        control(&[text(b"1.2.3"), element(0x01, &[])]),
        control(&[text(b"1.2.840.113556.1.4.319"), text(b"no page")]),
        control(&[text(b"1.2.840.113556.1.4.319")]),
        message(1, &[element(0x64, &[deep])]),
    ];
    for (index, bytes) in refused.iter().enumerate() {
        let fault = asked().pass(bytes);
        assert!(
            matches!(fault, Err(GuardFault::NotLdap | GuardFault::TooMany)),
            "{index}: {fault:?}"
        );
    }
}

#[test]
fn texts_in_a_code_page_are_made_readable() {
    let bytes = message(2, &[result(0x61, b"zur\xfcck")]);
    let passed = asked().pass(&bytes).unwrap();
    assert!(passed.windows(6).any(|window| window == b"zur?ck"));
}

#[test]
fn endless_answers_end() {
    let long = [&[0x30, 0x84, 0, 0x50, 0, 0][..], &[0; 100]].concat();
    assert_eq!(asked().pass(&long), Err(GuardFault::TooLong));
    let many = element(0x31, &vec![vec![4, 0]; 200_000]);
    let many = message(1, &[element(0x64, &[many])]);
    assert_eq!(asked().pass(&many), Err(GuardFault::TooMany));
    let block = vec![message(1, &[entry()]); 10_000].concat();
    let mut guard = asked();
    let mut blocks = 0;
    let fault = loop {
        match guard.pass(&block) {
            Ok(_) => blocks += 1,
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault, GuardFault::Endless);
    assert_eq!(blocks, MOST / block.len());
    // Another page is another question.
    guard.ask(&message(4, &[element(0x63, &[])]));
    assert!(guard.pass(&message(4, &[entry()])).is_ok());
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = asked().pass(&bytes);
    }

    #[test]
    fn nothing_that_passes_harms_the_library(at in 0_usize..400, byte in any::<u8>()) {
        let mut bytes = answers();
        let at = at % bytes.len();
        bytes[at] = byte;
        let Ok(passed) = asked().pass(&bytes) else { return Ok(()) };
        let mut rest = passed.as_slice();
        while let Some((_, from, length)) = header(rest).unwrap() {
            rest = &rest[from + length..];
        }
        prop_assert!(rest.is_empty());
    }
}
