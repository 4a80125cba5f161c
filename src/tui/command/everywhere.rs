//! What works everywhere, or nearly: moving, help, leaving.

use ratatui::crossterm::event::KeyCode::{self, Char};

use super::super::model::{Model, Place};
use super::super::scroll::Movement;
use super::{Binding, Command, bind, bind_when, control};

const WITH_HELP: &[Place] = &[
    Place::Flows,
    Place::Inputs,
    Place::Question,
    Place::Consent,
    Place::Probing,
    Place::Reading,
    Place::End,
    Place::Outline,
    Place::Evidence,
    Place::Why,
    Place::Findings,
    Place::Script,
    Place::Glossary,
    Place::Cards,
    Place::Export,
];

const QUIT: &[Place] = &[
    Place::Flows,
    Place::Inputs,
    Place::Question,
    Place::Consent,
    Place::Probing,
    Place::Reading,
    Place::End,
];

/// Where one thing of a list is chosen.
const CHOICE: &[Place] = &[Place::Flows, Place::Export];

/// Where a text is moved.
const TEXTS: &[Place] = &[
    Place::Consent,
    Place::Probing,
    Place::Reading,
    Place::End,
    Place::Help,
    Place::Outline,
    Place::Evidence,
    Place::Why,
    Place::Findings,
    Place::Script,
    Place::Glossary,
    Place::Cards,
];

const ENDS: &[Place] = &[
    Place::Flows,
    Place::Export,
    Place::Consent,
    Place::Probing,
    Place::Reading,
    Place::End,
    Place::Help,
    Place::Outline,
    Place::Evidence,
    Place::Why,
    Place::Findings,
    Place::Script,
    Place::Glossary,
    Place::Cards,
];

const PAGES: &[Place] = &[
    Place::Paste,
    Place::Flows,
    Place::Inputs,
    Place::Question,
    Place::Consent,
    Place::Probing,
    Place::Reading,
    Place::End,
    Place::Help,
    Place::Outline,
    Place::Evidence,
    Place::Why,
    Place::Findings,
    Place::Script,
    Place::Glossary,
    Place::Cards,
];

/// The bindings, in the order of the footer.
pub static BINDINGS: &[Binding] = &[
    bind(
        Command::Help,
        &[Char('?'), KeyCode::F(1)],
        "help",
        "these keys; once more: all keys, the marks and the files",
        WITH_HELP,
    ),
    bind(
        Command::Quit,
        &[Char('q')],
        "quit",
        "leave; the transcript is kept",
        QUIT,
    ),
    bind_when(
        control(Command::Quit, &[Char('c')], "quit", "leave"),
        Model::is_typing,
    ),
    control(Command::Quit, &[Char('c')], "", "leave, also while typing"),
    control(Command::Redraw, &[Char('l')], "", "draw the screen anew"),
    control(
        Command::Suspend,
        &[Char('z')],
        "",
        "back to the shell; `fg` returns here",
    ),
    bind(
        Command::Move(Movement::Up),
        &[KeyCode::Up, Char('k')],
        "",
        "the one above",
        CHOICE,
    ),
    bind(
        Command::Move(Movement::Up),
        &[KeyCode::Up, Char('k')],
        "",
        "one line up",
        TEXTS,
    ),
    bind(
        Command::Move(Movement::Down),
        &[KeyCode::Down, Char('j')],
        "",
        "one line down",
        TEXTS,
    ),
    bind(
        Command::Move(Movement::PageUp),
        &[KeyCode::PageUp],
        "",
        "one page up",
        PAGES,
    ),
    bind(
        Command::Move(Movement::PageDown),
        &[KeyCode::PageDown, Char(' ')],
        "",
        "one page down",
        PAGES,
    ),
    bind(
        Command::Move(Movement::Home),
        &[KeyCode::Home],
        "",
        "to the start",
        ENDS,
    ),
    bind(
        Command::Move(Movement::End),
        &[KeyCode::End],
        "",
        "to the end",
        ENDS,
    ),
];
