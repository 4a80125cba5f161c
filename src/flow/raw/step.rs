//! A step as it stands in the file.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::Value;

use super::{RawAsk, RawBranch, RawRemark};

/// The keys of a step beside its probe.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Step")]
pub struct RawStepKeys {
    /// What is asked or done, in a few words; may hold `{{ expressions }}`.
    pub title: String,
    /// Why it matters, in plain words; may hold `{{ expressions }}`.
    pub why: Option<String>,
    /// Asks the user. Statuses: `answered`, `not-answered`. Fact: `answer`.
    pub ask: Option<RawAsk>,
    /// Tells something. Status: `told`.
    pub tell: Option<String>,
    /// Walks another flow, by its id. Statuses: `healthy`, `cause-found`,
    /// `inconclusive`. Facts: that flow's outputs.
    pub flow: Option<String>,
    /// The inputs of the other flow; texts may hold `{{ expressions }}`.
    #[serde(default)]
    pub with: IndexMap<String, Value>,
    /// Ends the flow; the text says what that means.
    pub finish: Option<String>,
    /// How long the probe may take, with its unit: `5s`, `500ms`, `1m`.
    #[schemars(regex(pattern = r"^[1-9][0-9]*(ms|s|m)$"))]
    pub deadline: Option<String>,
    /// Remarks: every one whose conditions hold is recorded.
    #[serde(default)]
    pub also: Vec<RawRemark>,
    /// The ways on: the first whose conditions hold is taken.
    #[serde(default)]
    pub branch: Vec<RawBranch>,
    /// The next step, whatever the outcome; short for one unconditional branch.
    pub goto: Option<String>,
}

/// A step: its own keys, and every key that must be a probe's.
#[derive(Debug, Deserialize)]
#[serde(try_from = "serde_yaml::Mapping")]
pub struct RawStep {
    /// The step's own keys.
    pub keys: RawStepKeys,
    /// Probes by key, with their arguments; a checked step has at most one.
    pub probes: IndexMap<String, IndexMap<String, Value>>,
}

/// The step's own keys, as they are written.
pub const STEP_KEYS: &[&str] = &[
    "title", "why", "ask", "tell", "flow", "with", "finish", "deadline", "also", "branch", "goto",
];

impl TryFrom<serde_yaml::Mapping> for RawStep {
    type Error = serde_yaml::Error;

    fn try_from(mapping: serde_yaml::Mapping) -> Result<Self, Self::Error> {
        let mut own = serde_yaml::Mapping::new();
        let mut probes = IndexMap::new();
        for (key, value) in mapping {
            match key.as_str() {
                Some(name) if !STEP_KEYS.contains(&name) => {
                    let arguments: Option<IndexMap<String, Value>> = serde_yaml::from_value(value)?;
                    probes.insert(name.to_owned(), arguments.unwrap_or_default());
                }
                _ => {
                    own.insert(key, value);
                }
            }
        }
        Ok(Self {
            keys: serde_yaml::from_value(serde_yaml::Value::Mapping(own))?,
            probes,
        })
    }
}

impl JsonSchema for RawStep {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // The probes' keys are put in by `flow::schema`, which knows them.
        RawStepKeys::json_schema(generator)
    }
}
