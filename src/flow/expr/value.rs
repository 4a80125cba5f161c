//! Values on their way into and out of an expression.

use std::collections::BTreeSet;
use std::io;

use minijinja::value::{Serde, Value as JinjaValue};
use serde_json::Value;

use super::token::{Source, Uses};
use super::{ExpressionFault, FaultKind, Scope};

/// The largest value of an expression, as JSON, in bytes.
const VALUE_LIMIT: usize = 1024 * 1024;

/// The scope as Jinja sees it.
pub(super) fn scope(scope: &Scope) -> JinjaValue {
    JinjaValue::from(Serde(scope))
}

/// Every name must be in the scope, unless the source asks whether it is.
pub(super) fn require(
    names: &BTreeSet<String>,
    scope: &Scope,
    source: Source<'_>,
) -> Result<(), ExpressionFault> {
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| super::look_up(name, scope).is_none())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let uses = Uses::of(source)?;
    match missing.into_iter().find(|name| !uses.is_guarded(name)) {
        None => Ok(()),
        Some(name) => Err(ExpressionFault::new(
            FaultKind::UnknownName,
            format!("`{name}` is not known here"),
            uses.range(name),
        )),
    }
}

/// The value that an expression has; undefined is null, because what is left
/// undefined after [`require`] is a field of null.
pub(super) fn into_json(value: &JinjaValue, source: &str) -> Result<Value, ExpressionFault> {
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
