//! The only place outside the wizard that writes to standard output and
//! standard error. Results go to the one, everything else to the other. Whatever
//! it is, nothing in it can act on a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

use crate::hostile::printable;

/// Writes a result to standard output. A reader that has gone away is no
/// fault: the rest is not wanted.
pub fn result(text: &str) {
    let mut out = io::stdout().lock();
    let ended = if text.ends_with('\n') { "" } else { "\n" };
    let _ = out.write_all(printable(text).as_bytes());
    let _ = out.write_all(ended.as_bytes());
    let _ = out.flush();
}

/// Writes a question to standard error; the answer is typed behind it.
pub fn question(text: &str) {
    let mut err = io::stderr().lock();
    let _ = write!(err, "{}", printable(text));
    let _ = err.flush();
}

/// Writes a line about what is going on to standard error.
pub fn progress(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", printable(line));
}

/// Writes a line to standard error that the next one overwrites.
pub fn passing(line: &str) {
    let mut err = io::stderr().lock();
    let _ = write!(err, "\r\x1b[K{}", printable(line));
    let _ = err.flush();
}

/// Writes an error and what to do about it to standard error.
pub fn error(message: &str, hint: Option<&str>) {
    let _ = io::stderr()
        .lock()
        .write_all(error_text(message, hint).as_bytes());
}

/// An error often quotes what it complains of: a file's name, a word in it.
fn error_text(message: &str, hint: Option<&str>) -> String {
    let mut text = format!("error: {}\n", printable(message));
    if let Some(hint) = hint {
        let _ = writeln!(text, "\nhint: {}", printable(hint));
    }
    text
}

/// Whether both sides of the conversation are a terminal.
pub fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Whether progress is read by a person.
pub fn progress_is_terminal() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::error_text;

    #[test]
    fn what_an_error_quotes_does_not_act_on_the_terminal() {
        assert_eq!(
            error_text(
                "cannot read \u{1b}]0;x\u{7}\nsecond line",
                Some("a\u{202e}b")
            ),
            "error: cannot read ]0;x\nsecond line\n\nhint: ab\n"
        );
    }
}
