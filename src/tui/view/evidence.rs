//! Everything that a step asked and saw.

use serde_json::Value;

use super::super::document::Document;
use super::super::model::Model;
use super::super::theme::Role;
use super::step;

/// The evidence as a page.
pub fn document(model: &Model, width: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let Some(visit) = model.walking().and_then(|walking| walking.state.visit()) else {
        return document;
    };
    document.title(&format!("Evidence: {}", visit.title));
    document.gap();
    let Some(outcome) = &visit.outcome else {
        document.text("This step asked nothing of the network.", Role::Plain);
        return document;
    };
    if let Some(request) = &visit.request {
        document.labelled("Probe", &request.probe, Role::Plain);
    }
    document.labelled("Status", &outcome.status, Role::Strong);
    document.labelled("Took", &format!("{} ms", outcome.elapsed_ms), Role::Plain);
    document.gap();
    for exchange in &outcome.evidence {
        step::exchange(&mut document, exchange, false);
        document.gap();
    }
    if !outcome.facts.is_empty() {
        document.text(
            "Facts (what conditions and texts of the flow can use)",
            Role::Title,
        );
        for (name, value) in &outcome.facts {
            fact(&mut document, 0, name, value);
        }
    }
    document
}

/// The evidence as plain text.
pub fn text(model: &Model) -> String {
    super::plain(document(model, 100))
}

/// A fact on a line, the parts of a record or a list on lines of their own.
pub fn fact(document: &mut Document, depth: usize, name: &str, value: &Value) {
    let indent = depth * 2;
    let pad = " ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            document.text(&format!("{pad}{name}:"), Role::Label);
            for (name, value) in fields {
                fact(document, depth + 1, name, value);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (number, item) in items.iter().enumerate() {
                fact(document, depth, &format!("{name} {}", number + 1), item);
            }
        }
        _ => {
            let marker = format!("{pad}{name}: ");
            let indent = super::super::text::width(&marker);
            document.hanging(&marker, Role::Label, indent, &words(value), Role::Plain);
        }
    }
}

/// A value in words.
pub fn words(value: &Value) -> String {
    match value {
        Value::Null => "not known".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) if fields.is_empty() => "none".to_owned(),
        other => other.to_string(),
    }
}
