//! Inputs and questions: what may be answered, and the answer by default.

use serde_json::Value;

use super::Checker;
use super::scope::View;
use crate::flow::compile;
use crate::flow::raw::{RawAsk, RawKind};
use crate::flow::suggest;
use crate::flow::tree::Path;

/// What inputs and questions have in common.
struct Question<'a> {
    kind: RawKind,
    options: Vec<String>,
    default: Option<&'a Value>,
    optional: bool,
}

impl Checker<'_> {
    /// The flow's inputs.
    pub(super) fn inputs(&mut self) {
        for (name, input) in &self.raw().inputs {
            let path = Path::top().key("inputs").key(name);
            self.question(
                &path,
                &Question {
                    kind: input.kind,
                    options: input.options.keys().cloned().collect(),
                    default: input.default.as_ref(),
                    optional: input.optional,
                },
            );
        }
    }

    /// A question in the middle of a flow.
    pub(super) fn ask(&mut self, path: &Path, ask: &RawAsk, view: View) {
        self.template(&path.key("question"), &ask.question, view);
        self.question(
            path,
            &Question {
                kind: ask.kind,
                options: ask.options.keys().cloned().collect(),
                default: ask.default.as_ref(),
                optional: ask.optional,
            },
        );
    }

    fn question(&mut self, path: &Path, question: &Question<'_>) {
        match (question.kind, question.options.len()) {
            (RawKind::Choice, 0 | 1) => {
                let fault = self
                    .at(&path.key("type"), "a choice needs at least two `options`")
                    .hint("add `options: { value: What the user reads, … }`");
                self.push(fault);
            }
            (RawKind::Choice, _) | (_, 0) => {}
            _ => {
                let fault = self
                    .at_key(&path.key("options"), "only a choice has `options`")
                    .hint("write `type: choice`, or remove them");
                self.push(fault);
            }
        }
        if let Some(default) = question.default {
            let place = path.key("default");
            self.answer(&place, question.kind, &question.options, default);
            if question.optional {
                let fault = self
                    .at_key(
                        &path.key("optional"),
                        "what has a default is never without an answer",
                    )
                    .hint("remove `optional` or `default`");
                self.push(fault);
            }
        }
    }

    /// Whether a value that stands in the file is an answer of this kind.
    pub(super) fn answer(
        &mut self,
        place: &Path,
        kind: RawKind,
        options: &[String],
        value: &Value,
    ) {
        let fault = if !compile::answer_fits(compile::kind(kind), value) {
            let hint = match kind {
                RawKind::Port => "write a number from 1 to 65535",
                RawKind::YesNo => "write `true` or `false`",
                RawKind::Secret => "a secret is never written in a file: it is asked for",
                _ => "write it in quotes",
            };
            self.at(place, "this is no answer to that question")
                .hint(hint)
        } else if let (RawKind::Choice, Some(answer)) = (kind, value.as_str())
            && !options.iter().any(|option| option == answer)
        {
            self.at(place, format!("`{answer}` is not among the options"))
                .hint(suggest::hint(answer, options.iter().map(String::as_str)))
        } else {
            return;
        };
        self.push(fault);
    }
}
