//! The questions of a flow, before it starts.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::prompt::Prompt;
use super::scroll::Scroll;
use crate::flow::Flow;
use crate::secret::Vault;

/// A form being filled in.
#[derive(Clone, Debug)]
pub struct Form {
    /// The flow that it starts.
    pub flow: Arc<Flow>,
    /// The questions in the order of the flow, with the names of the inputs.
    pub prompts: Vec<(String, Prompt)>,
    /// The question that is being answered.
    pub focus: usize,
    /// Why the walk could not begin.
    pub fault: Option<String>,
    /// What a pasted error message says, a paragraph each.
    pub intro: Vec<String>,
    /// Where in the form.
    pub scroll: Scroll,
}

impl Form {
    /// A form with the answers that are known already.
    pub fn new(flow: Arc<Flow>, known: &Map<String, Value>) -> Self {
        let prompts: Vec<(String, Prompt)> = flow
            .inputs
            .iter()
            .map(|(name, input)| (name.clone(), Prompt::of_input(input, known.get(name))))
            .collect();
        Self {
            flow,
            prompts,
            focus: 0,
            fault: None,
            intro: Vec::new(),
            scroll: Scroll::default(),
        }
    }

    /// The question that is being answered.
    pub fn prompt(&mut self) -> Option<&mut Prompt> {
        self.prompts.get_mut(self.focus).map(|(_, prompt)| prompt)
    }

    /// Whether the last question is being answered.
    pub fn at_last(&self) -> bool {
        self.focus + 1 >= self.prompts.len()
    }

    /// To the next question; round to the first.
    pub fn next(&mut self) {
        if !self.prompts.is_empty() {
            self.focus = (self.focus + 1) % self.prompts.len();
        }
    }

    /// To the question before; round to the last.
    pub fn previous(&mut self) {
        if !self.prompts.is_empty() {
            self.focus = (self.focus + self.prompts.len() - 1) % self.prompts.len();
        }
    }

    /// Every answer, a secret as its handle; on a fault the first question with
    /// one is in focus.
    pub fn answers(&mut self, vault: &Vault) -> Option<Map<String, Value>> {
        let mut answers = Map::new();
        let mut faulty = None;
        for (number, (name, prompt)) in self.prompts.iter_mut().enumerate() {
            match prompt.kept_answer(vault) {
                Some(value) => {
                    answers.insert(name.clone(), value);
                }
                None => {
                    faulty.get_or_insert(number);
                }
            }
        }
        match faulty {
            Some(number) => {
                self.focus = number;
                None
            }
            None => Some(answers),
        }
    }
}
