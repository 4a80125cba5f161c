//! DNS: names, addresses, and where the domain says its servers are.
//!
//! Nothing here asks the C library: each name server is asked on its own, so
//! that servers which disagree are seen, and a static build works.

pub mod answer;
mod declaration;
mod forward;
mod locate;
mod lookup;
pub mod query;
mod reverse;
mod system;
#[cfg(test)]
mod test_server;
#[cfg(test)]
mod tests;

pub use lookup::{LookupFault, Resolvers, Service, services_in};

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[
    &forward::DnsForward,
    &reverse::DnsReverse,
    &locate::DnsLocate,
];
