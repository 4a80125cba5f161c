//! The walk, as a pure state machine: events in, effects out. No clock, no
//! sockets, no screen.

pub mod entry;
pub mod finding;

pub use entry::{Entry, StepKind, StepPath};
pub use finding::{Finding, RuledOut, Severity, UnknownCause, Verdict};
