//! A session step by step, in the order in which it was walked, with what was
//! taken back: a replay for those who have no terminal.

use std::fmt::Write as _;

use super::reading::{Line, Reading};
use super::words;
use super::wrap::paragraph;
use crate::engine::{Entry, StepKind};

/// The session as it happened.
pub fn render(reading: &Reading) -> String {
    let mut out = String::new();
    for line in &reading.lines {
        told(&mut out, line);
    }
    // A note may stand behind the end.
    let counting = reading.counting();
    let ended = counting
        .iter()
        .any(|line| matches!(line.entry, Entry::Finished { .. }));
    if let Some(damage) = &reading.damage {
        paragraph(&mut out, "\n-- ", damage);
    } else if !ended {
        out.push_str("\n-- The journal ends here: the walk was not finished.\n");
    }
    out
}

fn told(out: &mut String, line: &Line) {
    match &line.entry {
        Entry::Began { title, target, .. } => {
            let _ = writeln!(out, "{}  {target}  {title}", words::time(line.at));
        }
        Entry::Entered {
            path,
            kind,
            title,
            why,
            ..
        } => {
            if *kind != StepKind::Finish {
                let clock = line.at.strftime("%H:%M:%S");
                paragraph(out, &format!("\n{clock}  "), &format!("{title} ({path})"));
                paragraph(out, "   Why: ", why);
            }
        }
        Entry::Answered {
            question, label, ..
        } => paragraph(out, "   ", &format!("{question} {label}")),
        Entry::Observed { outcome, .. } => {
            for evidence in &outcome.evidence {
                let text = format!("{}: {}", evidence.asked, evidence.saw);
                paragraph(out, "   - ", &text);
            }
            let text = format!("{}: {}", outcome.status, outcome.summary);
            paragraph(out, "   Saw: ", &text);
        }
        Entry::Branched { path, means, .. } => {
            for sentence in means {
                paragraph(out, "   Means: ", sentence);
            }
            let _ = writeln!(out, "   Done: {path}");
        }
        Entry::Found { finding, .. } => {
            let text = format!("{} ({})", finding.title, finding.cause);
            paragraph(out, "   FOUND: ", &text);
        }
        Entry::Asked { .. } | Entry::RuledOut { .. } => {}
        Entry::Unknown { unknown, .. } => {
            let text = format!("{}: {}", unknown.cause, unknown.why);
            paragraph(out, "   UNKNOWN: ", &text);
        }
        Entry::WentBack { .. } => {
            out.push_str("\n-- Back: what was found since is forgotten.\n");
        }
        Entry::Skipped { .. } => out.push_str("   Skipped.\n"),
        Entry::Noted { text, .. } => paragraph(out, "   Note: ", text),
        Entry::Screen { text, .. } => {
            out.push_str("   Screen:\n");
            for line in text.lines() {
                let _ = writeln!(out, "   | {line}");
            }
        }
        Entry::Resumed { kept, .. } => {
            let _ = writeln!(
                out,
                "\n-- The session was cut off; it went on at {} with {kept} finished steps.",
                words::time(line.at)
            );
        }
        Entry::Finished { words: said, .. } => {
            let _ = writeln!(out, "\n{}  The walk ended.", line.at.strftime("%H:%M:%S"));
            paragraph(out, "   ", said);
        }
    }
}
