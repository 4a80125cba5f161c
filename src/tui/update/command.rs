//! What each command does.

use std::sync::Arc;

use crate::engine::{Event, Phase};
use crate::fix::System;

use super::super::command::Command;
use super::super::field::Field;
use super::super::form::Form;
use super::super::model::{Model, Opened, Place, Screen, View};
use super::super::msg::{self, Effect, Notice};
use super::super::scroll::{Movement, Scroll};
use super::super::search::{Direction, Search};
use super::super::view;
use super::{find, paste};

/// Runs a command that is available.
pub(super) fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Next => return next(model),
        Command::GoOn => {
            if let Some(walking) = model.walking_mut() {
                walking.goes_on = true;
            }
            return vec![Effect::Tell(Event::Continue)];
        }
        Command::Back => return back(model),
        Command::NextQuestion => with_form(model, Form::next),
        Command::PreviousQuestion => with_form(model, Form::previous),
        Command::Retry => return vec![Effect::Tell(Event::Retry)],
        Command::Skip => return vec![Effect::Tell(Event::Skip)],
        Command::Cancel => return vec![Effect::Tell(Event::Cancel)],
        Command::Yes => return vec![Effect::Tell(Event::Consented(true))],
        Command::No => return vec![Effect::Tell(Event::Consented(false))],
        Command::Evidence => open(model, View::Evidence),
        Command::Why => open(model, View::Why),
        Command::Findings => open(model, View::Findings),
        Command::Script => return open_script(model),
        Command::Glossary => open(model, View::Glossary),
        Command::Cards => open(model, View::Cards),
        Command::Find => find::begin(model),
        Command::FindNext => find::go(model, Direction::On),
        Command::FindPrevious => find::go(model, Direction::Back),
        Command::Outline => open(model, View::Outline),
        Command::Paste => paste::open(model),
        Command::Note => open(model, View::Note(Field::default())),
        Command::KeepScreen => return vec![Effect::KeepScreen],
        Command::Resume => {
            if let Some(cut) = &model.cut {
                return vec![Effect::Resume(cut.path.clone())];
            }
        }
        Command::WithoutNames => model.without_names = !model.without_names,
        Command::Export => open(model, View::Export(0)),
        Command::Help => help(model),
        Command::OtherSystem => other_system(model),
        Command::Save => return save(model),
        Command::Copy => return copy(model),
        Command::Flows => {
            model.screen = Screen::Flows { selected: 0 };
            return vec![Effect::Leave];
        }
        Command::Move(movement) => go(model, movement),
        Command::Close => {
            if let Some(opened) = model.opened.last_mut()
                && opened.search.typing.take().is_some()
            {
                return Vec::new();
            }
            model.opened.pop();
        }
        Command::Redraw => return vec![Effect::Redraw],
        Command::Suspend => return vec![Effect::Suspend],
        Command::Quit => return quit(model),
    }
    Vec::new()
}

/// A window with the keys that work; from there, everything.
fn help(model: &mut Model) {
    if model.place() == Place::Keys {
        model.opened.pop();
        open(model, View::Help);
    } else {
        open(model, View::Keys);
        give_room_to_the_keys(model);
    }
}

/// Where the window of the keys has no room, the whole page of them stands.
pub(super) fn give_room_to_the_keys(model: &mut Model) {
    if model.place() == Place::Keys && !view::keys::fits(model) {
        help(model);
    }
}

/// On: what that means depends on where we are.
fn next(model: &mut Model) -> Vec<Effect> {
    match model.place() {
        Place::Flows => {
            let Screen::Flows { selected } = model.screen else {
                return Vec::new();
            };
            let listed = model.flows.get(selected);
            let Some(flow) = listed.and_then(|listed| listed.flow()).cloned() else {
                return Vec::new();
            };
            if flow.inputs.is_empty() {
                return vec![Effect::Begin {
                    flow: flow.id.clone(),
                    inputs: serde_json::Map::new(),
                }];
            }
            let form = Form::new(flow, &serde_json::Map::new());
            model.screen = Screen::Inputs(Box::new(form));
        }
        Place::Inputs => {
            let Screen::Inputs(form) = &mut model.screen else {
                return Vec::new();
            };
            form.fault = None;
            let good = form
                .prompt()
                .is_some_and(|prompt| prompt.answer().is_some());
            if !form.at_last() {
                form.scroll.release();
                if good {
                    form.next();
                }
                return Vec::new();
            }
            if let Some(answers) = form.answers(&model.vault) {
                let flow = form.flow.id.clone();
                return vec![Effect::Begin {
                    flow,
                    inputs: answers,
                }];
            }
        }
        Place::Question => {
            let vault = Arc::clone(&model.vault);
            let answer = model
                .walking_mut()
                .and_then(|walking| walking.prompt.as_mut())
                .and_then(|prompt| prompt.kept_answer(&vault));
            if let Some(answer) = answer {
                return vec![Effect::Tell(Event::Answered(answer))];
            }
        }
        Place::Reading => return vec![Effect::Tell(Event::Continue)],
        Place::Consent => {
            // Enter is what one presses to go on, so it must never consent.
            model.notice = Some(Notice::done(
                "Press y to let it look, or n to go on without.",
            ));
        }
        Place::End => return open_script(model),
        Place::Search => find::take(model),
        Place::Note => {
            let Some(Opened {
                view: View::Note(field),
                ..
            }) = model.opened.pop()
            else {
                return Vec::new();
            };
            let text = field.text().trim().to_owned();
            if !text.is_empty() {
                model.notice = Some(Notice::done("The note is in the transcript."));
                return vec![Effect::Tell(Event::Note(text))];
            }
        }
        Place::Paste => return paste::take(model),
        Place::Export => {
            let Some(Opened {
                view: View::Export(number),
                ..
            }) = model.opened.pop()
            else {
                return Vec::new();
            };
            let form = msg::Form::ALL
                .get(number)
                .copied()
                .unwrap_or(msg::Form::Text);
            let path = view::export::path(model, form);
            return vec![Effect::Export {
                form,
                without_names: model.without_names,
                path,
            }];
        }
        _ => {}
    }
    Vec::new()
}

