//! The list of flows.

use jiff::Timestamp;

use super::super::document::Document;
use super::super::model::{Model, Screen};
use super::super::theme::Role;
use super::Page;

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
            document.gap();
            document.text("One part of it, when you know which", Role::Label);
        }
        let start = document.len();
        let chosen = number == selected;
        let (marker, role) = if chosen {
            (">", Role::Selected)
        } else {
            (" ", Role::Strong)
        };
        document.hanging(marker, Role::Key, 2, &flow.title, role);
        if chosen {
            document.hanging("", Role::Plain, 4, &flow.summary, Role::Plain);
            focus = Some((start, document.len().saturating_sub(1)));
        }
    }
    Page {
        document,
        focus,
        cursor: None,
    }
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
