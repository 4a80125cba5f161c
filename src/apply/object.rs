//! The object that is changed, as the controller names it today.

use serde::{Deserialize, Serialize};

/// An account or a group, and the one controller that is written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The domain controller.
    pub server: String,
    /// DNS name of the domain.
    pub domain: String,
    /// `DOMAIN\name`.
    pub account: String,
    /// The object's distinguished name.
    pub distinguished_name: String,
    /// objectSid.
    pub sid: String,
}
