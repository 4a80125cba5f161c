//! The choke point: every entry goes through here before it is written, and
//! nothing else writes to a journal.
//!
//! A [`Secret`] cannot be serialized, so none can be in an entry by itself. What
//! is left is that a server sends a secret back, or that a user types one where
//! none was asked for: texts that contain a secret of this session are blanked.

use serde_json::Value;

use crate::engine::Entry;
use crate::hostile;
use crate::secret::Secret;

/// What stands where a secret was.
pub const HIDDEN: &str = "(hidden)";

/// Shorter texts are not looked for: they would blank half of every sentence.
const SHORTEST: usize = 4;

/// Takes secrets out of entries.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    /// Adds a secret of this session.
    pub fn hide(&mut self, secret: Secret) {
        if secret.expose().chars().count() >= SHORTEST {
            self.secrets.push(secret);
        }
    }

    /// The entry as it may be written: clean text, no secrets.
    pub fn entry(&self, entry: &Entry) -> Result<Value, serde_json::Error> {
        let mut value = serde_json::to_value(entry)?;
        hostile::clean_value(&mut value);
        self.value(&mut value);
        Ok(value)
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => {
                if fields.keys().any(|key| self.contains(key)) {
                    *fields = std::mem::take(fields)
                        .into_iter()
                        .map(|(mut key, field)| {
                            self.text(&mut key);
                            (key, field)
                        })
                        .collect();
                }
                fields.values_mut().for_each(|field| self.value(field));
            }
            _ => {}
        }
    }

    fn contains(&self, text: &str) -> bool {
        self.secrets
            .iter()
            .any(|secret| text.contains(secret.expose()))
    }

    fn text(&self, text: &mut String) {
        for secret in &self.secrets {
            if text.contains(secret.expose()) {
                *text = text.replace(secret.expose(), HIDDEN);
            }
        }
    }
}
