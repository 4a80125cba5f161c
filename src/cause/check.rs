//! Proves a cause when it is loaded, so that no template fails later in front
//! of a user: every name is a parameter, every operation exists and has its
//! fields.

use std::collections::BTreeSet;

use serde_json::Value;

use super::resolve::LANGUAGES;
use super::{Cause, Proof, Repair};
use crate::fix::operation::{Field, SHAPES};
use crate::flow::expr;
use crate::pasted::advice;

/// Checks one cause; the error is a sentence that begins with the place.
pub(super) fn cause(cause: &Cause) -> Result<(), String> {
    if !is_kebab(&cause.id) {
        return Err("id: an id has lower-case words joined by `-`".to_owned());
    }
    if cause.title.contains("{{") {
        return Err("title: no templates here, it also stands in lists".to_owned());
    }
    if cause.proof == Proof::Card && cause.card.is_none() {
        return Err("card: its proof is a card, and there is none".to_owned());
    }
    if let Some(card) = &cause.card
        && card.windows.is_none()
        && card.linux.is_none()
    {
        return Err("card: it needs `windows` or `linux`".to_owned());
    }
    if let Some(id) = cause.beware.iter().find(|id| advice::by_id(id).is_none()) {
        let known: Vec<&str> = advice::ALL.iter().map(|one| one.id).collect();
        return Err(format!(
            "beware: there is no advice `{id}`; there is {}",
            known.join(", ")
        ));
    }
    if let Some(worse) = &cause.worse {
        expression(&worse.when, cause, &[]).map_err(|problem| format!("worse: {problem}"))?;
        if worse.severity >= cause.severity {
            return Err("worse: its severity is no worse".to_owned());
        }
    }
    if let Some(card) = &cause.card {
        for (language, command) in [("powershell.", &card.windows), ("sh.", &card.linux)] {
            if let Some(command) = command {
                template(command, cause, &[])
                    .and_then(|()| quoted(command, language))
                    .map_err(|problem| format!("card: {problem}"))?;
            }
        }
    }
    for name in cause.parameters.keys() {
        if !is_snake(name) || LANGUAGES.iter().any(|(language, _)| language == name) {
            return Err(format!(
                "parameters: `{name}` cannot be the name of a parameter"
            ));
        }
    }
    expr::template_names(&cause.excluded).map_err(|fault| format!("excluded: {fault}"))?;
    template(&cause.meaning, cause, &[]).map_err(|problem| format!("meaning: {problem}"))?;
    for (index, entry) in cause.fix.iter().enumerate() {
        repair(entry, cause).map_err(|problem| format!("fix {}: {problem}", index + 1))?;
    }
    Ok(())
}

fn repair(repair: &Repair, cause: &Cause) -> Result<(), String> {
    let Some((_, fields)) = SHAPES.iter().find(|(key, _)| *key == repair.operation) else {
        return Err(format!("there is no operation `{}`", repair.operation));
    };
    for name in repair.fields.keys() {
        if !fields.iter().any(|field| field.name == name) {
            return Err(format!(
                "`{}` has no field `{name}`; it has {}",
                repair.operation,
                listed(fields)
            ));
        }
    }
    for field in *fields {
        if field.required && !repair.fields.contains_key(field.name) {
            return Err(format!("`{}` needs `{}`", repair.operation, field.name));
        }
    }
    let mut bindings: Vec<&str> = Vec::new();
    for each in &repair.each {
        if cause.parameters.contains_key(&each.binding)
            || bindings.contains(&each.binding.as_str())
            || !is_snake(&each.binding)
        {
            return Err(format!("`{}` cannot be the name of an item", each.binding));
        }
        expression(&each.list, cause, &bindings)?;
        bindings.push(&each.binding);
    }
    if let Some(when) = &repair.when {
        expression(when, cause, &bindings)?;
    }
    for (name, value) in &repair.fields {
        texts(value, &mut |text| template(text, cause, &bindings))?;
        if repair.operation == "client-command" && name != "what" {
            let language = if name == "linux" {
                "sh."
            } else {
                "powershell."
            };
            texts(value, &mut |text| quoted(text, language))?;
        }
    }
    Ok(())
}

/// Calls `check` with every text in a value.
fn texts(value: &Value, check: &mut impl FnMut(&str) -> Result<(), String>) -> Result<(), String> {
    match value {
        Value::String(text) => check(text),
        Value::Array(items) => items.iter().try_for_each(|item| texts(item, check)),
        Value::Object(fields) => fields.values().try_for_each(|field| texts(field, check)),
        _ => Ok(()),
    }
}

/// A command may contain only values that are quoted for its language.
fn quoted(text: &str, language: &str) -> Result<(), String> {
    for name in expr::template_names(text).map_err(|fault| fault.to_string())? {
        if !name.starts_with(language) {
            return Err(format!(
                "`{name}` becomes part of a command: write `{language}{name}`, which is quoted"
            ));
        }
    }
    Ok(())
}

fn template(text: &str, cause: &Cause, bindings: &[&str]) -> Result<(), String> {
    known(
        expr::template_names(text).map_err(|fault| fault.to_string())?,
        cause,
        bindings,
    )
}

fn expression(text: &str, cause: &Cause, bindings: &[&str]) -> Result<(), String> {
    known(
        expr::names(text).map_err(|fault| fault.to_string())?,
        cause,
        bindings,
    )
}

fn known(names: BTreeSet<String>, cause: &Cause, bindings: &[&str]) -> Result<(), String> {
    for name in names {
        let mut parts = name.split('.');
        let mut first = parts.next().unwrap_or_default();
        if LANGUAGES.iter().any(|(language, _)| *language == first) {
            first = parts.next().unwrap_or_default();
        }
        if !cause.parameters.contains_key(first) && !bindings.contains(&first) {
            return Err(format!("`{name}` is no parameter of this cause"));
        }
    }
    Ok(())
}

fn listed(fields: &[Field]) -> String {
    let names: Vec<String> = fields
        .iter()
        .map(|field| format!("`{}`", field.name))
        .collect();
    names.join(", ")
}

fn is_kebab(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_snake(text: &str) -> bool {
    text.bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
