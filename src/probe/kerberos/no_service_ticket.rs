//! Why a KDC gave no ticket for a service.

use std::fmt;

use super::error_code;
use super::kdc::RealmFault;
use super::message::{KdcReply, KrbError};

/// Why there is no ticket.
#[derive(Clone, Debug)]
pub enum NoServiceTicket {
    /// No KDC of a realm answered.
    Realm(RealmFault),
    /// A KDC refused.
    Refused(Box<KrbError>),
    /// The realms refer to each other in a circle, or through too many.
    Circle(String),
    /// The KDC granted a ticket whose reply this program cannot read: the clear
    /// part is known.
    Unreadable(Box<KdcReply>, String),
    /// The request cannot be made; the sentence says why.
    Unusable(String),
}

impl fmt::Display for NoServiceTicket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Realm(fault) => fault.fmt(formatter),
            Self::Refused(error) => formatter.write_str(&error_code::in_words(error.code)),
            Self::Circle(words) | Self::Unreadable(_, words) | Self::Unusable(words) => {
                formatter.write_str(words)
            }
        }
    }
}
