//! The session document as JSON.

use super::document::SessionDocument;

/// Indented, with a line end.
pub fn render(document: &SessionDocument) -> String {
    // It cannot fail: the document has no map with keys that are not text.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}
