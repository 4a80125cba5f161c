//! A question in the middle of a walk.

use super::super::document::Document;
use super::super::model::Model;
use super::{Page, prompt, step};

/// The question as a page.
pub fn page(model: &Model, width: usize) -> Page {
    let mut document = Document::new(model.look, width);
    let Some(walking) = model.walking() else {
        return document.into();
    };
    if let Some(visit) = walking.state.visit() {
        step::heading(&mut document, model.columns, walking, visit);
    }
    let Some(question) = &walking.prompt else {
        return document.into();
    };
    let place = prompt::draw(&mut document, question);
    Page {
        document,
        focus: Some(place.lines),
        cursor: place.cursor,
    }
}
