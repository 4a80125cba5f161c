//! Comparisons that can never hold: with a word that is no status or answer,
//! or with a value of another kind. Jinja says nothing about them: they are
//! false, for ever.

use super::Checker;
use super::expression::Place;
use super::kind::{Kind, Shape, shape};
use crate::flow::expr::token::{Token, TokenKind, Use};
use crate::flow::suggest;
use crate::probe::FactKind;

const OPERATORS: &[&str] = &["==", "!=", "<", "<=", ">", ">="];

impl Checker<'_> {
    /// The words and numbers that a name is compared with.
    pub(super) fn comparison(
        &mut self,
        place: &Place<'_>,
        tokens: &[Token<'_>],
        used: &Use,
        kind: &Kind,
    ) {
        for literal in literals(tokens, used) {
            let Some((message, hint)) = never_equal(used, kind, literal) else {
                continue;
            };
            let fault = self
                .inside(
                    place.path,
                    place.source.text(),
                    Some(literal.range.clone()),
                    message,
                )
                .hint(hint);
            self.push(fault);
        }
    }
}

/// `name == 'literal'`, `'literal' == name`, `name in ['literal', …]`.
fn literals<'t, 's>(tokens: &'t [Token<'s>], used: &Use) -> Vec<&'t Token<'s>> {
    let is_literal = |token: &Token<'_>| matches!(token.kind, TokenKind::Text | TokenKind::Number);
    let is_operator = |token: &Token<'_>| OPERATORS.contains(&token.text);
    // What binds tighter than a comparison makes the literal part of a larger
    // operand.
    let ends = |at: usize| {
        tokens
            .get(at)
            .is_none_or(|next| !["|", "~", "+", "-", "*", "/", "%", "[", "."].contains(&next.text))
    };
    let mut found = Vec::new();
    let after = &tokens[used.next..];
    match after {
        [operator, literal, ..]
            if is_operator(operator) && is_literal(literal) && ends(used.next + 2) =>
        {
            found.push(literal);
        }
        [word, rest @ ..] if word.is("in") || word.is("not") => {
            let rest = match rest {
                [second, rest @ ..] if word.is("not") && second.is("in") => rest,
                _ if word.is("in") => rest,
                _ => return found,
            };
            if rest
                .first()
                .is_some_and(|open| open.is("[") || open.is("("))
            {
                found.extend(
                    rest[1..]
                        .iter()
                        .take_while(|token| is_literal(token) || token.is(","))
                        .filter(|token| is_literal(token)),
                );
            }
        }
        _ => {}
    }
    if let [.., literal, operator] = &tokens[..used.first]
        && is_operator(operator)
        && is_literal(literal)
        && ends(used.next)
    {
        found.push(literal);
    }
    found
}

fn never_equal(used: &Use, kind: &Kind, literal: &Token<'_>) -> Option<(String, String)> {
    let name = &used.name;
    let text = literal.unquoted();
    let is_text = literal.kind == TokenKind::Text;
    match kind {
        Kind::Word(words, what) if is_text => {
            if words.iter().any(|word| word == text) {
                return None;
            }
            Some((
                format!("{what} is never `{text}`"),
                suggest::hint(text, words.iter().map(String::as_str)),
            ))
        }
        Kind::Word(_, what) => Some((
            format!("{what} is never the number {text}"),
            format!("put it in quotes: '{text}'"),
        )),
        Kind::Step(_) => Some((
            format!("`{name}` is a step, not a text"),
            format!("compare `{name}.status` or one of its facts"),
        )),
        Kind::Fact(fact) => match (shape(*fact), is_text) {
            (Shape::Truth, _) => Some((
                format!("`{name}` is true or false, and never {}", literal.text),
                format!("write `{name}` or `not {name}`"),
            )),
            (Shape::Number, true) => Some((
                format!("`{name}` is a number, and never the text {}", literal.text),
                format!("write it without quotes: {text}"),
            )),
            (Shape::Text, false) => Some((
                format!("`{name}` is a text, and never the number {text}"),
                format!("put it in quotes: '{text}'"),
            )),
            (Shape::Compound, _) => Some((
                format!("`{name}` is {}, and never {}", kind.words(), literal.text),
                match fact {
                    FactKind::List(_) if is_text => {
                        format!("ask whether it is among them: `{} in {name}`", literal.text)
                    }
                    FactKind::List(_) => format!("compare its length: `{name} | length`"),
                    _ => format!("compare one of its fields: `{name}.…`"),
                },
            )),
            _ => None,
        },
    }
}
