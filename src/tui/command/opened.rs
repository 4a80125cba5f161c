//! What works on a view that was opened over a screen, and in the small dialogues.

use ratatui::crossterm::event::KeyCode::{self, Char};

use super::super::model::Place;
use super::condition::has_findings;
use super::{Binding, Command, bind, bind_when};

const ENTER: &[KeyCode] = &[KeyCode::Enter];

/// What is opened over a screen and closed again.
const OPENED: &[Place] = &[
    Place::Help,
    Place::Outline,
    Place::Evidence,
    Place::Why,
    Place::Findings,
    Place::Script,
    Place::Note,
    Place::Paste,
    Place::Export,
];

/// The bindings, in the order of the footer.
pub static BINDINGS: &[Binding] = &[
    bind(
        Command::Next,
        ENTER,
        "write it",
        "keep the note in the transcript",
        &[Place::Note],
    ),
    bind(
        Command::Next,
        ENTER,
        "take it",
        "take what was recognised in the text",
        &[Place::Paste],
    ),
    bind(
        Command::Next,
        ENTER,
        "write it",
        "write the file",
        &[Place::Export],
    ),
    bind(
        Command::WithoutNames,
        &[Char('p')],
        "names",
        "replace the names in the transcript by pseudonyms, or keep them",
        &[Place::Export],
    ),
    bind(
        Command::Quit,
        &[Char('y')],
        "leave",
        "leave",
        &[Place::Quit],
    ),
    bind(
        Command::Close,
        &[Char('n'), KeyCode::Esc, KeyCode::Enter],
        "stay",
        "stay",
        &[Place::Quit],
    ),
    bind(
        Command::Close,
        &[KeyCode::Esc, Char('q')],
        "close",
        "close this view",
        OPENED,
    ),
    bind_when(
        bind(
            Command::Script,
            &[Char('f'), KeyCode::Enter],
            "fix script",
            "the script that repairs what was found",
            &[Place::Findings],
        ),
        has_findings,
    ),
    bind(
        Command::OtherSystem,
        &[KeyCode::Tab, KeyCode::Left, KeyCode::Right],
        "Windows/Linux",
        "the script for the other system",
        &[Place::Script],
    ),
    bind(
        Command::Save,
        &[Char('x')],
        "save",
        "write the script to a file",
        &[Place::Script],
    ),
];
