//! What is wrong in a flow that was just written.

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;

/// The faults as the checker draws them: file, line, the text, and a hint.
pub fn document(model: &Model, text: &str, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    document.text("Your flow has a fault", Role::Title);
    document.text(
        "The walk stays as it was. Save the file again, and this goes away by itself.",
        Role::Quiet,
    );
    document.gap();
    for line in text.lines() {
        let role = if line.starts_with("error") {
            Role::Fault
        } else if line.trim_start().starts_with("= help") {
            Role::Strong
        } else {
            Role::Plain
        };
        document.verbatim(None, line, role);
    }
    document
}
