//! The session document as JSON.

use super::document::Document;

/// Indented, with a line end. The error cannot happen with a document that was
/// made from a journal.
pub fn json(document: &Document) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}
