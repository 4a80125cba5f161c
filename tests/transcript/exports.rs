//! What a reader of an export sees first, and that nothing is left out.

use sspi_doctor::engine::{Entry, Verdict};
use sspi_doctor::transcript::{self, SessionDocument};

use crate::case::{path, walk, write};

#[test]
fn a_stranger_reads_the_cause_first() {
    let home = tempfile::tempdir().unwrap();
    let document = transcript::document::read(&write(home.path(), &walk())).unwrap();
    let text = transcript::text::render(&document).replace(&document.session, "SESSION");
    insta::assert_snapshot!("text", text);
    assert!(text.lines().all(str::is_ascii));
}

#[test]
fn the_markdown_is_for_a_ticket() {
    let home = tempfile::tempdir().unwrap();
    let document = transcript::document::read(&write(home.path(), &walk())).unwrap();
    let text = transcript::markdown::render(&document);
    assert!(
        text.starts_with(
            "# sql1.corp.example,1433: Who holds the SPN?\n\n| | |\n|---|---|\n| **What is wrong** | (1) "
        )
    );
    assert!(text.contains("asked the DBA \\| \\*twice\\*"));
    assert!(text.contains("```sh\n#!/bin/sh\n"));
    // Every row of the table has its four cells.
    for row in text.lines().filter(|line| line.starts_with("| ")) {
        let cells = row.replace("\\|", "").matches('|').count();
        // The answers at the top have two cells.
        assert!(cells == 5 || cells == 3, "{row}");
    }
}

/// The recorded cases, and one with two causes and something unknown.
fn cases() -> Vec<SessionDocument> {
    let mut cases: Vec<SessionDocument> = sspi_doctor::probe::recorded::world::SHIPPED
        .iter()
        .map(|world| {
            let reading = transcript::reading::parse(world.journal.as_bytes(), world.name);
            SessionDocument::of(&reading.unwrap())
        })
        .collect();
    let home = tempfile::tempdir().unwrap();
    cases.push(transcript::document::read(&write(home.path(), &walk())).unwrap());
    cases
}

#[test]
fn the_first_ten_lines_answer_what_a_senior_asks() {
    for document in cases() {
        let text = transcript::text::render(&document);
        let first: Vec<&str> = text.lines().take(10).collect();
        for label in ["WRONG", "SURE", "DO", "WHO", "UNKNOWN"] {
            let answered = first.iter().any(|line| {
                line.split_once(label)
                    .is_some_and(|(before, rest)| before.is_empty() && !rest.trim().is_empty())
            });
            assert!(answered, "{label}:\n{}", first.join("\n"));
        }
        assert!(
            first.iter().all(|line| line.chars().count() <= 78),
            "{}",
            first.join("\n")
        );
        for finding in document.findings.iter().take(2) {
            let title = &finding.finding.title;
            assert!(
                first.join(" ").contains(title),
                "{title}:\n{}",
                first.join("\n")
            );
        }
        let unknown = first.contains(&"UNKNOWN  nothing");
        assert_eq!(unknown, document.unknown.is_empty(), "{}", first.join("\n"));
    }
}

#[test]
fn a_screen_that_was_kept_is_in_every_form() {
    let home = tempfile::tempdir().unwrap();
    let mut entries = walk();
    entries.insert(
        6,
        Entry::Screen {
            path: path("holders"),
            text: "+----+\n| <b> |\n+----+".to_owned(),
        },
    );
    let document = transcript::document::read(&write(home.path(), &entries)).unwrap();
    assert_eq!(document.screens.len(), 1);
    assert!(transcript::text::render(&document).contains("    | <b> |\n"));
    assert!(transcript::markdown::render(&document).contains("```text\n+----+\n| <b> |\n"));
    assert!(transcript::html::render(&document).contains("| &lt;b&gt; |\n"));
    let private = transcript::privacy::without_names(&document).unwrap();
    assert!(
        private.screens[0]
            .text
            .starts_with("(A screen was kept here.")
    );
}

#[test]
fn what_was_cut_off_is_inconclusive_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    let file = write(home.path(), &walk()[..6]);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.truncate(bytes.len() - 20);
    std::fs::write(&file, bytes).unwrap();
    let document = transcript::document::read(&file).unwrap();
    assert_eq!(document.verdict, Verdict::Inconclusive);
    assert_eq!(document.ended, None);
    assert_eq!(document.steps.len(), 2);
    assert_eq!(document.steps[1].status, None);
    let text = transcript::text::render(&document);
    assert!(
        text.contains("WRONG    Nothing was found so far; the walk was not finished."),
        "{text}"
    );
    assert!(text.contains("is damaged"), "{text}");
}
