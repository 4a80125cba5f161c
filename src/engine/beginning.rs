//! What a walk begins with, and its beginning.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::entry::{Entry, SCHEMA, StepPath};
use super::event::Effect;
use super::session::Session;
use super::state::{Frame, State};
use crate::cause::Catalogue;
use crate::flow::library::Library;
use crate::flow::model::GIVEN;
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

impl Session {
    /// Begins a walk; the effects lead to its first question or result.
    pub fn begin(
        library: Arc<Library>,
        catalogue: Arc<Catalogue>,
        beginning: Beginning,
    ) -> Result<(Self, Vec<Effect>), CannotBegin> {
        let (mut session, start) = Self::at_the_start(library, catalogue, beginning)?;
        session.enter(&start);
        let effects = std::mem::take(&mut session.effects);
        Ok((session, effects))
    }

    /// Begins a walk in the middle of a flow: at a step, with what the steps
    /// before it came to, by their ids (each a record of `status` and facts). So
    /// a step can be tried without the way that leads to it.
    pub fn begin_at(
        library: Arc<Library>,
        catalogue: Arc<Catalogue>,
        beginning: Beginning,
        step: &str,
        results: Map<String, Value>,
    ) -> Result<(Self, Vec<Effect>), CannotBegin> {
        let (mut session, _) = Self::at_the_start(library, catalogue, beginning)?;
        if let Some(frame) = session.state.frames.last_mut() {
            frame.scope.extend(results);
        }
        session.enter(step);
        let effects = std::mem::take(&mut session.effects);
        Ok((session, effects))
    }

    /// A walk that has not entered a step, and the id of its first one.
    fn at_the_start(
        library: Arc<Library>,
        catalogue: Arc<Catalogue>,
        beginning: Beginning,
    ) -> Result<(Self, String), CannotBegin> {
        let flow = library
            .flow(&beginning.flow)
            .ok_or_else(|| CannotBegin::NoSuchFlow(beginning.flow.clone()))?;
        let mut scope = inputs(&flow, &beginning.inputs)?;
        let pasted = !beginning.told.is_empty();
        let given = serde_json::json!({
            "sql_login": beginning.sql_login,
            "pasted": pasted,
            "can_paste": pasted || beginning.can_paste,
        });
        let began = Entry::Began {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            flow: flow.id.clone(),
            title: crate::hostile::clean_line(&flow.title),
            target: target(&scope),
            inputs: without_secrets(&flow, &scope),
            source: beginning.source,
        };
        scope.insert(GIVEN.to_owned(), given.clone());
        let start = flow.start.clone();
        let mut session = Self {
            library,
            catalogue,
            answers: beginning.answers,
            allowed: beginning.allowed,
            given,
            told: beginning.told,
            state: State::default(),
            before: None,
            past: Vec::new(),
            remembered: Map::new(),
            numbers: beginning.numbers,
            last_visit: beginning.last_visit,
            last_run: 0,
            fresh: false,
            one_way: beginning.one_way,
            effects: Vec::new(),
        };
        session.state.frames.push(Frame {
            step: start.clone(),
            flow,
            path: StepPath::default(),
            scope,
            caller: None,
            found_before: 0,
            unknown_before: 0,
        });
        session.record(began);
        session.note_told(&session.told.clone());
        Ok((session, start))
    }
}

/// The first scope of a flow: every input, given, by default or null.
fn inputs(flow: &Flow, given: &Map<String, Value>) -> Result<Map<String, Value>, CannotBegin> {
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
fn without_secrets(flow: &Flow, answers: &Map<String, Value>) -> Map<String, Value> {
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
fn target(scope: &Map<String, Value>) -> String {
    scope
        .values()
        .find_map(|value| value.get("typed").and_then(Value::as_str))
        .map(crate::hostile::clean_line)
        .unwrap_or_default()
}
