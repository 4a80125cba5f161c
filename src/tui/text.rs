//! Measuring, wrapping and cutting text by the cells it takes on the screen.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The cells that the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `width` cells; what is cut off is told by `ellipsis`.
pub fn truncate(text: &str, limit: usize, ellipsis: &str) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let room = limit.saturating_sub(width(ellipsis));
    let mut cut = take(text, room).0.to_owned();
    if limit >= width(ellipsis) {
        cut.push_str(ellipsis);
    }
    cut
}

/// Wraps at words; a word that is too long is broken. Line breaks and the
/// indentation of each line stay. There is always at least one line.
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        wrap_line(paragraph.trim_end(), limit, &mut lines);
    }
    while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Breaks a line that stands as it is, such as a command: every character
/// stays, and breaks come after a space where there is one. The lines after the
/// first have `rest` cells.
pub fn fold(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut left = text;
    let mut limit = first.max(1);
    loop {
        if width(left) <= limit {
            lines.push(left.to_owned());
            return lines;
        }
        let (head, tail) = take(left, limit);
        let (head, tail) = match head.rfind(' ') {
            _ if head.is_empty() => split_first(left),
            Some(at) if at >= head.len() / 2 => left.split_at(at + 1),
            _ => (head, tail),
        };
        lines.push(head.to_owned());
        left = tail;
        limit = rest.max(1);
    }
}

fn wrap_line(text: &str, limit: usize, lines: &mut Vec<String>) {
    let body = text.trim_start_matches(' ');
    // A wide character must have room beside the indentation.
    let indent = (text.len() - body.len())
        .min(limit / 2)
        .min(limit.saturating_sub(2));
    let start = " ".repeat(indent);
    let mut line = start.clone();
    let mut empty = true;
    for word in body.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        let gap = usize::from(!empty);
        if !empty && width(&line) + gap + width(word) > limit {
            lines.push(std::mem::replace(&mut line, start.clone()));
            empty = true;
        }
        while empty && indent + width(word) > limit {
            let (head, tail) = take(word, limit - indent);
            // A character wider than the line must not stop us.
            let (head, tail) = if head.is_empty() {
                split_first(word)
            } else {
                at_separator(word, head, tail)
            };
            lines.push(format!("{start}{head}"));
            word = tail;
            if word.is_empty() {
                break;
            }
        }
        if word.is_empty() {
            continue;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    if !empty || body.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
}

/// As much of the start as fits in `limit` cells, and the rest.
fn take(text: &str, limit: usize) -> (&str, &str) {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        let cells = character.width().unwrap_or(0);
        if used + cells > limit {
            return text.split_at(index);
        }
        used += cells;
    }
    (text, "")
}

/// Breaks a path, a name or a list after a separator, unless that leaves less
/// than half of the line.
fn at_separator<'a>(word: &'a str, head: &'a str, tail: &'a str) -> (&'a str, &'a str) {
    match head.rfind(['/', '\\', ',', ';', '.', '-']) {
        Some(at) if !tail.is_empty() && at >= head.len() / 2 => word.split_at(at + 1),
        _ => (head, tail),
    }
}

fn split_first(text: &str) -> (&str, &str) {
    let end = text.chars().next().map_or(0, char::len_utf8);
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_words_and_breaks_only_what_is_too_long() {
        assert_eq!(wrap("the name leads on", 8), ["the name", "leads on"]);
        assert_eq!(wrap("a abcdefghij b", 4), ["a", "abcd", "efgh", "ij b"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn folding_keeps_every_character() {
        let line = "#   setspn -S  MSSQLSvc/sql1.corp.example:1433 'CORP\\svc  sql'";
        assert_eq!(fold(line, 20, 12).concat(), line);
        assert_eq!(fold("a b c d", 4, 3), ["a b ", "c d"]);
        assert_eq!(fold("", 4, 3), [""]);
    }

    #[test]
    fn keeps_line_breaks_and_indentation() {
        assert_eq!(
            wrap("two:\n  one two three", 9),
            ["two:", "  one two", "  three"]
        );
        assert_eq!(wrap("end\n\n", 9), ["end"]);
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(wrap("漢字漢字", 5), ["漢字", "漢字"]);
        assert_eq!(wrap("漢字", 1), ["漢", "字"]);
        assert_eq!(truncate("漢字漢字", 5, ".."), "漢..");
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_word_is_lost(text in "[ a-z漢\n]{0,80}", limit in 2_usize..30) {
            let lines = wrap(&text, limit);
            for line in &lines {
                proptest::prop_assert!(width(line) <= limit, "{line:?}");
            }
            let kept: String = lines.concat().split_whitespace().collect();
            let given: String = text.split_whitespace().collect();
            proptest::prop_assert_eq!(kept, given);
        }
    }
}
