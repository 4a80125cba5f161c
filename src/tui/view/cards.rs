//! What to hand to somebody who sees what cannot be seen from here.

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use super::findings;
use crate::engine::{UnknownCause, unresolved};
use crate::transcript::{HandOver, cards};

/// The cards of the walk so far.
pub fn of(model: &Model) -> Vec<HandOver> {
    let Some(walking) = model.walking() else {
        return Vec::new();
    };
    let state = &walking.state;
    let open: Vec<UnknownCause> = unresolved(&state.unknown, &state.ruled_out, &state.findings)
        .into_iter()
        .cloned()
        .collect();
    cards(&findings::in_order(model, state), &open, &model.catalogue)
}

/// The cards as a page, with what to do with them.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    document.title("To hand over");
    document.gap();
    document.text(
        "Send these lines to the person named; y copies them all.",
        Role::Quiet,
    );
    let is_live = model
        .walking()
        .is_some_and(|walking| walking.state.replayed.is_none());
    if is_live {
        document.text(
            "When the answer comes, press v and paste it: the walk takes it in.",
            Role::Strong,
        );
    }
    document.gap();
    document.append(to_send(model, width));
    document
}

/// The cards alone, for the one who gets them.
pub fn to_send(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    for hand_over in of(model) {
        let card = &hand_over.card;
        document.text(&format!("For {}", card.whom), Role::Strong);
        document.labelled("About", &hand_over.title, Role::Plain);
        document.labelled("Why", &card.why, Role::Plain);
        let commands = [("Windows", &card.windows), ("Linux", &card.linux)];
        for (system, command) in commands {
            for (number, line) in command.iter().flat_map(|text| text.lines()).enumerate() {
                let label = if number == 0 { system } else { "" };
                document.verbatim(Some(label), line, Role::Command);
            }
        }
        document.labelled("Read it", &card.reading, Role::Plain);
        document.gap();
    }
    document
}
