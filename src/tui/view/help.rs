//! All keys, from the command table, and what the marks mean.

use super::super::command::{Binding, all};
use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;

/// The help as a page: first what works on the screen below it, by itself where
/// the rest has no room beside it.
pub fn document(model: &Model, width: usize, height: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let below = model.below_help();
    let here: Vec<&Binding> = super::super::command::available(&below)
        .filter(|b| !b.help.is_empty())
        .collect();
    document.title("Keys on this screen");
    document.gap();
    for binding in &here {
        line(&mut document, binding);
    }
    document.gap();
    let rest = rest(model, &here, document.beside());
    if document.len() + rest.len() > height {
        document.fill(height);
    }
    document.append(rest);
    document
}

/// The keys of other screens, the marks and the files.
fn rest(model: &Model, here: &[&Binding], mut document: Document) -> Document {
    document.title("Keys on other screens");
    document.gap();
    let mut told: Vec<(&str, &str)> = Vec::new();
    for binding in all() {
        let key = (binding.hint, binding.help);
        let known = here.iter().any(|other| std::ptr::eq(*other, binding)) || told.contains(&key);
        if binding.help.is_empty() || known {
            continue;
        }
        told.push(key);
        line(&mut document, binding);
    }
    document.gap();
    document.title("Marks");
    document.gap();
    for (mark, role, words) in [
        ("[ok]", Role::Good, "as it should be"),
        ("[!!]", Role::Fault, "wrong, or a cause was found here"),
        (
            "[??]",
            Role::Unknown,
            "could not be seen; this is not the same as good",
        ),
        ("[>>]", Role::Current, "where the walk is"),
        ("[  ]", Role::Quiet, "still to come, if all is well"),
        (
            "[ ?]",
            Role::Quiet,
            "comes only if the next results ask for it",
        ),
    ] {
        document.hanging(mark, role, 6, words, Role::Plain);
    }
    document.gap();
    document.title("Files");
    document.gap();
    let journal = model
        .walking()
        .and_then(|walking| walking.state.journal.as_ref());
    match journal {
        Some(journal) => document.labelled("Journal", &journal.display().to_string(), Role::Plain),
        None => document.text(
            "A walk keeps a journal from its first step on.",
            Role::Plain,
        ),
    }
    document.labelled("Exports", &model.save_to.display().to_string(), Role::Plain);
    document
}

fn line(document: &mut Document, binding: &Binding) {
    let keys = binding.key_names().join(" ");
    document.hanging(
        &format!("{keys} "),
        Role::Key,
        16,
        binding.help,
        Role::Plain,
    );
}
