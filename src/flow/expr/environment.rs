//! The one Jinja environment, with our functions and filters.

mod null;

use std::sync::LazyLock;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Output, State, UndefinedBehavior};

/// How many instructions an expression or template may take. The longest
/// template of the shipped flows takes a few hundred.
const FUEL: u64 = 50_000;

/// The functions that every expression has.
pub(super) const GLOBALS: &[&str] = &["range", "same_host"];

/// Immutable and shared: to build it takes longer than to evaluate.
pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(build);

/// The same, but text with a part that is null is a fault.
pub(super) static KNOWN_ONLY: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = build();
    environment.set_formatter(|out, state, value| {
        if value.is_none() || value.is_undefined() {
            return Err(minijinja::Error::new(
                minijinja::ErrorKind::InvalidOperation,
                "a part of the text is not known",
            ));
        }
        format(out, state, value)
    });
    environment
});

fn build() -> Environment<'static> {
    let mut environment = Environment::new();
    // A field of null is undefined here, and must be null. That every name is
    // known is checked before, with a better message.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(50);
    environment.set_debug(true);
    environment.set_formatter(format);
    // They print internals, or let a text double in a loop.
    for name in ["debug", "namespace", "dict"] {
        environment.remove_global(name);
    }
    for name in ["safe", "escape", "e", "pprint", "indent"] {
        environment.remove_filter(name);
    }
    environment.add_test("none", |value: &Value| {
        value.is_none() || value.is_undefined()
    });
    null::stays_null(&mut environment);
    environment.add_function("same_host", same_host);
    environment.add_filter("has_host", has_host);
    environment.add_filter("short_name", short_name);
    environment.add_filter("domain_part", domain_part);
    environment
}

/// Whether there is a filter of this name.
pub fn has_filter(name: &str) -> bool {
    exists(name, "filter")
}

/// Whether there is a test of this name.
pub fn has_test(name: &str) -> bool {
    exists(name, "test")
}

/// Whether there is a function of this name.
pub fn has_function(name: &str) -> bool {
    GLOBALS.contains(&name)
}

fn exists(name: &str, what: &str) -> bool {
    ENVIRONMENT
        .compile_expression_owned(format!("'{}' is {what}", name.replace(['\'', '\\'], "")))
        .and_then(|expression| expression.eval(Value::UNDEFINED))
        .is_ok_and(|value| value.is_true())
}

/// What a person reads for a value. It is one line whatever it holds: a value
/// from a network cannot begin a paragraph in a report.
fn format(out: &mut Output, _: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    let words = words(value, 0);
    if words.contains('\n') {
        return Ok(out.write_str(&words.replace('\n', " "))?);
    }
    Ok(out.write_str(&words)?)
}

fn words(value: &Value, depth: usize) -> String {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => "unknown".to_owned(),
        ValueKind::Seq | ValueKind::Iterable if depth < 4 => match value.try_iter() {
            Ok(items) => items
                .take(1000)
                .map(|item| words(&item, depth + 1))
                .collect::<Vec<_>>()
                .join(", "),
            Err(_) => value.to_string(),
        },
        ValueKind::Map => ["typed", "name"]
            .iter()
            .filter_map(|field| value.get_attr(field).ok())
            .find(|field| !field.is_undefined() && !field.is_none())
            .unwrap_or_else(|| value.clone())
            .to_string(),
        _ => value.to_string(),
    }
}

/// A host name in the form in which names are compared.
fn comparable(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

fn same_host(one: &Value, other: &Value) -> bool {
    match (one.as_str(), other.as_str()) {
        (Some(one), Some(other)) => {
            let one = comparable(one);
            !one.is_empty() && one == comparable(other)
        }
        _ => false,
    }
}

fn has_host(names: &Value, name: &Value) -> bool {
    if matches!(names.kind(), ValueKind::Undefined | ValueKind::None) {
        return false;
    }
    names
        .try_iter()
        .is_ok_and(|mut names| names.any(|candidate| same_host(&candidate, name)))
}

fn short_name(name: &Value) -> Value {
    match name.as_str() {
        Some(text) if text.parse::<std::net::IpAddr>().is_err() => {
            Value::from(text.split('.').next().unwrap_or_default())
        }
        Some(text) => Value::from(text),
        None => Value::from(()),
    }
}

fn domain_part(name: &Value) -> Value {
    match name.as_str() {
        Some(text) if text.parse::<std::net::IpAddr>().is_err() => Value::from(
            text.split_once('.')
                .map_or("", |(_, domain)| domain.trim_end_matches('.')),
        ),
        Some(_) => Value::from(""),
        None => Value::from(()),
    }
}
