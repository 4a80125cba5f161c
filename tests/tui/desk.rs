//! A terminal in memory, for the wizard's own loop.

use std::sync::{Arc, Mutex, PoisonError};

use sspi_doctor::tui::model::Model;
use sspi_doctor::tui::terminal::Surface;

/// What the loop has put on the terminal.
#[derive(Default)]
pub struct Shown {
    /// The model of the last picture.
    pub model: Option<Model>,
    /// What was handed to the clipboard.
    pub copied: Vec<String>,
    /// How often it was drawn.
    pub frames: usize,
}

/// A terminal in memory.
pub struct Desk(pub Arc<Mutex<Shown>>);

impl Surface for Desk {
    fn draw(&mut self, model: &Model) -> std::io::Result<()> {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.model = Some(model.clone());
        shown.frames += 1;
        Ok(())
    }

    fn forget(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn retake(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, text: &str) -> std::io::Result<bool> {
        self.0.lock().unwrap().copied.push(text.to_owned());
        Ok(true)
    }

    fn suspend(&mut self) -> std::io::Result<bool> {
        Ok(false)
    }
}
