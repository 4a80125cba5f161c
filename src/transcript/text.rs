//! The session as plain text, for e-mail and chat: no boxes, no colours. What a
//! reader needs first stands first: the first ten lines say what is wrong, how
//! sure that is, what to do, who does it, and what stays unknown.

use std::fmt::Write as _;

use super::brief::{self, Brief, shortened};
use super::document::{DocumentFinding, HandOver, SessionDocument, StepRecord};
use super::words;
use super::wrap::{WIDTH, hanging, paragraph};
use crate::cause::Catalogue;
use crate::engine::StepKind;

/// The column that labels take.
const LABEL: usize = 9;

/// How many characters a line has beside its label.
const LINE: usize = WIDTH - LABEL;

/// The document as text.
pub fn render(document: &SessionDocument) -> String {
    let mut out = String::new();
    top(&mut out, document);
    for (index, finding) in document.findings.iter().enumerate() {
        self::finding(&mut out, index + 1, finding);
    }
    if !document.findings.is_empty() {
        let _ = writeln!(
            out,
            "\nScript with all repairs, a backup and a way back:\n   sspi-doctor fix {} --for windows\n   sspi-doctor fix {0} --for linux\nAccounts changed by this program itself, each change after your yes; this shows them:\n   sspi-doctor fix {0} --plan",
            document.session
        );
    }
    causes(&mut out, document);
    if !document.cards.is_empty() {
        heading(&mut out, "To ask of others");
        for card in &document.cards {
            self::card(&mut out, card);
        }
    }
    notes(&mut out, document);
    heading(&mut out, "What was looked at");
    for (index, step) in document.steps.iter().enumerate() {
        line(&mut out, index + 1, document, step);
    }
    heading(
        &mut out,
        "Evidence, and the same by hand ($ Linux, > Windows)",
    );
    for (index, step) in document.steps.iter().enumerate() {
        self::step(&mut out, index + 1, step);
    }
    out
}

fn heading(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{}\n", one_line(title).to_uppercase());
}

/// What stands at the beginning of a line, or is a command: a line break in it
/// would let a value begin a line that is not its own.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn top(out: &mut String, document: &SessionDocument) {
    if document.target.is_empty() {
        let _ = writeln!(out, "{}", one_line(&document.title));
    } else {
        let name = format!("{}: {}", document.target, document.title);
        let _ = writeln!(out, "{}", one_line(&name));
    }
    short(out, &Brief::of(document));
    let way = document.drawing(WIDTH - 3);
    if !way.is_empty() {
        out.push('\n');
    }
    for line in way {
        let _ = writeln!(out, "   {line}");
    }
    out.push('\n');
    if !document.words.is_empty() {
        paragraph(out, "", &one_line(&document.words));
    }
    paragraph(out, "", &words::origin(document));
    let _ = writeln!(out, "Session {}", one_line(&document.session));
    if let Some(damage) = &document.damage {
        paragraph(out, "NOTE: ", damage);
    }
}

/// The answers in short, at most nine lines.
fn short(out: &mut String, brief: &Brief) {
    let mut label = |name: &str, text: &str, lines: usize| {
        // Lines are not filled to their ends.
        let most = lines * LINE - (lines - 1) * 12;
        hanging(
            out,
            &format!("{name:LABEL$}"),
            LABEL,
            &shortened(text, most),
        );
    };
    match brief.wrong.as_slice() {
        [(title, detail)] => label("WRONG", &format!("{title} {detail}"), 3),
        several => {
            let shown = if several.len() > 3 { 2 } else { 3 };
            for (number, (title, _)) in several.iter().take(shown).enumerate() {
                let name = if number == 0 { "WRONG" } else { "" };
                label(name, &format!("{}. {title}", number + 1), 1);
            }
            if several.len() > shown {
                label("", &format!("and {} more", several.len() - shown), 1);
            }
        }
    }
    label("SURE", &brief.sure, 2);
    match brief.to_do.as_slice() {
        [] => {}
        [one] => label("DO", one, 2),
        [first, rest @ ..] => {
            let more = format!(" (and {} more, below)", rest.len());
            let most = 2 * LINE - 12 - more.len();
            label("DO", &format!("1. {}{more}", shortened(first, most - 3)), 2);
        }
    }
    label("WHO", &brief.who.join("; "), 1);
    label("UNKNOWN", &unknown(brief), 1);
}

fn unknown(brief: &Brief) -> String {
    match brief.unknown.len() {
        0 => "nothing".to_owned(),
        1 => format!("whether \"{}\"", brief.unknown.join("")),
        count => format!("{count} causes, see below: {}", brief.unknown.join("; ")),
    }
}

