//! Answers requests from a recorded world instead of the network: for the demo,
//! for replay and for tests.

pub mod world;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

pub use world::{World, WorldFault, world, worlds};

use super::runner::{Runner, UNKNOWN};
use super::{Outcome, ProbeRequest, registry};

/// A runner over a world. Each request is answered by what was recorded for the
/// same [`ProbeRequest::key`], the latest when it was asked more than once.
#[derive(Clone, Debug)]
pub struct Recorded {
    name: String,
    outcomes: Arc<HashMap<String, Outcome>>,
    slowest: Duration,
}

impl Recorded {
    /// A runner that answers at once.
    pub fn of(world: &World) -> Self {
        Self {
            name: world.name.clone(),
            outcomes: Arc::new(
                world
                    .observations
                    .iter()
                    .map(|(request, outcome)| (request.key(), outcome.clone()))
                    .collect(),
            ),
            slowest: Duration::ZERO,
        }
    }

    /// Takes as long for an answer as it took when it was recorded, but never
    /// longer than this.
    #[must_use]
    pub fn paced(mut self, slowest: Duration) -> Self {
        self.slowest = slowest;
        self
    }

    fn answer(&self, request: &ProbeRequest) -> Outcome {
        self.outcomes
            .get(&request.key())
            .cloned()
            .or_else(|| super::pasted::answer(request))
            .unwrap_or_else(|| {
                let declaration = registry::declaration(&request.probe).unwrap_or(&UNKNOWN);
                Outcome::not_observed(
                    declaration,
                    &format!(
                        "the recorded world `{}` has no answer to this question ({})",
                        self.name,
                        request.key()
                    ),
                )
            })
    }
}

impl Runner for Recorded {
    fn run(
        &self,
        request: ProbeRequest,
        deadline: Option<Duration>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Outcome> {
        let outcome = self.answer(&request);
        let pause = Duration::from_millis(outcome.elapsed_ms)
            .min(self.slowest)
            .min(deadline.unwrap_or(self.slowest));
        Box::pin(async move {
            if pause.is_zero() {
                return outcome;
            }
            tokio::select! {
                biased;
                () = cancel.cancelled() => Outcome::not_observed(
                    registry::declaration(&request.probe).unwrap_or(&UNKNOWN),
                    "you cancelled it",
                ),
                () = tokio::time::sleep(pause) => outcome,
            }
        })
    }

    fn source(&self) -> String {
        self.name.clone()
    }
}

#[cfg(test)]
mod tests;
