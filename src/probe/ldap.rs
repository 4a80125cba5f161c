//! LDAP against domain controllers and the global catalog.

pub mod account;
mod authorities;
mod bind;
mod by_hand;
mod choice;
pub mod connection;
pub mod connections;
mod declare;
pub mod delegation;
mod ending;
pub mod entry;
mod exchange;
pub mod fault;
pub mod forest;
pub mod groups_across;
mod guard;
mod lookup;
mod password_trial;
mod pump;
pub mod reach;
mod requirements;
mod resolve;
pub mod root;
pub mod root_dse;
mod sealed;
pub mod search;
mod shared;
pub mod spn;
pub mod spn_consistency;
mod start_tls;
pub mod trusts;
pub mod trusts_right;

pub use connections::Connections;

use super::Probe;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[
    &root::LdapRoot,
    &spn::LdapSpn,
    &spn_consistency::LdapSpnConsistency,
    &account::LdapAccount,
    &trusts::LdapTrusts,
    &trusts_right::LdapAllowedToAuthenticate,
    &groups_across::LdapGroupsAcross,
    &delegation::LdapDelegation,
];
