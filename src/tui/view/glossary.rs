//! The terms that the screen uses, each in three lines; below them all others.

use super::super::document::Document;
use super::super::model::{Model, View};
use super::super::theme::Role;
use crate::glossary::{self, Word};

/// The terms as a page.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let mut below = model.clone();
    while matches!(below.opened.last(), Some(opened) if matches!(opened.view, View::Glossary)) {
        below.opened.pop();
    }
    let used = glossary::used_in(&super::words_of(&below));
    document.title("Terms on this screen");
    document.gap();
    if used.is_empty() {
        document.text("There is none that needs an explanation.", Role::Plain);
        document.gap();
    }
    for word in &used {
        entry(&mut document, word);
    }
    document.title("All other terms");
    document.gap();
    for word in glossary::words() {
        if !used.contains(&word) {
            entry(&mut document, word);
        }
    }
    document
}

fn entry(document: &mut Document, word: &Word) {
    document.text(&word.word, Role::Strong);
    document.hanging("", Role::Plain, 2, &word.means, Role::Plain);
    document.gap();
}
