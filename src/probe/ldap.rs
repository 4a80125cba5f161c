//! LDAP against domain controllers and the global catalog.

pub mod account;
pub mod connections;
mod declare;
pub mod delegation;
pub mod root;
pub mod spn;
pub mod trusts;

pub use connections::Connections;

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[
    &root::LdapRoot,
    &spn::LdapSpn,
    &account::LdapAccount,
    &trusts::LdapTrusts,
    &delegation::LdapDelegation,
];
