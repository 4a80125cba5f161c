//! What goes where.

use ratatui::layout::Rect;

use super::super::model::{Model, View};

/// The fewest columns.
pub const COLUMNS: u16 = 40;
/// The fewest lines.
pub const LINES: u16 = 10;
/// From here on the outline has room beside the step.
const TWO_PANES: u16 = 70;
/// Lines longer than this are hard to read.
const READABLE: u16 = 100;

/// The areas of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The line at the top; two lines when there is no outline.
    pub header: Rect,
    /// The outline.
    pub outline: Option<Rect>,
    /// The column of the line between outline and page.
    pub divider: Option<Rect>,
    /// What is read.
    pub page: Rect,
    /// What the chosen flow is for, below the list of flows.
    pub purpose: Option<Rect>,
    /// The line below it.
    pub rule: Rect,
    /// A small dialogue or a sentence above the footer.
    pub sheet: Option<Rect>,
    /// Whether the cursor is in the sheet.
    pub sheet_cursor: Option<()>,
    /// The keys that work, over the end of the page.
    pub window: Option<Rect>,
    /// The hints.
    pub footer: Rect,
}

/// Whether nothing sensible can be shown.
pub fn is_too_small(area: Rect) -> bool {
    area.width < COLUMNS || area.height < LINES
}

/// Whether the outline has room beside the step.
pub fn has_two_panes(columns: u16) -> bool {
    columns >= TWO_PANES
}

impl Layout {
    /// The areas for this model.
    pub fn of(model: &Model, area: Rect) -> Self {
        // The end needs the room that the outline takes.
        let walk = model.walking().is_some() && model.verdict().is_none();
        let page_is_opened = model.opened.iter().any(|opened| opened.view.is_page());
        let two_panes = walk && !page_is_opened && has_two_panes(area.width);
        let header_lines = if walk && !page_is_opened && !two_panes {
            2
        } else {
            1
        };
        let header = Rect {
            height: header_lines,
            ..area
        };

        let sheet_page = super::sheet(model, usize::from(area.width - 2));
        let wanted = sheet_page.as_ref().map_or(0, |page| page.document.len());
        let most = usize::from(area.height.saturating_sub(header_lines + 2 + 2));
        let sheet_lines = u16::try_from(wanted.min(most)).unwrap_or(0);
        let sheet_cursor = sheet_page.and_then(|page| page.cursor).map(|_| ());

        let body_lines = area.height - header_lines - 2 - sheet_lines;
        let body = Rect {
            y: area.y + header_lines,
            height: body_lines,
            ..area
        };
        let rule = Rect {
            y: body.y + body_lines,
            height: 1,
            ..area
        };
        let sheet = (sheet_lines > 0).then_some(Rect {
            x: area.x + 1,
            y: rule.y + 1,
            width: area.width - 2,
            height: sheet_lines,
        });
        let footer = Rect {
            y: area.y + area.height - 1,
            height: 1,
            ..area
        };

        let window = super::keys::area(model, body);
        let (outline, divider, left) = if two_panes {
            let width = (area.width * 3 / 8).clamp(26, 56);
            let outline = Rect {
                x: body.x + 1,
                width: width - 1,
                ..body
            };
            let divider = Rect {
                x: body.x + width,
                width: 1,
                ..body
            };
            (Some(outline), Some(divider), width + 2)
        } else {
            (None, None, 1)
        };
        // Only a script is read line by line, not as text.
        let is_script = matches!(
            model.opened.last().map(|opened| &opened.view),
            Some(View::Script(_))
        );
        let longest = if is_script { u16::MAX } else { READABLE };
        let mut page = Rect {
            x: body.x + left,
            width: (body.width - left - 1).min(longest),
            ..body
        };
        let purpose = super::flows::purpose_lines(model, usize::from(page.width))
            .filter(|_| !page_is_opened)
            .and_then(|lines| u16::try_from(lines).ok())
            .filter(|lines| lines + 3 < page.height)
            .map(|lines| {
                page.height -= lines;
                Rect {
                    y: page.y + page.height,
                    height: lines,
                    ..page
                }
            });
        Self {
            header,
            outline,
            divider,
            page,
            purpose,
            rule,
            sheet,
            sheet_cursor,
            window,
            footer,
        }
    }
}

impl View {
    /// Whether it takes the place of the screen; the others are small and stand
    /// below it.
    pub fn is_page(&self) -> bool {
        !matches!(
            self,
            Self::Keys | Self::Note(_) | Self::Export(_) | Self::Quit
        )
    }
}
