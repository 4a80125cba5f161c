//! One line of text being typed.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};
use unicode_width::UnicodeWidthChar as _;

use super::glyphs::Glyphs;
use crate::hostile::clean_line;

/// The longest text that is taken.
const LONGEST: usize = 4096;

/// A field.
#[derive(Clone, Debug, Default)]
pub struct Field {
    input: Input,
    secret: bool,
}

impl Field {
    /// A field with a text; a secret is shown as stars.
    pub fn new(text: &str, secret: bool) -> Self {
        Self {
            input: Input::new(clean_line(text)),
            secret,
        }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Takes a key; false when the key does not edit.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let request = match key.code {
            KeyCode::Char('a') if control => InputRequest::GoToStart,
            KeyCode::Char('e') if control => InputRequest::GoToEnd,
            KeyCode::Char('u') if control => InputRequest::DeleteLine,
            KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
            KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
            KeyCode::Char(character) if !control && !alt => {
                if self.text().len() >= LONGEST {
                    return true;
                }
                InputRequest::InsertChar(character)
            }
            KeyCode::Backspace if !self.text().is_empty() => InputRequest::DeletePrevChar,
            KeyCode::Delete => InputRequest::DeleteNextChar,
            KeyCode::Left => InputRequest::GoToPrevChar,
            KeyCode::Right => InputRequest::GoToNextChar,
            KeyCode::Home => InputRequest::GoToStart,
            KeyCode::End => InputRequest::GoToEnd,
            _ => return false,
        };
        self.input.handle(request);
        true
    }

    /// Takes pasted text: control characters go, line breaks become spaces.
    pub fn paste(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text().len());
        for character in clean_line(text.trim()).chars().take(room) {
            self.input.handle(InputRequest::InsertChar(character));
        }
    }

    /// The part of the text that is shown in `width` cells, and the cell of the
    /// cursor in it.
    pub fn shown(&self, width: usize, glyphs: Glyphs) -> (String, usize) {
        let characters: Vec<char> = if self.secret {
            vec!['*'; self.text().chars().count()]
        } else {
            self.text()
                .chars()
                .map(|character| glyphs.fold_one(character))
                .collect()
        };
        let cells = |from: &[char]| -> usize { from.iter().filter_map(|c| c.width()).sum() };
        let cursor = self.input.cursor().min(characters.len());
        let mut first = 0;
        while cells(&characters[first..cursor]) + 1 > width.max(1) && first < cursor {
            first += 1;
        }
        let mut last = characters.len();
        while cells(&characters[first..last]) > width && last > cursor {
            last -= 1;
        }
        (
            characters[first..last].iter().collect(),
            cells(&characters[first..cursor]),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(field: &mut Field, text: &str) {
        for character in text.chars() {
            assert!(field.key(KeyEvent::from(KeyCode::Char(character))));
        }
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let mut field = Field::default();
        typed(&mut field, "sql1.corp.example");
        assert_eq!(field.shown(8, Glyphs::Unicode), ("example".to_owned(), 7));
        field.key(KeyEvent::from(KeyCode::Home));
        assert_eq!(field.shown(8, Glyphs::Unicode), ("sql1.cor".to_owned(), 0));
    }

    #[test]
    fn a_secret_is_never_shown() {
        let mut field = Field::new("", true);
        typed(&mut field, "hunter2");
        assert_eq!(field.shown(20, Glyphs::Unicode).0, "*******");
    }

    #[test]
    fn pasted_controls_do_nothing() {
        let mut field = Field::default();
        field.paste("sql1\u{1b}[31m\r\n");
        assert_eq!(field.text(), "sql1[31m");
    }

    #[test]
    fn keys_that_do_not_edit_are_left_to_others() {
        let mut field = Field::default();
        assert!(!field.key(KeyEvent::from(KeyCode::Enter)));
        assert!(!field.key(KeyEvent::from(KeyCode::Backspace)));
    }
}
