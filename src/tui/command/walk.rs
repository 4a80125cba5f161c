//! What works in a walk.

use ratatui::crossterm::event::KeyCode::{self, Char};

use super::super::model::Place;
use super::condition::{
    can_go_back, has_cards, has_findings, has_outcome, is_branched, is_live, is_probe,
};
use super::{Binding, Command, bind, bind_when};

const ENTER: &[KeyCode] = &[KeyCode::Enter];

/// Where a walk can be looked at.
const WALK: &[Place] = &[
    Place::Reading,
    Place::Probing,
    Place::Consent,
    Place::Question,
    Place::End,
];

/// The bindings, in the order of the footer.
pub static BINDINGS: &[Binding] = &[
    bind(
        Command::Next,
        ENTER,
        "answer",
        "give the answer",
        &[Place::Question],
    ),
    bind(
        Command::Next,
        ENTER,
        "next",
        "to the next step",
        &[Place::Reading],
    ),
    bind_when(
        bind(
            Command::Next,
            ENTER,
            "fix script",
            "show the fix script",
            &[Place::End],
        ),
        has_findings,
    ),
    bind(
        Command::Yes,
        &[Char('y')],
        "yes",
        "let the probe look",
        &[Place::Consent],
    ),
    bind(
        Command::No,
        &[Char('n')],
        "no",
        "go on without it",
        &[Place::Consent],
    ),
    bind(Command::Next, ENTER, "", "", &[Place::Consent]),
    bind(
        Command::Cancel,
        &[Char('c')],
        "cancel",
        "end the running probe",
        &[Place::Probing],
    ),
    bind_when(
        bind(
            Command::Back,
            &[Char('b'), KeyCode::Backspace],
            "back",
            "back to the step before; what was found since is forgotten",
            &[Place::Reading, Place::Probing, Place::Consent, Place::End],
        ),
        can_go_back,
    ),
    bind_when(
        bind(
            Command::Back,
            &[KeyCode::Esc, Char('b'), KeyCode::Backspace],
            "back",
            "back to the step before",
            &[Place::Question],
        ),
        can_go_back,
    ),
    bind(
        Command::GoOn,
        &[Char('g')],
        "run on",
        "by itself to the next fault, question or unknown; any key stops it",
        &[Place::Reading],
    ),
    bind(
        Command::Skip,
        &[KeyCode::Tab, Char('s')],
        "skip",
        "on without an answer; what depends on it stays unknown",
        &[Place::Question],
    ),
    bind(
        Command::Skip,
        &[Char('s')],
        "skip",
        "on without this step; what it would have told stays unknown",
        &[Place::Probing],
    ),
    bind_when(
        bind(
            Command::Evidence,
            &[Char('e')],
            "evidence",
            "everything that this step asked and saw, word by word",
            &[Place::Reading],
        ),
        has_outcome,
    ),
    bind_when(
        bind(
            Command::Why,
            &[Char('w')],
            "why so",
            "why we think so: the branch taken and the values that it saw",
            &[Place::Reading],
        ),
        is_branched,
    ),
    bind(
        Command::Glossary,
        &[Char('t')],
        "terms",
        "the terms on this screen, each explained in three lines",
        &[
            Place::Reading,
            Place::Probing,
            Place::Consent,
            Place::Question,
            Place::End,
            Place::Evidence,
            Place::Why,
            Place::Findings,
            Place::Cards,
            Place::Flows,
        ],
    ),
    bind_when(
        bind(
            Command::Cards,
            &[Char('c')],
            "hand over",
            "what to ask of somebody who sees more, ready to send",
            &[Place::End, Place::Findings],
        ),
        has_cards,
    ),
    bind(
        Command::Findings,
        &[Char('f')],
        "findings",
        "the causes found so far, what is ruled out and what is unknown",
        WALK,
    ),
    bind_when(
        bind(
            Command::Retry,
            &[Char('r')],
            "retry",
            "ask the network again",
            &[Place::Reading],
        ),
        is_probe,
    ),
    bind(
        Command::Export,
        &[Char('x')],
        "export",
        "write the transcript as text, Markdown or JSON",
        &[Place::Reading, Place::End, Place::Findings],
    ),
    bind(
        Command::Copy,
        &[Char('y')],
        "copy",
        "copy what is shown, to your terminal's clipboard and to a file",
        &[
            Place::Reading,
            Place::End,
            Place::Evidence,
            Place::Why,
            Place::Findings,
            Place::Script,
            Place::Glossary,
            Place::Cards,
        ],
    ),
    bind_when(
        bind(
            Command::Note,
            &[Char('n')],
            "note",
            "write a note into the transcript",
            &[Place::Reading, Place::Probing, Place::End],
        ),
        is_live,
    ),
    bind_when(
        bind(
            Command::KeepScreen,
            &[Char('i')],
            "",
            "keep an image of this screen, as text, in the transcript",
            &[
                Place::Reading,
                Place::End,
                Place::Evidence,
                Place::Why,
                Place::Findings,
                Place::Outline,
            ],
        ),
        is_live,
    ),
    bind(
        Command::Paste,
        &[Char('v')],
        "paste",
        "paste what somebody else saw: setspn, klist, a card's command",
        &[Place::Reading, Place::End, Place::Findings, Place::Cards],
    ),
    bind(
        Command::Outline,
        &[Char('o')],
        "outline",
        "all steps, done and ahead",
        WALK,
    ),
    bind_when(
        bind(
            Command::Flows,
            &[Char('l')],
            "flow list",
            "to the flow list",
            &[Place::End],
        ),
        is_live,
    ),
];
