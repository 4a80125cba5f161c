//! The screen, as a pure function of the model.
//!
//! Each screen is a [`Page`]: text of the width that there is, longer than the
//! screen if need be. [`layout`] says where it goes, and the same page measured
//! by [`extent`] says how far it can be scrolled.

pub mod cards;
pub mod consent;
pub mod end;
pub mod evidence;
pub mod export;
pub mod faults;
pub mod findings;
pub mod flows;
pub mod footer;
pub mod glossary;
pub mod header;
pub mod help;
mod highlight;
pub mod inputs;
pub mod keys;
pub mod layout;
pub mod note;
pub mod outline;
pub mod paste;
pub mod prompt;
pub mod question;
pub mod quit;
pub mod running;
pub mod script;
pub mod step;
pub mod too_small;
pub mod why;

use ratatui::backend::TestBackend;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use ratatui::{Frame, Terminal};

use super::document::Document;
use super::model::{Model, Place, View};
use super::scroll::{Extent, Scroll};
use layout::Layout;

/// What a screen has to say.
#[derive(Clone, Debug)]
pub struct Page {
    /// The text.
    pub document: Document,
    /// The first and the last line of what must be seen.
    pub focus: Option<(usize, usize)>,
    /// The cursor: its line and cell.
    pub cursor: Option<(usize, usize)>,
}

impl From<Document> for Page {
    fn from(document: Document) -> Self {
        Self {
            document,
            focus: None,
            cursor: None,
        }
    }
}

/// Draws the model.
pub fn view(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    if layout::is_too_small(area) {
        too_small::draw(model, frame, area);
        return;
    }
    let layout = Layout::of(model, area);
    header::draw(model, frame, layout.header);
    let hidden = draw_page(model, frame, &layout);
    if let Some(area) = layout.purpose
        && let Some(purpose) = flows::purpose(model, usize::from(area.width))
    {
        draw_lines(frame, area, purpose.into_lines(), 0);
    }
    if let Some(outline) = layout.outline {
        outline::draw_beside(model, frame, outline, layout.divider);
    }
    footer::draw_rule(model, frame, &layout, hidden);
    if let Some(sheet) = layout.sheet {
        draw_sheet(model, frame, sheet);
    }
    if let Some(window) = layout.window {
        keys::draw(model, frame, window);
    }
    footer::draw_hints(model, frame, layout.footer);
}

