//! One question with the answer that is being given to it.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde_json::Value;

use super::field::Field;
use crate::engine::{Question, answer};
use crate::flow::{Choice, Input, InputKind};
use crate::secret::{Secret, Vault};

/// A question under way.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The question.
    pub ask: String,
    /// What kind of answer.
    pub kind: InputKind,
    /// A sentence of help.
    pub help: Option<String>,
    /// An example.
    pub example: Option<String>,
    /// Whether nothing is an answer.
    pub optional: bool,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// The answer so far.
    pub reply: Reply,
    /// Why the answer was not taken, with the remedy.
    pub error: Option<String>,
}

/// An answer that is being given.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Being typed.
    Typed(Field),
    /// Being chosen: the number of the choice, from 0.
    Chosen(usize),
}

impl Prompt {
    /// The question of an `ask` step.
    pub fn of_question(question: &Question) -> Self {
        Self::new(
            question.ask.clone(),
            question.kind,
            &question.choices,
            (question.help.clone(), question.example.clone()),
            question.optional,
            question.default.as_ref(),
        )
    }

    /// An input of a flow, with the answer known so far.
    pub fn of_input(input: &Input, known: Option<&Value>) -> Self {
        Self::new(
            input.ask.source.clone(),
            input.kind,
            &input.choices,
            (input.help.clone(), input.example.clone()),
            input.optional,
            known.or(input.default.as_ref()),
        )
    }

    fn new(
        ask: String,
        kind: InputKind,
        choices: &[Choice],
        (help, example): (Option<String>, Option<String>),
        optional: bool,
        proposed: Option<&Value>,
    ) -> Self {
        let mut choices = match kind {
            InputKind::YesNo => vec![choice("yes", "Yes"), choice("no", "No")],
            _ => choices.to_vec(),
        };
        let listed = matches!(kind, InputKind::Choice | InputKind::YesNo);
        if listed && optional {
            choices.push(choice("", "I do not know"));
        }
        let proposed = proposed.map(typed).unwrap_or_default();
        let reply = if listed {
            Reply::Chosen(
                choices
                    .iter()
                    .position(|choice| choice.value == proposed)
                    .unwrap_or(0),
            )
        } else {
            Reply::Typed(Field::new(&proposed, kind == InputKind::Secret))
        };
        Self {
            ask,
            kind,
            help,
            example,
            optional,
            choices,
            reply,
            error: None,
        }
    }

    /// Whether letters go into the answer.
    pub fn is_typed(&self) -> bool {
        matches!(self.reply, Reply::Typed(_))
    }

    /// Takes a key; false when it is not for the answer.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let taken = match &mut self.reply {
            Reply::Typed(field) => field.key(key),
            Reply::Chosen(number) => {
                let plain = !key
                    .modifiers
                    .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
                match key.code {
                    KeyCode::Up if *number > 0 => {
                        *number -= 1;
                        true
                    }
                    KeyCode::Down if *number + 1 < self.choices.len() => {
                        *number += 1;
                        true
                    }
                    KeyCode::Char(digit @ '1'..='9') if plain => {
                        let wanted = digit as usize - '1' as usize;
                        let there = wanted < self.choices.len();
                        if there {
                            *number = wanted;
                        }
                        there
                    }
                    _ => false,
                }
            }
        };
        if taken {
            self.error = None;
        }
        taken
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        if let Reply::Typed(field) = &mut self.reply {
            field.paste(text);
            self.error = None;
        }
    }

    /// The answer as a value; a fault is kept to be shown.
    pub fn answer(&mut self) -> Option<Value> {
        let text = match &self.reply {
            Reply::Typed(field) => field.text(),
            Reply::Chosen(number) => self
                .choices
                .get(*number)
                .map_or("", |choice| choice.value.as_str()),
        };
        match answer::parse(self.kind, &self.choices, self.optional, text) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.error = Some(fault);
                None
            }
        }
    }

    /// The same, with a secret kept and its handle given.
    pub fn kept_answer(&mut self, vault: &Vault) -> Option<Value> {
        let answer = self.answer()?;
        match answer {
            Value::String(text) if self.kind == InputKind::Secret => {
                Some(vault.keep(Secret::new(text)))
            }
            other => Some(other),
        }
    }

    /// The answer in a few words.
    pub fn words(&self) -> String {
        match &self.reply {
            Reply::Typed(field) if self.kind == InputKind::Secret => {
                "*".repeat(field.text().chars().count())
            }
            Reply::Typed(field) => field.text().to_owned(),
            Reply::Chosen(number) => self
                .choices
                .get(*number)
                .map(|choice| choice.label.clone())
                .unwrap_or_default(),
        }
    }
}

fn choice(value: &str, label: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        help: None,
    }
}

/// A value as a user would have typed it.
fn typed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(fields) => fields
            .get("typed")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        other => other.to_string(),
    }
}
