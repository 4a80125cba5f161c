//! The walk, as a pure state machine: events in, effects out. No clock, no
//! sockets, no screen.

mod advance;
pub mod answer;
pub mod beginning;
mod conclude;
pub mod entry;
pub mod event;
pub mod finding;
pub mod foresee;
mod judge;
mod outlook;
pub mod path;
pub mod session;
pub mod state;
pub mod station;
mod told;

pub use beginning::{Beginning, CannotBegin};
pub use entry::{Entry, StepKind, StepPath};
pub use event::{ConsentQuestion, Effect, Event, Question, RunId};
pub use finding::{Finding, RuledOut, Severity, UnknownCause, Verdict, excluded, unresolved};
pub use foresee::Ahead;
pub use path::Looked;
pub use session::Session;
pub use state::{Phase, State, Taken, Visit};
pub use station::{PathStation, Station, StationState};
