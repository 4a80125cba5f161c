//! What Active Directory means: the grammar of SPNs and which of them an
//! instance needs, account flags, SIDs, security descriptors, trusts and
//! delegation. Pure functions: nothing here opens a socket.

pub mod account;
pub mod attribute;
pub mod delegation;
pub mod encryption_type;
pub mod filter;
pub mod group;
pub mod guid;
pub mod naming;
pub mod security_descriptor;
pub mod service_account;
pub mod sid;
pub mod spn;
pub mod time;
pub mod trust;
