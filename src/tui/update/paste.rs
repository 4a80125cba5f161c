//! Taking what was pasted: an error message begins a walk, what others saw goes
//! into it.

use serde_json::Map;

use super::super::form::Form;
use super::super::model::{Model, Opened, Screen, View};
use super::super::msg::{Effect, Notice};
use super::super::paste_box::PasteBox;
use super::super::scroll::Scroll;
use super::super::search::Search;
use crate::engine::{answer, unresolved};
use crate::pasted::card;
use crate::pasted::error_text::ErrorText;

/// Opens the box; the answers to the cards that are open can be pasted too.
pub(super) fn open(model: &mut Model) {
    let asked = model
        .walking()
        .map(|walking| {
            let state = &walking.state;
            unresolved(&state.unknown, &state.ruled_out, &state.findings)
                .into_iter()
                .map(|open| open.cause.clone())
                .filter(|cause| card::is_readable(cause))
                .collect()
        })
        .unwrap_or_default();
    model.opened.push(Opened {
        view: View::Paste(Box::new(PasteBox::new(asked))),
        scroll: Scroll::default(),
        search: Search::default(),
    });
}

/// Takes what is in the box.
pub(super) fn take(model: &mut Model) -> Vec<Effect> {
    let Some(Opened {
        view: View::Paste(pasted),
        ..
    }) = model.opened.pop()
    else {
        return Vec::new();
    };
    let read = pasted.read();
    let before_a_walk = matches!(model.screen, Screen::Flows { .. });
    if !read.told.is_empty() {
        let sources = read.told.sources.join(", ");
        model.notice = Some(Notice::done(if before_a_walk {
            format!("Read: {sources}. The next walk uses it, as told by a person.")
        } else {
            format!("Read: {sources}. From here on it counts, as told by a person.")
        }));
        return vec![Effect::Hear(Box::new(read.told.clone()))];
    }
    if let Some(error) = read.error.as_ref() {
        if before_a_walk {
            begin(model, Some(error));
        } else {
            model.notice = Some(Notice::done(
                "That is an error message. Paste it on the flow list, where it begins a walk.",
            ));
        }
        return Vec::new();
    }
    if pasted.text().trim().is_empty() || !read.advice.is_empty() {
        return Vec::new();
    }
    if before_a_walk {
        begin(model, None);
    } else {
        model.notice = Some(Notice::fault(
            "Nothing in it is known here. Paste the whole answer, with the line of the command.",
        ));
    }
    Vec::new()
}

/// Opens the questions of the flow that the message leads to, with what it
/// says already filled in.
fn begin(model: &mut Model, error: Option<&ErrorText>) {
    let wanted = error.map(ErrorText::flow);
    let flow = model
        .flows
        .iter()
        .find(|flow| Some(flow.id.as_str()) == wanted)
        .or_else(|| model.flows.first())
        .and_then(|listed| listed.flow())
        .cloned();
    let Some(flow) = flow else { return };
    let mut known = Map::new();
    for (name, text) in error.map(ErrorText::inputs).unwrap_or_default() {
        if let Some(input) = flow.inputs.get(name)
            && let Ok(value) = answer::parse(input.kind, &input.choices, input.optional, &text)
        {
            known.insert(name.to_owned(), value);
        }
    }
    let mut form = Form::new(flow, &known);
    form.intro = match error {
        Some(error) => vec![
            format!("The message is about: {}.", error.stage.words()),
            error.explanation.clone(),
        ],
        None => vec![
            "Nothing in the message is known here, so this begins at the beginning.".to_owned(),
        ],
    };
    model.screen = Screen::Inputs(Box::new(form));
}
