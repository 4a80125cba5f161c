//! What leaves the wizard: exports, scripts and copies.

use std::path::PathBuf;

use super::super::msg::{Effect, Form, Msg, Notice};
use super::super::terminal::Surface;
use super::Loop;
use crate::driver::Walk;
use crate::transcript::{self, SessionDocument};

impl<S: Surface> Loop<'_, S> {
    /// The session as its journal has it.
    pub(super) fn document(&self) -> Result<SessionDocument, String> {
        if let Some(playback) = &self.playback {
            return Ok(playback.document());
        }
        let reading = self
            .walk
            .as_ref()
            .and_then(Walk::reading)
            .ok_or("There is no journal of this walk, so nothing can be made from it.")?
            .map_err(|fault| fault.to_string())?;
        Ok(SessionDocument::of(&reading))
    }

    pub(super) fn export(&mut self, form: Form, without_names: bool, path: PathBuf) {
        let document = self.document().and_then(|document| {
            if without_names {
                transcript::privacy::without_names(&document)
                    .ok_or_else(|| "The names could not be replaced.".to_owned())
            } else {
                Ok(document)
            }
        });
        let document = match document {
            Ok(document) => document,
            Err(fault) => return self.send(Msg::Told(Notice::fault(fault))),
        };
        let text = match form {
            Form::Text => transcript::text::render(&document),
            Form::Markdown => transcript::markdown::render(&document),
            Form::Html => transcript::html::render(&document),
            Form::Json => transcript::json::render(&document),
        };
        self.carry_out(Effect::Save {
            what: "The transcript",
            text,
            path,
        });
    }

    /// Copies, and keeps what was copied in a file beside the journal.
    pub(super) fn copy(&mut self, what: &'static str, text: &str, name: &str) {
        let path = self.workshop.journals.join(name);
        let kept = transcript::export::write(&path, text);
        let sent = self.surface.copy(text).unwrap_or(false);
        let file = match kept {
            Ok(()) => format!("in {}", path.display()),
            Err(fault) => format!("in no file: {fault}"),
        };
        let words = if sent {
            format!("{what} went to your terminal's clipboard (if it takes it), and is {file}")
        } else {
            format!("{what} is too long for a clipboard; it is {file}")
        };
        self.send(Msg::Told(Notice::done(words)));
    }
}
