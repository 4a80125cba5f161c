//! What the tests have proven about each cause of the catalogue.
//!
//! A test tells what it saw with the functions of [`notebook`], each after its
//! assertion has held. The rows of a test are written when the test is over and
//! nothing in it has panicked; so a row stands for a test that ran and passed.
//! The program `proof` makes `docs/causes.md` of the rows, and says what is
//! missing.

pub mod catalogue;
pub mod notebook;
mod place;
pub mod report;
pub mod row;

pub use place::{PlaceFault, clear, rows};
