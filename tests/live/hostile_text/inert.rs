//! What must not come out of the program: stated here once more, so that a gap
//! in the program's own list is found.

use std::fs;
use std::process::Command;

use lab::lab::Lab;

use super::plant::FORGED;

/// Whether a character acts on a terminal, turns the reading direction, or is
/// not seen.
fn acts(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\t'))
        || matches!(u32::from(character),
            0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
            | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xE0001..=0xE01EF)
}

/// Asserts that nothing in an output acts.
#[track_caller]
pub fn assert_inert(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|fault| panic!("{what}: {fault}"));
    let Some(at) = text.find(acts) else {
        return;
    };
    let around: String = text[..at].chars().rev().take(80).collect();
    let around: String = around.chars().rev().collect();
    panic!(
        "{what}: after {around:?} comes {:?}",
        text[at..].chars().next()
    );
}

/// Asserts that what the wizard sent holds none of the planted sequences.
#[track_caller]
pub fn terminal_is_the_programs(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for sequence in ["\u{1b}[38;2;1;2;3m", "\u{1b}]0;PWNED", "\u{1b}[5i"] {
        if let Some(at) = text.find(sequence) {
            let before: Vec<char> = text[..at].chars().rev().take(200).collect();
            let before: String = before.into_iter().rev().collect();
            panic!("after {before:?} {sequence:?} was sent");
        }
    }
    // The program names itself in the title, and rings no bell.
    for title in text.split('\u{1b}').filter(|part| part.contains('\u{7}')) {
        assert!(
            title.starts_with("]0;sspi-doctor") && title.ends_with('\u{7}'),
            "{title:?}"
        );
    }
    // Escape and line breaks are the program's own.
    let other: Vec<char> = text
        .chars()
        .filter(|it| acts(*it) && !matches!(it, '\u{1b}' | '\u{7}' | '\r' | '\u{8}'))
        .collect();
    assert!(other.is_empty(), "{other:?}");
}

/// A text with a line break does not begin a line of the report's own.
#[track_caller]
pub fn assert_plain_lines(text: &str) {
    for line in text.lines() {
        let start = line.trim_start_matches(['-', '#', '*', ' ']);
        // Names of domains are told in lower case.
        let forged = start.to_uppercase().starts_with(FORGED) && !line.starts_with(' ');
        assert!(!forged, "{line}");
    }
}

/// Read by a parser, a ticket has the headings, the folded parts and the scripts
/// of ours, and neither a link nor a picture.
#[track_caller]
pub fn markdown_is_inert(lab: &Lab, markdown: &str) {
    let file = lab.dir().join("hostile.md");
    fs::write(&file, markdown).expect("the ticket");
    let output = Command::new("cmark-gfm")
        .args([
            "-e",
            "table",
            "-e",
            "strikethrough",
            "-e",
            "autolink",
            "-t",
            "xml",
        ])
        .arg(&file)
        .output()
        .expect("cmark-gfm is in tests/packages");
    let tree = String::from_utf8(output.stdout).expect("XML");
    for element in ["<image", "<html_inline", "<strikethrough", "<emph"] {
        assert!(!tree.contains(element), "{element}\n{markdown}");
    }
    // A principal reads like an e-mail address, which no escape prevents.
    for link in tree.split("<link ").skip(1) {
        assert!(link.starts_with("destination=\"mailto:"), "{link:.200}");
    }
    let blocks: Vec<&str> = tree
        .split("<html_block")
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split("</html_block>").next())
        .collect();
    for block in blocks {
        let ours = block.starts_with("&lt;details&gt;&lt;summary&gt;")
            || block.starts_with("&lt;/details&gt;");
        assert!(ours && block.lines().count() == 1, "{block}");
    }
    for heading in tree.split("<heading").skip(1) {
        let words = heading.split("</heading>").next().unwrap_or_default();
        let forged = words.to_uppercase().contains(&format!(">{FORGED}"));
        assert!(!forged, "{words}");
    }
}
