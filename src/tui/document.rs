//! Text laid out in lines of one width, to be scrolled.

use ratatui::text::{Line, Span};

use super::look::Look;
use super::text::{fold, truncate, width, wrap};
use super::theme::Role;

/// The column that labels take.
const LABEL: usize = 8;

/// Collects lines.
#[derive(Clone, Debug)]
pub struct Document {
    look: Look,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Document {
    /// An empty document of this width.
    pub fn new(look: Look, width: usize) -> Self {
        Self {
            look,
            width: width.max(1),
            lines: Vec::new(),
        }
    }

    /// An empty document that looks and measures like this one.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::new(self.look, self.width)
    }

    /// The number of lines so far.
    pub fn len(&self) -> usize {
        self.lines
            .iter()
            .rposition(|line| line.width() > 0)
            .map_or(0, |last| last + 1)
    }

    /// Whether there is no line yet.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds an empty line, unless there is one already or nothing before it.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| line.width() > 0) {
            self.lines.push(Line::default());
        }
    }

    /// Adds a heading.
    pub fn title(&mut self, text: &str) {
        self.text(text, Role::Title);
    }

    /// Adds a paragraph.
    pub fn text(&mut self, text: &str, role: Role) {
        self.hanging("", Role::Plain, 0, text, role);
    }

    /// Adds a paragraph with a word in the label column.
    pub fn labelled(&mut self, label: &str, text: &str, role: Role) {
        if self.width < 3 * LABEL {
            self.text(label, Role::Label);
            self.hanging("", Role::Plain, 1, text, role);
        } else {
            self.hanging(label, Role::Label, LABEL, text, role);
        }
    }

    /// Adds a paragraph in the column beside the labels.
    pub fn beside_label(&mut self, text: &str, role: Role) {
        let indent = if self.width < 3 * LABEL { 1 } else { LABEL };
        self.hanging("", Role::Plain, indent, text, role);
    }

    /// Adds a paragraph whose lines start at `indent`; the marker stands before
    /// the first.
    pub fn hanging(
        &mut self,
        marker: &str,
        marker_role: Role,
        indent: usize,
        text: &str,
        role: Role,
    ) {
        let indent = if indent + 4 > self.width { 0 } else { indent };
        let mut marker = self.look.ink(marker);
        if width(&marker) > indent {
            self.lines.push(Line::from(Span::styled(
                marker,
                self.look.style(marker_role),
            )));
            marker = String::new();
        }
        // Folding can widen a text, so it comes before the wrapping; line
        // breaks must survive it.
        let inked: Vec<String> = text.split('\n').map(|line| self.look.ink(line)).collect();
        for (number, line) in wrap(&inked.join("\n"), self.width - indent)
            .into_iter()
            .enumerate()
        {
            let before = if number == 0 { marker.as_str() } else { "" };
            let mut spans = Vec::with_capacity(3);
            if !before.is_empty() {
                spans.push(Span::styled(
                    before.to_owned(),
                    self.look.style(marker_role),
                ));
            }
            let pad = indent.saturating_sub(width(before));
            if pad > 0 {
                spans.push(Span::raw(" ".repeat(pad)));
            }
            spans.push(Span::styled(line, self.look.style(role)));
            self.lines.push(Line::from(spans));
        }
    }

    /// Adds a line as it stands, spaces and all; where it is too long, it goes
    /// on below, four cells in. `label` stands in the label column, if there is
    /// one.
    pub fn verbatim(&mut self, label: Option<&str>, text: &str, role: Role) {
        let indent = match label {
            Some(_) if self.width >= 3 * LABEL => LABEL,
            _ => 0,
        };
        let room = self.width - indent;
        let text = self.look.ink(text);
        for (number, line) in fold(&text, room, room.saturating_sub(4))
            .into_iter()
            .enumerate()
        {
            let label = label
                .filter(|_| number == 0 && indent > 0)
                .unwrap_or_default();
            let label = self.look.ink(label);
            let pad = indent - width(&label) + if number == 0 { 0 } else { 4 };
            self.lines.push(Line::from(vec![
                Span::styled(label, self.look.style(Role::Label)),
                Span::raw(" ".repeat(pad)),
                Span::styled(line, self.look.style(role)),
            ]));
        }
    }

    /// Adds a paragraph with a word at the right end of its last line, or below
    /// where that has no room.
    pub fn ends(&mut self, left: (&str, Role), right: (&str, Role)) {
        self.text(left.0, left.1);
        if !self.note(right.0, right.1) {
            self.text(right.0, right.1);
        }
    }

    /// Puts a word at the right end of the last line; false when there is no
    /// room for it.
    pub fn note(&mut self, text: &str, role: Role) -> bool {
        let note = self.look.ink(text);
        let Some(line) = self.lines.last_mut() else {
            return false;
        };
        let used = line.width() + width(&note);
        if used + 2 > self.width {
            return note.is_empty();
        }
        if !note.is_empty() {
            line.spans.push(Span::raw(" ".repeat(self.width - used)));
            line.spans.push(Span::styled(note, self.look.style(role)));
        }
        true
    }

    /// Keeps the first lines; the last one then says that more was cut off.
    pub fn shorten(&mut self, lines: usize) {
        if self.cut(lines) == 0 {
            return;
        }
        let ellipsis = self.look.glyphs.ellipsis();
        let room = self.width.saturating_sub(width(ellipsis));
        if let Some(line) = self.lines.last_mut() {
            let before: usize = line.spans.iter().rev().skip(1).map(Span::width).sum();
            if let Some(last) = line.spans.last_mut() {
                let mut text = truncate(&last.content, room.saturating_sub(before), "");
                text.push_str(ellipsis);
                last.content = text.into();
            }
        }
    }

    /// Adds a line as it is.
    pub fn line(&mut self, line: Line<'static>) {
        self.lines.push(line);
    }

    /// Adds blank lines, which count, up to so many lines.
    pub fn fill(&mut self, lines: usize) {
        while self.lines.len() < lines {
            self.lines.push(Line::from(" "));
        }
    }

    /// Adds all lines of another document.
    pub fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
    }

    /// Keeps the first lines; returns how many were dropped.
    pub fn cut(&mut self, lines: usize) -> usize {
        let dropped = self.lines.len().saturating_sub(lines);
        self.lines.truncate(lines);
        dropped
    }

    /// How it looks.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Its width in cells.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The lines.
    pub fn into_lines(mut self) -> Vec<Line<'static>> {
        while self.lines.last().is_some_and(|line| line.width() == 0) {
            self.lines.pop();
        }
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(document: Document) -> Vec<String> {
        document
            .into_lines()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn labels_stand_in_their_own_column() {
        let mut document = Document::new(Look::default(), 24);
        document.labelled("Why", "the KDC encrypts the ticket", Role::Plain);
        assert_eq!(
            shown(document),
            ["Why     the KDC encrypts", "        the ticket"]
        );
    }

    #[test]
    fn a_note_at_the_right_end_goes_below_when_there_is_no_room() {
        let mut document = Document::new(Look::default(), 12);
        document.ends(("left", Role::Plain), ("9/14", Role::Quiet));
        document.ends(("the left side", Role::Plain), ("9/14", Role::Quiet));
        document.ends(("left side", Role::Plain), ("9/14", Role::Quiet));
        assert_eq!(
            shown(document),
            [
                "left    9/14",
                "the left",
                "side    9/14",
                "left side",
                "9/14"
            ]
        );
    }
}
