//! Fills the texts and the fix of a cause with the values of a session.

use serde_json::{Map, Value, json};

use super::{Card, Catalogue, Cause, CauseFault, Each, Repair};
use crate::engine::Severity;
use crate::fix::{Operation, quote};
use crate::flow::expr::{self, ExpressionFault, Scope};

/// Quotes a text for a language.
type Quote = fn(&str) -> String;

/// Under these names a scope has every value once more, quoted for a language.
pub(super) const LANGUAGES: &[(&str, Quote)] = &[
    ("sh", quote::sh),
    ("powershell", quote::powershell),
    ("cmd", quote::cmd),
    ("tsql", quote::tsql),
];

/// A cause with the values of a session in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The cause in a few words.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it means.
    pub meaning: String,
    /// What repairs it, in order.
    pub fix: Vec<Operation>,
}

impl Catalogue {
    /// Fills a cause with values. A parameter that is not required and not
    /// given is null. An operation that lacks a value, such as an account that
    /// could not be seen, becomes an [`Operation::Advice`] that says so: what
    /// was found is never lost because its fix is not complete.
    pub fn resolve(&self, id: &str, values: &Map<String, Value>) -> Result<Resolved, CauseFault> {
        let cause = self
            .cause(id)
            .ok_or_else(|| CauseFault::Unknown { id: id.to_owned() })?;
        let scope = scope(cause, values)?;
        let fault = |place: String, fault: &ExpressionFault| CauseFault::Template {
            id: id.to_owned(),
            place,
            problem: fault.message.clone(),
        };
        let meaning = expr::render(&cause.meaning, &scope)
            .map_err(|problem| fault("meaning".to_owned(), &problem))?;
        let worse = match &cause.worse {
            Some(worse)
                if expr::holds(&worse.when, &scope)
                    .map_err(|problem| fault("worse".to_owned(), &problem))? =>
            {
                Some(worse.severity)
            }
            _ => None,
        };
        let mut fix = Vec::new();
        for (index, entry) in cause.fix.iter().enumerate() {
            operations(entry, cause, &scope, &mut fix)
                .map_err(|problem| fault(format!("fix {}", index + 1), &problem))?;
        }
        Ok(Resolved {
            title: cause.title.clone(),
            severity: worse.unwrap_or(cause.severity),
            meaning: one_line(&meaning),
            fix,
        })
    }

    /// What to ask about a cause, with what is known of it in the commands. None
    /// when there is nothing to ask, or the name to ask for is not known.
    pub fn card(&self, id: &str, values: &Map<String, Value>) -> Option<Card> {
        let cause = self.cause(id)?;
        let card = cause.card.as_ref()?;
        let mut plain = Scope::new();
        for name in cause.parameters.keys() {
            let value = values.get(name).cloned().unwrap_or(Value::Null);
            plain.insert(name.clone(), value);
        }
        let scope = with_quoted(&plain);
        let filled = |command: &Option<String>| match command {
            None => Some(None),
            Some(text) => match expr::resolve_known(&Value::String(text.clone()), &scope) {
                Ok(Value::String(text)) => Some(Some(text)),
                _ => None,
            },
        };
        Some(Card {
            windows: filled(&card.windows)?,
            linux: filled(&card.linux)?,
            ..card.clone()
        })
    }

    /// The sentence that rules a cause out, with what the step saw. A name that
    /// the step does not have is null; where the sentence cannot be made, there
    /// is none.
    pub fn excluded(&self, id: &str, seen: &Scope) -> String {
        let Some(cause) = self.cause(id) else {
            return String::new();
        };
        let mut scope = seen.clone();
        for name in expr::template_names(&cause.excluded).unwrap_or_default() {
            let first = name.split('.').next().unwrap_or_default();
            scope.entry(first.to_owned()).or_insert(Value::Null);
        }
        expr::render(&cause.excluded, &scope).unwrap_or_default()
    }
}

fn scope(cause: &Cause, values: &Map<String, Value>) -> Result<Scope, CauseFault> {
    let mut scope = Scope::new();
    for (name, parameter) in &cause.parameters {
        match values.get(name) {
            Some(value) => scope.insert(name.clone(), value.clone()),
            None if parameter.required => {
                return Err(CauseFault::Missing {
                    id: cause.id.clone(),
                    parameter: name.clone(),
                    help: parameter.help.clone(),
                });
            }
            None => scope.insert(name.clone(), Value::Null),
        };
    }
    Ok(with_quoted(&scope))
}

/// The scope with a quoted copy of itself for each language.
fn with_quoted(plain: &Scope) -> Scope {
    let mut scope = plain.clone();
    for (language, quote) in LANGUAGES {
        scope.insert(
            (*language).to_owned(),
            quoted(&Value::Object(plain.clone()), *quote),
        );
    }
    scope
}

fn quoted(value: &Value, quote: Quote) -> Value {
    match value {
        Value::String(text) => Value::String(quote(text)),
        Value::Array(items) => items.iter().map(|item| quoted(item, quote)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), quoted(field, quote)))
            .collect(),
        other => other.clone(),
    }
}

fn operations(
    repair: &Repair,
    cause: &Cause,
    scope: &Scope,
    fix: &mut Vec<Operation>,
) -> Result<(), ExpressionFault> {
    let plain = cause
        .parameters
        .keys()
        .filter_map(|name| Some((name.clone(), scope.get(name)?.clone())))
        .collect();
    repeat(repair, cause, &plain, &repair.each, fix)
}

/// Goes through the loops, one within the other.
fn repeat(
    repair: &Repair,
    cause: &Cause,
    plain: &Scope,
    loops: &[Each],
    fix: &mut Vec<Operation>,
) -> Result<(), ExpressionFault> {
    let Some((each, inner)) = loops.split_first() else {
        return one(repair, cause, &with_quoted(plain), fix);
    };
    let items = match expr::evaluate(&each.list, &with_quoted(plain))? {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        single => vec![single],
    };
    for item in items {
        let mut plain = plain.clone();
        plain.insert(each.binding.clone(), item);
        repeat(repair, cause, &plain, inner, fix)?;
    }
    Ok(())
}

fn one(
    repair: &Repair,
    cause: &Cause,
    scope: &Scope,
    fix: &mut Vec<Operation>,
) -> Result<(), ExpressionFault> {
    if let Some(when) = &repair.when
        && !expr::holds(when, scope)?
    {
        return Ok(());
    }
    let mut fields = Map::new();
    for (name, template) in &repair.fields {
        let value = match expr::resolve(template, scope)? {
            Value::String(text) if repair.operation == "advice" || name == "what" => {
                Value::String(one_line(&text))
            }
            other => other,
        };
        if !value.is_null() {
            fields.insert(name.clone(), value);
        }
    }
    let given = json!({ repair.operation.as_str(): fields });
    fix.push(
        serde_json::from_value(given).unwrap_or_else(|_| Operation::Advice {
            text: format!(
                "{}: not every value that the repair (`{}`) needs could be seen, so it has to be \
                 done by hand.",
                cause.title, repair.operation
            ),
        }),
    );
    Ok(())
}

/// Text of a folded YAML block, with its conditions gone, on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
