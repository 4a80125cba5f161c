//! The session as one HTML page: no script, nothing from elsewhere, light and
//! dark as the reader's system is, and good on paper. Every value is escaped,
//! and the page's own policy forbids whatever could slip through.

mod escape;
mod steps;

use std::fmt::Write as _;

use super::brief::{self, Brief};
use super::document::{DocumentFinding, HandOver, Note, SessionDocument};
use super::words;
use crate::fix::System;
use escape::{block, escape};

/// The look of the page.
const STYLE: &str = include_str!("html/page.css");

/// How many characters the picture of the way may be wide.
const WAY: usize = 76;

/// The document as a page.
pub fn render(document: &SessionDocument) -> String {
    let mut out = String::new();
    let name = if document.target.is_empty() {
        document.title.clone()
    } else {
        format!("{}: {}", document.target, document.title)
    };
    head(&mut out, &name);
    let _ = writeln!(
        out,
        "<body>\n<header><h1>{}</h1></header>\n<main>",
        escape(&name)
    );
    short(&mut out, document);
    let way = document.drawing(WAY);
    if !way.is_empty() {
        let _ = writeln!(
            out,
            "<pre tabindex=\"0\" role=\"img\" aria-label=\"The way of the login\">{}</pre>",
            escape(&way.join("\n"))
        );
    }
    origin(&mut out, document);
    for (index, finding) in document.findings.iter().enumerate() {
        self::finding(&mut out, index + 1, finding);
    }
    scripts(&mut out, document);
    causes(&mut out, document);
    if !document.cards.is_empty() {
        out.push_str("<section><h2>To ask of others</h2>\n");
        for card in &document.cards {
            self::card(&mut out, card);
        }
        out.push_str("</section>\n");
    }
    notes(&mut out, document);
    steps::table(&mut out, document);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn head(out: &mut String, name: &str) {
    let _ = writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>",
        escape(name)
    );
}

/// The answers in short.
fn short(out: &mut String, document: &SessionDocument) {
    let brief = Brief::of(document);
    let _ = writeln!(
        out,
        "<section class=\"short {}\" aria-label=\"In short\">\n<dl>\n<dt>What is wrong</dt><dd>",
        document.verdict.status()
    );
    let wrong: Vec<String> = brief
        .wrong
        .iter()
        .map(|(title, detail)| format!("<strong>{}</strong> {}", escape(title), escape(detail)))
        .collect();
    list(out, &wrong);
    let _ = writeln!(
        out,
        "</dd>\n<dt>How sure</dt><dd>{}</dd>",
        escape(&brief.sure)
    );
    out.push_str("<dt>What to do</dt><dd>");
    let to_do: Vec<String> = brief.to_do.iter().map(|one| escape(one)).collect();
    list(out, &to_do);
    let _ = writeln!(
        out,
        "</dd>\n<dt>Who does it</dt><dd>{}</dd>",
        escape(&brief.who.join("; "))
    );
    let unknown = if brief.unknown.is_empty() {
        "nothing".to_owned()
    } else {
        let quoted: Vec<String> = brief
            .unknown
            .iter()
            .map(|title| format!("“{title}”"))
            .collect();
        format!("whether {}", quoted.join(", "))
    };
    let _ = writeln!(
        out,
        "<dt>What stays unknown</dt><dd>{}</dd>\n</dl>\n</section>",
        escape(&unknown)
    );
}

/// One sentence by itself, several as a numbered list.
fn list(out: &mut String, items: &[String]) {
    if let [one] = items {
        out.push_str(one.trim_end());
        return;
    }
    out.push_str("<ol>");
    for item in items {
        let _ = write!(out, "<li>{}</li>", item.trim_end());
    }
    out.push_str("</ol>");
}

fn origin(out: &mut String, document: &SessionDocument) {
    if !document.words.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", escape(&document.words));
    }
    let _ = writeln!(
        out,
        "<p class=\"quiet\">{} Session <code>{}</code>.</p>",
        escape(&words::origin(document)),
        escape(&document.session)
    );
    if let Some(damage) = &document.damage {
        let _ = writeln!(out, "<p class=\"open\">{}</p>", escape(damage));
    }
}

