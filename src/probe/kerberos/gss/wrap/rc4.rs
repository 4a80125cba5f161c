//! The Wrap token of RFC 4757 7.3, encrypted: what a domain speaks whose
//! controllers have no AES keys.

use zeroize::Zeroizing;

use super::super::super::der::{self, Reader, application_tag};
use super::super::super::encryption::{EncryptionFault, Key};
use super::super::super::rc4_hmac::{self, CONFOUNDER, apply, hmac_md5};
use super::super::KERBEROS;
use super::{CHANGED, DAMAGED, Side, WRONG_SIDE, WrapFault};

/// TOK_ID, SGN_ALG (HMAC), SEAL_ALG (RC4) and the filler, RFC 4757 7.3. Without
/// encryption SEAL_ALG is another, so that such a token is not taken.
const HEADER: [u8; 8] = [0x02, 0x01, 0x11, 0x00, 0x10, 0x00, 0xff, 0xff];
/// The encrypted number: four bytes, and four for the direction.
const NUMBER: usize = 8;
/// How much of the signature is sent.
const SIGNATURE: usize = 8;
/// The key usage of the signature, RFC 4757 7.3.
const SIGN: i32 = 13;
/// RFC 1964 1.2.2.3: the padding of a stream cipher is one byte, which says so.
const PADDING: [u8; 1] = [1];

/// Whose token it is, RFC 4757 7.2.
const fn direction(side: Side) -> [u8; 4] {
    match side {
        Side::Initiator => [0; 4],
        Side::Acceptor => [0xff; 4],
    }
}

fn signature(key: &Key, content: &[u8]) -> Result<[u8; SIGNATURE], EncryptionFault> {
    let signed = Zeroizing::new([&HEADER[..], content].concat());
    let sum = rc4_hmac::checksum(key.expose(), SIGN, &signed)?;
    sum.first_chunk().copied().ok_or(EncryptionFault::Integrity)
}

/// The key of the number, which both directions share: it depends on the
/// signature.
fn apply_to_number(
    key: &Key,
    signature: [u8; SIGNATURE],
    number: &mut [u8; NUMBER],
) -> Result<(), EncryptionFault> {
    let first = hmac_md5(key.expose(), &[&[0; 4]])?;
    let second = hmac_md5(&first[..], &[&signature])?;
    apply(&second[..], number)
}

/// The key of the content: it depends on the number.
fn apply_to_content(key: &Key, number: [u8; 4], content: &mut [u8]) -> Result<(), EncryptionFault> {
    let local: Zeroizing<Vec<u8>> =
        Zeroizing::new(key.expose().iter().map(|byte| byte ^ 0xf0).collect());
    let first = hmac_md5(&local, &[&[0; 4]])?;
    let second = hmac_md5(&first[..], &[&number])?;
    apply(&second[..], content)
}

pub(super) fn seal(
    key: &Key,
    side: Side,
    number: u64,
    plain: &[u8],
) -> Result<Vec<u8>, EncryptionFault> {
    let [_, _, _, _, number @ ..] = number.to_be_bytes();
    let mut confounder = [0; CONFOUNDER];
    getrandom::fill(&mut confounder).map_err(|_| EncryptionFault::Random)?;
    let mut content = [&confounder[..], plain, &PADDING].concat();
    let signature = signature(key, &content)?;
    apply_to_content(key, number, &mut content)?;
    let mut numbered = [0; NUMBER];
    numbered[..4].copy_from_slice(&number);
    numbered[4..].copy_from_slice(&direction(side));
    apply_to_number(key, signature, &mut numbered)?;
    Ok(der::element(
        application_tag(0),
        &[&KERBEROS, &HEADER, &numbered, &signature, &content],
    ))
}

pub(super) fn open(
    key: &Key,
    from: Side,
    token: &[u8],
) -> Result<(u64, Zeroizing<Vec<u8>>), WrapFault> {
    let mut outer = Reader::new(token);
    let inner = outer.enter(application_tag(0)).map_err(|_| DAMAGED)?.rest();
    if !outer.is_empty() {
        return Err(DAMAGED);
    }
    let body = inner
        .strip_prefix(KERBEROS.as_slice())
        .and_then(|body| body.strip_prefix(HEADER.as_slice()))
        .ok_or(DAMAGED)?;
    let (numbered, body) = body.split_first_chunk::<NUMBER>().ok_or(DAMAGED)?;
    let (signed, content) = body.split_first_chunk::<SIGNATURE>().ok_or(DAMAGED)?;
    if content.len() < CONFOUNDER + PADDING.len() {
        return Err(DAMAGED);
    }
    let mut numbered = *numbered;
    apply_to_number(key, *signed, &mut numbered).map_err(|_| CHANGED)?;
    let [first, second, third, fourth, whose @ ..] = numbered;
    let number = [first, second, third, fourth];
    let mut content = Zeroizing::new(content.to_vec());
    apply_to_content(key, number, &mut content).map_err(|_| CHANGED)?;
    let expected = signature(key, &content).map_err(|_| CHANGED)?;
    let differing = expected
        .iter()
        .zip(signed)
        .fold(0, |bits, (one, other)| bits | (one ^ other));
    if differing != 0 {
        return Err(CHANGED);
    }
    if whose != direction(from) {
        return Err(WRONG_SIDE);
    }
    let end = content.len() - PADDING.len();
    if content[end..] != PADDING {
        return Err(DAMAGED);
    }
    let plain = Zeroizing::new(content[CONFOUNDER..end].to_vec());
    Ok((u32::from_be_bytes(number).into(), plain))
}
