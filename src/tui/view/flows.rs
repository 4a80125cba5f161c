//! The list of flows.

use jiff::Timestamp;

use super::super::document::Document;
use super::super::model::{Model, Screen};
use super::super::theme::Role;
use super::Page;
use crate::flow::library::Listed;

/// The most lines that say what a flow is for.
const PURPOSE: usize = 3;

/// The list as a page. The first flow goes through everything; the others are
/// parts of it, for those who know which part they want.
pub fn page(model: &Model, width: usize) -> Page {
    let mut document = Document::new(model.look, width);
    document.text("What do you want to find out?", Role::Title);
    document.text(
        "Nothing is changed: sspi-doctor looks, explains, and writes a fix script.",
        Role::Plain,
    );
    document.text(
        "Have an error message? Press v and paste it: the walk begins where it stopped.",
        Role::Plain,
    );
    document.gap();
    cut(model, &mut document);
    let Screen::Flows { selected } = model.screen else {
        return document.into();
    };
    let mut focus = None;
    for (number, flow) in model.flows.iter().enumerate() {
        if number == 1 {
            document.text("One part of it, when you know which", Role::Label);
        }
        let start = document.len();
        let chosen = number == selected;
        let (marker, role) = if chosen {
            (">", Role::Selected)
        } else {
            ("", Role::Plain)
        };
        document.hanging(marker, role, 2, &flow.title, Role::Plain);
        if chosen {
            focus = Some((start, document.len().saturating_sub(1)));
        }
    }
    Page {
        document,
        focus,
        cursor: None,
    }
}

/// What the chosen flow is for, in a sentence: it stands in one place below the
/// list, and the list stays where it is.
pub fn purpose(model: &Model, width: usize) -> Option<Document> {
    let Screen::Flows { selected } = model.screen else {
        return None;
    };
    Some(purpose_of(model, model.flows.get(selected)?, width))
}

/// As many lines as the longest of these sentences takes.
pub fn purpose_lines(model: &Model, width: usize) -> Option<usize> {
    let Screen::Flows { .. } = model.screen else {
        return None;
    };
    let purposes = model.flows.iter();
    purposes
        .map(|flow| purpose_of(model, flow, width).len())
        .max()
}

fn purpose_of(model: &Model, flow: &Listed, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    document.text(flow.purpose(), Role::Strong);
    document.shorten(PURPOSE);
    document
}

/// Offers the session that was cut off.
fn cut(model: &Model, document: &mut Document) {
    let Some(cut) = &model.cut else { return };
    let what = if cut.target.is_empty() {
        &cut.title
    } else {
        &cut.target
    };
    document.hanging(
        "r",
        Role::Key,
        2,
        &format!(
            "A session was cut off {}: {what}, after {} steps. Press r to go on with it.",
            cut.ago(Timestamp::now()),
            cut.steps
        ),
        Role::Strong,
    );
    document.gap();
}
