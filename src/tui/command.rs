//! The commands: one table from which keys are read, the footer's hints are
//! made, and the help is written.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::model::{Model, Place, Screen};
use super::scroll::Movement;
use crate::engine::StepKind;

/// What a key can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// On: open, answer, go to the next step.
    Next,
    /// On by itself until there is something to see or to answer.
    GoOn,
    /// Back to the step before, or to the screen before.
    Back,
    /// To the next question of a form.
    NextQuestion,
    /// To the question before in a form.
    PreviousQuestion,
    /// Ask the network again.
    Retry,
    /// On without this step.
    Skip,
    /// End the running probe.
    Cancel,
    /// Allow what is asked.
    Yes,
    /// Do not allow it.
    No,
    /// Open everything that the step saw.
    Evidence,
    /// Open why the walk went on as it did.
    Why,
    /// Open the causes.
    Findings,
    /// Open the fix script.
    Script,
    /// The script for the other system.
    OtherSystem,
    /// Open the steps.
    Outline,
    /// Write a note.
    Note,
    /// Export the session.
    Export,
    /// Write the script to a file.
    Save,
    /// Copy what is shown.
    Copy,
    /// To the flow list.
    Flows,
    /// Move in a list or a text.
    Move(Movement),
    /// Close what was opened.
    Close,
    /// Open the help.
    Help,
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back for a while.
    Suspend,
    /// Leave.
    Quit,
}

/// A line of the table.
#[derive(Debug)]
pub struct Binding {
    /// What it does.
    pub command: Command,
    /// The keys; the first one is shown.
    pub keys: &'static [KeyCode],
    /// Whether Ctrl must be held.
    pub control: bool,
    /// A word or two for the footer; empty: not there.
    pub hint: &'static str,
    /// A sentence for the help; empty: not there.
    pub help: &'static str,
    /// Where it works; empty: everywhere.
    pub places: &'static [Place],
    /// A further condition.
    pub when: fn(&Model) -> bool,
}

const fn bind(
    command: Command,
    keys: &'static [KeyCode],
    hint: &'static str,
    help: &'static str,
    places: &'static [Place],
) -> Binding {
    Binding {
        command,
        keys,
        control: false,
        hint,
        help,
        places,
        when: always,
    }
}

const fn bind_when(binding: Binding, when: fn(&Model) -> bool) -> Binding {
    let Binding {
        command,
        keys,
        control,
        hint,
        help,
        places,
        ..
    } = binding;
    Binding {
        command,
        keys,
        control,
        hint,
        help,
        places,
        when,
    }
}

const fn control(
    command: Command,
    key: &'static [KeyCode],
    hint: &'static str,
    help: &'static str,
) -> Binding {
    Binding {
        command,
        keys: key,
        control: true,
        hint,
        help,
        places: &[],
        when: always,
    }
}

use KeyCode::Char;

const ENTER: &[KeyCode] = &[KeyCode::Enter];
const ESC: &[KeyCode] = &[KeyCode::Esc];

/// What is opened over a screen and closed again.
const OPENED: &[Place] = &[
    Place::Help,
    Place::Outline,
    Place::Evidence,
    Place::Why,
    Place::Findings,
    Place::Script,
    Place::Note,
    Place::Export,
];

/// Where a walk can be looked at.
const WALK: &[Place] = &[
    Place::Reading,
    Place::Probing,
    Place::Consent,
    Place::Question,
    Place::End,
];

/// Every command. The order is the order of the footer, where the last ones
/// give way first; help and quit always stay.
pub static TABLE: &[Binding] = &[
    bind(
        Command::Next,
        ENTER,
        "start",
        "open the chosen flow",
        &[Place::Flows],
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
    bind(
        Command::Next,
        ENTER,
        "next question",
        "to the next question",
        &[Place::Inputs],
    ),
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
        Command::Next,
        ENTER,
        "write it",
        "keep the note in the transcript",
        &[Place::Note],
    ),
    bind(
        Command::Next,
        ENTER,
        "write it",
        "write the file",
        &[Place::Export],
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
    bind(
        Command::Close,
        &[KeyCode::Esc, Char('q')],
        "close",
        "close this view",
        OPENED,
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
        "run on by itself to the next fault, question or unknown; any key stops it",
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
            "why do we think so: the branch taken and the values that it saw",
            &[Place::Reading],
        ),
        is_branched,
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
        "copy what is shown: to the clipboard of your terminal, and to a file",
        &[
            Place::Reading,
            Place::End,
            Place::Evidence,
            Place::Why,
            Place::Findings,
            Place::Script,
        ],
    ),
    bind(
        Command::Note,
        &[Char('n')],
        "note",
        "write a note into the transcript",
        &[Place::Reading, Place::Probing, Place::End],
    ),
    bind(
        Command::Outline,
        &[Char('o')],
        "outline",
        "all steps, done and ahead",
        WALK,
    ),
    bind(
        Command::Flows,
        &[Char('l')],
        "flow list",
        "to the flow list",
        &[Place::End],
    ),
    bind(
        Command::Help,
        &[Char('?'), KeyCode::F(1)],
        "help",
        "this help",
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
        "one line up",
        SCROLL,
    ),
    bind(
        Command::Move(Movement::Down),
        &[KeyCode::Down, Char('j')],
        "",
        "one line down",
        SCROLL,
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
        SCROLL,
    ),
    bind(
        Command::Move(Movement::End),
        &[KeyCode::End],
        "",
        "to the end",
        SCROLL,
    ),
];

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

