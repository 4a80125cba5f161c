//! The steps of the walk: done, current and ahead, and the causes found so far.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::super::document::Document;
use super::super::look::Look;
use super::super::model::Model;
use super::super::scroll::{Extent, Scroll};
use super::super::text::{truncate, width, wrap};
use super::super::theme::Role;
use super::super::walk_state::WalkState;
use super::{Page, findings};
use crate::engine::{StepKind, StepPath, Visit, excluded, unresolved};
use crate::probe::Tone;

/// Draws the outline beside the step, and the line between them.
pub fn draw_beside(model: &Model, frame: &mut Frame, area: Rect, divider: Option<Rect>) {
    let Some(walking) = model.walking() else {
        return;
    };
    let look = model.look;
    let state = &walking.state;
    let columns = usize::from(area.width);
    let found = found(model, state, columns);
    // The steps keep at least two thirds of the height.
    let height = usize::from(area.height);
    let found_height = if found.is_empty() {
        0
    } else {
        (found.len() + 1).min(height / 3)
    };
    let steps_height = height - found_height;

    let (steps, current) = steps(look, state, columns, steps_height);
    let focus = current.map(|line| (line.saturating_sub(2), line + 2));
    let extent = Extent {
        total: steps.len(),
        height: steps_height,
        focus,
    };
    let offset = Scroll::default().offset(extent);
    let below = steps.len().saturating_sub(offset + steps_height);
    let mut lines: Vec<Line> = steps.into_iter().skip(offset).take(steps_height).collect();
    lines.resize(steps_height, Line::default());
    // What has no room is told, never silently left out.
    if offset > 0
        && let Some(first) = lines.first_mut()
    {
        *first = Line::from(look.span(&format!("({} before: o)", offset + 1), Role::Quiet));
    }
    if below > 0
        && let Some(last) = lines.last_mut()
    {
        *last = Line::from(look.span(&format!("({} to come: o)", below + 1), Role::Quiet));
    }
    if found_height > 0 {
        lines.push(Line::default());
        lines.extend(found.into_iter().take(found_height - 1));
    }
    frame.render_widget(Paragraph::new(lines), area);

    if let Some(divider) = divider {
        let line = Line::from(Span::styled(look.glyphs.vertical(), look.style(Role::Rule)));
        let lines = vec![line; usize::from(divider.height)];
        frame.render_widget(Paragraph::new(lines), divider);
    }
}

/// The outline as a page of its own.
pub fn page(model: &Model, columns: usize) -> Page {
    let mut document = Document::new(model.look, columns);
    let Some(walking) = model.walking() else {
        return document.into();
    };
    document.title("The steps of this walk");
    document.gap();
    let before = document.len();
    let (lines, current) = steps(model.look, &walking.state, columns, usize::MAX);
    for line in lines {
        document.line(line);
    }
    document.gap();
    for line in found(model, &walking.state, columns) {
        document.line(line);
    }
    let focus = current.map(|line| (before + line, before + line + 1));
    Page {
        document,
        focus,
        cursor: None,
    }
}

/// The mark of a step, and how it looks. A flow that ended with something
/// unknown is well once later steps have settled all of it.
pub fn mark(state: &WalkState, visit: &Visit) -> (&'static str, Role) {
    match visit.tone {
        _ if !visit.is_done() => ("[>>]", Role::Current),
        Tone::Unknown if is_settled(state, visit) => ("[ok]", Role::Good),
        Tone::Good => ("[ok]", Role::Good),
        Tone::Fault => ("[!!]", Role::Fault),
        Tone::Unknown => ("[??]", Role::Unknown),
    }
}

/// Whether everything that stayed unknown inside a flow was settled later.
fn is_settled(state: &WalkState, visit: &Visit) -> bool {
    let inside = |step: &StepPath| step == &visit.path || step.is_inside(&visit.path);
    let had_unknown = state.unknown.iter().any(|one| inside(&one.step));
    let open = unresolved(&state.unknown, &state.ruled_out, &state.findings);
    visit.kind == StepKind::Flow && had_unknown && !open.iter().any(|one| inside(&one.step))
}

/// The titles of the flow steps that a step is inside of, the outermost first.
pub fn parents(state: &WalkState, visit: &Visit) -> Vec<String> {
    state
        .visits
        .iter()
        .filter(|other| other.kind == StepKind::Flow && is_inside(visit, other))
        .map(|other| other.title.clone())
        .collect()
}

/// The steps, as much of them as `height` has room for: whole titles, else
/// without the steps of flows that are done (what was found there stays), else
/// a line for each. With the line of the current one.
fn steps(
    look: Look,
    state: &WalkState,
    columns: usize,
    height: usize,
) -> (Vec<Line<'static>>, Option<usize>) {
    let rows = rows(state);
    let whole = lay_out(&rows, |row| row.whole(look, columns));
    if whole.0.len() <= height {
        return whole;
    }
    let open: Vec<Row> = rows
        .into_iter()
        .filter(|row| !row.is_in_done_flow || row.mark.0 == "[!!]")
        .collect();
    let whole = lay_out(&open, |row| row.whole(look, columns));
    if whole.0.len() <= height {
        return whole;
    }
    lay_out(&open, |row| vec![row.line(look, columns)])
}

