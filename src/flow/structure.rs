//! Whether a file has the form of a flow: every unknown key, missing key and
//! value of a wrong type at once, by the same schema that an editor uses.
//!
//! It knows the part of JSON Schema that [`super::schema`] makes.

use std::ops::Range;

use serde_json::Value;

use super::diagnostic::{Diagnostic, SourceFile};
use super::load::{Meant, Repair};
use super::suggest;
use super::tree::{Key, Node, NodeKind, Scalar, scalar::ScalarType};

/// What the check came to.
#[derive(Debug, Default)]
pub struct Structure {
    /// Every fault of the form.
    pub faults: Vec<Diagnostic>,
    /// What was most likely meant.
    pub repairs: Vec<Repair>,
}

/// Every fault of the form.
pub fn check(file: &SourceFile, root: &Node, schema: &Value) -> Structure {
    let mut checker = Checker {
        file,
        schema,
        found: Structure::default(),
    };
    checker.value(root, schema, &Place::top(root));
    checker.found
}

/// A value: what it is called in a message, and the part of the file that
/// falls away when it cannot be understood.
struct Place {
    name: String,
    whole: Range<usize>,
    /// What its schema says of it.
    help: String,
}

impl Place {
    fn top(root: &Node) -> Self {
        Self {
            name: "the flow".to_owned(),
            whole: root.span.clone(),
            help: String::new(),
        }
    }

