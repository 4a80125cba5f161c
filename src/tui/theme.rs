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
}

impl Theme {
    /// The theme that the configuration calls so.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "default" => Some(Self::Ansi),
            "mono" => Some(Self::Mono),
            _ => None,
        }
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let style = Style::new().add_modifier(modifier(role));
        match (self, colour(role)) {
            (Self::Ansi, Some(colour)) => style.fg(colour),
            _ => style,
        }
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
