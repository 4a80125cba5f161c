//! Does a TCP port answer?

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[];
