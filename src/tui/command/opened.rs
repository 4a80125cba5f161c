//! What works on a view that was opened over a screen, and in the small dialogues.

use ratatui::crossterm::event::KeyCode::{self, Char};

use super::super::model::Place;
use super::condition::{has_findings, is_searching};
use super::{Binding, Command, bind, bind_when};

const ENTER: &[KeyCode] = &[KeyCode::Enter];

/// What is opened over a screen and closed again with `q` too.
const OPENED: &[Place] = &[
    Place::Help,
    Place::Outline,
    Place::Evidence,
    Place::Why,
    Place::Findings,
    Place::Script,
    Place::Glossary,
    Place::Cards,
    Place::Search,
    Place::Note,
    Place::Paste,
    Place::Export,
];

/// What can be searched.
const TEXTS: &[Place] = &[
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
        Command::Next,
        ENTER,
        "find",
        "to the first place where the words stand",
        &[Place::Search],
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
        &[KeyCode::Esc, KeyCode::Enter],
        "close",
        "close the keys",
        &[Place::Keys],
    ),
    bind(
        Command::Help,
        &[Char('?'), KeyCode::F(1)],
        "all keys and marks",
        "",
        &[Place::Keys],
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
    bind(
        Command::Find,
        &[Char('/')],
        "find",
        "look for words in this text",
        TEXTS,
    ),
    bind_when(
        bind(
            Command::FindNext,
            &[Char('n')],
            "next",
            "to the next place where the words stand",
            TEXTS,
        ),
        is_searching,
    ),
    bind_when(
        bind(
            Command::FindPrevious,
            &[Char('N')],
            "",
            "to the place before",
            TEXTS,
        ),
        is_searching,
    ),
];
