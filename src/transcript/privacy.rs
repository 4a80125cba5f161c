//! A session document without the names of anyone: users, hosts, domains,
//! accounts, SIDs, addresses, certificates and paths become pseudonyms. One name
//! is one pseudonym wherever it stands, in the facts, in a sentence and in a
//! script; ports and the classes of SPNs stay.
//!
//! What is a name is known from the kinds that probes declare for their facts,
//! and from the form that names have in a text. A word that a user typed into a
//! note, and that is a name of nothing in the session, cannot be known.

mod collect;
mod fields;
mod form;
mod pseudonyms;
mod replace;

use serde_json::{Map, Value};

use super::document::SessionDocument;
use super::document::{DocumentFinding, Scripts};
use super::hand_over;
use crate::engine::Finding;
use crate::fix::{self, System};
use pseudonyms::Pseudonyms;
use replace::Replacer;

/// What stands where a screen was kept: names may be cut in it, and a half of a
/// name is still a name.
const NO_SCREEN: &str = "(A screen was kept here. It is left out, because names may be cut in it.)";

/// Fields that are words of this program, by the list that they stand in.
const OWN_WORDS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "schema", "version", "flow", "source", "started", "ended", "verdict",
        ],
    ),
    ("findings", &["cause", "severity", "step"]),
    ("ruled_out", &["cause", "step"]),
    ("unknown", &["cause", "step"]),
    ("path", &["station", "state", "causes"]),
    ("steps", &["id", "flow", "kind", "probe", "status"]),
    ("branch", &["condition", "goto"]),
    ("cards", &["cause"]),
    ("notes", &["at", "step"]),
    ("screens", &["at", "step"]),
];

/// The document with pseudonyms; none when that cannot be done, and then
/// nothing of it should be shown.
pub fn without_names(document: &SessionDocument) -> Option<SessionDocument> {
    let mut document = document.clone();
    for screen in &mut document.screens {
        NO_SCREEN.clone_into(&mut screen.text);
    }
    for finding in &mut document.findings {
        finding.scripts = Scripts::default();
    }
    let names = collect::names(&document);
    let replacer = Replacer::of(&Pseudonyms::of(&names));
    let session = session_name(&document);
    let mut value = serde_json::to_value(&document).ok()?;
    if let Value::Object(fields) = &mut value {
        object(fields, "", &replacer);
    }
    let mut private: SessionDocument = serde_json::from_value(value).ok()?;
    private.session = session;
    scripts(&mut private);
    Some(private)
}

fn object(fields: &mut Map<String, Value>, list: &str, replacer: &Replacer) {
    let own = OWN_WORDS
        .iter()
        .find(|(name, _)| *name == list)
        .map_or(&[][..], |(_, own)| own);
    for (key, value) in fields.iter_mut() {
        if own.contains(&key.as_str()) {
            continue;
        }
        match value {
            Value::Array(items) if list.is_empty() && has_own_words(key) => {
                for item in items {
                    if let Value::Object(fields) = item {
                        object(fields, key, replacer);
                    }
                }
            }
            // The keys are names of a flow.
            Value::Object(saw) if list == "branch" && key == "saw" => {
                for (key, value) in saw.iter_mut() {
                    free(value, key, replacer);
                }
            }
            Value::Object(fields) if list == "steps" && key == "branch" => {
                object(fields, "branch", replacer);
            }
            other => free(other, key, replacer),
        }
    }
}

fn has_own_words(list: &str) -> bool {
    OWN_WORDS.iter().any(|(name, _)| *name == list)
}

/// A value of any shape: facts, inputs, repairs.
fn free(value: &mut Value, key: &str, replacer: &Replacer) {
    match value {
        // The class of an account decides how it is repaired.
        Value::String(_) if key == "class" => {}
        Value::String(text) => *text = replacer.text(text),
        Value::Array(items) => items.iter_mut().for_each(|item| free(item, key, replacer)),
        Value::Object(fields) => {
            // Keys are words of this program, unless they cannot be.
            if fields.keys().any(|key| !is_own_key(key)) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, field)| {
                        let key = if is_own_key(&key) {
                            key
                        } else {
                            replacer.text(&key)
                        };
                        (key, field)
                    })
                    .collect();
            }
            for (key, field) in fields.iter_mut() {
                free(field, key, replacer);
            }
        }
        _ => {}
    }
}

/// `snake_case` and `kebab-case` are how the program writes its keys.
fn is_own_key(key: &str) -> bool {
    key.chars().all(|letter| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter)
    })
}

/// The session's name without its target; it still finds the session on the
/// machine that has it.
fn session_name(document: &SessionDocument) -> String {
    let (stamp, rest) = document.session.split_at_checked(16).unwrap_or_default();
    let is_own = stamp.ends_with('Z')
        && stamp.contains('T')
        && rest
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(&document.flow));
    if is_own {
        format!("{stamp}-{}", document.flow)
    } else {
        "session".to_owned()
    }
}

/// The scripts are made anew from the pseudonyms, so that they are as sound as
/// the real ones.
fn scripts(document: &mut SessionDocument) {
    let header = hand_over::header(document);
    for DocumentFinding { finding, scripts } in &mut document.findings {
        let one: &[Finding] = std::slice::from_ref(finding);
        scripts.windows = fix::script(one, System::Windows, &header);
        scripts.linux = fix::script(one, System::Linux, &header);
    }
}
