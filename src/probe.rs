//! Probes: live, read-only observations with a closed set of statuses and
//! declared, typed facts. The only place of the program that opens sockets.
//!
//! A probe never fails: what went wrong is a status with facts and evidence.
//! Nothing here knows flows, the engine or a screen.

pub mod attempt;
pub mod browser;
mod by_hand;
pub mod context;
pub mod credential;
pub mod declaration;
mod declare;
pub mod dns;
pub mod hosts;
mod kept;
pub mod kerberos;
pub mod ldap;
pub mod outcome;
pub mod pasted;
#[cfg(test)]
mod peer_bench;
pub mod recorded;
pub mod registry;
pub mod request;
pub mod runner;
pub mod spn_names;
pub mod sql;
pub mod tcp;
pub mod tds;

pub use attempt::{Attempt, AttemptState, Attempts};
pub use context::{Context, LiveSession, Settings};
pub use declaration::{
    ArgumentDeclaration, Consent, FactDeclaration, FactKind, NOT_OBSERVED, ProbeDeclaration,
    StatusDeclaration, Tone,
};
pub use outcome::{ByHand, Evidence, Outcome, OutcomeBuilder};
pub use request::{ArgumentFault, ProbeRequest};
pub use runner::Runner;

use futures_util::future::BoxFuture;

/// One kind of observation.
pub trait Probe: Send + Sync {
    /// What it takes and what it can answer.
    fn declaration(&self) -> &'static ProbeDeclaration;

    /// Looks once. Ends by `context.deadline`, and within 100 ms of
    /// `context.cancel`, which the runner enforces by dropping the future:
    /// whatever it holds must be released on drop.
    fn observe<'a>(
        &'a self,
        request: &'a ProbeRequest,
        context: &'a Context,
    ) -> BoxFuture<'a, Outcome>;
}
