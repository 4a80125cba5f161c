//! A fault in a file, told so that its author can repair it.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::hostile;

/// The most bytes of a file that are shown with a fault.
const SHOWN: usize = 16 * 1024;

/// A file that is read: its name as the user knows it, and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path, or what stands for it.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// A file of this name and text.
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: Arc::from(hostile::clean_line(name)),
            text: Arc::from(text),
        }
    }

    /// Line and column of a byte, both from 1; columns are counted in
    /// characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.floor(offset);
        let before = &self.text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }

    /// The byte at a line and a column, both from 1; the end for a place that
    /// is not in the text.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let mut start = 0;
        for _ in 1..line {
            match self.text[start..].find('\n') {
                Some(newline) => start += newline + 1,
                None => return self.text.len(),
            }
        }
        self.text[start..]
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(self.text.len(), |(offset, _)| start + offset)
    }

    /// The start of the character that this byte belongs to.
    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// One fault: what, where, and what to do.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    file: SourceFile,
    span: Range<usize>,
    message: String,
    notes: Vec<String>,
    hint: Option<String>,
    related: Option<(Range<usize>, String)>,
}

/// The form of a [`Diagnostic`] for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiagnosticRecord {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Where the fault ends: the line.
    pub end_line: usize,
    /// Where the fault ends: the column after it.
    pub end_column: usize,
    /// What is wrong.
    pub message: String,
    /// More to know.
    pub notes: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A fault at these bytes of a file.
    pub fn new(file: &SourceFile, span: Range<usize>, message: impl Into<String>) -> Self {
        let start = file.floor(span.start);
        Self {
            span: start..file.floor(span.end).max(start),
            file: file.clone(),
            message: hostile::clean_line(&message.into()),
            notes: Vec::new(),
            hint: None,
            related: None,
        }
    }

    /// A file that cannot be read at all.
    pub fn unreadable(name: &str, message: impl Into<String>, hint: &str) -> Self {
        Self::new(&SourceFile::new(name, ""), 0..0, message).hint(hint)
    }

    /// What to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hostile::clean_line(&hint.into()));
        self
    }

    /// What to do, when that is known.
    #[must_use]
    pub fn maybe_hint(self, hint: Option<String>) -> Self {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// More to know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(hostile::clean_line(&note.into()));
        self
    }

    /// Another place that belongs to the fault.
    #[must_use]
    pub fn related(mut self, span: Range<usize>, label: &str) -> Self {
        let start = self.file.floor(span.start);
        let end = self.file.floor(span.end).max(start);
        self.related = Some((start..end, label.to_owned()));
        self
    }

    /// The file.
    pub fn file(&self) -> &str {
        &self.file.name
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the file it stands, in bytes.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The form for programs.
    pub fn record(&self) -> DiagnosticRecord {
        let (line, column) = self.file.position(self.span.start);
        let (end_line, end_column) = self.file.position(self.span.end);
        DiagnosticRecord {
            file: self.file.name.to_string(),
            line,
            column,
            end_line,
            end_column,
            message: self.message.clone(),
            notes: self.notes.clone(),
            hint: self.hint.clone(),
        }
    }

    /// The form for people: `error: …`, the place, the lines, and what to do.
    pub fn human(&self, style: Style) -> String {
        let title = Level::ERROR.primary_title(self.message.as_str());
        let lines = self.lines();
        // The renderer counts the bytes of what it prints, so controls are
        // replaced without moving a byte.
        let text = printable(&self.file.text[lines.clone()]);
        let mut group = if text.is_empty() || text.len() > SHOWN {
            let (line, column) = self.file.position(self.span.start);
            title.element(
                Origin::path(self.file.name.as_ref())
                    .line(line)
                    .char_column(column),
            )
        } else {
            let within = |span: &Range<usize>| span.start - lines.start..span.end - lines.start;
            let snippet = Snippet::source(text.as_str())
                .path(self.file.name.as_ref())
                .line_start(self.file.position(lines.start).0)
                .annotation(AnnotationKind::Primary.span(within(&self.span)));
            title.element(match &self.related {
                Some((span, label)) => snippet.annotation(
                    AnnotationKind::Context
                        .span(within(span))
                        .label(label.as_str()),
                ),
                None => snippet,
            })
        };
        for note in &self.notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Colour => Renderer::styled(),
        };
        renderer.decor_style(DecorStyle::Ascii).render(&[group])
    }

    /// The whole lines that the fault is about.
    fn lines(&self) -> Range<usize> {
        let related = self.related.as_ref().map_or(&self.span, |(span, _)| span);
        let start = self.span.start.min(related.start);
        let end = self.span.end.max(related.end);
        let text = &self.file.text;
        let first = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let last = text[end..]
            .find('\n')
            .map_or(text.len(), |newline| end + newline);
        first..last
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, column) = self.file.position(self.span.start);
        write!(
            formatter,
            "{}:{line}:{column}: {}",
            self.file.name, self.message
        )?;
        match &self.hint {
            Some(hint) => write!(formatter, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// Whether colours are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text only.
    Plain,
    /// With escape sequences for colours.
    Colour,
}

/// All faults for people, in the order of their places.
pub fn human(diagnostics: &[Diagnostic], style: Style) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&diagnostic.human(style));
        text.push_str("\n\n");
    }
    text
}

/// All faults for programs, as a JSON array.
pub fn json(diagnostics: &[Diagnostic]) -> serde_json::Value {
    diagnostics
        .iter()
        .map(|diagnostic| serde_json::json!(diagnostic.record()))
        .collect()
}

/// How many faults of one file are told. Nobody repairs more at once.
const TOLD: usize = 100;

/// Sorts faults by file and place, drops those that say the same of the same
/// place, and keeps the first hundred of each file.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|one, other| {
        (&one.file.name, one.span.start, &one.message).cmp(&(
            &other.file.name,
            other.span.start,
            &other.message,
        ))
    });
    diagnostics.dedup_by(|one, other| {
        one.file.name == other.file.name && one.span == other.span && one.message == other.message
    });
    let mut file = None;
    let mut told = 0;
    diagnostics.retain(|diagnostic| {
        if file.as_ref() != Some(&diagnostic.file.name) {
            file = Some(diagnostic.file.name.clone());
            told = 0;
        }
        told += 1;
        told <= TOLD
    });
}

/// The text with everything that could act on a terminal replaced, without
/// moving a byte.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let safe = character == '\n'
                || character == '\t'
                || !hostile::clean_line(character.encode_utf8(&mut [0; 4])).is_empty();
            if safe && character != '\r' {
                vec![character]
            } else {
                vec![' '; character.len_utf8()]
            }
        })
        .collect()
}
