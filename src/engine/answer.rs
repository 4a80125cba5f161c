//! What people type, read as the kind of answer that a question wants.

use serde_json::Value;

use super::event::Question;
use crate::flow::{Choice, InputKind};
use crate::hostile::clean_line;
use crate::sql_target::SqlTarget;

/// Reads an answer. The error is a sentence with the remedy. A secret comes
/// back as it was typed, for the [`crate::secret::Vault`] alone.
pub fn parse(
    kind: InputKind,
    choices: &[Choice],
    optional: bool,
    typed: &str,
) -> Result<Value, String> {
    if kind == InputKind::Secret && !typed.is_empty() {
        return Ok(Value::from(typed));
    }
    let text = clean_line(typed).trim().to_owned();
    if text.is_empty() {
        return if optional {
            Ok(Value::Null)
        } else {
            Err("an answer is needed here".to_owned())
        };
    }
    match kind {
        InputKind::Text | InputKind::Secret => Ok(Value::from(text)),
        InputKind::Host => host(&text),
        InputKind::SqlTarget => text
            .parse::<SqlTarget>()
            .map_err(|fault| fault.to_string())
            .and_then(|target| serde_json::to_value(target).map_err(|fault| fault.to_string())),
        InputKind::Port => match text.parse::<u16>() {
            Ok(port) if port != 0 => Ok(Value::from(port)),
            _ => Err(format!(
                "`{text}` is no port: a number from 1 to 65535 is needed"
            )),
        },
        InputKind::Choice => choice(choices, &text),
        InputKind::YesNo => match text.to_lowercase().as_str() {
            "y" | "yes" | "true" | "1" => Ok(Value::from(true)),
            "n" | "no" | "false" | "0" => Ok(Value::from(false)),
            _ => Err(format!("`{text}` is neither `yes` nor `no`")),
        },
    }
}

/// What a person reads for an answer.
pub fn label(question: &Question, value: &Value) -> String {
    if question.kind == InputKind::Secret {
        return "(not shown)".to_owned();
    }
    match value {
        Value::Null => "no answer".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => question
            .choices
            .iter()
            .find(|choice| choice.value == *text)
            .map_or_else(|| text.clone(), |choice| choice.label.clone()),
        Value::Object(fields) => fields
            .get("typed")
            .and_then(Value::as_str)
            .map_or_else(|| value.to_string(), str::to_owned),
        other => other.to_string(),
    }
}

fn host(text: &str) -> Result<Value, String> {
    let name = text.trim_end_matches('.').to_lowercase();
    let allowed =
        |character: char| character.is_alphanumeric() || matches!(character, '.' | '-' | '_' | ':');
    if name.is_empty() || name.len() > 253 || !name.chars().all(allowed) {
        return Err(format!(
            "`{text}` is no host name or address, such as sql1.corp.example"
        ));
    }
    Ok(Value::from(name))
}

fn choice(choices: &[Choice], text: &str) -> Result<Value, String> {
    let wanted = text.to_lowercase();
    choices
        .iter()
        .find(|choice| {
            choice.value.to_lowercase() == wanted || choice.label.to_lowercase() == wanted
        })
        .map(|choice| Value::from(choice.value.clone()))
        .ok_or_else(|| {
            let known: Vec<String> = choices
                .iter()
                .map(|choice| format!("`{}`", choice.value))
                .collect();
            format!("`{text}` is none of {}", known.join(", "))
        })
}
