//! What is shown when there is no room for anything.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::super::model::Model;
use super::super::text::wrap;
use super::super::theme::Role;
use super::layout::{COLUMNS, LINES};

/// Draws how much room is needed and how much there is.
pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let words = format!(
        "{COLUMNS}x{LINES} needed, have {}x{}. Make the window larger; nothing is lost.",
        area.width, area.height
    );
    let lines: Vec<Line> = wrap(&words, usize::from(area.width))
        .into_iter()
        .map(|line| Line::from(model.look.span(&line, Role::Strong)))
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}
