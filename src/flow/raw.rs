//! A flow as it stands in the file. The editor's schema is made from these
//! types and their comments, which a flow author reads while typing.

mod several;
mod step;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub use several::{OneOrMore, Several};
pub use step::{RawStep, RawStepKeys};

/// A flow: what is asked, step by step, and what each answer means.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "A flow of sspi-doctor")]
pub struct RawFlow {
    /// The version of the flow language: 1.
    pub schema: u32,
    /// The flow's name in kebab-case, the same as the file's name.
    pub id: String,
    /// A question or a few words.
    pub title: String,
    /// A sentence or two for the list of flows.
    pub summary: String,
    /// What is asked before the flow starts, by name in snake_case.
    #[serde(default)]
    pub inputs: IndexMap<String, RawInput>,
    /// What a flow that calls this one can use, by name in snake_case.
    #[serde(default)]
    pub outputs: IndexMap<String, RawOutput>,
    /// The id of the first step.
    pub start: String,
    /// The steps by id in snake_case.
    pub steps: IndexMap<String, RawStep>,
}

/// Something that is asked before the flow starts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Input")]
pub struct RawInput {
    /// The question.
    pub ask: String,
    /// What kind of answer is wanted.
    #[serde(rename = "type")]
    pub kind: RawKind,
    /// A sentence of help.
    pub help: Option<String>,
    /// An example of a good answer.
    pub example: Option<String>,
    /// The answer when none is given.
    pub default: Option<Value>,
    /// Whether no answer is an answer; it is null in expressions.
    #[serde(default)]
    pub optional: bool,
    /// For `type: choice`: the answers, `value: What the user reads`.
    #[serde(default)]
    pub options: IndexMap<String, String>,
}

/// A question in the middle of a flow. The answer is the fact `answer`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Ask")]
pub struct RawAsk {
    /// The question; may hold `{{ expressions }}`.
    pub question: String,
    /// What kind of answer is wanted.
    #[serde(rename = "type")]
    pub kind: RawKind,
    /// A sentence of help.
    pub help: Option<String>,
    /// An example of a good answer.
    pub example: Option<String>,
    /// The answer when none is given.
    pub default: Option<Value>,
    /// Whether no answer is an answer; it is null in expressions.
    #[serde(default)]
    pub optional: bool,
    /// For `type: choice`: the answers, `value: What the user reads`.
    #[serde(default)]
    pub options: IndexMap<String, String>,
}

/// The kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Kind")]
pub enum RawKind {
    /// Any text.
    Text,
    /// A host name or an address.
    Host,
    /// A SQL Server as people type it: `host`, `host,port`, `host\INSTANCE`.
    SqlTarget,
    /// A port from 1 to 65535.
    Port,
    /// One of the `options`.
    Choice,
    /// Yes or no.
    YesNo,
    /// A secret: typed blind, never kept.
    Secret,
}

/// What a flow hands to the flow that called it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Output")]
pub struct RawOutput {
    /// What it is.
    pub help: String,
    /// An expression; null when a step that it names was not walked.
    pub value: String,
}

/// A remark: it is recorded whenever its conditions hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Remark")]
pub struct RawRemark {
    /// One status or a list of them; without it, any.
    #[serde(default)]
    pub on: Several<String>,
    /// A condition: a bare expression, such as `addresses | length > 1`.
    pub when: Option<String>,
    /// A sentence on what this means; may hold `{{ expressions }}`.
    pub tell: Option<String>,
    /// Causes that are proven here.
    #[serde(default)]
    pub found: Several<RawFound>,
    /// Causes that are excluded here.
    #[serde(default)]
    pub rules_out: Several<String>,
    /// Causes that could not be observed here.
    #[serde(default)]
    pub unknown: Several<RawUnknown>,
}

/// A way on. The first branch whose conditions hold is taken.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Branch")]
pub struct RawBranch {
    /// One status or a list of them; without it, any.
    #[serde(default)]
    pub on: Several<String>,
    /// A condition: a bare expression, such as `addresses | length > 1`.
    pub when: Option<String>,
    /// `else: true` on the last branch takes what no other branch took.
    #[serde(rename = "else", default)]
    pub otherwise: bool,
    /// A sentence on what this means; may hold `{{ expressions }}`.
    pub tell: Option<String>,
    /// Causes that are proven here.
    #[serde(default)]
    pub found: Several<RawFound>,
    /// Causes that are excluded here.
    #[serde(default)]
    pub rules_out: Several<String>,
    /// Causes that could not be observed here.
    #[serde(default)]
    pub unknown: Several<RawUnknown>,
    /// The id of the next step.
    pub goto: String,
}

/// A proven cause with its parameters. A cause without parameters may be
/// written as its bare id.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Found")]
pub struct RawFound {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// The cause's parameters; texts may hold `{{ expressions }}`.
    #[serde(default)]
    pub with: IndexMap<String, Value>,
}

/// A cause that could not be observed. Where the step's `reason` says why, it
/// may be written as its bare id.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Unknown")]
pub struct RawUnknown {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// Why it could not be observed, and who could tell; may hold
    /// `{{ expressions }}`.
    pub why: Option<String>,
    /// What is known of it: parameters of the cause, for the card to ask with.
    #[serde(default)]
    pub with: IndexMap<String, Value>,
}

impl OneOrMore for String {
    fn from_word(word: String) -> Self {
        word
    }
}

impl OneOrMore for RawFound {
    fn from_word(word: String) -> Self {
        Self {
            cause: word,
            with: IndexMap::new(),
        }
    }
}

impl OneOrMore for RawUnknown {
    fn from_word(word: String) -> Self {
        Self {
            cause: word,
            why: None,
            with: IndexMap::new(),
        }
    }
}
