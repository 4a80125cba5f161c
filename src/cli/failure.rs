//! Why a command ends without doing its work.

use crate::exit::Exit;

/// A message for the user, what to do about it, and the exit code.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) exit: Exit,
}

impl Failure {
    /// Wrong usage, a faulty flow or a faulty configuration.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            exit: Exit::Usage,
        }
    }

    /// The work could not be finished.
    pub(super) fn unfinished(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            exit: Exit::Inconclusive,
        }
    }

    /// Adds what to do next.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
