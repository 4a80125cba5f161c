//! Runs a request: live, or from a recorded world.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::context::{Context, LiveSession};
use super::{Outcome, ProbeRequest, registry};

/// Something that answers probe requests.
pub trait Runner: Send + Sync {
    /// Answers one request by its deadline; `cancel` ends it within 100 ms.
    /// The outcome is [`super::NOT_OBSERVED`] when it was cancelled.
    fn run(
        &self,
        request: ProbeRequest,
        deadline: Option<Duration>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Outcome>;

    /// Somebody asks again on purpose: nothing that was kept below the answers
    /// may answer him.
    fn ask_anew(&self) {}

    /// In a word or two where answers come from: `live`, or a world's name.
    fn source(&self) -> String;
}

/// Asks the network.
#[derive(Debug)]
pub struct Live {
    session: Arc<LiveSession>,
}

impl Live {
    /// A runner for one session.
    pub fn new(session: LiveSession) -> Self {
        Self::on(Arc::new(session))
    }

    /// A runner for a session that others use too.
    pub fn on(session: Arc<LiveSession>) -> Self {
        Self { session }
    }
}

impl Runner for Live {
    fn ask_anew(&self) {
        self.session.directory.ask_anew();
        self.session.resolvers.forget_all();
        self.session.logins.close_all();
    }

    fn run(
        &self,
        request: ProbeRequest,
        deadline: Option<Duration>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Outcome> {
        let session = Arc::clone(&self.session);
        Box::pin(async move {
            let Some(probe) = registry::probe(&request.probe) else {
                return Outcome::not_observed(
                    &UNKNOWN,
                    &format!("there is no probe `{}` in this version", request.probe),
                );
            };
            let declaration = probe.declaration();
            let time = deadline.unwrap_or(declaration.deadline);
            let vault = Arc::clone(&session.vault);
            let context = Context {
                session,
                deadline: Instant::now() + time,
                cancel: cancel.clone(),
            };
            // A probe tells its own time-outs; this is the net below it.
            let net = time + Duration::from_millis(250);
            let mut outcome = tokio::select! {
                biased;
                () = cancel.cancelled() => Outcome::not_observed(declaration, "you cancelled it"),
                outcome = tokio::time::timeout(net, probe.observe(&request, &context)) => {
                    outcome.unwrap_or_else(|_| Outcome::not_observed(
                        declaration,
                        &format!("no answer within {} s", time.as_secs()),
                    ))
                }
            };
            // A server can say back what it was sent.
            outcome.hide(&vault);
            outcome
        })
    }

    fn source(&self) -> String {
        "live".to_owned()
    }
}

/// Stands in for a probe that does not exist.
pub(crate) static UNKNOWN: super::ProbeDeclaration = super::ProbeDeclaration {
    key: "unknown",
    title: "Unknown probe",
    help: "",
    consent: super::Consent::Silent,
    deadline: Duration::from_secs(1),
    arguments: &[],
    statuses: &[],
    facts: &[],
};
