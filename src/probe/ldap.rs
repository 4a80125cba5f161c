//! LDAP against domain controllers and the global catalog.

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[];

/// The session's connections, one and one bind for each directory server.
#[derive(Debug, Default)]
pub struct Connections {}