    fn key(key: &Key, schema: &Value) -> Self {
        Self {
            name: format!("`{}`", key.name),
            whole: key.span.clone(),
            help: schema["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

struct Checker<'a> {
    file: &'a SourceFile,
    schema: &'a Value,
    found: Structure,
}

impl<'a> Checker<'a> {
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self
                .schema
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or(&Value::Null),
            None => schema,
        }
    }

    fn value(&mut self, node: &Node, schema: &'a Value, place: &Place) {
        let schema = self.resolve(schema);
        let found = json_type(node);
        let choices: Vec<&'a Value> = ["anyOf", "oneOf"]
            .iter()
            .filter_map(|key| schema[*key].as_array())
            .flatten()
            .map(|choice| self.resolve(choice))
            .filter(|choice| !choice["type"].is_null() || !choice["const"].is_null())
            .collect();
        if choices.iter().any(|choice| choice["const"].is_string()) {
            self.word(node, &choices, place);
            return;
        }
        if !choices.is_empty() {
            match choices.iter().find(|choice| accepts(choice, found)) {
                Some(choice) => self.value(node, choice, place),
                None => self.wrong_type(node, &choices, found, place),
            }
            return;
        }
        if !accepts(schema, found) {
            self.wrong_type(node, &[schema], found, place);
            return;
        }
        match &node.kind {
            NodeKind::Scalar(_) => {}
            NodeKind::List(items) => self.list(node, items, schema, place),
            NodeKind::Map(entries) => self.map(node, entries, schema, place),
        }
    }

    /// One of a few words.
    fn word(&mut self, node: &Node, choices: &[&Value], place: &Place) {
        let words: Vec<&str> = choices
            .iter()
            .filter_map(|choice| choice["const"].as_str())
            .collect();
        let message = match &node.kind {
            NodeKind::Scalar(scalar) if words.contains(&scalar.text.as_str()) => return,
            NodeKind::Scalar(scalar) => {
                self.repair(place.whole.clone(), Meant::Nothing);
                self.push(
                    Diagnostic::new(
                        self.file,
                        node.span.clone(),
                        format!("{} cannot be `{}`", place.name, scalar.text),
                    )
                    .note(format!("known: {}", suggest::list(&words)))
                    .hint(suggest::hint(&scalar.text, words.iter().copied())),
                );
                return;
            }
            _ => format!("{} must be one word", place.name),
        };
        self.push(
            Diagnostic::new(self.file, node.span.clone(), message)
                .hint(format!("write one of {}", suggest::list(&words))),
        );
    }

    fn list(&mut self, node: &Node, items: &[Node], schema: &'a Value, place: &Place) {
        if items.is_empty() && schema["minItems"] == 1 {
            self.push(
                Diagnostic::new(
                    self.file,
                    node.span.clone(),
                    format!("{} is empty", place.name),
                )
                .hint("leave the key out, or name at least one"),
            );
        }
        if schema["items"].is_object() {
            for item in items {
                let place = Place {
                    name: format!("an item of {}", place.name),
                    whole: item.span.clone(),
                    help: String::new(),
                };
                self.value(item, &schema["items"], &place);
            }
        }
    }

    fn map(&mut self, node: &Node, entries: &[(Key, Node)], schema: &'a Value, place: &Place) {
        let properties = schema["properties"].as_object();
        let mut meant = Vec::new();
        for (key, value) in entries {
            if let Some(property) = properties.and_then(|known| known.get(&key.name)) {
                self.value(value, property, &Place::key(key, property));
                continue;
            }
            match &schema["additionalProperties"] {
                Value::Bool(false) => {
                    if key.name == "<<" {
                        self.repair(key.span.clone(), Meant::Nothing);
                    } else {
                        let taken = |name: &str| entries.iter().any(|(key, _)| key.name == name);
                        meant.extend(self.unknown_key(key, properties, place, taken));
                    }
                }
                other if other.is_object() => self.value(value, other, &Place::key(key, other)),
                _ => {}
            }
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            let Some(name) = name.as_str() else { continue };
            let there = entries.iter().any(|(key, _)| key.name == name);
            if !there && !meant.iter().any(|meant| meant == name) {
                let span = entries
                    .first()
                    .map_or_else(|| node.span.clone(), |(key, _)| key.span.clone());
                let help = properties
                    .and_then(|known| known.get(name))
                    .and_then(|property| property["description"].as_str())
                    .unwrap_or_default();
                self.push(
                    Diagnostic::new(self.file, span, format!("{} has no `{name}`", place.name))
                        .hint(format!("add `{name}:` {help}").trim().to_owned()),
                );
            }
        }
    }

    fn unknown_key(
        &mut self,
        key: &Key,
        properties: Option<&serde_json::Map<String, Value>>,
        place: &Place,
        taken: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let known: Vec<&str> = properties
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect();
        self.push(
            Diagnostic::new(
                self.file,
                key.span.clone(),
                format!("{} has no key `{}`", place.name, key.name),
            )
            .hint(suggest::hint(&key.name, known.iter().copied())),
        );
        let meant = suggest::nearest(&key.name, known)
            .filter(|meant| !taken(meant))
            .map(str::to_owned);
        self.repair(
            key.span.clone(),
            meant.clone().map_or(Meant::Nothing, Meant::Key),
        );
        meant
    }

    fn wrong_type(&mut self, node: &Node, choices: &[&Value], found: &str, place: &Place) {
        let mut wanted: Vec<&str> = choices
            .iter()
            .flat_map(|choice| types(choice))
            .map(words)
            .collect();
        wanted.dedup();
        let text_wanted = choices.iter().any(|choice| accepts(choice, "string"));
        let hint = match (&node.kind, found) {
            (NodeKind::Map(_), _) if text_wanted && self.starts_with_brace(node) => {
                "put the `{{ … }}` in quotes, or YAML reads it as a map".to_owned()
            }
            (NodeKind::Scalar(scalar), "null") => format!(
                "give it a value, or remove the key{}",
                if scalar.text.is_empty() {
                    ""
                } else {
                    "; the word null goes in quotes"
                }
            ),
            _ if choices.iter().any(|choice| choice["pattern"].is_string()) => place.help.clone(),
            (NodeKind::Scalar(Scalar { text, plain: true }), _) if text_wanted => {
                format!("put it in quotes: \"{text}\"")
            }
            (NodeKind::Scalar(Scalar { text, plain: false }), _)
                if wanted.iter().any(|word| *word != "text") =>
            {
                format!("write it without quotes: {text}")
            }
            _ => format!("write {} here", wanted.join(" or ")),
        };
        let span = match &node.kind {
            NodeKind::Scalar(_) => node.span.clone(),
            NodeKind::Map(entries) => entries
                .first()
                .map_or_else(|| node.span.clone(), |(key, _)| key.span.clone()),
            NodeKind::List(items) => items
                .first()
                .map_or_else(|| node.span.clone(), |item| item.span.clone()),
        };
        let meant = match &node.kind {
            NodeKind::Scalar(_) if text_wanted => Meant::Text,
            _ => Meant::Nothing,
        };
        self.repair(place.whole.clone(), meant);
        self.push(
            Diagnostic::new(
                self.file,
                span,
                format!(
                    "{} must be {}, and is {}",
                    place.name,
                    wanted.join(" or "),
                    words(found)
                ),
            )
            .hint(hint),
        );
    }

    fn starts_with_brace(&self, node: &Node) -> bool {
        self.file.text[node.span.clone()].starts_with('{')
    }

    fn push(&mut self, fault: Diagnostic) {
        self.found.faults.push(fault);
    }

    fn repair(&mut self, span: Range<usize>, meant: Meant) {
        self.found.repairs.push(Repair { span, meant });
    }
}

fn json_type(node: &Node) -> &'static str {
    match &node.kind {
        NodeKind::List(_) => "array",
        NodeKind::Map(_) => "object",
        NodeKind::Scalar(scalar) => match scalar.scalar_type() {
            ScalarType::Null => "null",
            ScalarType::Boolean => "boolean",
            ScalarType::Integer => "integer",
            ScalarType::Number => "number",
            ScalarType::Text => "string",
        },
    }
}

/// The types that a schema names; none means any.
fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn accepts(schema: &Value, found: &str) -> bool {
    let types = types(schema);
    types.is_empty() || types.contains(&found) || (found == "integer" && types.contains(&"number"))
}

fn words(json_type: &str) -> &'static str {
    match json_type {
        "array" => "a list",
        "object" => "a map of keys and values",
        "null" => "empty",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        _ => "text",
    }
}
