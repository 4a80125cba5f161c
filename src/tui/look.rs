//! How the screen looks on this terminal, and the one place where text becomes
//! something to draw.

use ratatui::style::Style;
use ratatui::text::Span;

use super::glyphs::Glyphs;
use super::theme::{Role, Theme};
use crate::hostile;

/// Styles and characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Look {
    /// The styles.
    pub theme: Theme,
    /// The characters.
    pub glyphs: Glyphs,
}

/// What the environment says of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The look that fits.
    pub look: Look,
    /// Whether the terminal can show a full screen at all.
    pub full_screen: bool,
}

impl Look {
    /// The text as it may be drawn: without control characters, whoever wrote
    /// it, and in the characters of the terminal.
    pub fn ink(self, text: &str) -> String {
        self.glyphs.fold(&hostile::clean_line(text))
    }

    /// Text to draw.
    pub fn span(self, text: &str, role: Role) -> Span<'static> {
        Span::styled(self.ink(text), self.style(role))
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        self.theme.style(role)
    }
}

impl Environment {
    /// Reads `NO_COLOR`, the locale (`LC_ALL`, `LC_CTYPE`, `LANG`) and `TERM`.
    /// The terminal itself is never asked: answers get lost on slow links.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(set)
            .unwrap_or_default();
        let locale = locale.to_uppercase();
        let glyphs = if locale.contains("UTF-8") || locale.contains("UTF8") {
            Glyphs::Unicode
        } else {
            Glyphs::Ascii
        };
        let theme = if set("NO_COLOR").is_some() {
            Theme::Mono
        } else {
            Theme::Ansi
        };
        let full_screen = set("TERM").is_some_and(|term| term != "dumb");
        Self {
            look: Look { theme, glyphs },
            full_screen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::read(|name| {
            pairs
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_first_locale_variable_that_is_set_counts() {
        let utf8 = environment(&[("LC_ALL", ""), ("LANG", "de_DE.utf8"), ("TERM", "xterm")]);
        assert_eq!(utf8.look.glyphs, Glyphs::Unicode);
        let posix = environment(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8"), ("TERM", "xterm")]);
        assert_eq!(posix.look.glyphs, Glyphs::Ascii);
    }

    #[test]
    fn no_color_counts_only_when_it_is_not_empty() {
        assert_eq!(environment(&[("NO_COLOR", "1")]).look.theme, Theme::Mono);
        assert_eq!(environment(&[("NO_COLOR", "")]).look.theme, Theme::Ansi);
    }

    #[test]
    fn a_dumb_or_unnamed_terminal_has_no_full_screen() {
        assert!(!environment(&[("TERM", "dumb")]).full_screen);
        assert!(!environment(&[]).full_screen);
        assert!(environment(&[("TERM", "linux")]).full_screen);
    }

    #[test]
    fn nothing_drawn_can_act_on_the_terminal() {
        assert_eq!(Look::default().ink("a\u{1b}[2J\u{202E}b"), "a[2Jb");
    }
}
