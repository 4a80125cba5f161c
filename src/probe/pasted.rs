//! What people told: answers made from pasted texts, never from the network.
//! The walk itself adds what was told (`told`); nobody is asked. Every fact of
//! these probes is what a person says, and the evidence names the text.

mod identity;
mod service;
mod spn;
mod ticket;

use serde::Deserialize as _;

use super::declare::optional;
use super::{ArgumentDeclaration, FactKind, Outcome, Probe, ProbeRequest};
use crate::pasted::Told;

/// The probes of this family.
pub static PROBES: &[&dyn Probe] = &[
    &spn::PastedSpn,
    &service::PastedService,
    &ticket::PastedTicket,
];

/// The argument that the walk fills by itself.
pub const TOLD: &str = "told";

const TOLD_ARGUMENT: ArgumentDeclaration = optional(
    TOLD,
    FactKind::Any,
    "what people told; the walk adds it by itself",
);

/// The answer of a probe of this family: it needs no network, and so is the same
/// over a recorded world.
pub(super) fn answer(request: &ProbeRequest) -> Option<Outcome> {
    match request.probe.as_str() {
        "pasted-spn" => Some(spn::observe(request)),
        "pasted-service" => Some(service::observe(request)),
        "pasted-ticket" => Some(ticket::observe(request)),
        _ => None,
    }
}

/// What a request says was told.
fn told(request: &ProbeRequest) -> Told {
    request
        .arguments
        .get(TOLD)
        .and_then(|value| Told::deserialize(value).ok())
        .unwrap_or_default()
}

/// Who says so, for evidence.
fn source(source: &str) -> String {
    format!("told by a person, {source}")
}
