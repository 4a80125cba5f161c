//! Copying through the terminal (OSC 52): it reaches the clipboard of the
//! machine at which the user sits, also over SSH. The terminal never says
//! whether it took it, so every copy is a file too.

use ratatui::crossterm::Command as _;
use ratatui::crossterm::clipboard::CopyToClipboard;

/// The longest text that common terminals take in one sequence: xterm's buffer
/// holds 100,000 bytes of base64.
const LONGEST: usize = 74_000;

/// The sequence to write, or nothing when the text is too long for a terminal.
pub fn sequence(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let mut sequence = String::new();
    CopyToClipboard::to_clipboard_from(text)
        .write_ansi(&mut sequence)
        .ok()?;
    Some(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_osc_52_sequence() {
        assert_eq!(
            sequence("setspn -L x").as_deref(),
            Some("\u{1b}]52;c;c2V0c3BuIC1MIHg=\u{1b}\\")
        );
    }

    #[test]
    fn a_text_that_no_terminal_takes_is_not_sent() {
        assert_eq!(sequence(&"x".repeat(LONGEST + 1)), None);
    }
}
