//! Expressions and templates: they compile, and every word in them is known.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Checker;
use super::kind::Kind;
use super::scope::View;
use crate::flow::expr::token::{self, Source, Token, TokenKind, Use, Uses};
use crate::flow::expr::{self, ExpressionFault, FaultKind};
use crate::flow::suggest;
use crate::flow::tree::Path;
use crate::probe::FactKind;

/// One expression or template where it stands.
pub(super) struct Place<'a> {
    /// Where.
    pub path: &'a Path,
    /// What.
    pub source: Source<'a>,
    /// From where it looks.
    pub view: View,
}

impl Checker<'_> {
    /// A bare expression.
    pub(super) fn expression(&mut self, path: &Path, text: &str, view: View) {
        if text.trim_start().starts_with("{{") {
            let fault = self
                .at(path, "a condition is written without `{{ }}`")
                .hint("write the bare expression, as in Ansible's `when:`");
            self.push(fault);
            return;
        }
        let names = expr::names(text);
        self.source(
            &Place {
                path,
                source: Source::Expression(text),
                view,
            },
            names,
        );
    }

    /// A text with `{{ expressions }}`.
    pub(super) fn template(&mut self, path: &Path, text: &str, view: View) {
        let names = expr::template_names(text);
        self.source(
            &Place {
                path,
                source: Source::Template(text),
                view,
            },
            names,
        );
    }

    /// Every text in a value.
    pub(super) fn templates(&mut self, path: &Path, value: &Value, view: View) {
        match value {
            Value::String(text) => self.template(path, text, view),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.templates(&path.item(index), item, view);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.templates(&path.key(name), field, view);
                }
            }
            _ => {}
        }
    }

    /// The kind of a value that is exactly one `{{ name }}`.
    pub(super) fn kind_of_value(&self, value: &Value, view: View) -> Option<(String, Kind)> {
        let text = value.as_str()?;
        let expression = text.get(expr::single_expression(text)?)?.trim();
        let uses = Uses::of(Source::Expression(expression)).ok()?;
        match uses.0.as_slice() {
            [only] if only.name == expression => {
                let kind = self.name(&only.name, view, true).ok()?;
                Some((only.name.clone(), kind))
            }
            _ => None,
        }
    }

    fn source(&mut self, place: &Place<'_>, names: Result<BTreeSet<String>, ExpressionFault>) {
        let names = match names {
            Ok(names) => names,
            Err(fault) => {
                let hint = match fault.kind {
                    FaultKind::Syntax => Some(
                        "this is Jinja: `and`, `or`, `not`, `==`, `in`, `is`, and `value | filter`"
                            .to_owned(),
                    ),
                    _ => None,
                };
                let diagnostic = self
                    .inside(place.path, place.source.text(), fault.range, fault.message)
                    .maybe_hint(hint);
                self.push(diagnostic);
                return;
            }
        };
        let Ok(tokens) = token::tokens(place.source) else {
            return;
        };
        let uses = Uses::among(&tokens);
        self.words(place, &tokens);
        self.nulls(place, &tokens, &uses);
        for used in &uses.0 {
            let called = tokens.get(used.next).is_some_and(|next| next.is("("));
            if called || !names.contains(&used.name) {
                continue;
            }
            let guarded = uses.is_guarded(&used.name);
            match self.name(&used.name, place.view, guarded) {
                Ok(Kind::Fact(FactKind::Secret)) => self.secret(place, &tokens, used),
                Ok(kind) => {
                    self.comparison(place, &tokens, used, &kind);
                    self.fields(place, &tokens, used, &kind);
                    self.items(place, &tokens, &uses, used, &kind);
                }
                Err((message, hint)) => {
                    let fault = self
                        .inside(
                            place.path,
                            place.source.text(),
                            Some(used.range.clone()),
                            message,
                        )
                        .hint(hint);
                    self.push(fault);
                }
            }
        }
    }

    /// A secret may be asked for (`is none`), and otherwise only be handed on as
    /// a whole, which [`Checker::argument`] looks at.
    fn secret(&mut self, place: &Place<'_>, tokens: &[Token<'_>], used: &Use) {
        let asked = tokens.get(used.next).is_some_and(|next| next.is("is"));
        if asked && matches!(place.source, Source::Expression(_)) {
            return;
        }
        let fault = self
            .inside(
                place.path,
                place.source.text(),
                Some(used.range.clone()),
                format!(
                    "`{}` is a secret, and would be read here by everybody",
                    used.name
                ),
            )
            .hint(format!(
                "hand it, as a whole, to an argument that takes a secret: \"{{{{ {} }}}}\"",
                used.name
            ));
        self.push(fault);
    }

    /// The texts in an argument; a secret is handed on as a whole.
    pub(super) fn argument(&mut self, path: &Path, value: &Value, view: View) {
        let given = self.kind_of_value(value, view);
        if !matches!(given, Some((_, Kind::Fact(FactKind::Secret)))) {
            self.templates(path, value, view);
        }
    }

    /// Filters, tests and functions.
    fn words(&mut self, place: &Place<'_>, tokens: &[Token<'_>]) {
        for (at, word) in tokens.iter().enumerate() {
            if word.kind != TokenKind::Name {
                continue;
            }
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let calls = tokens.get(at + 1).is_some_and(|next| next.is("("));
            let (what, known, sample): (_, _, &[&str]) = if before.is_some_and(|one| one.is("|")) {
                ("filter", expr::has_filter(word.text), FILTERS)
            } else if token::is_test(tokens, at) && word.text != "not" {
                ("test", expr::has_test(word.text), TESTS)
            } else if before.is_some_and(|one| one.is(".")) && calls {
                ("method", false, FILTERS)
            } else if calls && !token::is_keyword(word.text) {
                ("function", expr::has_function(word.text), FUNCTIONS)
            } else {
                continue;
            };
            if !known {
                let hint = if what == "method" {
                    "values have no methods here: use a filter, such as `value | lower`".to_owned()
                } else {
                    suggest::hint(word.text, sample.iter().copied())
                };
                let fault = self
                    .inside(
                        place.path,
                        place.source.text(),
                        Some(word.range.clone()),
                        format!("there is no {what} `{}`", word.text),
                    )
                    .hint(hint);
                self.push(fault);
            }
        }
    }
}

/// What is suggested for a filter that does not exist.
const FILTERS: &[&str] = &[
    "abs",
    "default",
    "domain_part",
    "first",
    "has_host",
    "int",
    "items",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "round",
    "select",
    "selectattr",
    "short_name",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
];

const TESTS: &[&str] = &[
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "ge",
    "gt",
    "in",
    "le",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
];

const FUNCTIONS: &[&str] = &["range", "same_host"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_suggested_exists() {
        for name in FILTERS {
            assert!(expr::has_filter(name), "{name}");
        }
        for name in TESTS {
            assert!(expr::has_test(name), "{name}");
        }
        for name in FUNCTIONS {
            assert!(expr::has_function(name), "{name}");
        }
    }
}
