//! The line at the top: which program, what is walked, against whom, for how
//! long. On a narrow screen a second one says where the walk is.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::model::{Model, Screen, Walking};
use super::super::text::{truncate, width};
use super::super::theme::Role;
use super::outline;

/// The fewest cells that a title is given.
const TITLE: usize = 12;

/// Draws it.
pub fn draw(model: &Model, frame: &mut Frame, area: Rect) {
    let mut lines = vec![first(model, usize::from(area.width))];
    if area.height > 1
        && let Some(walking) = model.walking()
    {
        lines.push(second(model, walking, usize::from(area.width)));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn first(model: &Model, columns: usize) -> Line<'static> {
    let look = model.look;
    let (title, target, clock) = match &model.screen {
        Screen::Flows { .. } => (
            String::new(),
            String::new(),
            concat!("version ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        Screen::Inputs(form) => (form.flow.title.clone(), String::new(), String::new()),
        Screen::Walk(walking) => (
            walking.state.title.clone(),
            walking.target.clone(),
            minutes(walking.elapsed(model.clock)),
        ),
    };
    let replayed = model.walking().and_then(|walking| walking.state.replayed);
    let (world, clock) = match (replayed, &model.world) {
        (Some(replayed), _) => (
            format!("replay {}/{}", replayed.number, replayed.of),
            replayed.at.strftime("%H:%M:%S UTC").to_string(),
        ),
        // Its name would give the result away.
        (None, Some(_)) => ("recorded".to_owned(), clock),
        (None, None) => (String::new(), clock),
    };
    let mut right: Vec<String> = [world, target, clock]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let name = " sspi-doctor";
    // The last part always stays: the target gives way before the clock.
    let room = columns.saturating_sub(width(name) + 4);
    while right.len() > 1 && joined(&right) > room {
        right.remove(0);
    }
    let right = truncate(&look.ink(&right.join("   ")), room, look.glyphs.ellipsis());
    let left_room = columns.saturating_sub(width(&right) + 3);
    // A title of a few letters says nothing.
    let title_room = left_room.saturating_sub(width(name) + 3);
    let title = if title_room < TITLE { "" } else { &title };
    let title = truncate(&look.ink(title), title_room, look.glyphs.ellipsis());
    let left = format!("{name}   {title}");
    let gap = columns.saturating_sub(width(&left) + width(&right) + 1);
    let text = format!("{left}{}{right} ", " ".repeat(gap));
    Line::from(Span::styled(text, look.style(Role::Header)))
}

fn joined(parts: &[String]) -> usize {
    parts
        .iter()
        .map(|part| width(part) + 3)
        .sum::<usize>()
        .saturating_sub(3)
}

/// Where the walk is: the flows that lead here and how far it is.
fn second(model: &Model, walking: &Walking, columns: usize) -> Line<'static> {
    let look = model.look;
    let state = &walking.state;
    let (at, all) = state.progress();
    let right = format!("{at}/{all}");
    let Some(visit) = state.visit() else {
        return Line::default();
    };
    let (mark, role) = outline::mark(state, visit);
    let parents = outline::parents(state, visit);
    let place = if parents.is_empty() {
        walking.state.title.clone()
    } else {
        parents.join(" > ")
    };
    let room = columns.saturating_sub(width(&right) + 8);
    let place = truncate(&look.ink(&place), room, look.glyphs.ellipsis());
    let gap = columns.saturating_sub(width(&place) + width(&right) + 7);
    Line::from(vec![
        Span::raw(" "),
        look.span(mark, role),
        Span::raw(" "),
        look.span(&place, Role::Strong),
        Span::raw(" ".repeat(gap)),
        look.span(&right, Role::Quiet),
        Span::raw(" "),
    ])
}

/// Minutes and seconds.
fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 3600 {
        format!(
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    } else {
        format!("{:02}:{:02}", seconds / 60, seconds % 60)
    }
}
