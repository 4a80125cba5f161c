use proptest::prelude::*;

use super::*;
use crate::directory::attribute::{self, SERVICE_PRINCIPAL_NAME};
use crate::directory::guid::{self, PUBLIC_INFORMATION};

const ALICE: &str = "S-1-5-21-1-2-3-1104";

fn sid(text: &str) -> Sid {
    Sid::parse(text).unwrap()
}

/// An entry in its binary form.
fn entry(kind: u8, flags: u8, mask: u32, object: Option<Guid>, trustee: &Sid) -> Vec<u8> {
    let mut body = mask.to_le_bytes().to_vec();
    if matches!(kind, 5 | 6) {
        body.extend(u32::from(object.is_some()).to_le_bytes());
        if let Some(guid) = object {
            let text = guid.to_string().replace('-', "");
            let number = u128::from_str_radix(&text, 16).unwrap().to_be_bytes();
            let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
            body.extend(order.map(|position: usize| number[position]));
        }
    }
    body.extend(trustee.to_bytes());
    let mut bytes = vec![kind, flags];
    bytes.extend(u16::try_from(body.len() + 4).unwrap().to_le_bytes());
    bytes.extend(body);
    bytes
}

fn descriptor(entries: &[Vec<u8>]) -> Vec<u8> {
    let owner = sid("S-1-5-32-544").to_bytes();
    let acl_size = 8 + entries.iter().map(Vec::len).sum::<usize>();
    let mut bytes = vec![1, 0, 0x04, 0x80];
    bytes.extend(20_u32.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(u32::try_from(20 + owner.len()).unwrap().to_le_bytes());
    bytes.extend(owner);
    bytes.extend([4, 0]);
    bytes.extend(u16::try_from(acl_size).unwrap().to_le_bytes());
    bytes.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(entries.concat());
    bytes
}

fn parsed(entries: &[Vec<u8>]) -> SecurityDescriptor {
    SecurityDescriptor::parse(&descriptor(entries)).unwrap()
}

#[test]
fn a_property_set_covers_its_attributes() {
    let me = Sid::principal_self();
    let descriptor = parsed(&[entry(5, 0, WRITE_PROPERTY, Some(PUBLIC_INFORMATION), &me)]);
    assert_eq!(descriptor.owner, Some(sid("S-1-5-32-544")));
    assert!(descriptor.grants(
        std::slice::from_ref(&me),
        WRITE_PROPERTY,
        &SERVICE_PRINCIPAL_NAME
    ));
    assert!(!descriptor.grants(&[me], VALIDATED_WRITE, &SERVICE_PRINCIPAL_NAME));
    assert!(!descriptor.grants(&[sid(ALICE)], WRITE_PROPERTY, &SERVICE_PRINCIPAL_NAME));
}

#[test]
fn the_first_entry_that_decides_wins() {
    let alice = sid(ALICE);
    let everyone = Sid::everyone();
    let descriptor = parsed(&[
        entry(
            6,
            0,
            WRITE_PROPERTY,
            Some(guid::SERVICE_PRINCIPAL_NAME),
            &alice,
        ),
        entry(0, 0, GENERIC_ALL, None, &everyone),
    ]);
    let who = [alice, everyone];
    assert!(!descriptor.grants(&who, WRITE_PROPERTY, &SERVICE_PRINCIPAL_NAME));
    assert!(descriptor.grants(&who, READ_PROPERTY, &SERVICE_PRINCIPAL_NAME));
    let other = attribute::named("pwdlastset").unwrap();
    assert!(descriptor.grants(&who, WRITE_PROPERTY, other));
}

#[test]
fn an_inherit_only_entry_is_not_about_this_object() {
    let alice = sid(ALICE);
    let descriptor = parsed(&[entry(0, INHERIT_ONLY, GENERIC_ALL, None, &alice)]);
    assert!(!descriptor.grants(&[alice], READ_PROPERTY, &SERVICE_PRINCIPAL_NAME));
}

#[test]
fn trustees_of_a_resource_based_entry() {
    let alice = sid(ALICE);
    let descriptor = parsed(&[
        entry(0, 0, 0x000F_01FF, None, &alice),
        entry(0, 0, 0x000F_01FF, None, &alice),
        entry(1, 0, 0x000F_01FF, None, &Sid::everyone()),
    ]);
    assert_eq!(descriptor.allowed_trustees(), [alice]);
}

#[test]
fn a_control_right_by_its_guid() {
    let alice = sid(ALICE);
    let right = guid::ALLOWED_TO_AUTHENTICATE;
    let descriptor = parsed(&[entry(5, 0, CONTROL_ACCESS, Some(right), &alice)]);
    assert!(descriptor.grants_control(std::slice::from_ref(&alice), right));
    assert!(!descriptor.grants_control(&[alice], PUBLIC_INFORMATION));
}

#[test]
fn every_cut_is_refused_or_understood_without_a_panic() {
    let alice = sid(ALICE);
    let bytes = descriptor(&[
        entry(5, 0, 0x30, Some(PUBLIC_INFORMATION), &alice),
        entry(0, 0, 0x30, None, &alice),
    ]);
    assert!(SecurityDescriptor::parse(&bytes).is_some());
    for end in 0..bytes.len() {
        assert!(SecurityDescriptor::parse(&bytes[..end]).is_none(), "{end}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Some(descriptor) = SecurityDescriptor::parse(&bytes) {
            descriptor.grants(&[Sid::everyone()], READ_PROPERTY, &SERVICE_PRINCIPAL_NAME);
        }
    }

    #[test]
    fn no_change_of_a_true_one_panics(
        position in 0_usize..200,
        value in any::<u8>(),
    ) {
        let alice = Sid::parse(ALICE).unwrap();
        let mut bytes = descriptor(&[
            entry(5, 0, 0x30, Some(PUBLIC_INFORMATION), &alice),
            entry(0, 0, 0x30, None, &alice),
        ]);
        let length = bytes.len();
        bytes[position % length] = value;
        if let Some(descriptor) = SecurityDescriptor::parse(&bytes) {
            descriptor.allowed_trustees();
        }
    }
}
