//! Secrets exist only as this type: no `Debug`, `Display` or `Serialize` shows
//! the value, and the memory is wiped when it is dropped.

mod connection_string;

use std::sync::{Mutex, PoisonError};

pub use connection_string::hide_passwords;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// What stands where a secret was.
pub const HIDDEN: &str = "(hidden)";

/// Shorter secrets are not looked for: they would blank half of every sentence.
const SHORTEST: usize = 4;

/// Shorter ones are looked for in sentences alone: in a test domain the password
/// of alice is `alice`, and a name must stay the name that it is.
const SURE: usize = 8;

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

impl Secret {
    /// Puts [`HIDDEN`] where the secret stands in a text.
    pub fn hide_in(&self, text: &mut String) {
        let secret = self.expose();
        let length = secret.chars().count();
        let looked_for = length >= SURE || (length >= SHORTEST && text.contains(' '));
        if looked_for && text.contains(secret) {
            *text = text.replace(secret, HIDDEN);
        }
    }
}

/// Keeps the memory of this process to itself: no core file is written when it
/// dies, and no other process of the same user can read its memory, its
/// descriptors or its environment. For before the first secret is taken; where
/// the system refuses, the program goes on.
pub fn keep_memory_private() {
    use rustix::process::{
        DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
    };
    // A core that goes to a program through a pipe knows no limit of size, and a
    // core of a process that may be dumped again (after exec) knows no flag.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let limit = Rlimit {
        current: Some(0),
        ..getrlimit(Resource::Core)
    };
    let _ = setrlimit(Resource::Core, limit);
}

/// The secrets that were typed in a session. Everybody else (the engine, the
/// journal, a probe's arguments) has only their handles, which say nothing.
#[derive(Debug, Default)]
pub struct Vault(Mutex<Vec<Secret>>);

impl Vault {
    /// Keeps a secret and gives its handle.
    pub fn keep(&self, secret: Secret) -> Value {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(secret);
        json!({ "secret": kept.len() })
    }

    /// The secret of a handle; none for any other value.
    pub fn find(&self, handle: &Value) -> Option<Secret> {
        let number = usize::try_from(handle.get("secret")?.as_u64()?).ok()?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(number.checked_sub(1)?).cloned()
    }

    /// Puts [`HIDDEN`] where a secret of this session stands in a text, and where
    /// a connection string in it holds a password: a server can say one back,
    /// and people paste them.
    pub fn hide_in(&self, text: &mut String) {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in kept.iter() {
            secret.hide_in(text);
        }
        drop(kept);
        let hidden = hide_passwords(text);
        if hidden != *text {
            *text = hidden;
        }
    }

    /// As [`Vault::hide_in`], for every text of a value, keys included.
    pub fn hide_in_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.hide_in(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in_value(item)),
            Value::Object(fields) => {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(mut key, mut field)| {
                        self.hide_in(&mut key);
                        self.hide_in_value(&mut field);
                        (key, field)
                    })
                    .collect();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_back_is_hidden_and_names_stay() {
        let vault = Vault::default();
        for secret in ["Gehe!m-Wort", "alice", "x"] {
            vault.keep(Secret::new(secret.to_owned()));
        }
        let mut value = json!({
            "reason": "Login failed for alice with Gehe!m-Wort",
            "Gehe!m-Wort": ["alice@CORP.EXAMPLE", "x", 1, null],
            "provider_string": "Server=a;Pwd=b;",
        });
        vault.hide_in_value(&mut value);
        let hidden = json!({
            "reason": "Login failed for (hidden) with (hidden)",
            "(hidden)": ["alice@CORP.EXAMPLE", "x", 1, null],
            "provider_string": "Server=a;Pwd=(hidden);",
        });
        assert_eq!(value, hidden);
    }

    #[test]
    fn a_handle_says_nothing_and_leads_back() {
        let vault = Vault::default();
        let handle = vault.keep(Secret::new("hunter2".to_owned()));
        assert!(!handle.to_string().contains("hunter2"));
        assert!(!format!("{vault:?}").contains("hunter2"));
        let found = vault.find(&handle).map(|secret| secret.expose().to_owned());
        assert_eq!(found.as_deref(), Some("hunter2"));
        for stranger in [
            json!(null),
            json!("hunter2"),
            json!({"secret": 0}),
            json!({"secret": 2}),
        ] {
            assert!(vault.find(&stranger).is_none(), "{stranger}");
        }
    }
}
