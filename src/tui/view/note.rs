//! A note being written.

use ratatui::text::{Line, Span};

use super::super::document::Document;
use super::super::field::Field;
use super::super::model::Model;
use super::super::theme::Role;
use super::Page;

/// The note as a small page.
pub fn page(model: &Model, field: &Field, width: usize) -> Page {
    let mut document = Document::new(model.look, width);
    document.text("A note for the transcript, at this step:", Role::Strong);
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
