//! TDS before a session: PRELOGIN, TLS, and the login as far as the server
//! describes itself, [MS-TDS].

mod identity;
mod prelogin;

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[&prelogin::SqlPrelogin, &identity::SqlIdentity];
