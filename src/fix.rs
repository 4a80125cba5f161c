//! Fixes: ordered operations, and the scripts that carry them out. Nothing is
//! written to a directory here; an admin runs the script.

pub mod operation;
pub mod quote;

pub use operation::{Account, Operation};
