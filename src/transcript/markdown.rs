//! The session as Markdown, for tickets. Every value is escaped: what a server
//! sends cannot become a link, an image or a heading in somebody's ticket.

use std::fmt::Write as _;

use super::document::{DocumentFinding, HandOver, SessionDocument, StepRecord};
use super::words;
use crate::cause::Catalogue;
use crate::engine::StepKind;
use crate::fix::System;

/// The document as Markdown (CommonMark with tables).
pub fn render(document: &SessionDocument) -> String {
    let mut out = String::new();
    top(&mut out, document);
    for (index, finding) in document.findings.iter().enumerate() {
        self::finding(&mut out, index + 1, finding);
    }
    if !document.findings.is_empty() {
        out.push_str("\n## Fix scripts\n");
        for (system, name, language) in [
            (System::Windows, "Windows PowerShell", "powershell"),
            (System::Linux, "Linux", "sh"),
        ] {
            let _ = write!(out, "\n<details><summary>{name}</summary>\n\n");
            fence(&mut out, language, &document.script(system));
            out.push_str("\n</details>\n");
        }
    }
    causes(&mut out, document);
    if !document.cards.is_empty() {
        out.push_str("\n## To ask of others\n");
        for card in &document.cards {
            self::card(&mut out, card);
        }
    }
    out.push_str("\n## What was looked at\n\n| # | step | result | means |\n|---|---|---|---|\n");
    for (index, step) in document.steps.iter().enumerate() {
        if step.kind != StepKind::Finish {
            row(&mut out, index + 1, step);
        }
    }
    out.push_str("\n## Evidence\n");
    for (index, step) in document.steps.iter().enumerate() {
        evidence(&mut out, index + 1, step);
    }
    if !document.notes.is_empty() {
        out.push_str("\n## Notes\n\n");
        for note in &document.notes {
            let _ = writeln!(
                out,
                "- {} (`{}`): {}",
                words::time(note.at),
                code(&note.step.0),
                escape(&note.text)
            );
        }
    }
    out
}

fn top(out: &mut String, document: &SessionDocument) {
    let name = if document.target.is_empty() {
        escape(&document.title)
    } else {
        format!("{}: {}", escape(&document.target), escape(&document.title))
    };
    let _ = writeln!(
        out,
        "# {name}\n\n**Result: {}**\n",
        escape(&words::verdict(document))
    );
    for (index, finding) in document.findings.iter().enumerate() {
        let _ = writeln!(
            out,
            "{}. {} (`{}`, {})",
            index + 1,
            escape(&finding.finding.title),
            code(&finding.finding.cause),
            finding.finding.severity.words()
        );
    }
    if !document.words.is_empty() {
        let _ = writeln!(out, "\n{}", escape(&document.words));
    }
    let _ = writeln!(
        out,
        "\nWalked {} to {}, flow `{}`, sspi-doctor {}, {}. Session `{}`.",
        words::time(document.started),
        document
            .ended
            .map_or_else(|| "(not ended)".to_owned(), words::time),
        code(&document.flow),
        escape(&document.version),
        if document.source == "live" {
            "live".to_owned()
        } else {
            format!("recorded world `{}`", code(&document.source))
        },
        code(&document.session)
    );
    if let Some(damage) = &document.damage {
        let _ = writeln!(out, "\n> {}", escape(damage));
    }
}

fn finding(out: &mut String, number: usize, document: &DocumentFinding) {
    let finding = &document.finding;
    let _ = writeln!(
        out,
        "\n## Cause {number}: {}\n\n{}\n",
        escape(&finding.title),
        escape(&finding.meaning)
    );
    for advice in Catalogue::embedded().beware(&finding.cause) {
        let _ = writeln!(out, "> Beware of {}\n", escape(&advice.words()));
    }
    if !finding.evidence.is_empty() {
        out.push_str("What proves it:\n\n");
        for evidence in &finding.evidence {
            let _ = writeln!(out, "- {}", escape(evidence));
        }
        out.push('\n');
    }
    if !finding.fix.is_empty() {
        out.push_str("What to do:\n\n");
        for (index, operation) in finding.fix.iter().enumerate() {
            let _ = writeln!(
                out,
                "{}. {}",
                index + 1,
                escape(&words::operation(operation))
            );
            let commands = words::commands(operation);
            if !commands.is_empty() {
                let mut block = String::new();
                fence(&mut block, "", &commands.join("\n"));
                for line in block.lines() {
                    let _ = writeln!(out, "   {line}");
                }
            }
        }
    }
}

