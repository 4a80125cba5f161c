//! Fields that are named beside dotted names: `answers[0].server`,
//! `answers | map(attribute='server')`, `{% for a in answers %}{{ a.server }}`.
//! Jinja makes nothing of a wrong one, and says nothing.

use super::Checker;
use super::expression::Place;
use super::kind::Kind;
use crate::flow::expr::token::{Token, TokenKind, Use, Uses};
use crate::probe::FactKind;

impl Checker<'_> {
    /// Fields of a list's items, behind an index or in a chain of filters.
    pub(super) fn fields(
        &mut self,
        place: &Place<'_>,
        tokens: &[Token<'_>],
        used: &Use,
        kind: &Kind,
    ) {
        let Kind::Fact(FactKind::List(item)) = kind else {
            return;
        };
        let rest = &tokens[used.next..];
        if let [open, index, close, dot, name, ..] = rest
            && open.is("[")
            && index.kind == TokenKind::Number
            && close.is("]")
            && dot.is(".")
        {
            self.field(
                place,
                &format!("{}[{}]", used.name, index.text),
                **item,
                name,
            );
            return;
        }
        let item = **item;
        let mut at = used.next;
        while let [pipe, filter, ..] = &tokens[at.min(tokens.len())..]
            && pipe.is("|")
        {
            let arguments_start = at + 2;
            let arguments = call(tokens, arguments_start);
            let named = match (filter.text, arguments) {
                ("map" | "sort" | "unique" | "min" | "max", [_, key, equals, name, ..])
                    if key.is("attribute") && equals.is("=") =>
                {
                    Some(name)
                }
                ("selectattr" | "rejectattr", [_, name, ..]) => Some(name),
                _ => None,
            };
            if let Some(name) = named.filter(|name| name.kind == TokenKind::Text) {
                self.field(place, &format!("{}[…]", used.name), item, name);
            }
            // Only these hand on the same items.
            if ![
                "selectattr",
                "rejectattr",
                "sort",
                "unique",
                "list",
                "reverse",
            ]
            .contains(&filter.text)
            {
                return;
            }
            at = arguments_start + arguments.len();
        }
    }

    /// Fields of the name that a `for` gives to each item.
    pub(super) fn items(
        &mut self,
        place: &Place<'_>,
        tokens: &[Token<'_>],
        all: &Uses,
        used: &Use,
        kind: &Kind,
    ) {
        let Kind::Fact(FactKind::List(item)) = kind else {
            return;
        };
        let Some([for_word, variable, in_word]) = used
            .first
            .checked_sub(3)
            .and_then(|start| tokens.get(start..used.first))
        else {
            return;
        };
        let ends = tokens
            .get(used.next)
            .is_none_or(|next| next.block != in_word.block);
        if !for_word.is("for") || !in_word.is("in") || !ends {
            return;
        }
        let prefix = format!("{}.", variable.text);
        for inner in &all.0 {
            if inner.first >= used.next && inner.name.starts_with(&prefix) {
                let mut owner = variable.text.to_owned();
                let mut kind = Kind::Fact(**item);
                for part in inner.name[prefix.len()..].split('.') {
                    match kind.field(&owner, part) {
                        Ok(next) => kind = next,
                        Err((message, hint)) => {
                            let fault = self
                                .inside(
                                    place.path,
                                    place.source.text(),
                                    Some(inner.range.clone()),
                                    message,
                                )
                                .hint(hint);
                            self.push(fault);
                            break;
                        }
                    }
                    owner = format!("{owner}.{part}");
                }
            }
        }
    }

    fn field(&mut self, place: &Place<'_>, owner: &str, item: FactKind, name: &Token<'_>) {
        let mut kind = Kind::Fact(item);
        for part in name.unquoted().split('.') {
            match kind.field(owner, part) {
                Ok(next) => kind = next,
                Err((message, hint)) => {
                    let fault = self
                        .inside(
                            place.path,
                            place.source.text(),
                            Some(name.range.clone()),
                            message,
                        )
                        .hint(hint);
                    self.push(fault);
                    return;
                }
            }
        }
    }
}

/// The words of a call from its opening to its closing parenthesis; none when
/// no call begins here.
fn call<'t, 's>(tokens: &'t [Token<'s>], start: usize) -> &'t [Token<'s>] {
    let rest = tokens.get(start..).unwrap_or_default();
    if !rest.first().is_some_and(|open| open.is("(")) {
        return &[];
    }
    let mut depth = 0_usize;
    for (index, token) in rest.iter().enumerate() {
        if token.is("(") {
            depth += 1;
        } else if token.is(")") {
            depth -= 1;
            if depth == 0 {
                return &rest[..=index];
            }
        }
    }
    rest
}
