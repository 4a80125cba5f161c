//! DNS: names, addresses, and where the domain says its servers are.

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[];

/// The session's name servers, each asked on its own.
#[derive(Debug, Default)]
pub struct Resolvers {}
