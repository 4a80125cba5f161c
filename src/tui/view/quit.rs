//! Whether to leave a walk that has not ended.

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;

/// The question as a small page.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let words = if model.is_running() {
        "A probe is running. Leave?"
    } else {
        "The walk has not ended. Leave?"
    };
    document.text(words, Role::Strong);
    let journal = model
        .walking()
        .and_then(|walking| walking.state.journal.as_ref());
    if let Some(journal) = journal {
        let words = format!("What was seen so far is kept in {}", journal.display());
        document.text(&words, Role::Plain);
    }
    document
}
