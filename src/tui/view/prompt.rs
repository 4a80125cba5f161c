//! A question with its help, its choices or field, and what is wrong with the
//! answer.

use ratatui::text::{Line, Span};

use super::super::document::Document;
use super::super::prompt::{Prompt, Reply};
use super::super::theme::Role;
use crate::flow::InputKind;

/// Where the answer stands in the document: the lines that must be seen, and
/// the cursor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// First and last line.
    pub lines: (usize, usize),
    /// Line and cell.
    pub cursor: Option<(usize, usize)>,
}

/// Adds a question that is being answered.
pub fn draw(document: &mut Document, prompt: &Prompt) -> Place {
    document.text(&prompt.ask, Role::Strong);
    if let Some(help) = &prompt.help {
        document.text(help, Role::Plain);
    }
    let first = document.len();
    let mut place = Place {
        lines: (first, first),
        cursor: None,
    };
    match &prompt.reply {
        Reply::Typed(field) => {
            let look = document.look();
            let room = document.width().saturating_sub(3);
            let (text, cell) = field.shown(room, look.glyphs);
            let pad = room.saturating_sub(super::super::text::width(&text));
            document.line(Line::from(vec![
                look.span("> ", Role::Key),
                Span::styled(text, look.style(Role::Strong)),
                Span::raw(" ".repeat(pad)),
            ]));
            place.cursor = Some((first, cell + 2));
            if let Some(example) = &prompt.example {
                document.hanging(
                    "",
                    Role::Plain,
                    2,
                    &format!("such as {example}"),
                    Role::Quiet,
                );
            }
            if prompt.optional && prompt.error.is_none() {
                document.hanging("", Role::Plain, 2, "may be left empty", Role::Quiet);
            } else if prompt.kind == InputKind::Secret {
                document.hanging("", Role::Plain, 2, "is not kept anywhere", Role::Quiet);
            }
        }
        Reply::Chosen(chosen) => {
            for (number, choice) in prompt.choices.iter().enumerate() {
                let start = document.len();
                let marker = if number == *chosen { ">" } else { " " };
                let role = if number == *chosen {
                    Role::Selected
                } else {
                    Role::Plain
                };
                let marker = format!("{marker} {} ", number + 1);
                document.hanging(&marker, Role::Key, 4, &choice.label, role);
                if let Some(help) = choice.help.as_ref().filter(|_| number == *chosen) {
                    document.hanging("", Role::Plain, 4, help, Role::Quiet);
                }
                if number == *chosen {
                    place.lines = (start, document.len().saturating_sub(1));
                }
            }
        }
    }
    if let Some(error) = &prompt.error {
        document.hanging("!!", Role::Fault, 3, error, Role::Fault);
    }
    if matches!(prompt.reply, Reply::Typed(_)) {
        place.lines = (first, document.len().saturating_sub(1));
    }
    place
}
