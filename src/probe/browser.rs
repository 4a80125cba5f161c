//! SQL Server Browser: SSRP over UDP 1434, [MC-SQLR].

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[];
