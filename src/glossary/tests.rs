use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;

#[test]
fn every_word_is_short_and_stands_once() {
    serde_yaml::from_str::<Glossary>(EMBEDDED).unwrap();
    assert!(words().len() >= 40);
    let mut seen = BTreeSet::new();
    for word in words() {
        assert!(word.means.len() < 260, "{} is too long", word.word);
        assert!(word.means.ends_with('.'), "{}", word.word);
        for form in std::iter::once(&word.word).chain(&word.also) {
            assert!(
                seen.insert(form.to_lowercase()),
                "{form} stands there twice"
            );
        }
    }
}

#[test]
fn words_are_found_whole_and_short_ones_by_their_capitals() {
    let used = |text| -> Vec<&str> {
        used_in(text)
            .iter()
            .map(|word| word.word.as_str())
            .collect()
    };
    assert_eq!(used("as a program does it"), Vec::<&str>::new());
    assert_eq!(used("The AS answers (TGS-REQ)"), ["AS", "TGS"]);
    assert_eq!(used("Key version 3 of the KDCs."), ["KDC", "kvno"]);
}

/// Capitals that are no protocol words: names of our examples, of products and
/// of Windows itself, units, and parts of commands.
const ORDINARY: &[&str] = &[
    "CORP", "EXAMPLE", "HOST", "INSTANCE", "NAME", "PORT", "SQL", "SERVER", "SERVICE", "OK", "ID",
    "NT", "SYSTEM", "MB", "XP", "SELECT", "FROM", "AND", "OR", "IN", "IP", "IIS", "SELF", "EVERY",
    "DOMAIN", "DB", "WHERE",
];

#[test]
fn every_protocol_word_of_the_flows_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows");
    let mut missing: BTreeMap<String, String> = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".yaml") {
            continue;
        }
        let value: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        texts(&value, "", &mut |text| {
            for word in capitals(&plain(text)) {
                if !ORDINARY.contains(&word.as_str()) && used_in(&word).is_empty() {
                    missing.insert(word, format!("{name}: {text}"));
                }
            }
        });
    }
    let list: Vec<String> = missing
        .iter()
        .map(|(word, place)| format!("{word}  ({place})"))
        .collect();
    assert!(
        list.is_empty(),
        "explain them in src/glossary/words.yaml:\n{}",
        list.join("\n")
    );
}

/// What people read of a flow or a cause, wherever it stands.
fn texts(value: &Value, key: &str, tell: &mut impl FnMut(&str)) {
    match value {
        Value::String(text)
            if [
                "title", "why", "tell", "summary", "ask", "question", "finish", "meaning",
                "excluded",
            ]
            .contains(&key) =>
        {
            tell(text);
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, tell)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, field)| texts(field, name, tell)),
        _ => {}
    }
}

/// The text without expressions.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        plain.push_str(&rest[..start]);
        plain.push(' ');
        let close = if rest[start..].starts_with("{%") {
            "%}"
        } else {
            "}}"
        };
        rest = rest[start..]
            .find(close)
            .map_or("", |end| &rest[start + end + 2..]);
    }
    plain + rest
}

/// Words of two or more capitals, such as `KDC` and `AES256`.
fn capitals(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| {
            word.len() > 1
                && word.starts_with(|first: char| first.is_ascii_uppercase())
                && word.chars().filter(char::is_ascii_uppercase).count() > 1
                && word
                    .chars()
                    .all(|one| one.is_ascii_uppercase() || one.is_ascii_digit())
        })
        .map(str::to_owned)
        .collect()
}
