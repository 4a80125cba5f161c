//! What follows a sign-in: Wrap tokens, each encrypted, signed and numbered.
//!
//! AES keys make the tokens of RFC 4121 4.2, RC4 keys those of RFC 4757 7.3
//! ([MS-KILE] 3.4.5.4.1). Every token must be encrypted and must be the next one:
//! over TCP none can be lost or come twice, unless somebody is at work.

mod aes;
mod rc4;

use zeroize::Zeroizing;

use super::super::encryption::{self, EncryptionFault, Key};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who signed in.
    Initiator,
    /// The server.
    Acceptor,
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::Initiator => Self::Acceptor,
            Self::Acceptor => Self::Initiator,
        }
    }
}

/// Why a token is not taken: a part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrapFault(pub(super) &'static str);

const DAMAGED: WrapFault = WrapFault("the token is damaged");
const CHANGED: WrapFault = WrapFault("the token is not what the other side made");
const NOT_NEXT: WrapFault = WrapFault("the token is not the next one");
const NOT_SEALED: WrapFault = WrapFault("the token is not encrypted");
const WRONG_SIDE: WrapFault = WrapFault("the token is one of ours");

/// What both sides know once a sign-in is done.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The key in the initiator's authenticator.
    pub subkey: Key,
    /// The key in the AP-REP, when the acceptor asserts one.
    pub acceptor_subkey: Option<Key>,
    /// The number of the initiator's first token.
    pub initiator_number: u32,
    /// The number of the acceptor's first token.
    pub acceptor_number: u32,
}

/// Makes and takes Wrap tokens.
#[derive(Debug)]
pub struct Wrapping {
    side: Side,
    subkey: Key,
    /// Only with the tokens of RFC 4121.
    acceptor_subkey: Option<Key>,
    next_sent: u64,
    next_received: u64,
}

impl Wrapping {
    /// The one side of what was agreed.
    ///
    /// RFC 4121 2: the acceptor's subkey is used when there is one. The tokens of
    /// RFC 4757 know only the initiator's, and a server that answers RC4 with RC4
    /// expects it; one that asserts a stronger key gets the tokens of that. A
    /// weaker key than ours is not taken.
    pub fn new(side: Side, agreed: Agreed) -> Result<Self, EncryptionFault> {
        let Agreed {
            subkey,
            acceptor_subkey,
            initiator_number,
            acceptor_number,
        } = agreed;
        let acceptor_subkey =
            acceptor_subkey.filter(|key| [subkey.kind(), key.kind()] != [encryption::RC4; 2]);
        for key in acceptor_subkey.iter().chain([&subkey]) {
            key.check()?;
        }
        if acceptor_subkey
            .as_ref()
            .is_some_and(|key| key.kind() == encryption::RC4)
        {
            return Err(EncryptionFault::Unsupported(encryption::RC4));
        }
        let (sent, received) = match side {
            Side::Initiator => (initiator_number, acceptor_number),
            Side::Acceptor => (acceptor_number, initiator_number),
        };
        Ok(Self {
            side,
            subkey,
            acceptor_subkey,
            next_sent: sent.into(),
            next_received: received.into(),
        })
    }

    /// Whether the tokens are those of RFC 4757.
    fn is_old(&self) -> bool {
        self.acceptor_subkey.is_none() && self.subkey.kind() == encryption::RC4
    }

    /// The number after this one: 32 bits in RFC 4757, 64 in RFC 4121.
    fn after(&self, number: u64) -> u64 {
        if self.is_old() {
            (number + 1) & 0xffff_ffff
        } else {
            number.wrapping_add(1)
        }
    }

    /// Encrypts and signs.
    pub fn seal(&mut self, plain: &[u8]) -> Result<Vec<u8>, EncryptionFault> {
        let number = self.next_sent;
        let token = if self.is_old() {
            rc4::seal(&self.subkey, self.side, number, plain)?
        } else {
            let key = self.acceptor_subkey.as_ref();
            aes::seal(
                key.unwrap_or(&self.subkey),
                key.is_some(),
                self.side,
                number,
                plain,
            )?
        };
        self.next_sent = self.after(number);
        Ok(token)
    }

    /// Decrypts and checks the other side's next token.
    pub fn open(&mut self, token: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapFault> {
        let from = self.side.other();
        let (number, plain) = if self.is_old() {
            rc4::open(&self.subkey, from, token)?
        } else {
            aes::open(&self.subkey, self.acceptor_subkey.as_ref(), from, token)?
        };
        if number != self.next_received {
            return Err(NOT_NEXT);
        }
        self.next_received = self.after(number);
        Ok(plain)
    }
}

#[cfg(test)]
mod tests;