const SCROLL: &[Place] = &[
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
];

const PAGES: &[Place] = &[
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
];

/// The commands that work at the moment, in the order of the table. While a
/// text is typed, letters are no commands.
pub fn available(model: &Model) -> impl Iterator<Item = &'static Binding> {
    let place = model.place();
    TABLE.iter().filter(move |binding| {
        (binding.places.is_empty() || binding.places.contains(&place))
            && (binding.when)(model)
            && binding.shown_key(model).is_some()
    })
}

/// The command of a key.
pub fn find(model: &Model, key: KeyEvent) -> Option<Command> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if key.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    available(model)
        .find(|binding| {
            binding.control == control
                && binding.keys.contains(&key.code)
                && !binding.is_text(key.code, model)
        })
        .map(|binding| binding.command)
}

impl Binding {
    /// The key to show, as it is written on the keyboard; nothing when all keys
    /// are letters of a text at the moment.
    pub fn shown_key(&self, model: &Model) -> Option<String> {
        self.keys
            .iter()
            .find(|key| !self.is_text(**key, model))
            .map(|key| self.name(*key))
    }

    /// All keys, as they are written on the keyboard.
    pub fn key_names(&self) -> Vec<String> {
        self.keys.iter().map(|key| self.name(*key)).collect()
    }

    fn is_text(&self, key: KeyCode, model: &Model) -> bool {
        !self.control
            && matches!(
                key,
                Char(_) | KeyCode::Left | KeyCode::Right | KeyCode::Home | KeyCode::End
            )
            && model.is_typing()
    }

    fn name(&self, key: KeyCode) -> String {
        let name = match key {
            Char(' ') => "Space".to_owned(),
            Char(character) => character.to_string(),
            KeyCode::Enter => "Enter".to_owned(),
            KeyCode::Esc => "Esc".to_owned(),
            KeyCode::Tab => "Tab".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            KeyCode::Backspace => "Backspace".to_owned(),
            KeyCode::Up => "Up".to_owned(),
            KeyCode::Down => "Down".to_owned(),
            KeyCode::Left => "Left".to_owned(),
            KeyCode::Right => "Right".to_owned(),
            KeyCode::PageUp => "PageUp".to_owned(),
            KeyCode::PageDown => "PageDown".to_owned(),
            KeyCode::Home => "Home".to_owned(),
            KeyCode::End => "End".to_owned(),
            KeyCode::F(number) => format!("F{number}"),
            _ => String::new(),
        };
        if self.control {
            format!("Ctrl-{}", name.to_uppercase())
        } else {
            name
        }
    }
}

fn always(_: &Model) -> bool {
    true
}

fn at_last_question(model: &Model) -> bool {
    matches!(&model.screen, Screen::Inputs(form) if form.at_last())
}

fn can_go_back(model: &Model) -> bool {
    model
        .walking()
        .is_some_and(|walking| walking.state.can_go_back)
}

fn has_findings(model: &Model) -> bool {
    model
        .walking()
        .is_some_and(|walking| !walking.state.findings.is_empty())
}

fn has_outcome(model: &Model) -> bool {
    model
        .walking()
        .and_then(|walking| walking.state.visit())
        .is_some_and(|visit| visit.outcome.is_some())
}

fn is_branched(model: &Model) -> bool {
    model
        .walking()
        .and_then(|walking| walking.state.visit())
        .is_some_and(|visit| visit.taken.is_some())
}

fn is_probe(model: &Model) -> bool {
    model
        .walking()
        .and_then(|walking| walking.state.visit())
        .is_some_and(|visit| visit.kind == StepKind::Probe)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two bindings may share a key at one place only if a condition decides.
    #[test]
    fn no_key_means_two_things_at_one_place() {
        for (number, one) in TABLE.iter().enumerate() {
            for other in &TABLE[number + 1..] {
                let shared = one.keys.iter().any(|key| other.keys.contains(key))
                    && one.control == other.control
                    && (one.places.is_empty()
                        || other.places.is_empty()
                        || one.places.iter().any(|place| other.places.contains(place)));
                let decided = !std::ptr::fn_addr_eq(one.when, always as fn(&Model) -> bool);
                assert!(
                    !shared || decided || one.command == other.command,
                    "{:?} and {:?} share a key",
                    one.command,
                    other.command
                );
            }
        }
    }

    #[test]
    fn multiplexers_keep_their_prefix_keys() {
        for binding in TABLE.iter().filter(|binding| binding.control) {
            for prefix in ['a', 'b', 'q', 's'] {
                assert!(!binding.keys.contains(&Char(prefix)), "{binding:?}");
            }
        }
    }
}