fn finding(out: &mut String, number: usize, document: &DocumentFinding) {
    let finding = &document.finding;
    heading(out, &format!("Cause {number}: {}", finding.title));
    paragraph(out, "", &one_line(&finding.meaning));
    let _ = writeln!(
        out,
        "\nHow bad: {}. Id: {}. Found at: {}.",
        finding.severity.words(),
        finding.cause,
        finding.step
    );
    for advice in Catalogue::embedded().beware(&finding.cause) {
        paragraph(out, "BEWARE of ", &advice.words());
    }
    if !finding.fix.is_empty() {
        out.push_str("What to do:\n");
        for (index, operation) in finding.fix.iter().enumerate() {
            paragraph(
                out,
                &format!("   {}. ", index + 1),
                &words::operation(operation),
            );
            for command in words::commands(operation) {
                let _ = writeln!(out, "      {}", one_line(&command));
            }
        }
    }
    if !finding.evidence.is_empty() {
        out.push_str("What proves it:\n");
        for evidence in &finding.evidence {
            paragraph(out, "   - ", evidence);
        }
    }
}

fn causes(out: &mut String, document: &SessionDocument) {
    if !document.unknown.is_empty() {
        heading(out, "Could not be seen from here (not the same as healthy)");
        for unknown in &document.unknown {
            paragraph(
                out,
                "- ",
                &format!(
                    "Whether \"{}\" ({}): {}",
                    brief::title(&unknown.cause),
                    unknown.cause,
                    unknown.why
                ),
            );
        }
    }
    if !document.ruled_out.is_empty() {
        heading(out, "Ruled out");
        for ruled_out in &document.ruled_out {
            paragraph(out, "- ", &words::excluded(ruled_out));
        }
    }
}

fn card(out: &mut String, card: &HandOver) {
    paragraph(
        out,
        "- ",
        &format!("Ask {} ({}).", card.card.whom, card.title),
    );
    paragraph(out, "  Why: ", &card.card.why);
    for (system, command) in [("Windows", &card.card.windows), ("Linux", &card.card.linux)] {
        if let Some(command) = command {
            let _ = writeln!(out, "  {system}:\n     {}", one_line(command));
        }
    }
    paragraph(out, "  The answer: ", &card.card.reading);
}

fn notes(out: &mut String, document: &SessionDocument) {
    if !document.notes.is_empty() {
        heading(out, "Notes");
        for note in &document.notes {
            paragraph(
                out,
                "- ",
                &format!("{} ({}): {}", words::time(note.at), note.step, note.text),
            );
        }
    }
    if !document.screens.is_empty() {
        heading(out, "Screens that were kept");
        for screen in &document.screens {
            let _ = writeln!(out, "{} ({}):\n", words::time(screen.at), screen.step);
            for line in screen.text.lines() {
                let _ = writeln!(out, "    {}", line.trim_end());
            }
            out.push('\n');
        }
    }
}

/// A step in a line.
fn line(out: &mut String, number: usize, document: &SessionDocument, step: &StepRecord) {
    if step.kind == StepKind::Finish {
        return;
    }
    let indent = "  ".repeat(step.id.depth());
    let mark = words::mark(document, step);
    hanging(
        out,
        &format!("{mark} {indent}{number}. "),
        LABEL + indent.len(),
        &one_line(&format!("{} -> {}", step.title, words::status(step))),
    );
}

/// What a step saw, and how to see it by hand.
fn step(out: &mut String, number: usize, step: &StepRecord) {
    let has_commands = step
        .by_hand
        .as_ref()
        .is_some_and(|by_hand| !by_hand.linux.is_empty() || !by_hand.windows.is_empty());
    let says = !step.evidence.is_empty() || step.answer.is_some() || has_commands;
    if step.kind == StepKind::Finish || (!says && step.means.is_empty()) {
        return;
    }
    let _ = writeln!(out, "{number}. {} ({})", one_line(&step.title), step.id);
    let inner = "   ";
    if let Some(answer) = &step.answer {
        paragraph(out, inner, &format!("{} {}", answer.question, answer.label));
    }
    for evidence in &step.evidence {
        let mut line = format!("{}: {}", evidence.asked, evidence.saw);
        if let Some(milliseconds) = evidence.elapsed_ms {
            let _ = write!(line, " ({milliseconds} ms)");
        }
        if let Some(credential) = &evidence.credential {
            let _ = write!(line, " [as {credential}]");
        }
        paragraph(out, &format!("{inner}- "), &line);
    }
    for sentence in &step.means {
        paragraph(out, &format!("{inner}Means: "), sentence);
    }
    if let Some(by_hand) = &step.by_hand {
        for command in &by_hand.linux {
            let _ = writeln!(out, "{inner}$ {}", one_line(command));
        }
        for command in &by_hand.windows {
            let _ = writeln!(out, "{inner}> {}", one_line(command));
        }
    }
}
