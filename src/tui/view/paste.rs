//! What is being pasted, and what was recognised in it.

use super::super::document::Document;
use super::super::model::{Model, Screen};
use super::super::paste_box::PasteBox;
use super::super::theme::Role;
use super::Page;
use crate::pasted::error_text::ErrorText;

/// The most lines of the text that are shown.
const LINES: usize = 4;
/// The most facts that are shown.
const FACTS: usize = 10;

/// The box as a page.
pub fn page(model: &Model, pasted: &PasteBox, width: usize) -> Page {
    let mut document = Document::new(model.look, width);
    let before_a_walk = matches!(model.screen, Screen::Flows { .. });
    document.gap();
    document.text("Paste what you have", Role::Title);
    document.text(
        if before_a_walk {
            "The whole error message, as your program or the server's log shows it. Or what somebody else \
             saw: the answer of setspn or klist, a SQLCheck report, an export of Kerberos Configuration Manager."
        } else {
            "What somebody else saw: the answer of setspn (with the line of the command), klist, the command \
             of a card, a SQLCheck report, an export of Kerberos Configuration Manager."
        },
        Role::Plain,
    );
    document.gap();
    text(&mut document, pasted.text());
    document.gap();
    let first = document.len();
    recognised(model, &mut document, pasted, before_a_walk);
    let last = document.len().saturating_sub(1);
    Page {
        document,
        // What was recognised is what counts on a small screen.
        focus: (last >= first && !pasted.text().is_empty()).then_some((first, last)),
        cursor: None,
    }
}

/// The first lines of the text, and how many there are.
fn text(document: &mut Document, text: &str) {
    if text.is_empty() {
        document.hanging(
            ">",
            Role::Key,
            2,
            "Nothing yet. Use your terminal's paste, often Ctrl-Shift-V.",
            Role::Quiet,
        );
        return;
    }
    let lines = text.lines().count();
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LINES)
    {
        let short: String = line.trim().chars().take(160).collect();
        document.hanging(">", Role::Key, 2, &short, Role::Quiet);
    }
    if lines > LINES {
        document.hanging("", Role::Plain, 2, &format!("({lines} lines)"), Role::Quiet);
    }
}

fn recognised(model: &Model, document: &mut Document, pasted: &PasteBox, before_a_walk: bool) {
    let read = pasted.read();
    if pasted.text().trim().is_empty() {
        return;
    }
    if let Some(error) = &read.error {
        of_error(model, document, error, before_a_walk);
    }
    if !read.told.is_empty() {
        document.hanging(
            "[ok] ",
            Role::Good,
            5,
            &format!("Read: {}", read.told.sources.join(", ")),
            Role::Strong,
        );
        let lines = read.told.lines();
        for line in lines.iter().take(FACTS) {
            document.hanging("   - ", Role::Plain, 5, line, Role::Plain);
        }
        if lines.is_empty() {
            let words =
                "Nothing in it can be used. An answer of setspn -Q needs the line of the command.";
            document.hanging("", Role::Plain, 5, words, Role::Plain);
        }
        if lines.len() > FACTS {
            let more = format!("and {} more", lines.len() - FACTS);
            document.hanging("", Role::Plain, 5, &more, Role::Quiet);
        }
        document.text("Enter takes it, as told by a person.", Role::Plain);
    }
    for advice in &read.advice {
        document.gap();
        document.hanging(
            "!! ",
            Role::Fault,
            3,
            &format!("Beware: {}", advice.says),
            Role::Fault,
        );
        document.hanging("", Role::Plain, 3, advice.why, Role::Plain);
        document.hanging(
            "",
            Role::Plain,
            3,
            &format!("Instead: {}", advice.instead),
            Role::Plain,
        );
        document.hanging("", Role::Plain, 3, advice.source, Role::Quiet);
    }
    if read.is_nothing() {
        document.hanging(
            "[??] ",
            Role::Unknown,
            5,
            "Nothing in it is known here.",
            Role::Plain,
        );
        document.text(
            if before_a_walk {
                "Enter begins at the beginning, with the main flow."
            } else {
                "Paste the whole answer, with the line of the command."
            },
            Role::Plain,
        );
    }
}

fn of_error(model: &Model, document: &mut Document, error: &ErrorText, before_a_walk: bool) {
    document.hanging(
        "[ok] ",
        Role::Good,
        5,
        &format!("It stopped at: {}", error.stage.words()),
        Role::Strong,
    );
    document.hanging("", Role::Plain, 5, &error.explanation, Role::Plain);
    let named = [
        ("Server", &error.server),
        ("User", &error.user),
        ("SPN", &error.spn),
        ("Written by", &error.driver),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            document.hanging("", Role::Plain, 5, &format!("{name}: {value}"), Role::Plain);
        }
    }
    for code in &error.codes {
        let words = format!("{}: {}", code.code, code.meaning);
        document.hanging("", Role::Plain, 5, &words, Role::Quiet);
    }
    if before_a_walk {
        let flow = model.flows.iter().find(|flow| flow.id == error.flow());
        let title = flow.map_or("the main flow", |flow| flow.title.as_str());
        document.text(&format!("Enter begins with: {title}"), Role::Plain);
    }
}
