//! What follows from what happened. Nothing here draws, waits or writes.

mod command;
mod find;
mod flows;
mod paste;

use ratatui::crossterm::event::{KeyEvent, KeyEventKind};

use super::command::{Command, find};
use super::model::{Model, Place, Screen, View, Walking};
use super::msg::{Effect, Msg, Notice};
use super::prompt::Prompt;
use super::scroll::Scroll;
use super::walk_state::WalkState;
use crate::driver::Progress;
use crate::engine::{Event, Phase};
use crate::probe::Tone;

/// Takes a message in.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => return take_key(model, key),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resized(columns, lines) => {
            (model.columns, model.lines) = (columns, lines);
            command::give_room_to_the_keys(model);
        }
        Msg::Tick(asked) => {
            if let Some(walking) = model.walking_mut() {
                walking.state.asked = asked;
            }
        }
        Msg::Begun { target, state } => {
            model.opened.clear();
            model.screen = Screen::Walk(Box::new(Walking::new(target, model.clock)));
            walked(model, *state);
        }
        Msg::Walked(state) => {
            walked(model, *state);
            return go_on(model);
        }
        Msg::NotBegun(reason) => match &mut model.screen {
            Screen::Inputs(form) => form.fault = Some(reason),
            _ => model.notice = Some(Notice::fault(reason)),
        },
        Msg::Scripts(scripts) => {
            if let Some(walking) = model.walking_mut() {
                walking.scripts = Some(*scripts);
            }
        }
        Msg::Told(notice) => model.notice = Some(notice),
        Msg::FlowsChanged { flows, faults } => flows::changed(model, flows, faults),
    }
    Vec::new()
}

fn take_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    model.notice = None;
    if let Some(walking) = model.walking_mut() {
        walking.goes_on = false;
    }
    // The window of the keys is no screen of its own: its keys do what it says.
    if model.place() == Place::Keys && find(model, key).is_none() {
        model.opened.pop();
    }
    if edit(model, key) {
        match &mut model.screen {
            Screen::Inputs(form) => form.scroll.release(),
            Screen::Walk(walking) => walking.scroll.release(),
            Screen::Flows { .. } => {}
        }
        return Vec::new();
    }
    let Some(command) = find(model, key) else {
        return Vec::new();
    };
    // Ctrl-C twice always leaves.
    if command == Command::Quit && model.place() == Place::Quit {
        return vec![Effect::Quit];
    }
    command::run(model, command)
}

/// Gives the key to the text or the choice that is being made.
fn edit(model: &mut Model, key: KeyEvent) -> bool {
    if let Some(opened) = model.opened.last_mut() {
        return match (&mut opened.search.typing, &mut opened.view) {
            (Some(field), _) | (None, View::Note(field)) => field.key(key),
            (None, View::Paste(pasted)) => pasted.key(key),
            _ => false,
        };
    }
    match &mut model.screen {
        Screen::Inputs(form) => form.prompt().is_some_and(|prompt| prompt.key(key)),
        Screen::Walk(walking) if matches!(walking.state.phase, Phase::Asking(_)) => walking
            .prompt
            .as_mut()
            .is_some_and(|prompt| prompt.key(key)),
        _ => false,
    }
}

fn paste(model: &mut Model, text: &str) {
    model.notice = None;
    // Where nothing is typed, a text that is pasted wants to be read.
    if matches!(
        model.place(),
        Place::Flows | Place::Reading | Place::End | Place::Findings | Place::Cards
    ) {
        paste::open(model);
    }
    if let Some(opened) = model.opened.last_mut() {
        match (&mut opened.search.typing, &mut opened.view) {
            (Some(field), _) | (None, View::Note(field)) => field.paste(text),
            (None, View::Paste(pasted)) => pasted.paste(text),
            _ => {}
        }
        return;
    }
    match &mut model.screen {
        Screen::Inputs(form) => {
            if let Some(prompt) = form.prompt() {
                prompt.paste(text);
            }
        }
        Screen::Walk(walking) => {
            if let Some(prompt) = &mut walking.prompt {
                prompt.paste(text);
            }
        }
        Screen::Flows { .. } => {}
    }
}

/// Passes a good result by when the user wants that.
fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(walking) = model.walking_mut().filter(|walking| walking.goes_on) else {
        return Vec::new();
    };
    let good = walking
        .state
        .visit()
        .is_some_and(|visit| visit.tone == Tone::Good);
    match walking.state.phase {
        Phase::Showing { .. } if good => vec![Effect::Tell(Event::Continue)],
        Phase::Probing { .. } => Vec::new(),
        _ => {
            walking.goes_on = false;
            Vec::new()
        }
    }
}

fn walked(model: &mut Model, state: WalkState) {
    let now = model.clock;
    let mut moved = false;
    if let Screen::Walk(walking) = &mut model.screen {
        if walking.state.key() != state.key() {
            walking.scroll = Scroll::default();
            walking.asked = now;
            walking.answered_before = state
                .asked
                .iter()
                .filter(|asked| matches!(asked.progress, Progress::Answered(_)))
                .map(|asked| asked.request.key())
                .collect();
            walking.prompt = match &state.phase {
                Phase::Asking(question) => Some(Prompt::of_question(question)),
                _ => None,
            };
            moved = true;
        }
        if let Some(fault) = &state.journal_fault
            && walking.state.journal_fault.is_none()
        {
            model.notice = Some(Notice::fault(format!(
                "The transcript cannot be written: {fault}. The walk goes on without it."
            )));
        }
        walking.ended = match state.phase {
            Phase::Finished { .. } => walking.ended.or(Some(now)),
            _ => None,
        };
        walking.scripts = None;
        walking.state = state;
    }
    // What was opened on a step belongs to that step.
    if moved {
        model
            .opened
            .retain(|opened| !matches!(opened.view, View::Evidence | View::Why));
        if model.verdict().is_some() {
            model
                .opened
                .retain(|opened| !matches!(opened.view, View::Quit));
        }
    }
}
