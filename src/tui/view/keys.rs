//! A small window over the lower part of the screen: the keys that work here.
//! The rest (keys of other screens, moving, marks, files) is on the help page.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use super::super::command::{Binding, available};
use super::super::document::Document;
use super::super::model::{Model, View};
use super::super::text::width;
use super::super::theme::Role;

/// What is above the window and says where one is.
const ABOVE: usize = 3;

/// Whether all the keys have room over a screen of this height.
pub fn fits(model: &Model) -> bool {
    let lines = document(model, columns(model)).len();
    lines + 1 + ABOVE < usize::from(model.lines.saturating_sub(2))
}

/// The window's place at the end of an area, when it is open.
pub fn area(model: &Model, body: Rect) -> Option<Rect> {
    let is_open = matches!(
        model.opened.last().map(|opened| &opened.view),
        Some(View::Keys)
    );
    is_open.then(|| {
        let lines = document(model, columns(model)).len() + 1;
        let height = u16::try_from(lines).unwrap_or(u16::MAX).min(body.height);
        Rect {
            y: body.y + body.height - height,
            height,
            ..body
        }
    })
}

/// Draws it.
pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look;
    let title = look.ink(" Keys on this screen");
    let rest = usize::from(area.width).saturating_sub(width(&title));
    let bar = format!("{title}{}", " ".repeat(rest));
    let mut lines = vec![Line::from(Span::styled(bar, look.style(Role::Header)))];
    lines.extend(
        document(model, columns(model))
            .into_lines()
            .into_iter()
            .map(|mut line| {
                line.spans.insert(0, Span::raw(" "));
                line
            }),
    );
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines), area);
}

fn columns(model: &Model) -> usize {
    usize::from(model.columns.saturating_sub(2))
}

fn document(model: &Model, columns: usize) -> Document {
    let below = model.below_help();
    let keys: Vec<(String, &Binding)> = available(&below)
        .filter(|binding| !binding.is_known_to_all())
        .map(|binding| (binding.key_names_shown(&below).join(" "), binding))
        .collect();
    let indent = keys
        .iter()
        .map(|(names, _)| width(names))
        .max()
        .unwrap_or(0)
        + 3;
    let mut document = Document::new(model.look, columns);
    for (names, binding) in keys {
        document.hanging(&names, Role::Key, indent, binding.help, Role::Plain);
    }
    document
}
