//! Conditions that hold because a value is not known: Jinja counts null as
//! false, as different from every word and as less than every number, so
//! `not signed`, `owner != 'sa'` and `offset < 300` are true when nothing was
//! observed. Not readable is not absent, so a flow must ask.

use super::Checker;
use super::expression::Place;
use super::kind::Kind;
use crate::flow::expr::token::{Source, Token, Use, Uses};
use crate::flow::raw::RawInput;
use crate::probe::FactKind;

impl Checker<'_> {
    /// Every name that can be null where null makes a condition true.
    pub(super) fn nulls(&mut self, place: &Place<'_>, tokens: &[Token<'_>], uses: &Uses) {
        let condition = matches!(place.source, Source::Expression(_));
        for used in &uses.0 {
            let seen = Neighbours::of(tokens, used);
            let name = &used.name;
            let hint = if seen.is_less() {
                format!("ask first: `{name} is not none and …`")
            } else if condition && seen.is_denied() {
                match self.name(name, place.view, true) {
                    Ok(Kind::Fact(FactKind::Boolean)) => format!("write `{name} is false`"),
                    _ => format!("ask first: `{name} is not none and not {name}`"),
                }
            } else if condition && seen.is_different() {
                format!("ask first: `{name} is not none and …`")
            } else {
                continue;
            };
            if self.is_always_known(name) || is_asked(tokens, uses, name) {
                continue;
            }
            let fault = self
                .inside(
                    place.path,
                    place.source.text(),
                    Some(used.range.clone()),
                    format!(
                        "`{name}` is null when it was not observed, and this would be true then"
                    ),
                )
                .hint(hint);
            self.push(fault);
        }
    }

    /// Whether a name always has a value where it can be named.
    fn is_always_known(&self, name: &str) -> bool {
        let required = |input: &RawInput| !input.optional || input.default.is_some();
        let root = name.split('.').next().unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default();
        // Of a SQL target, only these need not have been typed.
        let typed = !["port", "instance"].contains(&last) || root == last;
        (self.raw().inputs.get(root).is_some_and(required) && typed)
            || ["loop", "given"].contains(&root)
            || ["status", "answer"].contains(&last)
    }
}

/// The words around a name.
struct Neighbours<'t, 's> {
    before: Option<&'t Token<'s>>,
    earlier: Option<&'t Token<'s>>,
    after: Option<&'t Token<'s>>,
    later: Option<&'t Token<'s>>,
}

impl<'t, 's> Neighbours<'t, 's> {
    fn of(tokens: &'t [Token<'s>], used: &Use) -> Self {
        let back = |steps: usize| used.first.checked_sub(steps).map(|at| &tokens[at]);
        Self {
            before: back(1),
            earlier: back(2),
            after: tokens.get(used.next),
            later: tokens.get(used.next + 1),
        }
    }

    fn is_negated(&self) -> bool {
        is(self.before, &["not"])
    }

    /// What follows a filter, an index or a call is another value than the
    /// name's.
    fn is_alone(&self) -> bool {
        !is(self.after, &["|", "[", "(", ".", "is"])
    }

    /// `name < …`, `… > name`, `not name > …`.
    fn is_less(&self) -> bool {
        let (less, greater) = (["<", "<="], [">", ">="]);
        (is(self.after, &less) && !self.is_negated())
            || (is(self.after, &greater) && self.is_negated())
            || (is(self.before, &greater) && self.is_alone())
    }

    /// `not name`.
    fn is_denied(&self) -> bool {
        let operators = ["<", "<=", ">", ">=", "!=", "in", "not", "~", "+", "-"];
        self.is_negated() && self.is_alone() && !is(self.after, &operators)
    }

    /// `name != …`, `… != name`, `name not in …`.
    fn is_different(&self) -> bool {
        let none = ["none", "None"];
        (is(self.after, &["!="]) && !is(self.later, &none))
            || (is(self.after, &["not"]) && is(self.later, &["in"]))
            || (is(self.before, &["!="]) && self.is_alone() && !is(self.earlier, &none))
    }
}

fn is(token: Option<&Token<'_>>, words: &[&str]) -> bool {
    token.is_some_and(|token| words.iter().any(|word| token.is(word)))
}

/// Whether the source asks if the name has a value.
fn is_asked(tokens: &[Token<'_>], uses: &Uses, name: &str) -> bool {
    uses.0
        .iter()
        .filter(|used| used.name == name)
        .any(|used| match &tokens[used.next..] {
            [is, not, test, ..] if is.is("is") && not.is("not") => test.is("none"),
            [is, test, ..] if is.is("is") => {
                ["none", "number", "integer", "float", "string", "boolean"].contains(&test.text)
            }
            [and, ..] => and.is("and") && !Neighbours::of(tokens, used).is_negated(),
            [] => false,
        })
}
