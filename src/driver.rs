//! Does what the engine asks for: runs probes, keeps their answers for the
//! session, asks ahead, cancels, and writes the journal. Both the wizard and
//! the headless walk drive through here.

pub mod answers;
pub mod audit;
pub mod past;
pub mod restore;
pub mod shared;
pub mod walk;

pub use answers::{Answers, Asked, Progress};
pub use past::Past;
pub use shared::Shared;
pub use walk::{Need, Walk};
