//! What is handed to somebody who sees what cannot be seen from here.

use serde::{Deserialize, Serialize};

use crate::cause::{Card, Catalogue};
use crate::engine::{Finding, UnknownCause};
use crate::fix::Operation;

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
    let ids = open
        .map(|finding| &finding.cause)
        .chain(unknown.iter().map(|unknown| &unknown.cause));
    let mut cards: Vec<HandOver> = Vec::new();
    for id in ids {
        let Some(cause) = catalogue.cause(id) else {
            continue;
        };
        // Causes with the same question make one card.
        if let Some(card) = &cause.card
            && !cards
                .iter()
                .any(|known| known.card.windows == card.windows && known.card.whom == card.whom)
        {
            cards.push(HandOver {
                cause: id.clone(),
                title: cause.title.clone(),
                card: card.clone(),
            });
        }
    }
    cards
}
