//! What a flow is given when it starts.

use serde_json::{Map, Value};

use super::session::CannotBegin;
use crate::flow::Flow;

/// The first scope of a flow: every input, given, by default or null.
pub(super) fn scope(flow: &Flow, given: &Map<String, Value>) -> Result<Map<String, Value>, CannotBegin> {
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
                return Err(CannotBegin::InputMissing {
                    flow: flow.id.clone(),
                    input: name.clone(),
                    ask: input.ask.source.clone(),
                });
            }
        };
        scope.insert(name.clone(), value);
    }
    Ok(scope)
}

/// What is diagnosed, as it was typed: the first SQL target of the inputs.
pub(super) fn target(scope: &Map<String, Value>) -> String {
    scope
        .values()
        .find_map(|value| value.get("typed").and_then(Value::as_str))
        .map(crate::hostile::clean_line)
        .unwrap_or_default()
}
