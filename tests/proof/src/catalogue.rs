//! What the report must know of the catalogue of causes.

use serde::Deserialize;

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
    "reset-principal-name",
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
}

/// The catalogue, `flows/causes.yaml`.
pub fn read(text: &str) -> Result<Vec<Group>, serde_yaml::Error> {
    serde_yaml::from_str::<File>(text).map(|file| file.groups)
}
