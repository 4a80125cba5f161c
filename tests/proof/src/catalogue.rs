//! What the report must know of the catalogue of causes.

use serde::Deserialize;
use serde_yaml::Value;

use crate::row::How;

/// The operations that a script carries out in the directory or in DNS.
const SCRIPTED: &[&str] = &[
    "add-spn",
    "remove-spn",
    "set-reverse-record",
    "set-address-record",
    "allow-delegation",
    "allow-to-act",
    "allow-user-delegation",
    "set-account",
    "create-forest-trust",
];

/// Whether a script carries out an operation of this key.
pub fn is_scripted(operation: &str) -> bool {
    SCRIPTED.contains(&operation)
}

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

/// The causes of one subject.
#[derive(Debug, Deserialize)]
pub struct Group {
    /// The subject.
    pub title: String,
    /// Its causes.
    pub causes: Vec<Cause>,
}

/// A cause.
#[derive(Debug, Deserialize)]
pub struct Cause {
    /// Its name in flows.
    pub id: String,
    /// Its title for people.
    pub title: String,
    /// How it must be proven at least.
    pub proof: How,
    #[serde(default)]
    fix: Vec<Value>,
}

impl Cause {
    /// Whether a script can repair it.
    pub fn has_script(&self) -> bool {
        self.fix
            .iter()
            .filter_map(Value::as_mapping)
            .flat_map(|operation| operation.keys())
            .filter_map(Value::as_str)
            .any(is_scripted)
    }
}

/// The catalogue, `flows/causes.yaml`.
pub fn read(text: &str) -> Result<Vec<Group>, serde_yaml::Error> {
    serde_yaml::from_str::<File>(text).map(|file| file.groups)
}
