//! The transcript: the append-only journal of a session, written as it happens,
//! and everything that is made from it: the session document and its text,
//! Markdown and JSON.

pub mod cards;
pub mod document;
mod document_path;
mod document_steps;
pub mod export;
pub mod fault;
pub mod journal;
pub mod json;
pub mod markdown;
pub mod reading;
pub mod redact;
pub mod sessions;
pub mod text;
mod words;
mod wrap;

pub use cards::{HandOver, cards};
pub use document::{Scripts, SessionDocument, StepRecord};
pub use fault::JournalFault;
pub use journal::Journal;
pub use reading::{Line, Reading};
pub use redact::Redactor;
pub use sessions::Session;
