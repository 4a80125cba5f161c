//! Whether a probe may run that can leave a trace.

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use super::step;
use crate::engine::Phase;

/// The request for consent as a page.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let Some(walking) = model.walking() else {
        return document;
    };
    let Phase::Consenting(question) = &walking.state.phase else {
        return document;
    };
    if let Some(visit) = walking.state.visit() {
        step::heading(&mut document, model.columns, walking, visit);
    }
    step::asking(&mut document, &question.request);
    document.labelled("Leaves", &question.leaves, Role::Strong);
    document.gap();
    document.text("May it look?", Role::Strong);
    document.hanging(
        "y",
        Role::Key,
        3,
        "yes, look: it changes nothing, and is not asked again in this walk",
        Role::Plain,
    );
    document.hanging(
        "n",
        Role::Key,
        3,
        "no, go on without it; what it would have told stays unknown",
        Role::Plain,
    );
    document
}
