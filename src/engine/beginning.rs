//! What a walk begins with.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::flow::{Flow, InputKind};
use crate::pasted::Told;
use crate::secret::Vault;

/// What a walk needs to begin.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// The flow's id.
    pub flow: String,
    /// The answers to its inputs, of the right kinds
    /// ([`super::answer::parse`]); an absent one takes its default.
    pub inputs: Map<String, Value>,
    /// Answers to `ask` steps known beforehand, by `step` or `flow.step`.
    pub answers: Map<String, Value>,
    /// Probes that may run without asking although they can leave a trace.
    pub allowed: BTreeSet<String>,
    /// Whether a SQL login was given: `given.sql_login` in flows.
    pub sql_login: bool,
    /// What people told before the walk: pasted texts, read.
    pub told: Told,
    /// Whether somebody is there who can paste more of it.
    pub can_paste: bool,
    /// Whether nobody will go back or retry, so that no earlier moment of the
    /// walk needs to be kept.
    pub one_way: bool,
    /// Where outcomes come from: `live` or a world's name.
    pub source: String,
    /// The secrets whose handles are among the answers.
    pub vault: Arc<Vault>,
    /// For a walk that goes on: the numbers that its first visits had.
    pub numbers: VecDeque<u64>,
    /// For a walk that goes on: the highest number that a visit had.
    pub last_visit: u64,
}

/// Why a walk cannot begin.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CannotBegin {
    /// There is no such flow.
    #[error("there is no flow `{0}`; `sspi-doctor flows` lists them")]
    NoSuchFlow(String),
    /// An input without a default was not given.
    #[error("the flow `{flow}` needs `{input}`: {ask} Give it with `--set {input}=…`")]
    InputMissing {
        /// The flow's id.
        flow: String,
        /// The input's name.
        input: String,
        /// Its question.
        ask: String,
    },
    /// A secret without which the flow cannot begin was not given. No journal
    /// has it, so it is missing too when a walk goes on.
    #[error(
        "the flow `{flow}` needs the secret `{input}`: {ask} \
         Give it with `--secret-fd {input}=3 3<FILE`"
    )]
    SecretMissing {
        /// The flow's id.
        flow: String,
        /// The input's name.
        input: String,
        /// Its question.
        ask: String,
    },
    /// An input that the flow does not have.
    #[error("the flow `{flow}` has no input `{input}`; it has {known}")]
    NoSuchInput {
        /// The flow's id.
        flow: String,
        /// The name that was given.
        input: String,
        /// The names that it has.
        known: String,
    },
}

/// The first scope of a flow: every input, given, by default or null.
pub(super) fn inputs(
    flow: &Flow,
    given: &Map<String, Value>,
) -> Result<Map<String, Value>, CannotBegin> {
    if let Some(input) = given.keys().find(|name| !flow.inputs.contains_key(*name)) {
        let known: Vec<String> = flow.inputs.keys().map(|name| format!("`{name}`")).collect();
        return Err(CannotBegin::NoSuchInput {
            flow: flow.id.clone(),
            input: input.clone(),
            known: if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            },
        });
    }
    let mut scope = Map::new();
    for (name, input) in &flow.inputs {
        let value = match (given.get(name), &input.default) {
            (Some(value), _) if !value.is_null() => value.clone(),
            (_, Some(default)) => default.clone(),
            _ if input.optional => Value::Null,
            _ => {
                let (flow, ask) = (flow.id.clone(), input.ask.source.clone());
                let input_name = name.clone();
                return Err(if input.kind == InputKind::Secret {
                    CannotBegin::SecretMissing {
                        flow,
                        input: input_name,
                        ask,
                    }
                } else {
                    CannotBegin::InputMissing {
                        flow,
                        input: input_name,
                        ask,
                    }
                });
            }
        };
        scope.insert(name.clone(), value);
    }
    Ok(scope)
}

/// The answers as the journal keeps them.
pub(super) fn without_secrets(flow: &Flow, answers: &Map<String, Value>) -> Map<String, Value> {
    let is_secret = |name: &str| {
        let input = flow.inputs.get(name);
        input.is_some_and(|input| input.kind == InputKind::Secret)
    };
    answers
        .iter()
        .map(|(name, value)| {
            let kept = if is_secret(name) {
                Value::Null
            } else {
                value.clone()
            };
            (name.clone(), kept)
        })
        .collect()
}

/// What is diagnosed, as it was typed: the first SQL target of the inputs.
pub(super) fn target(scope: &Map<String, Value>) -> String {
    scope
        .values()
        .find_map(|value| value.get("typed").and_then(Value::as_str))
        .map(crate::hostile::clean_line)
        .unwrap_or_default()
}
