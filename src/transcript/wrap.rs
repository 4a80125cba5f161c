//! Breaks text into lines.

use unicode_width::UnicodeWidthStr as _;

/// The width of a line of the text form; mail programs keep it as it is.
pub(super) const WIDTH: usize = 78;

/// The deepest indent of the lines after the first.
const DEEPEST: usize = 6;

/// A paragraph: `first` begins the first line, as many spaces the others, within
/// reason. Words are never broken, so that names and commands can be copied.
pub(super) fn paragraph(out: &mut String, first: &str, text: &str) {
    let own = first.len() - first.trim_start().len();
    hanging(out, first, first.width().min(own + DEEPEST), text);
}

/// As [`paragraph`], with the indent of the lines after the first.
pub(super) fn hanging(out: &mut String, first: &str, indent: usize, text: &str) {
    let indent = " ".repeat(indent);
    let mut lines = text.lines().peekable();
    if lines.peek().is_none() {
        out.push_str(first.trim_end());
        out.push('\n');
    }
    for (number, line) in lines.enumerate() {
        let mut current = if number == 0 { first } else { &indent }.to_owned();
        let mut fresh = true;
        for word in line.split_whitespace() {
            if !fresh && current.width() + 1 + word.width() > WIDTH {
                out.push_str(&current);
                out.push('\n');
                current.clone_from(&indent);
                fresh = true;
            }
            if !fresh {
                current.push(' ');
            }
            current.push_str(word);
            fresh = false;
        }
        out.push_str(current.trim_end());
        out.push('\n');
    }
}
