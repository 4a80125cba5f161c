//! The questions of a flow before it starts: all of them, the current one with
//! its help and its field.

use super::super::document::Document;
use super::super::model::{Model, Screen};
use super::super::theme::Role;
use super::{Page, prompt};

/// The form as a page.
pub fn page(model: &Model, width: usize) -> Page {
    let mut document = Document::new(model.look, width);
    let Screen::Inputs(form) = &model.screen else {
        return document.into();
    };
    document.ends(
        (&form.flow.title, Role::Title),
        (
            &format!("question {} of {}", form.focus + 1, form.prompts.len()),
            Role::Quiet,
        ),
    );
    if let Some(fault) = &form.fault {
        document.hanging("!!", Role::Fault, 3, fault, Role::Fault);
    }
    if form.intro.is_empty() {
        document.text(&form.flow.summary, Role::Plain);
    }
    for words in &form.intro {
        document.text(words, Role::Plain);
    }
    document.gap();
    let mut place = prompt::Place::default();
    for (number, (_, question)) in form.prompts.iter().enumerate() {
        if number == form.focus {
            place = prompt::draw(&mut document, question);
        } else {
            document.text(&question.ask, Role::Plain);
            let words = question.words();
            let words = if words.is_empty() { "(empty)" } else { &words };
            document.hanging("", Role::Plain, 2, words, Role::Quiet);
            if let Some(error) = &question.error {
                document.hanging("!!", Role::Fault, 3, error, Role::Fault);
            }
        }
        document.gap();
    }
    Page {
        document,
        focus: Some(place.lines),
        cursor: place.cursor,
    }
}
