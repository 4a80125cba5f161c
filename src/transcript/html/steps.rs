//! The steps of a session in a page: one row each, what they saw folded in.

use std::fmt::Write as _;

use super::super::document::{SessionDocument, StepRecord};
use super::super::words;
use super::escape::{block, escape};
use crate::engine::StepKind;

/// The table of steps.
pub(super) fn table(out: &mut String, document: &SessionDocument) {
    out.push_str(
        "<section><h2>What was looked at</h2>\n<table>\n<thead><tr><th scope=\"col\">#</th>\
         <th scope=\"col\">Step</th><th scope=\"col\">Result</th></tr></thead>\n<tbody>\n",
    );
    for (index, step) in document.steps.iter().enumerate() {
        if step.kind != StepKind::Finish {
            row(out, index + 1, document, step);
        }
    }
    out.push_str("</tbody>\n</table></section>\n");
}

fn row(out: &mut String, number: usize, document: &SessionDocument, step: &StepRecord) {
    let (class, word) = match words::mark(document, step) {
        "[ok]" => ("good", "ok"),
        "[!!]" => ("fault", "wrong"),
        "[..]" => ("open", "not finished"),
        _ => ("open", "unknown"),
    };
    let inner = match step.id.depth() {
        0 => String::new(),
        depth => format!(" class=\"inner{}\"", depth.min(3)),
    };
    let _ = write!(
        out,
        "<tr><td class=\"number\">{number}</td><td{inner}>{}",
        escape(&step.title)
    );
    for sentence in &step.means {
        let _ = write!(out, "<br><span class=\"quiet\">{}</span>", escape(sentence));
    }
    details(out, step);
    let _ = writeln!(
        out,
        "</td><td><span class=\"mark {class}\">{word}</span> {}</td></tr>",
        escape(&words::status(step))
    );
}

fn details(out: &mut String, step: &StepRecord) {
    let commands = |commands: &Vec<String>| commands.join("\n");
    let (linux, windows) = step.by_hand.as_ref().map_or_else(
        || (String::new(), String::new()),
        |by_hand| (commands(&by_hand.linux), commands(&by_hand.windows)),
    );
    if step.evidence.is_empty() && step.answer.is_none() && linux.is_empty() && windows.is_empty() {
        return;
    }
    out.push_str("\n<details><summary>Evidence</summary>\n");
    if let Some(answer) = &step.answer {
        let _ = writeln!(
            out,
            "<p>{} <strong>{}</strong></p>",
            escape(&answer.question),
            escape(&answer.label)
        );
    }
    if !step.evidence.is_empty() {
        out.push_str("<ul>\n");
        for evidence in &step.evidence {
            let _ = write!(
                out,
                "<li>{}: {}",
                escape(&evidence.asked),
                escape(&evidence.saw)
            );
            if let Some(milliseconds) = evidence.elapsed_ms {
                let _ = write!(out, " <span class=\"quiet\">({milliseconds} ms)</span>");
            }
            if let Some(credential) = &evidence.credential {
                let _ = write!(
                    out,
                    " <span class=\"quiet\">as {}</span>",
                    escape(credential)
                );
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul>\n");
    }
    for (system, text) in [("Linux", linux), ("Windows", windows)] {
        if !text.is_empty() {
            let label = format!("By hand on {system}");
            let _ = writeln!(out, "<p class=\"quiet\">{label}:</p>");
            block(out, &label, &text);
        }
    }
    out.push_str("</details>");
}