/// What is on the screen, as text.
pub fn as_text(model: &Model) -> String {
    let backend = TestBackend::new(model.columns.max(1), model.lines.max(1));
    // It cannot fail: this terminal is memory.
    let Ok(mut terminal) = Terminal::new(backend);
    let _ = terminal.draw(|frame| view(model, frame));
    let buffer = terminal.backend().buffer();
    let lines: Vec<String> = buffer
        .content()
        .chunks(usize::from(buffer.area.width).max(1))
        .map(|line| {
            let line: String = line.iter().map(ratatui::buffer::Cell::symbol).collect();
            line.trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

/// How long the text is that is being read, and what of it must be seen.
pub fn extent(model: &Model) -> Option<Extent> {
    let area = Rect::new(0, 0, model.columns, model.lines);
    if layout::is_too_small(area) {
        return None;
    }
    let layout = Layout::of(model, area);
    let page = page(model, &layout);
    Some(measured(&page, &layout))
}

/// What a copy takes: what it is, the text, and the ending of its file's name.
pub fn copied(model: &Model) -> (&'static str, String, &'static str) {
    match model.opened.last().map(|opened| &opened.view) {
        Some(View::Evidence) => ("The evidence", evidence::text(model), "-evidence.txt"),
        Some(View::Faults(text)) => ("The faults", text.clone() + "\n", "-faults.txt"),
        Some(View::Why) => ("The reasons", plain(why::document(model, 78)), "-why.txt"),
        Some(View::Findings) => (
            "The findings",
            plain(findings::document(model, 78)),
            "-findings.txt",
        ),
        Some(View::Glossary) => (
            "The terms",
            plain(glossary::document(model, 78)),
            "-terms.txt",
        ),
        Some(View::Cards) => (
            "What to hand over",
            plain(cards::to_send(model, 78)),
            "-hand-over.txt",
        ),
        Some(View::Script(system)) => {
            let text = script::text(model, *system).to_owned();
            ("The fix script", text, super::msg::script_ending(*system))
        }
        _ => step::copied(model),
    }
}

/// The lines of what was opened in which the words stand that are looked for.
pub fn matches(model: &Model) -> Vec<usize> {
    let area = Rect::new(0, 0, model.columns, model.lines);
    let words = searched(model).to_lowercase();
    if layout::is_too_small(area) || words.is_empty() {
        return Vec::new();
    }
    let layout = Layout::of(model, area);
    page(model, &layout)
        .document
        .into_lines()
        .iter()
        .enumerate()
        .filter(|(_, line)| line.to_string().to_lowercase().contains(&words))
        .map(|(number, _)| number)
        .collect()
}

/// The text of the screen as one paragraph, for what is looked up in it.
fn words_of(model: &Model) -> String {
    let area = Rect::new(0, 0, 200, 60);
    let layout = Layout::of(model, area);
    let page = page(model, &layout);
    let lines = page.document.into_lines();
    let words: Vec<String> = lines.iter().map(ToString::to_string).collect();
    words.join(" ")
}

/// The words that are looked for in what was opened.
fn searched(model: &Model) -> &str {
    model
        .opened
        .last()
        .map_or("", |opened| opened.search.words.as_str())
}

fn measured(page: &Page, layout: &Layout) -> Extent {
    Extent {
        total: page.document.len(),
        height: usize::from(layout.page.height),
        focus: page.focus,
    }
}

/// The text of the screen in the width of its area.
fn page(model: &Model, layout: &Layout) -> Page {
    let width = usize::from(layout.page.width);
    match model
        .opened
        .iter()
        .rev()
        .map(|opened| &opened.view)
        .find(|view| view.is_page())
    {
        Some(View::Help) => help::document(model, width, usize::from(layout.page.height)).into(),
        Some(View::Outline) => outline::page(model, width),
        Some(View::Paste(pasted)) => paste::page(model, pasted, width),
        Some(View::Evidence) => evidence::document(model, width).into(),
        Some(View::Why) => why::document(model, width).into(),
        Some(View::Faults(text)) => faults::document(model, text, width).into(),
        Some(View::Findings) => findings::document(model, width).into(),
        Some(View::Script(system)) => script::document(model, *system, width).into(),
        Some(View::Glossary) => glossary::document(model, width).into(),
        Some(View::Cards) => cards::document(model, width).into(),
        _ => match model.screen_place() {
            Place::Flows => flows::page(model, width),
            Place::Inputs => inputs::page(model, width),
            Place::Question => question::page(model, width),
            Place::Consent => consent::document(model, width).into(),
            Place::End => end::document(model, width).into(),
            _ => step::document(model, width, usize::from(layout.page.height)).into(),
        },
    }
}

/// Where the reader is in the page.
fn scroll(model: &Model) -> Scroll {
    let opened = model
        .opened
        .iter()
        .rev()
        .find(|opened| opened.view.is_page());
    match (opened, &model.screen) {
        (Some(opened), _) => opened.scroll,
        (None, super::model::Screen::Walk(walking)) => walking.scroll,
        (None, super::model::Screen::Inputs(form)) => form.scroll,
        (None, super::model::Screen::Flows { .. }) => Scroll::default(),
    }
}

/// Draws the page; how many of its lines are above and below what is shown.
fn draw_page(model: &Model, frame: &mut Frame, layout: &Layout) -> (usize, usize) {
    let page = page(model, layout);
    let extent = measured(&page, layout);
    let offset = scroll(model).offset(extent);
    let covered = layout.sheet_cursor.is_some() || layout.window.is_some();
    let cursor = page.cursor.filter(|_| !covered);
    let mut lines = page.document.into_lines();
    highlight::words(&mut lines, searched(model), model.look);
    draw_lines(frame, layout.page, lines, offset);
    if let Some((line, cell)) = cursor {
        place_cursor(frame, layout.page, line.checked_sub(offset), cell);
    }
    (offset, extent.total.saturating_sub(offset + extent.height))
}

fn draw_sheet(model: &Model, frame: &mut Frame, area: Rect) {
    let Some(sheet) = sheet(model, usize::from(area.width)) else {
        return;
    };
    let cursor = sheet.cursor;
    draw_lines(frame, area, sheet.document.into_lines(), 0);
    if let Some((line, cell)) = cursor {
        place_cursor(frame, area, Some(line), cell);
    }
}

/// What stands between the page and the footer: a small dialogue, or a sentence
/// for the user.
fn sheet(model: &Model, width: usize) -> Option<Page> {
    if let Some(field) = model
        .opened
        .last()
        .and_then(|opened| opened.search.typing.as_ref())
    {
        return Some(note::search(model, field, width));
    }
    match model.opened.last().map(|opened| &opened.view) {
        Some(View::Note(field)) => Some(note::page(model, field, width)),
        Some(View::Export(number)) => Some(export::document(model, *number, width).into()),
        Some(View::Quit) => Some(quit::document(model, width).into()),
        _ => {
            let notice = model.notice.as_ref()?;
            let mut document = Document::new(model.look, width);
            let role = if notice.fault {
                super::theme::Role::Fault
            } else {
                super::theme::Role::Strong
            };
            document.text(&notice.text, role);
            Some(document.into())
        }
    }
}

fn draw_lines(frame: &mut Frame, area: Rect, lines: Vec<Line<'static>>, offset: usize) {
    let shown: Vec<Line> = lines
        .into_iter()
        .skip(offset)
        .take(usize::from(area.height))
        .collect();
    frame.render_widget(Paragraph::new(shown), area.intersection(frame.area()));
}

fn place_cursor(frame: &mut Frame, area: Rect, line: Option<usize>, cell: usize) {
    let Some(line) = line.and_then(|line| u16::try_from(line).ok()) else {
        return;
    };
    let cell = u16::try_from(cell).unwrap_or(u16::MAX);
    if line < area.height && cell < area.width {
        frame.set_cursor_position(Position::new(area.x + cell, area.y + line));
    }
}

/// The lines as plain text.
fn plain(document: Document) -> String {
    let lines = document.into_lines();
    let lines: Vec<String> = lines
        .iter()
        .map(|line| line.to_string().trim_end().to_owned())
        .collect();
    lines.join("\n") + "\n"
}
