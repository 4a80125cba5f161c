//! Orderings that hold because a value is not known: Jinja counts null as less
//! than everything, so `offset < 300` is true when no offset was observed.

use super::Checker;
use super::expression::Place;
use crate::flow::expr::token::{Token, Use, Uses};
use crate::flow::raw::RawInput;

impl Checker<'_> {
    /// Every name that can be null where null makes an ordering true.
    pub(super) fn orderings(&mut self, place: &Place<'_>, tokens: &[Token<'_>], uses: &Uses) {
        for used in &uses.0 {
            if !null_makes_it_true(tokens, used)
                || self.is_always_known(&used.name)
                || is_asked(tokens, uses, &used.name)
            {
                continue;
            }
            let name = &used.name;
            let fault = self
                .inside(
                    place.path,
                    place.source.text(),
                    Some(used.range.clone()),
                    format!(
                        "`{name}` can be null, when it was not observed, and this would be true then"
                    ),
                )
                .hint(format!("ask first: `{name} is not none and …`"));
            self.push(fault);
        }
    }

    /// Whether a name always has a value.
    fn is_always_known(&self, name: &str) -> bool {
        let required = |input: &RawInput| !input.optional || input.default.is_some();
        self.raw().inputs.get(name).is_some_and(required)
            || name.starts_with("loop.")
            || name == "status"
            || name.ends_with(".status")
    }
}

/// `name < …`, `… > name`, `not name > …`.
fn null_makes_it_true(tokens: &[Token<'_>], used: &Use) -> bool {
    let before = |steps: usize| used.first.checked_sub(steps).map(|at| &tokens[at]);
    let is = |token: Option<&Token<'_>>, words: &[&str]| {
        token.is_some_and(|token| words.iter().any(|word| token.is(word)))
    };
    let after = tokens.get(used.next);
    let (less, greater) = (["<", "<="], [">", ">="]);
    // What follows a filter or an index is another value than the name's.
    let alone_after = !is(after, &["|", "[", "(", "."]);
    let negated = is(before(1), &["not"]);
    (is(after, &less) && !negated)
        || (is(after, &greater) && negated)
        || (is(before(1), &greater) && alone_after)
}

/// Whether the source asks if the name has a value.
fn is_asked(tokens: &[Token<'_>], uses: &Uses, name: &str) -> bool {
    uses.0
        .iter()
        .filter(|used| used.name == name)
        .any(|used| match &tokens[used.next..] {
            [is, not, test, ..] if is.is("is") && not.is("not") => test.is("none"),
            [is, test, ..] if is.is("is") => {
                ["none", "number", "integer", "float"].contains(&test.text)
            }
            [and, ..] => and.is("and"),
            [] => false,
        })
}
