//! The shape of an LDAP message, RFC 4511 4.1.1, in the form of BER that LDAP
//! allows (5.1): lengths are given, and tags have one byte.

use std::collections::HashMap;

use super::GuardFault;

/// SEQUENCE, and the outermost element of every message.
pub(super) const SEQUENCE: u8 = 0x30;
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
/// Set in the tag of an element that consists of elements.
const CONSTRUCTED: u8 = 0x20;

const SEARCH: u8 = 0x63;
const ABANDON: u8 = 0x50;
const UNBIND: u8 = 0x42;
const DELETE: u8 = 0x4a;
const DELETED: u8 = 0x6b;
const ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const REFERENCE: u8 = 0x73;
const INTERMEDIATE: u8 = 0x79;

/// Entries nest five deep, controls six.
const DEEPEST: u8 = 12;
/// An entry of 1,500 values of each of 40 attributes has fewer parts.
const MOST_PARTS: usize = 100_000;

/// pagedResultsControl, RFC 2696.
const PAGED: &[u8] = b"1.2.840.113556.1.4.319";

/// What is open under a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A search.
    Search,
    /// A question that is answered by one message with this tag.
    Single(u8),
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// The library gets it.
    On,
    /// Nobody waits for it.
    Over,
}

/// An element of a message, by the places of its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    /// Its tag.
    pub(crate) tag: u8,
    /// Where its content begins.
    pub(crate) from: usize,
    /// Where it ends.
    pub(crate) to: usize,
}

