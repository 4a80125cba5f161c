//! The characters that the screen is drawn with: plain box drawing where the
//! locale is UTF-8, ASCII everywhere else. Nothing outside the box drawing
//! block is drawn, so that fonts of old terminals have it all.

/// A set of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Box drawing.
    #[default]
    Unicode,
    /// Nothing beyond ASCII, in text neither.
    Ascii,
}

/// The frames of the spinner.
const SPINNER: [&str; 4] = ["|", "/", "-", "\\"];

impl Glyphs {
    /// A horizontal line.
    pub fn horizontal(self) -> &'static str {
        self.pick("─", "-")
    }

    /// A vertical line.
    pub fn vertical(self) -> &'static str {
        self.pick("│", "|")
    }

    /// Where a vertical line meets a horizontal one from above.
    pub fn foot(self) -> &'static str {
        self.pick("┴", "+")
    }

    /// What stands for text that was cut off.
    pub fn ellipsis(self) -> &'static str {
        self.pick("…", "..")
    }

    /// The spinner at a moment, in quarters of a second.
    pub fn spinner(self, quarter: u128) -> &'static str {
        SPINNER[usize::try_from(quarter % 4).unwrap_or(0)]
    }

    /// The text as this terminal can show it.
    pub fn fold(self, text: &str) -> String {
        match self {
            Self::Unicode => text.to_owned(),
            Self::Ascii => text
                .chars()
                .fold(String::with_capacity(text.len()), |mut out, c| {
                    match c {
                        _ if c.is_ascii() => out.push(c),
                        '\u{2018}' | '\u{2019}' => out.push('\''),
                        '\u{201C}' | '\u{201D}' | '\u{201E}' => out.push('"'),
                        '\u{2013}' | '\u{2014}' => out.push('-'),
                        '\u{2026}' => out.push_str("..."),
                        '\u{2192}' => out.push_str("->"),
                        '\u{00A0}' => out.push(' '),
                        _ => out.push('?'),
                    }
                    out
                }),
        }
    }

    /// One character as this terminal can show it, in one character.
    pub fn fold_one(self, character: char) -> char {
        if self == Self::Unicode || character.is_ascii() {
            character
        } else {
            '?'
        }
    }

    fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_text_stays_and_the_rest_is_replaced() {
        assert_eq!(Glyphs::Ascii.fold("a “b” … é → c"), "a \"b\" ... ? -> c");
        assert_eq!(Glyphs::Unicode.fold("é"), "é");
    }
}
