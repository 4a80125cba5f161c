//! How the screen looks on this terminal, and the one place where text becomes
//! something to draw.

use jiff::SignedDuration;
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

/// What the user wants, whatever the environment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// These colours.
    pub theme: Option<Theme>,
    /// ASCII only, or not.
    pub ascii: Option<bool>,
    /// What was seen longer ago is asked again when a session goes on.
    pub max_age: SignedDuration,
}

impl Preferences {
    /// The age when nobody sets another.
    pub const MAX_AGE: SignedDuration = SignedDuration::from_mins(15);
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: None,
            ascii: None,
            max_age: Self::MAX_AGE,
        }
    }
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

impl Environment {
    /// The same, as the user wants it.
    #[must_use]
    pub fn preferring(mut self, preferences: Preferences) -> Self {
        if let Some(theme) = preferences.theme {
            self.look.theme = theme;
        }
        match preferences.ascii {
            Some(true) => self.look.glyphs = Glyphs::Ascii,
            Some(false) => self.look.glyphs = Glyphs::Unicode,
            None => {}
        }
        self
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
    fn what_the_user_wants_wins() {
        let wanted = Preferences {
            theme: Theme::named("mono"),
            ascii: Some(true),
            ..Preferences::default()
        };
        let utf8 = environment(&[("LANG", "de_DE.utf8"), ("TERM", "xterm")]).preferring(wanted);
        assert_eq!(utf8.look.theme, Theme::Mono);
        assert_eq!(utf8.look.glyphs, Glyphs::Ascii);
    }

    #[test]
    fn every_theme_of_the_configuration_is_there() {
        for name in crate::config::key::THEMES {
            assert!(Theme::named(name).is_some(), "{name}");
        }
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
