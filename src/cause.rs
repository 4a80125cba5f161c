//! The catalogue of root causes: `flows/causes.yaml`, checked, with the texts
//! and the fix of each cause as templates over the cause's parameters.

mod catalogue;
mod check;
mod file;
mod resolve;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::engine::Severity;
use crate::engine::station::Station;

pub use catalogue::Catalogue;
pub use resolve::Resolved;

/// One root cause.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The id, in kebab-case; stable.
    pub id: String,
    /// The heading that it stands under.
    pub group: String,
    /// The cause in a few words, without templates.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// When it is worse than that.
    pub worse: Option<Worse>,
    /// When to repair it: smaller first.
    pub fix_order: u16,
    /// How the tests prove it.
    pub proof: Proof,
    /// Where on the way from the client to the data it sits.
    pub station: Option<Station>,
    /// The sentence for a walk that rules it out; a template over the facts of
    /// the step that does so. Empty when nothing rules it out.
    pub excluded: String,
    /// What it means, for a person who has never met it; a template.
    pub meaning: String,
    /// What a flow gives with it, by name.
    pub parameters: IndexMap<String, Parameter>,
    /// What repairs it, in order.
    pub fix: Vec<Repair>,
    /// Advice that goes around for this cause and does harm, by its ids
    /// ([`crate::pasted::advice`]).
    pub beware: Vec<String>,
    /// What to ask of someone who sees what cannot be seen from here.
    pub card: Option<Card>,
}

/// A cause that is worse under a condition.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worse {
    /// The condition, an expression over the cause's parameters.
    pub when: String,
    /// How bad it is then.
    pub severity: Severity,
}

/// How a cause is proven by the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// In a real forest.
    Live,
    /// By a wire reply that is played.
    Scripted,
    /// It cannot be seen from here: there is a card for it.
    Card,
}

/// One parameter of a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Whether a flow must give it.
    pub required: bool,
    /// What it is.
    pub help: String,
}

/// One operation of a fix, before it has its values.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The operation's key, such as `add-spn`.
    pub operation: String,
    /// Its fields: templates in texts.
    pub fields: Map<String, Value>,
    /// The condition; absent means true.
    pub when: Option<String>,
    /// Repeats the operation for each item of a list, and within it for each
    /// item of the next one.
    pub each: Vec<Each>,
}

/// A repetition: `for-each: wrong_holders`, `as: holder`; two, one within the
/// other, are written as lists.
#[derive(Clone, Debug)]
pub struct Each {
    /// The list, an expression; null means an empty one.
    pub list: String,
    /// The name of the item.
    pub binding: String,
}

/// A request to hand to someone who sees what cannot be seen from here.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Whom to ask.
    #[serde(rename = "for")]
    pub whom: String,
    /// What they type on Windows; a template over the cause's parameters, each
    /// quoted for PowerShell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<String>,
    /// What they type on Linux; a template, each parameter quoted for `sh`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linux: Option<String>,
    /// Why it has to be asked.
    pub why: String,
    /// What the answer means.
    pub reading: String,
}

/// What is wrong with the catalogue, or with the values given for a cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CauseFault {
    /// The catalogue is not as it should be.
    #[error("{file}: {problem}")]
    File {
        /// The file.
        file: String,
        /// What is wrong and where.
        problem: String,
    },
    /// There is no such cause.
    #[error("there is no cause `{id}` in the catalogue; `sspi-doctor causes` lists them")]
    Unknown {
        /// The id that was asked for.
        id: String,
    },
    /// A value that the cause needs was not given.
    #[error("the cause `{id}` needs `{parameter}` ({help}); give it under `with:`")]
    Missing {
        /// The cause.
        id: String,
        /// The parameter.
        parameter: String,
        /// What it is.
        help: String,
    },
    /// A template of the cause cannot be filled from the values given.
    #[error("the cause `{id}`, {place}: {problem}")]
    Template {
        /// The cause.
        id: String,
        /// Which text of it.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

#[cfg(test)]
mod tests;
