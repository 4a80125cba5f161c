//! Secrets exist only as this type: no `Debug`, `Display` or `Serialize` shows
//! the value, and the memory is wiped when it is dropped.

use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

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
}

#[cfg(test)]
mod tests {
    use super::*;

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
