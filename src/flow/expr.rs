//! Expressions and templates: Jinja, as admins know it from Ansible.
//!
//! A condition (`when:`) is a bare expression, text holds `{{ expressions }}`.
//! Beside Jinja's own filters and tests there are:
//!
//! | name | meaning |
//! |---|---|
//! | `same_host(a, b)` | whether two host names are the same: case and a trailing dot do not count; false when one is null |
//! | `names \| has_host(name)` | whether a list of host names has this one, compared like `same_host` |
//! | `name \| short_name` | the first label of a host name: `sql1` of `sql1.corp.example`; an address stays as it is |
//! | `name \| domain_part` | what follows the first label: `corp.example`; empty for a short name |
//!
//! A name that is not in the scope is a fault, unless the expression asks
//! `name is defined` or gives a `default`. A field of null is null. In text,
//! null reads "unknown", a list of words is joined by commas, and a record that
//! has a field `typed` or `name` reads as this field, so `{{ server }}` and
//! `{{ account }}` are what a person expects.
//!
//! Filters keep null as null, and one that makes a number of it is a fault: what
//! was not observed is never counted.
//!
//! Neither can run away: both have an instruction budget and a size limit, and
//! templates know no blocks but `if` and `for`.

mod compiled;
mod environment;
mod fault;
pub mod token;
mod value;

use std::collections::BTreeSet;

use serde_json::Value;

pub use environment::{has_filter, has_function, has_test};
pub use fault::{ExpressionFault, FaultKind};

use compiled::{FOR_MACHINES, FOR_PEOPLE, Templates};
use token::Source;

/// The values that an expression can name.
pub type Scope = serde_json::Map<String, Value>;

/// The longest text that a template may become, in bytes.
pub const OUTPUT_LIMIT: usize = 64 * 1024;

/// The longest expression or template that is compiled, in bytes.
pub const SOURCE_LIMIT: usize = 16 * 1024;

/// The value of a bare expression.
pub fn evaluate(expression: &str, scope: &Scope) -> Result<Value, ExpressionFault> {
    value::into_json(&evaluated(expression, scope)?, expression)
}

fn evaluated(expression: &str, scope: &Scope) -> Result<minijinja::Value, ExpressionFault> {
    let compiled = compiled::expression(expression)?;
    value::require(&compiled.names, scope)?;
    compiled
        .code
        .eval(value::scope(scope, &compiled.names))
        .map_err(|error| ExpressionFault::of(&error, expression))
}

/// Whether a condition holds, by Jinja's rules of truth: null, false, 0, and
/// empty texts and lists do not.
pub fn holds(expression: &str, scope: &Scope) -> Result<bool, ExpressionFault> {
    let value = evaluated(expression, scope)?;
    if value.kind() == minijinja::value::ValueKind::Bool {
        return Ok(value.is_true());
    }
    Ok(match value::into_json(&value, expression)? {
        Value::Null => false,
        Value::Bool(truth) => truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    })
}

/// The text of a template, for a person: null reads "unknown".
pub fn render(template: &str, scope: &Scope) -> Result<String, ExpressionFault> {
    render_in(&FOR_PEOPLE, template, scope)
}

fn render_in(
    templates: &'static Templates,
    template: &str,
    scope: &Scope,
) -> Result<String, ExpressionFault> {
    if !template.contains('{') {
        return Ok(template.to_owned());
    }
    templates.with(template, |compiled, names| {
        value::require(names, scope)?;
        let mut text = value::LimitedText::new(OUTPUT_LIMIT);
        let outcome = compiled
            .render_captured_to(value::scope(scope, names), &mut text)
            .map(|_| ());
        if text.is_full() {
            return Err(ExpressionFault::too_large(OUTPUT_LIMIT));
        }
        outcome.map_err(|error| ExpressionFault::of(&error, template))?;
        Ok(text.into_string())
    })
}

/// Renders every text in a value, at any depth. A text that is exactly one
/// `{{ expression }}` becomes the expression's value, with its type.
pub fn resolve(value: &Value, scope: &Scope) -> Result<Value, ExpressionFault> {
    resolve_in(&FOR_PEOPLE, value, scope)
}

/// As [`resolve`], for values that go to a machine: a text of which a part is
/// null is a fault, because a name with "unknown" in it would be looked up, and
/// not be found. A lone `{{ expression }}` can still be null.
pub fn resolve_known(value: &Value, scope: &Scope) -> Result<Value, ExpressionFault> {
    resolve_in(&FOR_MACHINES, value, scope)
}

fn resolve_in(
    templates: &'static Templates,
    value: &Value,
    scope: &Scope,
) -> Result<Value, ExpressionFault> {
    match value {
        Value::String(text) => match single_expression(text) {
            Some(range) => {
                let start = range.start;
                evaluate(&text[range], scope).map_err(|fault| fault.shifted(start))
            }
            None => render_in(templates, text, scope).map(Value::String),
        },
        Value::Array(items) => items
            .iter()
            .map(|item| resolve_in(templates, item, scope))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| Ok((name.clone(), resolve_in(templates, field, scope)?)))
            .collect::<Result<_, _>>()
            .map(Value::Object),
        plain => Ok(plain.clone()),
    }
}

/// The dotted names that an expression uses, such as `forward.addresses`.
pub fn names(expression: &str) -> Result<BTreeSet<String>, ExpressionFault> {
    Ok(compiled::expression(expression)?.names.dotted.clone())
}

/// The dotted names that a template uses.
pub fn template_names(template: &str) -> Result<BTreeSet<String>, ExpressionFault> {
    FOR_PEOPLE.with(template, |_, names| Ok(names.dotted.clone()))
}

/// Where the expression of a text that is exactly one `{{ expression }}` stands.
pub fn single_expression(text: &str) -> Option<std::ops::Range<usize>> {
    let trimmed = text.trim();
    let inner = trimmed.strip_prefix("{{")?.strip_suffix("}}")?;
    let start = text.len() - text.trim_start().len() + 2;
    compiled::lone(text, || match token::tokens(Source::Template(text)) {
        Ok(tokens) if tokens.iter().all(|token| token.block == 0) => {
            Some(start..start + inner.len())
        }
        _ => None,
    })
}

/// The value of a dotted name in a scope: null where it passes through null,
/// none where there is no such name.
pub fn look_up<'a>(name: &str, scope: &'a Scope) -> Option<&'a Value> {
    let mut parts = name.split('.');
    let mut value = scope.get(parts.next()?)?;
    for part in parts {
        value = match value {
            Value::Object(fields) => fields.get(part)?,
            Value::Null => return Some(value),
            _ => return None,
        };
    }
    Some(value)
}

#[cfg(test)]
mod tests;
