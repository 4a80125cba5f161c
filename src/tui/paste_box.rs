//! Text being pasted, and what was recognised in it so far.

use jiff::Timestamp;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::hostile::clean_text;
use crate::pasted::text::LONGEST;
use crate::pasted::{Recognised, recognise};
use crate::secret::hide_passwords;

/// Longer texts are read when they are pasted, not at each letter.
const READ_WHILE_TYPING: usize = 1 << 14;

/// A box for text of many lines.
#[derive(Clone, Debug, Default)]
pub struct PasteBox {
    text: String,
    /// The causes whose cards are open.
    asked: Vec<String>,
    read: Recognised,
}

impl PasteBox {
    /// An empty box; `asked` are the causes whose cards are open.
    pub fn new(asked: Vec<String>) -> Self {
        Self {
            asked,
            ..Self::default()
        }
    }

    /// What was pasted.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was recognised in it.
    pub fn read(&self) -> &Recognised {
        &self.read
    }

    /// Takes pasted text.
    pub fn paste(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.len());
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text[..end].replace("\r\n", "\n").replace('\r', "\n");
        self.text.push_str(&clean_text(&text));
        self.recognise();
    }

    /// Takes a key; false when it is not for the text.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char(character) if !control => {
                if self.text.len() < LONGEST {
                    self.text.push(character);
                }
            }
            KeyCode::Backspace if !self.text.is_empty() => {
                self.text.pop();
            }
            _ => return false,
        }
        if self.text.len() < READ_WHILE_TYPING {
            self.recognise();
        }
        true
    }

    /// A connection string in the text loses its password before it is shown.
    fn recognise(&mut self) {
        self.text = hide_passwords(&self.text);
        let asked: Vec<&str> = self.asked.iter().map(String::as_str).collect();
        self.read = recognise(&self.text, "pasted", &asked, Timestamp::now());
    }
}