fn finding(out: &mut String, number: usize, document: &DocumentFinding) {
    let finding = &document.finding;
    let _ = writeln!(
        out,
        "<section><h2>Cause {number}: {}</h2>\n<p>{}</p>\n<p class=\"quiet\">How bad: {}. Id: \
         <code>{}</code>. Found at: <code>{}</code>.</p>",
        escape(&finding.title),
        escape(&finding.meaning),
        finding.severity.words(),
        escape(&finding.cause),
        escape(&finding.step.0)
    );
    if !finding.fix.is_empty() {
        out.push_str("<h3>What to do</h3>\n<ol>\n");
        for operation in &finding.fix {
            let _ = write!(out, "<li>{}", escape(&words::operation(operation)));
            let commands = words::commands(operation);
            if !commands.is_empty() {
                block(out, "Commands", &commands.join("\n"));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ol>\n");
    }
    if !finding.evidence.is_empty() {
        out.push_str("<details open><summary>What proves it</summary>\n<ul>\n");
        for evidence in &finding.evidence {
            let _ = writeln!(out, "<li>{}</li>", escape(evidence));
        }
        out.push_str("</ul></details>\n");
    }
    out.push_str("</section>\n");
}

fn scripts(out: &mut String, document: &SessionDocument) {
    if document.findings.is_empty() {
        return;
    }
    out.push_str("<section><h2>Fix scripts</h2>\n<p>With a backup, a check and a way back.</p>\n");
    for (system, name) in [
        (System::Windows, "Windows PowerShell"),
        (System::Linux, "Linux shell"),
    ] {
        let _ = writeln!(out, "<details><summary>{name}</summary>");
        block(out, name, &document.script(system));
        out.push_str("</details>\n");
    }
    out.push_str("</section>\n");
}

fn causes(out: &mut String, document: &SessionDocument) {
    if !document.unknown.is_empty() {
        out.push_str(
            "<section><h2>Could not be seen from here</h2>\n<p>That is not the same as \
             healthy.</p>\n<ul>\n",
        );
        for unknown in &document.unknown {
            let _ = writeln!(
                out,
                "<li>Whether “{}” (<code>{}</code>): {}</li>",
                escape(&brief::title(&unknown.cause)),
                escape(&unknown.cause),
                escape(&unknown.why)
            );
        }
        out.push_str("</ul></section>\n");
    }
    if !document.ruled_out.is_empty() {
        let _ = writeln!(
            out,
            "<section><h2>Ruled out</h2>\n<details><summary>{} causes</summary>\n<ul>",
            document.ruled_out.len()
        );
        for ruled_out in &document.ruled_out {
            let _ = writeln!(out, "<li>{}</li>", escape(&words::excluded(ruled_out)));
        }
        out.push_str("</ul></details></section>\n");
    }
}

fn card(out: &mut String, card: &HandOver) {
    let _ = writeln!(
        out,
        "<h3>Ask {} <span class=\"quiet\">({})</span></h3>\n<p>{}</p>",
        escape(&card.card.whom),
        escape(&card.title),
        escape(&card.card.why)
    );
    for (system, command) in [("Windows", &card.card.windows), ("Linux", &card.card.linux)] {
        if let Some(command) = command {
            let label = format!("On {system}");
            let _ = writeln!(out, "<p class=\"quiet\">{label}:</p>");
            block(out, &label, command);
        }
    }
    let _ = writeln!(out, "<p>The answer: {}</p>", escape(&card.card.reading));
}

fn notes(out: &mut String, document: &SessionDocument) {
    let place = |note: &Note| {
        format!(
            "{} <code>{}</code>",
            words::time(note.at),
            escape(&note.step.0)
        )
    };
    if !document.notes.is_empty() {
        out.push_str("<section><h2>Notes</h2>\n<ul>\n");
        for note in &document.notes {
            let text = escape(&note.text).replace('\n', "<br>");
            let _ = writeln!(out, "<li>{}: {text}</li>", place(note));
        }
        out.push_str("</ul></section>\n");
    }
    if !document.screens.is_empty() {
        out.push_str("<section><h2>Screens that were kept</h2>\n");
        for screen in &document.screens {
            let _ = writeln!(out, "<p class=\"quiet\">{}</p>", place(screen));
            block(out, "Screen", &screen.text);
        }
        out.push_str("</section>\n");
    }
}
