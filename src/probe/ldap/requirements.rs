//! Requirements with their states, as facts and as a drawing in text.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::probe::declaration::{FactDeclaration, FactKind};
use crate::probe::ldap::declare::fact;

/// One requirement. `name` is declared by each probe that has some.
pub(super) const STATE: FactDeclaration = fact(
    "state",
    FactKind::Text,
    "`met`, `missing`, `unknown` or `not-needed`",
);
/// What was seen of it.
pub(super) const DETAIL: FactDeclaration =
    fact("detail", FactKind::Text, "what was seen, as a sentence");
/// The drawing.
pub(super) const DRAWING: FactDeclaration = fact(
    "drawing",
    FactKind::Text,
    "the way, with each requirement ticked `[ok]`, crossed `[!!]` or unknown `[??]`, a line each",
);

/// One requirement as the facts tell it.
pub(super) fn record(name: &str, state: &str, detail: impl AsRef<str>) -> Value {
    json!({ "name": name, "state": state, "detail": detail.as_ref() })
}

/// The way in one line, and below it each requirement with its mark; what is
/// not needed is left out.
pub(super) fn drawing(way: &str, requirements: &[Value]) -> String {
    let mut text = way.to_owned();
    for requirement in requirements {
        let mark = match requirement["state"].as_str() {
            Some("met") => "[ok]",
            Some("missing") => "[!!]",
            Some("unknown") => "[??]",
            _ => continue,
        };
        let detail = requirement["detail"].as_str().unwrap_or_default();
        let _ = write!(text, "\n{mark} {detail}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_needed_is_not_drawn() {
        let requirements = [
            record("one", "met", "one is met"),
            record("two", "not-needed", "two is not needed"),
            record("three", "missing", "three is missing"),
            record("four", "unknown", "four cannot be read"),
        ];
        assert_eq!(
            drawing("a -> b", &requirements),
            "a -> b\n[ok] one is met\n[!!] three is missing\n[??] four cannot be read"
        );
    }
}
