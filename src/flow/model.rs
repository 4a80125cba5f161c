//! What a checked flow is.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use crate::probe::{FactDeclaration, FactKind};

/// The name under which every flow sees what was given beside its inputs: a
/// record with the fields of [`GIVEN_FIELDS`].
pub const GIVEN: &str = "given";

/// The fields of [`GIVEN`].
pub const GIVEN_FIELDS: &[FactDeclaration] = &[
    FactDeclaration {
        name: "sql_login",
        kind: FactKind::Boolean,
        help: "whether a SQL login was given, with which SQL Server can be asked",
    },
    FactDeclaration {
        name: "pasted",
        kind: FactKind::Boolean,
        help: "whether texts of others were pasted or given as files",
    },
    FactDeclaration {
        name: "can_paste",
        kind: FactKind::Boolean,
        help: "the same, or somebody is there who can paste one",
    },
];

/// A checked, immutable flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The name that `walk`, `run` and a `flow` step use, in kebab-case.
    pub id: String,
    /// A question or a few words.
    pub title: String,
    /// A sentence or two for the flow list.
    pub summary: String,
    /// What it asks before it starts, in order.
    pub inputs: IndexMap<String, Input>,
    /// The first step.
    pub start: String,
    /// The steps by id (snake_case, as they stand in expressions), in the order
    /// of the file.
    pub steps: IndexMap<String, Step>,
    /// What a calling flow can use as `step_id.name`.
    pub outputs: IndexMap<String, Output>,
}

/// Something to ask the user: an input of a flow, or an `ask` step.
#[derive(Clone, Debug)]
pub struct Input {
    /// The question; a template in an `ask` step, plain text in an input.
    pub ask: Template,
    /// What kind of answer is wanted.
    pub kind: InputKind,
    /// A sentence of help.
    pub help: Option<String>,
    /// An example of a good answer.
    pub example: Option<String>,
    /// The answer without one. Without a default and not optional, a walk
    /// without a terminal needs `--set`.
    pub default: Option<Value>,
    /// Whether nothing (null) is an answer.
    pub optional: bool,
    /// For [`InputKind::Choice`].
    pub choices: Vec<Choice>,
}

/// The kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Any text.
    Text,
    /// A host name or an address.
    Host,
    /// A SQL Server as people type it: [`crate::sql_target::SqlTarget`].
    SqlTarget,
    /// A port from 1 to 65535.
    Port,
    /// One of several answers.
    Choice,
    /// Yes or no.
    YesNo,
    /// A secret; never kept in a journal, null in expressions' output.
    Secret,
}

/// One answer of a choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The value in expressions.
    pub value: String,
    /// What the user reads.
    pub label: String,
    /// A sentence of help.
    pub help: Option<String>,
}

/// One node of a flow.
#[derive(Clone, Debug)]
pub struct Step {
    /// The id, snake_case.
    pub id: String,
    /// What is asked or done, in a few words.
    pub title: Template,
    /// Why it matters, in plain words.
    pub why: Template,
    /// What the step does.
    pub action: Action,
    /// Remarks: every one whose conditions hold is recorded, before the branch
    /// is chosen.
    pub also: Vec<Remark>,
    /// The branches: the first whose conditions hold is taken. Empty only for
    /// [`Action::Finish`].
    pub branches: Vec<Branch>,
}

/// What a step does: exactly one thing.
#[derive(Clone, Debug)]
pub enum Action {
    /// Runs a probe; its statuses are the probe's and `not-observed`.
    Probe {
        /// The probe's key.
        probe: String,
        /// Its arguments.
        arguments: IndexMap<String, Value>,
        /// Instead of the probe's own deadline.
        deadline: Option<Duration>,
    },
    /// Asks the user. Statuses: `answered` with the fact `answer`, and
    /// `not-answered` when it was skipped or nothing is known headless.
    Ask(Box<Input>),
    /// Tells something. Status: `told`.
    Tell(Template),
    /// Walks another flow. Statuses: `healthy`, `cause-found`, `inconclusive`;
    /// facts: that flow's outputs.
    Flow {
        /// The other flow's id.
        flow: String,
        /// Its inputs.
        with: IndexMap<String, Value>,
    },
    /// Ends the flow; the text says what that means.
    Finish(Template),
}

/// What may be concluded at a step.
#[derive(Clone, Debug, Default)]
pub struct Conclusion {
    /// A sentence on what the outcome means.
    pub tell: Option<Template>,
    /// Causes that are proven here.
    pub found: Vec<Found>,
    /// Causes that are excluded here.
    pub rules_out: Vec<String>,
    /// Causes that could not be observed here.
    pub unknown: Vec<Unknown>,
}

/// A conclusion that is recorded whenever its conditions hold.
#[derive(Clone, Debug)]
pub struct Remark {
    /// Statuses; empty means any.
    pub on: Vec<String>,
    /// The condition; absent means true.
    pub when: Option<Expression>,
    /// What it means.
    pub conclusion: Conclusion,
}

/// One way on from a step.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Statuses; empty means any.
    pub on: Vec<String>,
    /// The condition; absent means true.
    pub when: Option<Expression>,
    /// What it means.
    pub conclusion: Conclusion,
    /// The next step.
    pub goto: String,
}

/// A proven cause.
#[derive(Clone, Debug)]
pub struct Found {
    /// The id in the catalogue.
    pub cause: String,
    /// The cause's parameters: templates in strings, any depth.
    pub with: IndexMap<String, Value>,
}

/// A cause that could not be observed.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// The id in the catalogue.
    pub cause: String,
    /// Why, and who could tell.
    pub why: Template,
    /// What is known of it: parameters of the cause.
    pub with: IndexMap<String, Value>,
}

/// What a flow hands to the flow that called it.
#[derive(Clone, Debug)]
pub struct Output {
    /// What it is.
    pub help: String,
    /// The value; null when a step that it names was not walked.
    pub value: Expression,
}

/// A bare Jinja expression, such as `addresses | length > 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// As written.
    pub source: String,
}

/// Text with `{{ expressions }}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// As written.
    pub source: String,
}
