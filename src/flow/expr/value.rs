//! Values on their way into and out of an expression.

use std::collections::BTreeSet;
use std::io;

use minijinja::value::{Serde, Value as JinjaValue, ValueKind};
use serde_json::Value;

use super::compiled::Names;
use super::{ExpressionFault, FaultKind, Scope};

/// The largest value of an expression, as JSON, in bytes.
const VALUE_LIMIT: usize = 1024 * 1024;

/// As much of the scope as is used, as Jinja sees it: to hand over all that a
/// long walk has seen takes much longer than to evaluate anything.
pub(super) fn scope(scope: &Scope, names: &Names) -> JinjaValue {
    let part = |name: &str, fields: Option<&BTreeSet<String>>| {
        let value = scope.get(name)?;
        Some(match (value, fields) {
            (Value::Object(all), Some(fields)) => JinjaValue::from_pairs(
                fields
                    .iter()
                    .filter_map(|field| Some((field.as_str(), all.get(field)?)))
                    .map(|(field, value)| (field, JinjaValue::from(Serde(value)))),
            ),
            (value, _) => JinjaValue::from(Serde(value)),
        })
    };
    JinjaValue::from_pairs(
        names
            .parts
            .iter()
            .filter_map(|(name, fields)| Some((name.as_str(), part(name, fields.as_ref())?))),
    )
}

/// Every name must be in the scope, unless the source asks whether it is.
pub(super) fn require(names: &Names, scope: &Scope) -> Result<(), ExpressionFault> {
    match names
        .required
        .iter()
        .find(|(name, _)| super::look_up(name, scope).is_none())
    {
        None => Ok(()),
        Some((name, range)) => Err(ExpressionFault::new(
            FaultKind::UnknownName,
            format!("`{name}` is not known here"),
            range.clone(),
        )),
    }
}

/// The value that an expression has; undefined is null, because what is left
/// undefined after [`require`] is a field of null.
pub(super) fn into_json(value: &JinjaValue, source: &str) -> Result<Value, ExpressionFault> {
    if let Some(plain) = plain(value) {
        return Ok(plain);
    }
    let mut text = LimitedText::new(VALUE_LIMIT);
    let no_value = |error: serde_json::Error| {
        ExpressionFault::new(
            FaultKind::Value,
            format!("`{source}` has no plain value: {error}"),
            None,
        )
    };
    match serde_json::to_writer(&mut text, value) {
        Err(_) if text.full => Err(ExpressionFault::too_large(VALUE_LIMIT)),
        Err(error) => Err(no_value(error)),
        Ok(()) => serde_json::from_slice(&text.bytes).map_err(no_value),
    }
}

/// What is JSON without more ado.
fn plain(value: &JinjaValue) -> Option<Value> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Some(Value::Null),
        ValueKind::Bool => Some(Value::Bool(value.is_true())),
        ValueKind::String => value
            .as_str()
            .filter(|text| text.len() < VALUE_LIMIT / 8)
            .map(Value::from),
        _ => None,
    }
}

/// A text that refuses to grow beyond a limit.
pub(super) struct LimitedText {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl LimitedText {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            full: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn into_string(self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl io::Write for LimitedText {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::Error::other("too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
