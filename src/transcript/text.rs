//! The session as plain text, for e-mail and chat: no boxes, no colours. What a
//! reader needs first stands first.

use std::fmt::Write as _;

use super::document::{DocumentFinding, HandOver, SessionDocument, StepRecord};
use super::words;
use super::wrap::paragraph;
use crate::cause::Catalogue;
use crate::engine::StepKind;

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
            "\nScript with all repairs, a backup and a way back:\n   sspi-doctor fix {} --for windows\n   sspi-doctor fix {0} --for linux",
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
    heading(&mut out, "What was looked at");
    for (index, step) in document.steps.iter().enumerate() {
        self::step(&mut out, index + 1, step);
    }
    if !document.notes.is_empty() {
        heading(&mut out, "Notes");
        for note in &document.notes {
            paragraph(
                &mut out,
                "- ",
                &format!("{} ({}): {}", words::time(note.at), note.step, note.text),
            );
        }
    }
    out
}

fn heading(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{}\n", title.to_uppercase());
}

fn top(out: &mut String, document: &SessionDocument) {
    if document.target.is_empty() {
        let _ = writeln!(out, "{}", document.title);
    } else {
        let _ = writeln!(out, "{}: {}", document.target, document.title);
    }
    let _ = writeln!(out, "RESULT: {}", words::verdict(document));
    for finding in &document.findings {
        paragraph(out, "   * ", &finding.finding.title);
    }
    if !document.words.is_empty() {
        paragraph(out, "", &document.words);
    }
    let ended = document
        .ended
        .map_or_else(|| "not ended".to_owned(), words::time);
    let _ = writeln!(
        out,
        "\nWalked from {} to {}, flow {}, sspi-doctor {}, {}.",
        words::time(document.started),
        ended,
        document.flow,
        document.version,
        if document.source == "live" {
            "live".to_owned()
        } else {
            format!("in the recorded world {}", document.source)
        }
    );
    let _ = writeln!(out, "Session {}", document.session);
    if let Some(damage) = &document.damage {
        paragraph(out, "NOTE: ", damage);
    }
}

fn finding(out: &mut String, number: usize, document: &DocumentFinding) {
    let finding = &document.finding;
    heading(out, &format!("Cause {number}: {}", finding.title));
    paragraph(out, "", &finding.meaning);
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
    if !finding.evidence.is_empty() {
        out.push_str("What proves it:\n");
        for evidence in &finding.evidence {
            paragraph(out, "   - ", evidence);
        }
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
                let _ = writeln!(out, "      {command}");
            }
        }
    }
}

fn causes(out: &mut String, document: &SessionDocument) {
    if !document.unknown.is_empty() {
        heading(out, "Could not be seen from here (not the same as healthy)");
        for unknown in &document.unknown {
            paragraph(out, "- ", &format!("{}: {}", unknown.cause, unknown.why));
        }
    }
    if !document.ruled_out.is_empty() {
        heading(out, "Ruled out");
        for ruled_out in &document.ruled_out {
            paragraph(
                out,
                "- ",
                &format!("{}: {}", ruled_out.cause, ruled_out.why),
            );
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
            let _ = writeln!(out, "  {system}:\n     {command}");
        }
    }
    paragraph(out, "  The answer: ", &card.card.reading);
}

fn step(out: &mut String, number: usize, step: &StepRecord) {
    if step.kind == StepKind::Finish {
        return;
    }
    let indent = "   ".repeat(step.id.depth());
    paragraph(
        out,
        &format!("{indent}{number}. "),
        &format!("{} ({}) -> {}", step.title, step.id, words::status(step)),
    );
    let inner = format!("{indent}   ");
    if let Some(answer) = &step.answer {
        paragraph(
            out,
            &inner,
            &format!("{} {}", answer.question, answer.label),
        );
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
            let _ = writeln!(out, "{inner}$ {command}");
        }
        for command in &by_hand.windows {
            let _ = writeln!(out, "{inner}> {command}");
        }
    }
}
