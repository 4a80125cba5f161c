//! A played SQL Server on loopback, and probes run against it, for the tests.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tds_peer::log::EventLog;
use tds_peer::scenario::Scenario;
use tds_peer::server::{Running, start};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Context, LiveSession, Outcome, Probe, ProbeRequest};

/// One instance that listens on 127.0.0.1, with the given settings over the
/// usual ones.
pub(crate) async fn play(settings: Value) -> Running {
    let mut instance = json!({"name": "MSSQLSERVER", "listen": ["127.0.0.1"], "port": 0});
    let fields = instance.as_object_mut().unwrap();
    fields.extend(settings.as_object().unwrap().clone());
    let scenario =
        json!({"host-name": "SQL1", "clock-offset-seconds": 120, "instances": [instance]});
    let scenario: Scenario = serde_json::from_value(scenario).unwrap();
    start(scenario, EventLog::nowhere()).await.unwrap()
}

/// The port of the first instance.
pub(crate) fn port(peer: &Running) -> u16 {
    peer.ready.instances[0].address.port()
}

/// Runs a probe with a deadline of some seconds.
pub(crate) async fn run(
    probe: &dyn Probe,
    request: &ProbeRequest,
    session: LiveSession,
    seconds: u64,
) -> Outcome {
    let context = Context {
        session: Arc::new(session),
        deadline: Instant::now() + Duration::from_secs(seconds),
        cancel: CancellationToken::new(),
    };
    probe.observe(request, &context).await
}
