//! The session as Markdown, for tickets. Every value is escaped: what a server
//! sends cannot become a link, an image or a heading in somebody's ticket.

mod escape;

use std::fmt::Write as _;

use escape::{code, escape, fence};

use super::brief::{self, Brief};
use super::document::{DocumentFinding, HandOver, SessionDocument, StepRecord};
use super::words;
use crate::cause::Catalogue;
use crate::engine::StepKind;
use crate::fix::System;

/// How many characters the picture of the way may be wide.
const WAY: usize = 76;

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
    notes(&mut out, document);
    out.push_str("\n## What was looked at\n\n| # | step | result | means |\n|---|---|---|---|\n");
    for (index, step) in document.steps.iter().enumerate() {
        if step.kind != StepKind::Finish {
            row(&mut out, index + 1, document, step);
        }
    }
    out.push_str("\n## Evidence\n");
    for (index, step) in document.steps.iter().enumerate() {
        evidence(&mut out, index + 1, step);
    }
    out
}

fn notes(out: &mut String, document: &SessionDocument) {
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
    if !document.screens.is_empty() {
        out.push_str("\n## Screens that were kept\n");
        for screen in &document.screens {
            let _ = writeln!(
                out,
                "\n{} (`{}`):\n",
                words::time(screen.at),
                code(&screen.step.0)
            );
            fence(out, "text", &screen.text);
        }
    }
}

fn top(out: &mut String, document: &SessionDocument) {
    let name = if document.target.is_empty() {
        escape(&document.title)
    } else {
        format!("{}: {}", escape(&document.target), escape(&document.title))
    };
    let _ = writeln!(out, "# {name}\n");
    short(out, &Brief::of(document));
    let way = document.drawing(WAY);
    if !way.is_empty() {
        out.push('\n');
        fence(out, "text", &way.join("\n"));
    }
    if !document.words.is_empty() {
        let _ = writeln!(out, "\n{}", escape(&document.words));
    }
    let _ = writeln!(
        out,
        "\n{} Session `{}`.",
        escape(&words::origin(document)),
        code(&document.session)
    );
    if let Some(damage) = &document.damage {
        let _ = writeln!(out, "\n> {}", escape(damage));
    }
}

/// The answers in short, a line each.
fn short(out: &mut String, brief: &Brief) {
    let numbered = |sentences: &mut dyn Iterator<Item = String>| {
        let all: Vec<String> = sentences.collect();
        match all.as_slice() {
            [one] => one.clone(),
            several => several
                .iter()
                .enumerate()
                .map(|(index, sentence)| format!("({}) {sentence}", index + 1))
                .collect::<Vec<_>>()
                .join(" "),
        }
    };
    let wrong = numbered(
        &mut brief
            .wrong
            .iter()
            .map(|(title, detail)| format!("{title} {detail}").trim_end().to_owned()),
    );
    let to_do = numbered(&mut brief.to_do.iter().cloned());
    let unknown = if brief.unknown.is_empty() {
        "nothing".to_owned()
    } else {
        let quoted: Vec<String> = brief
            .unknown
            .iter()
            .map(|title| format!("\"{title}\""))
            .collect();
        format!("whether {}", quoted.join(", "))
    };
    out.push_str("| | |\n|---|---|\n");
    for (label, text) in [
        ("What is wrong", &wrong),
        ("How sure", &brief.sure),
        ("What to do", &to_do),
        ("Who does it", &brief.who.join("; ")),
        ("What stays unknown", &unknown),
    ] {
        let _ = writeln!(out, "| **{label}** | {} |", escape(text));
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
    if !finding.evidence.is_empty() {
        out.push_str("\nWhat proves it:\n\n");
        for evidence in &finding.evidence {
            let _ = writeln!(out, "- {}", escape(evidence));
        }
    }
}

fn causes(out: &mut String, document: &SessionDocument) {
    if !document.unknown.is_empty() {
        out.push_str("\n## Could not be seen from here\n\nThat is not the same as healthy.\n\n");
        for unknown in &document.unknown {
            let _ = writeln!(
                out,
                "- Whether \"{}\" (`{}`): {}",
                escape(&brief::title(&unknown.cause)),
                code(&unknown.cause),
                escape(&unknown.why)
            );
        }
    }
    if !document.ruled_out.is_empty() {
        out.push_str("\n## Ruled out\n\n");
        for ruled_out in &document.ruled_out {
            let _ = writeln!(out, "- {}", escape(&words::excluded(ruled_out)));
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

fn row(out: &mut String, number: usize, document: &SessionDocument, step: &StepRecord) {
    let _ = writeln!(
        out,
        "| {number} | {} {}{} | {} | {} |",
        escape(words::mark(document, step)),
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
