//! What conditions ask of single values, so that these can be drawn until they
//! fit. What a condition asks of two values together is left to chance.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::{Map, Value, json};
use sspi_doctor::flow::{Branch, Step, expr};

use super::dice::Dice;

/// How often a value is drawn for one that fits.
const DRAWS: usize = 40;

/// A step and one of its facts, or an input and nothing.
type At = (String, String);

/// The parts of conditions that are about one value each.
#[derive(Default)]
pub struct Wishes(Vec<Wish>);

struct Wish {
    at: At,
    /// The fact is named without its step, as a step's own conditions do.
    bare: bool,
    /// A part of the condition.
    source: String,
}

impl Wishes {
    /// Wishes for what a branch of a step asks, and against the branches that
    /// are looked at before it; `own` are the names of the step's own facts.
    pub fn add(&mut self, step: &Step, own: &[String], branch: &Branch, dice: &mut Dice) {
        let mut sources = Vec::new();
        for earlier in &step.branches {
            let Some(when) = &earlier.when else { continue };
            if std::ptr::eq(earlier, branch) {
                parts(&when.source, true, dice, &mut sources);
                break;
            }
            if earlier.on.is_empty() || branch.on.iter().any(|name| earlier.on.contains(name)) {
                parts(&when.source, false, dice, &mut sources);
            }
        }
        for source in sources {
            let names = names(&source);
            let places: Vec<(At, bool)> = names.iter().map(|name| place(name, step, own)).collect();
            let Some((first, rest)) = places.split_first() else {
                continue;
            };
            if rest.iter().all(|other| other == first) {
                let (at, bare) = first.clone();
                self.0.push(Wish { at, bare, source });
            }
        }
    }

    /// A value that `draw` makes and that fits, or the last one that it made.
    pub fn draw(
        &self,
        step: &str,
        fact: &str,
        dice: &mut Dice,
        mut draw: impl FnMut(&mut Dice) -> Value,
    ) -> Value {
        let mut value = draw(dice);
        let draws = if self.ask(step, fact) { DRAWS } else { 0 };
        for _ in 0..draws {
            if self.fit(step, fact, &value) {
                break;
            }
            value = draw(dice);
        }
        value
    }

    /// Whether the steps that were walked are those that are asked for: a
    /// condition may ask whether a step `is defined`.
    pub fn agree(&self, walked: &Map<String, Value>) -> bool {
        self.0
            .iter()
            .filter(|wish| wish.at.1.is_empty() && wish.source.contains(" defined"))
            .all(|wish| holds(&wish.source, walked))
    }

    /// Whether anything is asked of this value.
    fn ask(&self, step: &str, fact: &str) -> bool {
        self.0
            .iter()
            .any(|wish| wish.at.0 == step && wish.at.1 == fact)
    }

    /// Whether all that is asked of this value holds.
    pub fn fit(&self, step: &str, fact: &str, value: &Value) -> bool {
        self.0
            .iter()
            .filter(|wish| wish.at.0 == step && wish.at.1 == fact)
            .all(|wish| {
                let mut scope = Map::new();
                if wish.bare {
                    scope.insert(fact.to_owned(), value.clone());
                } else if fact.is_empty() {
                    scope.insert(step.to_owned(), value.clone());
                } else {
                    scope.insert(step.to_owned(), json!({ fact: value }));
                }
                holds(&wish.source, &scope)
            })
    }
}

/// Whether a condition holds; one that cannot be decided does not.
pub fn holds(condition: &str, scope: &Map<String, Value>) -> bool {
    expr::holds(condition, &seen(condition, scope)).unwrap_or(false)
}

/// The value of an expression, null where there is none.
pub fn evaluate(expression: &str, scope: &Map<String, Value>) -> Value {
    expr::evaluate(expression, &seen(expression, scope)).unwrap_or(Value::Null)
}

/// Of a scope, what an expression names: a whole scope takes long to hand over.
fn seen(expression: &str, scope: &Map<String, Value>) -> Map<String, Value> {
    let mut seen = Map::new();
    for name in names(expression).iter() {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let Some(whole) = scope.get(first) else {
            continue;
        };
        let field = rest.split('.').next().unwrap_or_default();
        let kept = seen.entry(first).or_insert_with(|| match whole {
            Value::Object(_) => json!({}),
            other => other.clone(),
        });
        match (whole, kept) {
            (Value::Object(fields), kept) if field.is_empty() => *kept = json!(fields),
            (Value::Object(fields), Value::Object(kept)) => {
                if let Some(value) = fields.get(field) {
                    kept.insert(field.to_owned(), value.clone());
                }
            }
            _ => {}
        }
    }
    seen
}

/// The names in an expression.
fn names(expression: &str) -> Arc<BTreeSet<String>> {
    static NAMES: LazyLock<Mutex<HashMap<String, Arc<BTreeSet<String>>>>> =
        LazyLock::new(Mutex::default);
    let mut known = NAMES.lock().expect("no thread fell");
    let names = known.entry(expression.to_owned()).or_insert_with(|| {
        let names = expr::names(expression).expect("a checked expression");
        Arc::new(names)
    });
    Arc::clone(names)
}

/// What a name in a step's condition stands for, and whether it is a fact of the
/// step itself.
fn place(name: &str, step: &Step, own: &[String]) -> (At, bool) {
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    if own.iter().any(|fact| fact == first) {
        return ((step.id.clone(), first.to_owned()), true);
    }
    let field = rest.split('.').next().unwrap_or_default();
    ((first.to_owned(), field.to_owned()), false)
}

/// The parts of a condition that must hold together for it to hold, or not to.
/// Of those of which one is enough, one is chosen.
fn parts(condition: &str, holds: bool, dice: &mut Dice, into: &mut Vec<String>) {
    let condition = unwrapped(condition.trim());
    let alternatives = split(condition, " or ");
    let together = split(condition, " and ");
    let (several, all) = if condition.contains(" if ") {
        (Vec::new(), true)
    } else if alternatives.len() > 1 {
        (alternatives, !holds)
    } else {
        (together, holds)
    };
    if several.len() < 2 {
        let inner = condition.strip_prefix("not ").map(unwrapped);
        match inner.filter(|inner| split(inner, " and ").len() + split(inner, " or ").len() > 2) {
            Some(inner) => parts(inner, !holds, dice, into),
            None if holds => into.push(condition.to_owned()),
            None => into.push(format!("not ({condition})")),
        }
    } else if all {
        for part in several {
            parts(part, holds, dice, into);
        }
    } else {
        parts(several[dice.below(several.len())], holds, dice, into);
    }
}

/// Without parentheses around the whole.
fn unwrapped(condition: &str) -> &str {
    let inner = condition
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    match inner {
        Some(inner) if depths(inner).all(|(_, depth)| depth >= 0) => unwrapped(inner.trim()),
        _ => condition,
    }
}

/// The parts between words that stand outside of parentheses.
fn split<'a>(condition: &'a str, word: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, depth) in depths(condition) {
        if depth == 0 && at >= from && condition[at..].starts_with(word) {
            found.push(&condition[from..at]);
            from = at + word.len();
        }
    }
    found.push(&condition[from..]);
    found
}

/// Each character's place, and how many brackets are open there. Conditions have
/// no brackets in quotes.
fn depths(text: &str) -> impl Iterator<Item = (usize, i32)> {
    let mut depth = 0;
    text.char_indices().map(move |(at, character)| {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        (at, depth)
    })
}
