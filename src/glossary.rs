//! The words that the screens use, each explained in about three lines:
//! `src/glossary/words.yaml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The glossary that the program carries.
const EMBEDDED: &str = include_str!("glossary/words.yaml");

/// A word with its explanation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The word.
    pub word: String,
    /// Other forms of it.
    #[serde(default)]
    pub also: Vec<String>,
    /// What it means.
    pub means: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Glossary {
    #[serde(rename = "schema")]
    _schema: u32,
    words: Vec<Word>,
}

/// Every word, in the order of the file.
pub fn words() -> &'static [Word] {
    static WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| {
        // A test proves that it can be read; if it could not, it would be empty.
        serde_yaml::from_str::<Glossary>(EMBEDDED)
            .map(|glossary| glossary.words)
            .unwrap_or_default()
    });
    &WORDS
}

/// The words that a text uses, in the order of the file.
pub fn used_in(text: &str) -> Vec<&'static Word> {
    let lower = text.to_lowercase();
    words()
        .iter()
        .filter(|word| {
            std::iter::once(&word.word)
                .chain(&word.also)
                .any(|form| stands_in(text, &lower, form))
        })
        .collect()
}

/// Whether a form of a word stands in a text. Capitals count in short forms such
/// as `AS`, so that they are not found in plain words.
fn stands_in(text: &str, lower: &str, form: &str) -> bool {
    let is_short = form.chars().all(|character| !character.is_lowercase());
    let (text, form) = if is_short {
        (text, form.to_owned())
    } else {
        (lower, form.to_lowercase())
    };
    let is_letter = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(&form).any(|(at, found)| {
        !text[..at].chars().next_back().is_some_and(is_letter)
            && !text[at + found.len()..]
                .chars()
                .next()
                .is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests;
