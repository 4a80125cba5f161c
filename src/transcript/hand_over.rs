//! What is made of a document for others: the cards to ask them with, and what
//! stands at the top of the scripts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::SessionDocument;
use super::words;
use crate::cause::{Card, Catalogue};
use crate::engine::{Finding, UnknownCause};
use crate::fix::{Header, Operation};

/// A card for a cause that was found or could not be observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HandOver {
    /// The cause.
    pub cause: String,
    /// The cause's title.
    pub title: String,
    /// The card.
    #[serde(flatten)]
    pub card: Card,
}

/// Cards of what could not be seen, and of what was found without a complete
/// repair, each once.
pub fn cards(
    findings: &[Finding],
    unknown: &[UnknownCause],
    catalogue: &Catalogue,
) -> Vec<HandOver> {
    // A finding with a complete repair leaves nothing to ask.
    let open = findings.iter().filter(|finding| {
        finding.fix.is_empty()
            || finding
                .fix
                .iter()
                .any(|operation| matches!(operation, Operation::Advice { .. }))
    });
    let asked = open
        .map(|finding| (&finding.cause, &finding.values))
        .chain(unknown.iter().map(|one| (&one.cause, &one.values)));
    let mut cards: Vec<HandOver> = Vec::new();
    for (id, values) in asked {
        let Some(cause) = catalogue.cause(id) else {
            continue;
        };
        // Causes with the same question make one card.
        if let Some(card) = catalogue.card(id, values)
            && !cards
                .iter()
                .any(|known| known.card.windows == card.windows && known.card.whom == card.whom)
        {
            cards.push(HandOver {
                cause: id.clone(),
                title: cause.title.clone(),
                card,
            });
        }
    }
    cards
}

/// What stands at the top of the scripts; the domain controllers are those that
/// answered in this session.
pub(super) fn header(document: &SessionDocument) -> Header {
    let mut domain_controllers = BTreeMap::new();
    for step in &document.steps {
        if step.probe.as_deref() == Some("ldap-root")
            && let (Some(domain), Some(host)) = (
                step.facts.get("domain").and_then(Value::as_str),
                step.facts.get("dns_host_name").and_then(Value::as_str),
            )
        {
            domain_controllers
                .entry(domain.to_lowercase())
                .or_insert_with(|| host.to_owned());
        }
    }
    Header {
        version: document.version.clone(),
        session: document.session.clone(),
        flow: document.flow.clone(),
        target: document.target.clone(),
        inputs: document
            .inputs
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), typed(value)?)))
            .collect(),
        started: words::time(document.started),
        domain_controllers,
    }
}

/// An input as it was typed; none for one that was not given, or a secret.
fn typed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::Object(fields) => Some(fields.get("typed")?.as_str()?.to_owned()),
        _ => None,
    }
}
