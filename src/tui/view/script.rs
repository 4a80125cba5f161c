//! The fix script, for one system or the other.

use ratatui::text::{Line, Span};

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use crate::fix::System;

/// The script as a page, with a line that says for which system it is.
pub fn document(model: &Model, system: System, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let look = model.look;
    let script = text(model, system);
    let is_for_people = !script.is_empty() && script.lines().all(|line| line.starts_with('#'));
    let (title, advice) = if is_for_people {
        (
            "What to do, on ",
            "No script can do this. Save it, and send it to who can.",
        )
    } else {
        (
            "Fix script for ",
            "Read it before you run it; nothing was changed so far.",
        )
    };
    let tab = |this: System, name: &str| {
        let role = if this == system {
            Role::Selected
        } else {
            Role::Quiet
        };
        look.span(&format!(" {name} "), role)
    };
    document.line(Line::from(vec![
        look.span(title, Role::Strong),
        tab(System::Windows, "Windows"),
        Span::raw(" "),
        tab(System::Linux, "Linux"),
    ]));
    document.text(advice, Role::Quiet);
    document.gap();
    if script.is_empty() {
        document.text("It is being made.", Role::Plain);
    }
    for line in script.lines() {
        let role = if line.trim_start().starts_with('#') {
            Role::Quiet
        } else {
            Role::Plain
        };
        document.verbatim(None, line, role);
    }
    document
}

/// The script itself.
pub fn text(model: &Model, system: System) -> &str {
    model
        .walking()
        .and_then(|walking| walking.scripts.as_ref())
        .map_or("", |scripts| scripts.text(system))
}
