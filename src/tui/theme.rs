//! What each kind of text looks like. Only the sixteen colours of the terminal
//! are used, on its own background, and colour never stands alone: a mark or a
//! word says the same.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Running text.
    Plain,
    /// Text that matters more.
    Strong,
    /// Text that matters less.
    Quiet,
    /// The heading of a screen or a section.
    Title,
    /// The word before a value.
    Label,
    /// The line at the top.
    Header,
    /// Lines between areas.
    Rule,
    /// A key that can be pressed.
    Key,
    /// What is as it should be.
    Good,
    /// What is wrong.
    Fault,
    /// What cannot be told.
    Unknown,
    /// Where the walk is.
    Current,
    /// The chosen item of a list.
    Selected,
    /// A command to be typed.
    Command,
}

/// A set of styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Theme {
    /// The sixteen ANSI colours.
    #[default]
    Ansi,
    /// No colours, modifiers only (`NO_COLOR`).
    Mono,
    /// The terminal's own two colours at full strength: nothing is dimmed, and
    /// what matters is reversed or underlined.
    HighContrast,
    /// No pair of red and green, and faults are reversed as well.
    ColourBlind,
}

impl Theme {
    /// The names of all themes.
    pub const NAMES: [&'static str; 4] = ["default", "mono", "high-contrast", "colour-blind"];

    /// The theme of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "default" => Self::Ansi,
            "mono" => Self::Mono,
            "high-contrast" => Self::HighContrast,
            "colour-blind" | "color-blind" => Self::ColourBlind,
            _ => return None,
        })
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let style = Style::new();
        match self {
            Self::Ansi => coloured(style.add_modifier(modifier(role)), colour(role)),
            Self::Mono => style.add_modifier(modifier(role)),
            Self::HighContrast => style.add_modifier(strong_modifier(role)),
            Self::ColourBlind => {
                let more = match role {
                    Role::Fault => Modifier::REVERSED,
                    Role::Unknown => Modifier::UNDERLINED,
                    _ => Modifier::empty(),
                };
                coloured(style.add_modifier(modifier(role) | more), safe_colour(role))
            }
        }
    }
}

fn coloured(style: Style, colour: Option<Color>) -> Style {
    match colour {
        Some(colour) => style.fg(colour),
        None => style,
    }
}

fn strong_modifier(role: Role) -> Modifier {
    match role {
        Role::Plain | Role::Quiet | Role::Rule => Modifier::empty(),
        Role::Header | Role::Selected => Modifier::REVERSED,
        Role::Fault => Modifier::BOLD.union(Modifier::REVERSED),
        Role::Unknown | Role::Title | Role::Key => Modifier::BOLD.union(Modifier::UNDERLINED),
        _ => Modifier::BOLD,
    }
}

/// Colours that people who do not tell red from green tell apart: blue against
/// red, and nothing else.
fn safe_colour(role: Role) -> Option<Color> {
    match role {
        Role::Good => Some(Color::Blue),
        Role::Fault => Some(Color::Red),
        Role::Current | Role::Key => Some(Color::Cyan),
        _ => None,
    }
}

fn modifier(role: Role) -> Modifier {
    match role {
        Role::Plain | Role::Good | Role::Command => Modifier::empty(),
        Role::Quiet | Role::Rule => Modifier::DIM,
        Role::Title => Modifier::BOLD.union(Modifier::UNDERLINED),
        Role::Strong | Role::Label | Role::Key | Role::Fault | Role::Unknown | Role::Current => {
            Modifier::BOLD
        }
        Role::Header | Role::Selected => Modifier::REVERSED,
    }
}

/// Colours that can be read on a dark and on a light background: no yellow, no
/// white, no bright black.
fn colour(role: Role) -> Option<Color> {
    match role {
        Role::Good => Some(Color::Green),
        Role::Fault => Some(Color::Red),
        Role::Unknown => Some(Color::Magenta),
        Role::Current | Role::Key => Some(Color::Cyan),
        Role::Command => Some(Color::Blue),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_has_its_name_and_tells_good_from_bad() {
        for name in Theme::NAMES {
            let theme = Theme::named(name).unwrap();
            let (good, bad) = (theme.style(Role::Good), theme.style(Role::Fault));
            assert_ne!(good, bad, "{name}");
            assert_ne!(
                theme.style(Role::Selected),
                theme.style(Role::Plain),
                "{name}"
            );
            let red_green = [good.fg, bad.fg] == [Some(Color::Green), Some(Color::Red)];
            assert!(!red_green || theme == Theme::Ansi, "{name}");
            let dims = theme
                .style(Role::Quiet)
                .add_modifier
                .contains(Modifier::DIM);
            assert!(!dims || theme != Theme::HighContrast);
        }
        assert_eq!(Theme::named("pink"), None);
    }

    #[test]
    fn mono_has_no_colour_and_still_tells_a_selection() {
        for role in [
            Role::Good,
            Role::Fault,
            Role::Unknown,
            Role::Current,
            Role::Key,
        ] {
            let style = Theme::Mono.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert!(
            Theme::Mono
                .style(Role::Selected)
                .add_modifier
                .contains(Modifier::REVERSED)
        );
    }
}
