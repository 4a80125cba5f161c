//! The commands: one table from which keys are read, the footer's hints are
//! made, and the help is written.

mod condition;
mod everywhere;
mod opened;
mod start;
mod walk;

use ratatui::crossterm::event::KeyCode::{self, Char};
use ratatui::crossterm::event::{KeyEvent, KeyModifiers};

use super::model::{Model, Place};
use super::scroll::Movement;
use condition::always;

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
    /// Open the words that the screen uses.
    Glossary,
    /// Open what to hand over.
    Cards,
    /// Type words to look for.
    Find,
    /// To the next place where they stand.
    FindNext,
    /// To the place before.
    FindPrevious,
    /// Open the steps.
    Outline,
    /// Write a note.
    Note,
    /// Paste an error message, or what somebody else saw.
    Paste,
    /// Keep the screen in the transcript.
    KeepScreen,
    /// Go on with the session that was cut off.
    Resume,
    /// Export the session.
    Export,
    /// Pseudonyms instead of names in exports, or names again.
    WithoutNames,
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

#[expect(
    clippy::needless_pass_by_value,
    reason = "a constant function cannot drop parts"
)]
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

/// Every command, in groups. The order within a group is the order of the
/// footer, where the last ones give way first; help and quit always stay.
pub static TABLES: [&[Binding]; 4] = [
    opened::BINDINGS,
    start::BINDINGS,
    walk::BINDINGS,
    everywhere::BINDINGS,
];

/// Every command.
pub fn all() -> impl Iterator<Item = &'static Binding> {
    TABLES.into_iter().flatten()
}

/// The commands that work at the moment, in the order of the table. While a
/// text is typed, letters are no commands.
pub fn available(model: &Model) -> impl Iterator<Item = &'static Binding> {
    let place = model.place();
    all().filter(move |binding| {
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

    /// The keys that are no letters of a text at the moment, as they are written
    /// on the keyboard.
    pub fn key_names_shown(&self, model: &Model) -> Vec<String> {
        self.keys
            .iter()
            .filter(|key| !self.is_text(**key, model))
            .map(|key| self.name(*key))
            .collect()
    }

    /// Whether everybody knows it from other programs, as to move and to leave
    /// at once.
    pub fn is_known_to_all(&self) -> bool {
        self.help.is_empty()
            || self.control
            || (matches!(self.command, Command::Move(_)) && self.hint.is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two bindings may share a key at one place only if a condition decides.
    #[test]
    fn no_key_means_two_things_at_one_place() {
        let table: Vec<&Binding> = all().collect();
        for (number, one) in table.iter().enumerate() {
            for other in &table[number + 1..] {
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
        for binding in all().filter(|binding| binding.control) {
            for prefix in ['a', 'b', 'q', 's'] {
                assert!(!binding.keys.contains(&Char(prefix)), "{binding:?}");
            }
        }
    }
}
