//! Secrets exist only as this type: no `Debug`, `Display` or `Serialize` shows
//! the value, and the memory is wiped when it is dropped.

use secrecy::{ExposeSecret as _, SecretString};

/// A password or another value that must never reach a screen, a journal, a
/// log, an argument list or the environment.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text, for the one call that needs it. Never store or format it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}
