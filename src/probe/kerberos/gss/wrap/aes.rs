//! The Wrap token of RFC 4121 4.2.6.2, encrypted.

use zeroize::Zeroizing;

use super::super::super::encryption::{EncryptionFault, Key};
use super::{CHANGED, DAMAGED, NOT_SEALED, Side, WRONG_SIDE, WrapFault};

/// The header stands before what is encrypted, and inside it at the end.
const HEADER: usize = 16;
/// TOK_ID of a Wrap token, RFC 4121 4.2.6.2.
const WRAP: [u8; 2] = [0x05, 0x04];
/// RFC 4121 4.2.2.
const SENT_BY_ACCEPTOR: u8 = 1;
const SEALED: u8 = 2;
const ACCEPTOR_SUBKEY: u8 = 4;

/// RFC 4121 2: the key usage of what a side encrypts.
const fn usage(side: Side) -> i32 {
    match side {
        Side::Acceptor => 22,
        Side::Initiator => 24,
    }
}

/// A header without extra bytes and not rotated: what is encrypted is as long
/// as it must be, and a server has no need of it where we have not.
fn header(flags: u8, number: u64) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..2].copy_from_slice(&WRAP);
    header[2] = flags;
    header[3] = 0xff;
    header[8..].copy_from_slice(&number.to_be_bytes());
    header
}

pub(super) fn seal(
    key: &Key,
    is_acceptor_s: bool,
    side: Side,
    number: u64,
    plain: &[u8],
) -> Result<Vec<u8>, EncryptionFault> {
    let mut flags = SEALED;
    if side == Side::Acceptor {
        flags |= SENT_BY_ACCEPTOR;
    }
    if is_acceptor_s {
        flags |= ACCEPTOR_SUBKEY;
    }
    let header = header(flags, number);
    let content = Zeroizing::new([plain, &header].concat());
    let cipher = key.encrypt(usage(side), &content)?;
    Ok([&header[..], &cipher].concat())
}

pub(super) fn open(
    subkey: &Key,
    acceptor_subkey: Option<&Key>,
    from: Side,
    token: &[u8],
) -> Result<(u64, Zeroizing<Vec<u8>>), WrapFault> {
    let (header, body) = token.split_first_chunk::<HEADER>().ok_or(DAMAGED)?;
    let [id1, id2, flags, filler, extra @ .., _, _, _, _, _, _, _, _] = *header;
    if [id1, id2] != WRAP || filler != 0xff || body.is_empty() {
        return Err(DAMAGED);
    }
    if flags & SEALED == 0 {
        return Err(NOT_SEALED);
    }
    if (flags & SENT_BY_ACCEPTOR != 0) != (from == Side::Acceptor) {
        return Err(WRONG_SIDE);
    }
    let key = match (flags & ACCEPTOR_SUBKEY != 0, acceptor_subkey) {
        (true, Some(key)) => key,
        (true, None) => return Err(CHANGED),
        (false, _) => subkey,
    };
    // RFC 4121 4.2.5: all that follows the header was rotated to the right by so
    // much, which may be more than its length. Windows rotates every token.
    let [extra1, extra2, rotated1, rotated2] = extra;
    let rotated = usize::from(u16::from_be_bytes([rotated1, rotated2]));
    let mut body = body.to_vec();
    let length = body.len();
    body.rotate_left(rotated % length);
    let mut plain = key.decrypt(usage(from), &body).map_err(|_| CHANGED)?;
    // The header inside is the header outside before it was rotated. The number
    // of extra bytes counts: without that, who changes it outside cuts the text
    // short (CVE-2024-37370).
    let mut expected = *header;
    expected[6..8].fill(0);
    let end = plain.len().checked_sub(HEADER).ok_or(DAMAGED)?;
    if plain[end..] != expected {
        return Err(CHANGED);
    }
    let extra = usize::from(u16::from_be_bytes([extra1, extra2]));
    plain.truncate(end.checked_sub(extra).ok_or(DAMAGED)?);
    let number = header[8..]
        .iter()
        .fold(0, |sum, digit| (sum << 8) | u64::from(*digit));
    Ok((number, plain))
}
