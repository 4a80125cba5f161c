//! A session on disk and what is made from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "transcript/case.rs"]
mod case;
#[path = "transcript/document.rs"]
mod document;
#[path = "transcript/exports.rs"]
mod exports;
#[path = "transcript/sessions.rs"]
mod sessions;
