//! The JSON schema of a flow file: for editors, and for the structure check, so
//! that the two never disagree.

use serde_json::{Map, Value, json};

use super::raw::RawFlow;
use crate::probe::{FactKind, ProbeDeclaration, registry};

/// `flows/flow.schema.json`, as text.
pub fn generate() -> String {
    let declarations: Vec<&'static ProbeDeclaration> = registry::declarations().collect();
    format!("{:#}\n", of(&declarations))
}

/// The schema when these probes exist.
pub fn of(declarations: &[&'static ProbeDeclaration]) -> Value {
    let mut schema = Value::from(schemars::schema_for!(RawFlow));
    forbid_null(&mut schema);
    if let Some(version) = schema.pointer_mut("/properties/schema") {
        *version = json!({
            "type": "integer",
            "const": 1,
            "description": "The version of the flow language: 1.",
        });
    }
    if let Some(Value::Object(step)) = schema.pointer_mut("/$defs/Step") {
        add_probes(step, declarations);
    }
    schema
}

/// Each probe is a key of its own in a step, beside `ask`, `tell`, `flow` and
/// `finish`; exactly one of them is there.
fn add_probes(step: &mut Map<String, Value>, declarations: &[&'static ProbeDeclaration]) {
    let Some(Value::Object(properties)) = step.get_mut("properties") else {
        return;
    };
    for declaration in declarations {
        properties.insert(declaration.key.to_owned(), probe(declaration));
    }
    let actions: Vec<Value> = declarations
        .iter()
        .map(|declaration| declaration.key)
        .chain(["ask", "tell", "flow", "finish"])
        .map(|key| json!({"required": [key]}))
        .collect();
    step.insert("oneOf".to_owned(), actions.into());
    step.insert(
        "description".to_owned(),
        "A step: exactly one probe, `ask`, `tell`, `flow` or `finish`.".into(),
    );
}

fn probe(declaration: &ProbeDeclaration) -> Value {
    let properties: Map<String, Value> = declaration
        .arguments
        .iter()
        .map(|argument| {
            let mut types = vec!["string"];
            match argument.kind {
                FactKind::Port | FactKind::Integer => types.push("integer"),
                FactKind::Seconds => types.push("number"),
                FactKind::Boolean => types.push("boolean"),
                FactKind::List(_) => types.push("array"),
                FactKind::Record(_) => types.push("object"),
                _ => {}
            }
            if !argument.required {
                types.push("null");
            }
            let mut schema = json!({"type": types, "description": argument.help});
            if argument.kind == FactKind::Any {
                schema = json!({"description": argument.help});
            }
            (argument.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = declaration
        .arguments
        .iter()
        .filter(|argument| argument.required)
        .map(|argument| argument.name)
        .collect();
    let statuses: Vec<String> = declaration
        .statuses
        .iter()
        .map(|status| format!("`{}`", status.name))
        .chain(["`not-observed`".to_owned()])
        .collect();
    let facts: Vec<String> = declaration
        .facts
        .iter()
        .map(|fact| format!("`{}`", fact.name))
        .chain(["`reason`".to_owned()])
        .collect();
    let kind = if required.is_empty() {
        json!(["object", "null"])
    } else {
        json!("object")
    };
    let mut schema = json!({
        "type": kind,
        "description": format!(
            "{} Statuses: {}. Facts: {}.",
            declaration.help,
            statuses.join(", "),
            facts.join(", ")
        ),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// What is optional is left out, never null: an empty `why:` is a slip.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Array(types)) = fields.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    fields.insert("type".to_owned(), only);
                }
            }
            let without_null = match fields.get_mut("anyOf") {
                Some(Value::Array(choices)) => {
                    choices.retain(|choice| choice["type"] != "null");
                    match choices.as_slice() {
                        [only] => Some(only.clone()),
                        _ => None,
                    }
                }
                _ => None,
            };
            if let Some(Value::Object(only)) = without_null {
                fields.remove("anyOf");
                fields.extend(only);
            }
            fields.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        _ => {}
    }
}
