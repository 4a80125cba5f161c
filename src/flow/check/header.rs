//! The head of a flow: its version, and names that expressions can use.

use super::Checker;
use super::scope::View;
use crate::flow::expr;
use crate::flow::expr::token;
use crate::flow::tree::Path;

/// The version of the flow language that this program knows.
const SCHEMA: u32 = 1;

/// Names that mean something else in an expression.
const RESERVED: &[&str] = &[
    "status", "reason", "answer", "loop", "self", "super", "caller",
];

impl Checker<'_> {
    pub(super) fn header(&mut self) {
        let raw = self.raw();
        let top = Path::top();
        if raw.schema != SCHEMA {
            let hint = if raw.schema > SCHEMA {
                "use a newer sspi-doctor"
            } else {
                "write `schema: 1`"
            };
            let fault = self
                .at(
                    &top.key("schema"),
                    format!(
                        "the flow is written in version {} of the flow language, and this program knows version {SCHEMA}",
                        raw.schema
                    ),
                )
                .hint(hint);
            self.push(fault);
        }
        if !is_word(&raw.id, '-') {
            let fault = self
                .at(&top.key("id"), format!("`{}` is no id of a flow", raw.id))
                .hint("write it in kebab-case: lower-case letters, digits and `-`, such as `name-resolution`");
            self.push(fault);
        }
        for (key, text) in [("title", &raw.title), ("summary", &raw.summary)] {
            if text.trim().is_empty() {
                let fault = self
                    .at_key(&top.key(key), format!("`{key}` is empty"))
                    .hint("the user reads it in the list of flows");
                self.push(fault);
            }
        }
        self.ids();
    }

    fn ids(&mut self) {
        let raw = self.raw();
        for (key, what, names) in [
            ("inputs", "an input", raw.inputs.keys().collect::<Vec<_>>()),
            ("steps", "a step", raw.steps.keys().collect()),
            ("outputs", "an output", raw.outputs.keys().collect()),
        ] {
            for name in names {
                let path = Path::top().key(key).key(name);
                let fault = if !is_word(name, '_') {
                    self.at_key(&path, format!("`{name}` is no name of {what}"))
                        .hint(format!(
                            "write it in snake_case, because it stands in expressions: `{}`",
                            snake_case(name)
                        ))
                } else if is_reserved(name) || token::is_keyword(name) || expr::has_function(name) {
                    self.at_key(
                        &path,
                        format!("`{name}` means something else in expressions"),
                    )
                    .hint(format!("choose another name for {what}"))
                } else if key == "steps" && raw.inputs.contains_key(name) {
                    let input = self
                        .draft
                        .tree
                        .key_span_of(&Path::top().key("inputs").key(name));
                    self.at_key(&path, format!("`{name}` is the name of an input, too"))
                        .related(input, "the input")
                        .hint("expressions could not tell the two apart: rename one of them")
                } else {
                    continue;
                };
                self.push(fault);
            }
        }
        if raw.steps.is_empty() {
            let fault = self
                .at_key(&Path::top().key("steps"), "there are no steps")
                .hint("add at least one step with `finish:`");
            self.push(fault);
        }
    }

    pub(super) fn outputs(&mut self) {
        for (name, output) in &self.raw().outputs {
            let path = Path::top().key("outputs").key(name).key("value");
            self.expression(&path, &output.value, View::End);
        }
    }
}

/// `given` is what every flow is given beside its inputs.
fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || name == "given"
}

/// Whether a name is lower-case letters and digits, in words joined by `joint`.
pub(super) fn is_word(name: &str, joint: char) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 64
        && name.split(joint).all(|word| !word.is_empty())
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == joint)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            snake.push(letter.to_ascii_lowercase());
        } else if !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
    }
    let snake = snake.trim_matches('_').to_owned();
    if is_word(&snake, '_') {
        snake
    } else {
        "a_name".to_owned()
    }
}
