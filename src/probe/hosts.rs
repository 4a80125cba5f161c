//! The hosts file of this machine.

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[];