fn causes(out: &mut String, document: &SessionDocument) {
    if !document.unknown.is_empty() {
        out.push_str("\n## Could not be seen from here\n\nThat is not the same as healthy.\n\n");
        for unknown in &document.unknown {
            let _ = writeln!(
                out,
                "- `{}`: {}",
                code(&unknown.cause),
                escape(&unknown.why)
            );
        }
    }
    if !document.ruled_out.is_empty() {
        out.push_str("\n## Ruled out\n\n");
        for ruled_out in &document.ruled_out {
            let _ = writeln!(
                out,
                "- `{}`: {}",
                code(&ruled_out.cause),
                escape(&ruled_out.why)
            );
        }
    }
}

fn card(out: &mut String, card: &HandOver) {
    let _ = writeln!(
        out,
        "\n**Ask {}** ({}): {}\n",
        escape(&card.card.whom),
        escape(&card.title),
        escape(&card.card.why)
    );
    if let Some(command) = &card.card.windows {
        fence(out, "powershell", command);
    }
    if let Some(command) = &card.card.linux {
        fence(out, "sh", command);
    }
    let _ = writeln!(out, "\nThe answer: {}", escape(&card.card.reading));
}

fn row(out: &mut String, number: usize, step: &StepRecord) {
    let _ = writeln!(
        out,
        "| {number} | {}{} | {} | {} |",
        "&nbsp;&nbsp;".repeat(step.id.depth()),
        escape(&step.title),
        escape(&words::status(step)),
        escape(&step.means.join(" "))
    );
}

fn evidence(out: &mut String, number: usize, step: &StepRecord) {
    if step.evidence.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n**{number}. {}** (`{}`)\n",
        escape(&step.title),
        code(step.probe.as_deref().unwrap_or(&step.id.0))
    );
    for evidence in &step.evidence {
        let _ = write!(
            out,
            "- {}: {}",
            escape(&evidence.asked),
            escape(&evidence.saw)
        );
        if let Some(milliseconds) = evidence.elapsed_ms {
            let _ = write!(out, " ({milliseconds} ms)");
        }
        if let Some(credential) = &evidence.credential {
            let _ = write!(out, ", as {}", escape(credential));
        }
        out.push('\n');
    }
    if let Some(by_hand) = &step.by_hand {
        let commands: Vec<&str> = by_hand
            .linux
            .iter()
            .chain(&by_hand.windows)
            .map(String::as_str)
            .collect();
        if !commands.is_empty() {
            out.push('\n');
            fence(out, "", &commands.join("\n"));
        }
    }
}

/// Text in which nothing is markup. Line breaks become spaces.
fn escape(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    let mut first = true;
    while let Some(character) = rest.next() {
        let special = match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '@' => true,
            '#' | '-' | '+' | '=' => first,
            // A bare address would become a link.
            ':' => rest.peek() == Some(&'/'),
            // `1.` would begin a list.
            '.' | ')' => !escaped.is_empty() && escaped.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(character);
        first = false;
    }
    escaped
}

/// Text between single backticks: without any.
fn code(text: &str) -> String {
    text.replace('`', "'").replace('|', "\\|")
}

/// A block of code, fenced by more backticks than it has in a row.
fn fence(out: &mut String, language: &str, text: &str) {
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(out, "{fence}{language}\n{}\n{fence}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_value_is_markup() {
        assert_eq!(
            escape("![x](http://evil)\n# <script> a_b *c* | 1"),
            "!\\[x\\](http\\://evil) # \\<script\\> a\\_b \\*c\\* \\| 1"
        );
        assert_eq!(escape("1. x"), "1\\. x");
        assert_eq!(escape("- x - y"), "\\- x - y");
        assert_eq!(escape("CORP\\svc"), "CORP\\\\svc");
    }

    #[test]
    fn a_fence_cannot_be_left() {
        let mut out = String::new();
        fence(&mut out, "sh", "a\n````\nb");
        assert_eq!(out, "`````sh\na\n````\nb\n`````\n");
    }
}