/// Whether a step belongs to a flow that is done, and is not the one shown.
fn is_in_done_flow(state: &WalkState, number: usize, visit: &Visit) -> bool {
    number != state.current
        && state
            .visits
            .iter()
            .any(|other| other.kind == StepKind::Flow && other.is_done() && is_inside(visit, other))
}

/// Whether a step is one of a flow step's.
fn is_inside(visit: &Visit, flow: &Visit) -> bool {
    visit.path.is_inside(&flow.path)
}

fn lay_out(
    rows: &[Row],
    lines_of: impl Fn(&Row) -> Vec<Line<'static>>,
) -> (Vec<Line<'static>>, Option<usize>) {
    let mut lines = Vec::new();
    let mut current = None;
    for row in rows {
        if row.is_current {
            current = Some(lines.len());
        }
        lines.extend(lines_of(row));
    }
    (lines, current)
}

fn rows(state: &WalkState) -> Vec<Row> {
    let ended = state.verdict().is_some();
    let walked = state
        .visits
        .iter()
        .enumerate()
        .filter_map(|(number, visit)| {
            let is_current = number == state.current && !ended;
            (visit.kind != StepKind::Finish).then(|| Row {
                depth: visit.path.depth(),
                mark: mark(state, visit),
                title: visit.title.clone(),
                role: if is_current {
                    Role::Current
                } else {
                    Role::Plain
                },
                summary: visit.summary(),
                is_current,
                is_in_done_flow: is_in_done_flow(state, number, visit),
            })
        });
    let ahead = state.ahead.iter().map(|step| Row {
        depth: step.path.depth(),
        mark: (if step.maybe { "[ ?]" } else { "[  ]" }, Role::Quiet),
        title: step.title.clone(),
        role: Role::Quiet,
        summary: if step.steps > 1 {
            format!("{} steps", step.steps)
        } else {
            String::new()
        },
        is_current: false,
        is_in_done_flow: false,
    });
    walked.chain(ahead).collect()
}

/// One step of the outline.
struct Row {
    depth: usize,
    mark: (&'static str, Role),
    title: String,
    role: Role,
    summary: String,
    is_current: bool,
    is_in_done_flow: bool,
}

impl Row {
    /// The step on one line; a long title is cut.
    fn line(&self, look: Look, columns: usize) -> Line<'static> {
        let indent = self.indent(columns);
        let room = columns.saturating_sub(indent + 5);
        let title = truncate(&look.ink(&self.title), room, look.glyphs.ellipsis());
        let left = room.saturating_sub(width(&title) + 2);
        let mut spans = self.start(look, indent);
        spans.push(Span::styled(title, look.style(self.role)));
        let summary = look.ink(&self.summary);
        // A summary that is cut to a few letters says nothing.
        if !summary.is_empty() && left >= width(&summary).min(10) {
            let summary = truncate(&summary, left, look.glyphs.ellipsis());
            spans.push(Span::raw("  "));
            spans.push(Span::styled(summary, look.style(Role::Quiet)));
        }
        Line::from(spans)
    }

    /// The step with its whole title.
    fn whole(&self, look: Look, columns: usize) -> Vec<Line<'static>> {
        let indent = self.indent(columns);
        let room = columns.saturating_sub(indent + 5);
        let title = wrap(&look.ink(&self.title), room);
        if title.len() < 2 {
            return vec![self.line(look, columns)];
        }
        let continued = title.iter().skip(1).map(|words| {
            Line::from(vec![
                Span::raw(" ".repeat(indent + 5)),
                Span::styled(words.clone(), look.style(self.role)),
            ])
        });
        let mut first = self.start(look, indent);
        first.push(Span::styled(title[0].clone(), look.style(self.role)));
        std::iter::once(Line::from(first))
            .chain(continued)
            .collect()
    }

    fn indent(&self, columns: usize) -> usize {
        (self.depth * 2).min(columns / 4)
    }

    fn start(&self, look: Look, indent: usize) -> Vec<Span<'static>> {
        vec![
            Span::raw(" ".repeat(indent)),
            look.span(self.mark.0, self.mark.1),
            Span::raw(" "),
        ]
    }
}

/// What is known so far: the causes found, and how many were ruled out.
fn found(model: &Model, state: &WalkState, columns: usize) -> Vec<Line<'static>> {
    let look = model.look;
    let excluded = excluded(&state.ruled_out, &state.findings).len();
    let open = unresolved(&state.unknown, &state.ruled_out, &state.findings).len();
    let mut lines = Vec::new();
    if !state.findings.is_empty() {
        lines.push(Line::from(look.span("Found so far", Role::Label)));
    }
    for finding in findings::in_order(model, state) {
        let title = wrap(&look.ink(&finding.title), columns.saturating_sub(5));
        for (number, words) in title.into_iter().enumerate() {
            let mark = if number == 0 { "[!!] " } else { "     " };
            lines.push(Line::from(vec![
                look.span(mark, Role::Fault),
                Span::styled(words, look.style(Role::Fault)),
            ]));
        }
    }
    if excluded + open > 0 {
        let text = format!("Ruled out: {excluded}, not known: {open}");
        let text = truncate(&text, columns, look.glyphs.ellipsis());
        lines.push(Line::from(look.span(&text, Role::Quiet)));
    }
    lines
}