/// The tag, the length of tag and length, and the length of the content;
/// nothing while that is not all there.
pub(crate) fn header(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>, GuardFault> {
    let [tag, first, digits @ ..] = bytes else {
        return Ok(None);
    };
    if tag & 0x1f == 0x1f {
        return Err(GuardFault::NotLdap);
    }
    if *first < 0x80 {
        return Ok(Some((*tag, 2, usize::from(*first))));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(GuardFault::NotLdap);
    }
    Ok(digits.get(..count).map(|digits| {
        let length = digits
            .iter()
            .fold(0_usize, |sum, digit| (sum << 8) | usize::from(*digit));
        (*tag, 2 + count, length)
    }))
}

fn element(bytes: &[u8], from: usize, to: usize) -> Result<Element, GuardFault> {
    let rest = bytes.get(from..to).unwrap_or_default();
    let (tag, start, length) = header(rest)?.ok_or(GuardFault::NotLdap)?;
    let (start, end) = (from + start, from + start + length);
    if end > to {
        return Err(GuardFault::NotLdap);
    }
    Ok(Element {
        tag,
        from: start,
        to: end,
    })
}

/// The elements between two places.
pub(crate) fn children(
    bytes: &[u8],
    mut from: usize,
    to: usize,
) -> Result<Vec<Element>, GuardFault> {
    let mut found = Vec::new();
    while from < to {
        let one = element(bytes, from, to)?;
        from = one.to;
        found.push(one);
    }
    Ok(found)
}

/// Notes a request of ours, without its outer tag and length; whether it is one
/// that is answered.
pub(super) fn note(message: &[u8], open: &mut HashMap<u32, Kind>) -> bool {
    let Ok(parts) = children(message, 0, message.len()) else {
        return false;
    };
    let [number, request, ..] = parts.as_slice() else {
        return false;
    };
    let content = |one: &Element| number_in(&message[one.from..one.to]);
    let Some(number) = content(number) else {
        return false;
    };
    let kind = match request.tag {
        UNBIND => return false,
        ABANDON => {
            if let Some(other) = content(request) {
                open.remove(&other);
            }
            return false;
        }
        SEARCH => Kind::Search,
        DELETE => Kind::Single(DELETED),
        // Every other answer has the number after its request's.
        tag => Kind::Single(tag + 1),
    };
    open.insert(number, kind);
    true
}

fn number_in(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 5 {
        return None;
    }
    let number = digits
        .iter()
        .fold(0_u64, |sum, digit| (sum << 8) | u64::from(*digit));
    u32::try_from(number).ok()
}

/// Checks one message whose content begins at `from`. Texts that are not UTF-8
/// are made so in their place.
pub(super) fn check(
    message: &mut [u8],
    from: usize,
    open: &mut HashMap<u32, Kind>,
) -> Result<Passed, GuardFault> {
    let mut left = MOST_PARTS;
    walk(message, from, message.len(), DEEPEST, &mut left)?;
    let parts = children(message, from, message.len())?;
    let [number, operation, rest @ ..] = parts.as_slice() else {
        return Err(GuardFault::NotLdap);
    };
    if number.tag != INTEGER {
        return Err(GuardFault::NotLdap);
    }
    let number = number_in(&message[number.from..number.to]).ok_or(GuardFault::NotLdap)?;
    // Zero: a notice that nobody asked for, RFC 4511 4.4, before the server
    // closes. Another number: a question that was given up.
    let Some(kind) = open.get(&number).copied() else {
        return Ok(Passed::Over);
    };
    match (kind, operation.tag) {
        (_, INTERMEDIATE) => return Ok(Passed::Over),
        (Kind::Search, ENTRY) => {}
        (Kind::Search, REFERENCE) => texts(message, operation)?,
        (Kind::Search, SEARCH_DONE) => {
            result(message, operation)?;
            open.remove(&number);
        }
        (Kind::Single(wanted), tag) if tag == wanted => {
            result(message, operation)?;
            open.remove(&number);
        }
        _ => return Err(GuardFault::NotLdap),
    }
    match rest {
        [] => Ok(Passed::On),
        [one] if one.tag == 0xa0 => controls(message, one).map(|()| Passed::On),
        _ => Err(GuardFault::NotLdap),
    }
}

/// Every element's length fits into the one around it.
fn walk(
    bytes: &[u8],
    mut from: usize,
    to: usize,
    depth: u8,
    left: &mut usize,
) -> Result<(), GuardFault> {
    while from < to {
        let one = element(bytes, from, to)?;
        *left = left.checked_sub(1).ok_or(GuardFault::TooMany)?;
        if one.tag & CONSTRUCTED != 0 {
            let depth = depth.checked_sub(1).ok_or(GuardFault::TooMany)?;
            walk(bytes, one.from, one.to, depth, left)?;
        }
        from = one.to;
    }
    Ok(())
}

/// LDAPResult, RFC 4511 4.1.9, with what a bind or an extended operation adds.
fn result(message: &mut [u8], operation: &Element) -> Result<(), GuardFault> {
    let parts = children(message, operation.from, operation.to)?;
    let [code, matched, text, more @ ..] = parts.as_slice() else {
        return Err(GuardFault::NotLdap);
    };
    if code.tag != ENUMERATED || !(1..=4).contains(&(code.to - code.from)) {
        return Err(GuardFault::NotLdap);
    }
    for one in [matched, text] {
        text_of(message, one)?;
    }
    for one in more {
        match one.tag & 0x1f {
            // Referrals.
            3 => texts(message, one)?,
            // Credentials, the name and the value of an extended answer.
            7 | 10 | 11 => {
                if one.tag & CONSTRUCTED != 0 {
                    return Err(GuardFault::NotLdap);
                }
                if one.tag & 0x1f == 10 {
                    make_text(&mut message[one.from..one.to]);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn texts(message: &mut [u8], list: &Element) -> Result<(), GuardFault> {
    if list.tag & CONSTRUCTED == 0 {
        return Err(GuardFault::NotLdap);
    }
    for one in children(message, list.from, list.to)? {
        text_of(message, &one)?;
    }
    Ok(())
}

fn text_of(message: &mut [u8], one: &Element) -> Result<(), GuardFault> {
    if one.tag != OCTETS {
        return Err(GuardFault::NotLdap);
    }
    make_text(&mut message[one.from..one.to]);
    Ok(())
}

/// An old server may write its messages in a code page of its own.
fn make_text(bytes: &mut [u8]) {
    if std::str::from_utf8(bytes).is_err() {
        for byte in bytes.iter_mut().filter(|byte| !byte.is_ascii()) {
            *byte = b'?';
        }
    }
}

/// Controls, RFC 4511 4.1.11.
fn controls(message: &mut [u8], list: &Element) -> Result<(), GuardFault> {
    for control in children(message, list.from, list.to)? {
        if control.tag != SEQUENCE {
            return Err(GuardFault::NotLdap);
        }
        let parts = children(message, control.from, control.to)?;
        let [name, rest @ ..] = parts.as_slice() else {
            return Err(GuardFault::NotLdap);
        };
        text_of(message, name)?;
        let rest = match rest {
            [first, rest @ ..] if first.tag == BOOLEAN && first.to > first.from => rest,
            rest => rest,
        };
        let value = match rest {
            [] => None,
            [value] if value.tag == OCTETS => Some(*value),
            _ => return Err(GuardFault::NotLdap),
        };
        if &message[name.from..name.to] == PAGED {
            let value = value.ok_or(GuardFault::NotLdap)?;
            page(&message[value.from..value.to])?;
        }
    }
    Ok(())
}

/// The value of a page's control: an estimate and a cookie.
fn page(value: &[u8]) -> Result<(), GuardFault> {
    let outer = element(value, 0, value.len())?;
    let parts = children(value, outer.from, outer.to)?;
    match parts.as_slice() {
        [size, cookie] if outer.tag == SEQUENCE && size.tag == INTEGER && cookie.tag == OCTETS => {
            Ok(())
        }
        _ => Err(GuardFault::NotLdap),
    }
}
