//! A line being typed below the page: a note, or words to look for.

use ratatui::text::{Line, Span};

use super::super::document::Document;
use super::super::field::Field;
use super::super::model::Model;
use super::super::theme::Role;
use super::Page;

/// The note as a small page.
pub fn page(model: &Model, field: &Field, width: usize) -> Page {
    typed(
        model,
        "A note for the transcript, at this step:",
        field,
        width,
    )
}

/// The words to look for as a small page.
pub fn search(model: &Model, field: &Field, width: usize) -> Page {
    typed(model, "Find in this text:", field, width)
}

fn typed(model: &Model, what: &str, field: &Field, width: usize) -> Page {
    let mut document = Document::new(model.look, width);
    document.text(what, Role::Strong);
    let (text, cell) = field.shown(width.saturating_sub(3), model.look.glyphs);
    document.line(Line::from(vec![
        model.look.span("> ", Role::Key),
        Span::styled(text, model.look.style(Role::Strong)),
    ]));
    Page {
        document,
        focus: None,
        cursor: Some((1, cell + 2)),
    }
}
