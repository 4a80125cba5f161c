//! What a directory server sends is checked here before the LDAP library sees
//! it. The library trusts a server: it keeps whatever comes, follows nested
//! elements as deep as they go, and panics on a message of another shape. So
//! only whole messages of the right shape pass, of bounded size, and only
//! answers to questions that are still open.

mod message;

use std::collections::HashMap;

pub(super) use message::{Element, children, header};
use message::{Kind, Passed};

/// The longest message. A domain controller gives at most 1,500 values of an
/// attribute at once ([MS-ADTS] 3.1.1.3.4.6, MaxValRange).
const LONGEST: usize = 4 * 1024 * 1024;
/// How much may come for one question, or one page of its answer.
const MOST: usize = 64 * 1024 * 1024;

/// Why a connection is ended, each a part of a sentence about the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GuardFault {
    /// Not LDAP, or not the answer to what was asked.
    NotLdap,
    /// One message is too long.
    TooLong,
    /// One message has too many values, or nests too deep.
    TooMany,
    /// It does not stop.
    Endless,
}

impl GuardFault {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::NotLdap => "what it sent is no answer in LDAP",
            Self::TooLong => "it sent an answer of more than 4 MiB, which is not read",
            Self::TooMany => "it sent an answer with more parts than any entry has",
            Self::Endless => "it sent more than 64 MiB for one question, and did not stop",
        }
    }
}

/// Both directions of one connection.
#[derive(Debug, Default)]
pub(super) struct Guard {
    open: HashMap<u32, Kind>,
    outward: Vec<u8>,
    inward: Vec<u8>,
    since_question: usize,
}

impl Guard {
    /// Notes what the library asks.
    pub(super) fn ask(&mut self, bytes: &[u8]) {
        self.outward.extend_from_slice(bytes);
        let mut read = 0;
        while let Ok(Some((_, from, length))) = header(&self.outward[read..]) {
            let Some(message) = self.outward.get(read + from..read + from + length) else {
                break;
            };
            // Who was told to stop has nothing more to say.
            if message::note(message, &mut self.open) {
                self.since_question = 0;
            }
            read += from + length;
        }
        self.outward.drain(..read);
    }

    /// The whole messages among what came, as far as the library waits for
    /// them.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<Vec<u8>, GuardFault> {
        self.since_question = self.since_question.saturating_add(bytes.len());
        if self.since_question > MOST {
            return Err(GuardFault::Endless);
        }
        self.inward.extend_from_slice(bytes);
        let mut passed = Vec::new();
        let mut read = 0;
        loop {
            let rest = &mut self.inward[read..];
            if rest.first().is_some_and(|tag| *tag != message::SEQUENCE) {
                return Err(GuardFault::NotLdap);
            }
            let Some((_, from, length)) = header(rest)? else {
                break;
            };
            if length > LONGEST {
                return Err(GuardFault::TooLong);
            }
            let Some(whole) = rest.get_mut(..from + length) else {
                break;
            };
            if message::check(whole, from, &mut self.open)? == Passed::On {
                passed.extend_from_slice(whole);
            }
            read += from + length;
        }
        self.inward.drain(..read);
        if self.inward.is_empty() {
            // What one long answer needed is not kept for the next.
            self.inward = Vec::new();
        }
        Ok(passed)
    }
}

#[cfg(test)]
mod tests;
