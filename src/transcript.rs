//! The transcript: the append-only journal of a session, written as it happens,
//! and everything that is made from it: the session document and its text,
//! Markdown, HTML page and JSON.

mod brief;
pub mod chronicle;
pub mod cut;
pub mod document;
mod document_path;
mod document_steps;
pub mod export;
pub mod fault;
mod from_document;
mod hand_over;
pub mod html;
pub mod journal;
pub mod json;
pub mod lock;
pub mod markdown;
pub mod privacy;
pub mod reading;
pub mod redact;
pub mod sessions;
pub mod text;
mod words;
mod wrap;

pub use cut::Cut;
pub use document::{HandOver, Scripts, SessionDocument, StepRecord};
pub use fault::JournalFault;
pub use hand_over::cards;
pub use journal::Journal;
pub use reading::{Line, Reading};
pub use redact::Redactor;
pub use sessions::Session;
