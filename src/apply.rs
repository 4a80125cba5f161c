//! Makes the changes of a fix in the directory itself (`fix --apply`) and takes
//! them back (`fix --undo`).
//!
//! This is the only part of the program that writes to a directory; the only
//! function that does is in `writer`, and `tests/architecture.rs` keeps it
//! alone. What is written is an [`Edit`]: one LDAP modify with the values before
//! and after. An edit has a code made from all of it, so that a yes to what was
//! shown cannot be taken as a yes to anything else.

pub mod admissible;
mod backup;
pub mod carry_out;
pub mod connect;
pub mod edit;
mod holders;
pub mod keep;
mod object;
pub mod propose;
pub mod record;
pub mod refusal;
mod seen;
mod today;
pub mod undo;
mod writer;

pub use carry_out::{Carried, carry_out};
pub use connect::Controllers;
pub use edit::Edit;
pub use keep::Keeper;
pub use propose::{Proposal, propose};
pub use refusal::Refusal;