fn back(model: &mut Model) -> Vec<Effect> {
    match model.place() {
        Place::Inputs => {
            let Screen::Inputs(form) = &model.screen else {
                return Vec::new();
            };
            let selected = model
                .flows
                .iter()
                .position(|flow| flow.id == form.flow.id)
                .unwrap_or_default();
            model.screen = Screen::Flows { selected };
            Vec::new()
        }
        _ => vec![Effect::Tell(Event::Back)],
    }
}

fn with_form(model: &mut Model, change: impl FnOnce(&mut Form)) {
    if let Screen::Inputs(form) = &mut model.screen {
        form.scroll.release();
        change(form);
    }
}

fn open(model: &mut Model, view: View) {
    model.opened.push(Opened {
        view,
        scroll: Scroll::default(),
        search: Search::default(),
    });
}

fn open_script(model: &mut Model) -> Vec<Effect> {
    open(model, View::Script(System::Windows));
    vec![Effect::MakeScripts]
}

fn other_system(model: &mut Model) {
    if let Some(Opened {
        view: View::Script(system),
        scroll,
        ..
    }) = model.opened.last_mut()
    {
        *system = match system {
            System::Windows => System::Linux,
            System::Linux => System::Windows,
        };
        *scroll = Scroll::default();
    }
}

fn save(model: &Model) -> Vec<Effect> {
    let Some(Opened {
        view: View::Script(system),
        ..
    }) = model.opened.last()
    else {
        return Vec::new();
    };
    let Some(scripts) = model.walking().and_then(|walking| walking.scripts.as_ref()) else {
        return Vec::new();
    };
    vec![Effect::Save {
        what: "The fix script",
        text: scripts.text(*system).to_owned(),
        path: model
            .save_to
            .join(model.file_name(msg::script_ending(*system))),
    }]
}

fn copy(model: &Model) -> Vec<Effect> {
    if model.place() == Place::End {
        return vec![Effect::CopySession];
    }
    let (what, text, ending) = view::copied(model);
    if text.trim().is_empty() {
        return Vec::new();
    }
    vec![Effect::Copy {
        what,
        text,
        name: model.file_name(ending),
    }]
}

/// Leaves; asks first when a walk is under way.
fn quit(model: &mut Model) -> Vec<Effect> {
    let under_way = model.walking().is_some_and(|walking| {
        walking.state.replayed.is_none()
            && !matches!(walking.state.phase, Phase::Finished { .. } | Phase::Ready)
    });
    if under_way {
        open(model, View::Quit);
        return Vec::new();
    }
    vec![Effect::Quit]
}

fn go(model: &mut Model, movement: Movement) {
    let choices = match model.place() {
        Place::Flows => model.flows.len(),
        Place::Export => msg::Form::ALL.len(),
        _ => 0,
    };
    if choices > 0 {
        let number = match (
            &mut model.screen,
            model.opened.last_mut().map(|o| &mut o.view),
        ) {
            (_, Some(View::Export(number))) => number,
            (Screen::Flows { selected }, None) => selected,
            _ => return,
        };
        *number = moved(*number, movement, choices);
        return;
    }
    let Some(extent) = view::extent(model) else {
        return;
    };
    let scroll = match (model.opened.last_mut(), &mut model.screen) {
        (Some(opened), _) => &mut opened.scroll,
        (None, Screen::Walk(walking)) => &mut walking.scroll,
        (None, Screen::Inputs(form)) => &mut form.scroll,
        (None, Screen::Flows { .. }) => return,
    };
    scroll.go(movement, extent);
}

fn moved(number: usize, movement: Movement, choices: usize) -> usize {
    let last = choices - 1;
    match movement {
        Movement::Up => number.saturating_sub(1),
        Movement::Down => (number + 1).min(last),
        Movement::PageUp | Movement::Home => 0,
        Movement::PageDown | Movement::End => last,
    }
}
