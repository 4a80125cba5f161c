//! The wizard, driven by keys in its real loop over played probes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends by panicking"
)]

#[path = "tui/bytes.rs"]
mod bytes;
#[path = "tui/desk.rs"]
mod desk;
#[path = "tui/drawing.rs"]
mod drawing;
#[path = "tui/harness.rs"]
mod harness;
#[path = "tui/paste.rs"]
mod paste;
#[path = "tui/pictures.rs"]
mod pictures;
#[path = "tui/played.rs"]
mod played;
#[path = "tui/screens.rs"]
mod screens;
#[path = "tui/sitting.rs"]
mod sitting;
#[path = "tui/svg.rs"]
mod svg;
#[path = "tui/walk.rs"]
mod walk;
