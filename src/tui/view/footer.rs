//! The line below the page and the hints below it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::command::{Binding, Command, available};
use super::super::model::Model;
use super::super::text::width;
use super::super::theme::Role;
use super::layout::Layout;

/// Draws the line, with how much of the page is out of sight.
pub fn draw_rule(
    model: &Model,
    frame: &mut Frame,
    layout: &Layout,
    (above, below): (usize, usize),
) {
    let look = model.look;
    let columns = usize::from(layout.rule.width);
    let hidden = match (above, below) {
        (0, 0) => String::new(),
        (above, 0) => format!(" {above} above: PageUp "),
        (0, below) => format!(" {below} more below: PageDown "),
        (above, below) => format!(" {above} above, {below} below: PageUp, PageDown "),
    };
    let end = if hidden.is_empty() { 0 } else { 2 };
    let line_cells = columns.saturating_sub(width(&hidden) + end);
    let mut line = look.glyphs.horizontal().repeat(line_cells);
    if let Some(divider) = layout.divider
        && layout.window.is_none()
    {
        line = line
            .chars()
            .enumerate()
            .map(|(cell, character)| {
                if cell == usize::from(divider.x) {
                    look.glyphs.foot().to_owned()
                } else {
                    character.to_string()
                }
            })
            .collect();
    }
    let spans = vec![
        Span::styled(line, look.style(Role::Rule)),
        look.span(&hidden, Role::Current),
        Span::styled(look.glyphs.horizontal().repeat(end), look.style(Role::Rule)),
    ];
    frame.render_widget(Paragraph::new(Line::from(spans)), layout.rule);
}

/// Draws the hints: as many as there is room for, help and quit always.
pub fn draw_hints(model: &Model, frame: &mut Frame, area: Rect) {
    let look = model.look;
    let room = usize::from(area.width).saturating_sub(2);
    let all: Vec<&Binding> = available(model)
        .filter(|binding| !binding.hint.is_empty())
        .collect();
    let stays = |binding: &Binding| matches!(binding.command, Command::Help | Command::Quit);
    let cells = |binding: &Binding| {
        width(&binding.shown_key(model).unwrap_or_default()) + 1 + width(binding.hint)
    };
    let (last, first): (Vec<&Binding>, Vec<&Binding>) = all.into_iter().partition(|b| stays(b));
    for gap in [3, 2] {
        let mut used = last
            .iter()
            .map(|binding| cells(binding) + gap)
            .sum::<usize>();
        let mut shown: Vec<&Binding> = Vec::new();
        for binding in &first {
            if used + cells(binding) > room {
                break;
            }
            used += cells(binding) + gap;
            shown.push(binding);
        }
        // The narrow gap is only for what does not fit with the wide one.
        if gap == 3 && shown.len() < first.len() {
            continue;
        }
        shown.extend(&last);
        let mut spans = vec![Span::raw(" ")];
        for (number, binding) in shown.iter().enumerate() {
            if number > 0 {
                spans.push(Span::raw(" ".repeat(gap)));
            }
            spans.push(look.span(&binding.shown_key(model).unwrap_or_default(), Role::Key));
            spans.push(Span::raw(" "));
            spans.push(look.span(binding.hint, Role::Plain));
        }
        frame.render_widget(Paragraph::new(Line::from(spans)), area);
        return;
    }
}
