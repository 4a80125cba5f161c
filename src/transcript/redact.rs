//! The choke point: every entry goes through here before it is written, and
//! nothing else writes to a journal.
//!
//! A [`Secret`] cannot be serialized, so none can be in an entry by itself. What
//! is left is that a server sends a secret back, or that a user types one where
//! none was asked for: texts that contain a secret of this session are blanked.

use std::sync::Arc;

use serde_json::Value;

use crate::engine::Entry;
use crate::hostile;
use crate::secret::{Secret, Vault};

/// Takes secrets out of entries.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    vault: Arc<Vault>,
}

impl Redactor {
    /// Hides the secrets of this vault, also those that come into it later.
    pub fn of(vault: Arc<Vault>) -> Self {
        Self { vault }
    }

    /// Adds a secret of this session.
    pub fn hide(&mut self, secret: Secret) {
        self.vault.keep(secret);
    }

    /// The entry as it may be written: clean text, no secrets.
    pub fn entry(&self, entry: &Entry) -> Result<Value, serde_json::Error> {
        let mut value = serde_json::to_value(entry)?;
        hostile::clean_value(&mut value);
        self.vault.hide_in_value(&mut value);
        Ok(value)
    }
}
