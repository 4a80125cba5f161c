//! SQL Server sessions, and what they tell.

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[];
