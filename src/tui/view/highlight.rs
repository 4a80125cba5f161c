//! Marks the words that are looked for.

use ratatui::text::{Line, Span};

use super::super::look::Look;
use super::super::theme::Role;

/// Marks the words in every line, small letters or capitals.
pub fn words(lines: &mut [Line<'static>], words: &str, look: Look) {
    let words = words.to_lowercase();
    if words.is_empty() {
        return;
    }
    for line in lines {
        let spans = std::mem::take(&mut line.spans);
        line.spans = spans
            .into_iter()
            .flat_map(|span| marked(span, &words, look))
            .collect();
    }
}

fn marked(span: Span<'static>, words: &str, look: Look) -> Vec<Span<'static>> {
    let lower = span.content.to_lowercase();
    // Small letters can be longer or shorter than their capitals in some
    // scripts; then positions would not fit.
    if lower.len() != span.content.len() || !lower.contains(words) {
        return vec![span];
    }
    let mut parts = Vec::new();
    let mut end = 0;
    for (at, found) in lower.match_indices(words) {
        let (Some(before), Some(hit)) = (
            span.content.get(end..at),
            span.content.get(at..at + found.len()),
        ) else {
            return vec![span];
        };
        parts.push(Span::styled(before.to_owned(), span.style));
        parts.push(Span::styled(hit.to_owned(), look.style(Role::Selected)));
        end = at + found.len();
    }
    let rest = span.content.get(end..).unwrap_or_default().to_owned();
    parts.push(Span::styled(rest, span.style));
    parts
}
