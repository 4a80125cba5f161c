//! What works before a walk: on the flow list and in its questions.

use ratatui::crossterm::event::KeyCode;

use super::super::model::Place;
use super::super::scroll::Movement;
use super::condition::{at_last_question, before_last_question, was_cut};
use super::{Binding, Command, bind, bind_when};

const ENTER: &[KeyCode] = &[KeyCode::Enter];

const ESC: &[KeyCode] = &[KeyCode::Esc];

/// The bindings, in the order of the footer.
pub static BINDINGS: &[Binding] = &[
    bind(
        Command::Next,
        ENTER,
        "start",
        "open the chosen flow",
        &[Place::Flows],
    ),
    bind(
        Command::Move(Movement::Down),
        &[KeyCode::Down, KeyCode::Char('j')],
        "choose",
        "the one below",
        &[Place::Flows, Place::Export],
    ),
    bind(
        Command::Paste,
        &[KeyCode::Char('v')],
        "paste an error",
        "begin with an error message, or with what somebody else saw",
        &[Place::Flows],
    ),
    bind_when(
        bind(
            Command::Resume,
            &[KeyCode::Char('r')],
            "go on",
            "go on with the session that was cut off",
            &[Place::Flows],
        ),
        was_cut,
    ),
    bind_when(
        bind(
            Command::Next,
            ENTER,
            "start the walk",
            "start the walk",
            &[Place::Inputs],
        ),
        at_last_question,
    ),
    bind_when(
        bind(
            Command::Next,
            ENTER,
            "next question",
            "to the next question",
            &[Place::Inputs],
        ),
        before_last_question,
    ),
    bind(
        Command::NextQuestion,
        &[KeyCode::Tab, KeyCode::Down],
        "",
        "to the next question",
        &[Place::Inputs],
    ),
    bind(
        Command::PreviousQuestion,
        &[KeyCode::BackTab, KeyCode::Up],
        "",
        "to the question before",
        &[Place::Inputs],
    ),
    bind(
        Command::Back,
        ESC,
        "flow list",
        "back to the flow list",
        &[Place::Inputs],
    ),
];
