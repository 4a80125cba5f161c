//! An export without names: no name of the world is left in it, in any form, and
//! everything else is.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use sspi_doctor::fix::System;
use sspi_doctor::transcript::{self, SessionDocument, privacy, reading};

const WORLDS: &[&str] = &[
    include_str!("../flows/worlds/spn-on-wrong-account.jsonl"),
    include_str!("../flows/worlds/delegation-not-trusted.jsonl"),
    include_str!("../flows/worlds/spn-duplicate.jsonl"),
    include_str!("../flows/worlds/reverse-lookup-mismatch.jsonl"),
];

/// The names of the recorded forests: what they are, and what they are called.
const NAMES: &[&str] = &[
    "svc_sql2",
    "svc_sql",
    "svc_old",
    "alice",
    "partner.example",
    "PARTNER",
    "corp",
    "sql1",
    "sql2",
    "dc1",
    "INST1",
    "Lab Root CA",
    "10.88.0.31",
    "10.88.0.32",
    "10.88.0.10",
    "10.88.0.2",
    "S-1-5-21-2784292559-3485571295-1775840783",
    "/run/user/1000/krb5cc",
    "7af452cd59bd5cd4621350f53df4dd49038b3089418945b15c2bc31aead0",
];

/// The journal of a world in which everything is called otherwise.
fn renamed(world: &str, names: &BTreeMap<&str, String>) -> SessionDocument {
    let mut text = world.to_owned();
    for (name, other) in names {
        for (name, other) in [
            ((*name).to_owned(), other.clone()),
            (name.to_uppercase(), other.to_uppercase()),
        ] {
            text = replace_words(&text, &name, &other);
        }
    }
    SessionDocument::of(&reading::parse(text.as_bytes(), "20261122T101530Z-x-sql1-4f9a").unwrap())
}

fn replace_words(text: &str, name: &str, other: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].chars().next_back();
        let after = rest[at + name.len()..].chars().next();
        let escape = rest[..at].ends_with("\\5c");
        let word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        out.push_str(&rest[..at]);
        let is_word = (!word(before) || escape) && !word(after);
        out.push_str(if is_word { other } else { name });
        rest = &rest[at + name.len()..];
    }
    out + rest
}

fn exports(document: &SessionDocument) -> [String; 6] {
    [
        transcript::text::render(document),
        transcript::markdown::render(document),
        transcript::html::render(document),
        transcript::json::render(document),
        document.script(System::Windows),
        document.script(System::Linux),
    ]
}

/// As it may stand in the text of Markdown or of a page, too.
fn plain(text: &str) -> String {
    text.to_lowercase().replace('\\', "")
}

fn assert_no_name(document: &SessionDocument, names: &[String]) {
    for export in exports(document) {
        let export = plain(&export);
        for name in names {
            let name = plain(name);
            if let Some(at) = export.find(&name) {
                let around: String = export[at.saturating_sub(80)..].chars().take(200).collect();
                panic!("`{name}` is left: {around}");
            }
        }
    }
}

/// Everything but the texts: keys, lengths, numbers, words of the program.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, field)| (key.clone(), shape(field)))
            .collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => Value::from("text"),
        other => other.clone(),
    }
}

#[test]
fn the_recorded_worlds_lose_their_names_and_nothing_else() {
    let names: Vec<String> = NAMES
        .iter()
        // These stand in words of the program as well.
        .filter(|name| !["corp", "PARTNER", "dc1", "sql1", "sql2", "INST1"].contains(name))
        .copied()
        .chain([
            "corp.example",
            "partner.example",
            "dc=corp",
            "dc1.",
            "sql1.",
            "sql2.",
            "/sql1",
            "sql1$",
        ])
        .map(str::to_owned)
        .collect();
    for world in WORLDS {
        let document = renamed(world, &BTreeMap::new());
        let private = privacy::without_names(&document).unwrap();
        assert_no_name(&private, &names);
        let (before, after) = (
            serde_json::to_value(&document).unwrap(),
            serde_json::to_value(&private).unwrap(),
        );
        assert_eq!(shape(&before), shape(&after));
        for (one, other) in document.steps.iter().zip(&private.steps) {
            assert_eq!(
                (&one.id, &one.status, &one.probe),
                (&other.id, &other.status, &other.probe)
            );
        }
        // The same again, and once more from what is private already.
        assert_eq!(privacy::without_names(&document).unwrap(), private);
    }
}

#[test]
fn what_belongs_together_still_does() {
    let document = renamed(WORLDS[0], &BTreeMap::new());
    let private = privacy::without_names(&document).unwrap();
    let text = transcript::text::render(&private);
    let target = &private.target;
    let host = target.strip_suffix(",1433").unwrap();
    assert!(
        host.starts_with("host-") && host.ends_with(".example"),
        "{target}"
    );
    // Class and port of the SPN stay, and the computer account is the host's.
    assert!(text.contains(&format!("MSSQLSvc/{host}:1433")), "{text}");
    let (label, domain) = host.split_once('.').unwrap();
    let netbios = domain.strip_suffix(".example").unwrap().to_uppercase();
    assert!(
        text.contains(&format!("{netbios}\\{}$", label.to_uppercase())),
        "{text}"
    );
    assert!(text.contains(&format!("{netbios}\\account-")), "{text}");
    assert!(text.contains("192.0.2."), "{text}");
    assert!(
        private
            .script(System::Linux)
            .contains(&format!("MSSQLSvc/{host}:1433"))
    );
    // Nothing of the system is hidden.
    for word in [
        "/etc/krb5.conf",
        "/etc/hosts",
        "KDC",
        "setspn -F -Q",
        "sys.dm_exec_connections",
    ] {
        assert!(text.contains(word), "{word}");
    }
    assert_eq!(private.session, "session");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_names_are_none_is_left(
        words in prop::collection::vec("[a-z]{4,9}", NAMES.len()),
        number in 1_u32..250,
        world in 0..WORLDS.len(),
    ) {
        let mut names: BTreeMap<&str, String> = BTreeMap::new();
        for (index, (name, word)) in NAMES.iter().zip(words).enumerate() {
            // Unlike any word of the program.
            let word = format!("zq{word}x{index}");
            let other = match *name {
                "partner.example" => format!("{word}.example"),
                "Lab Root CA" => format!("{word} Issuing"),
                "/run/user/1000/krb5cc" => format!("/home/{word}/tickets/cc"),
                _ if name.starts_with("10.") => format!("172.{}.{number}.{}", 16 + index % 10, 100 + index),
                _ if name.starts_with("S-1") => format!("S-1-5-21-3{number}-4{number}-{index}77{number}"),
                _ if name.len() > 40 => format!("{number:0>8}{}", &name[8..]),
                _ => word,
            };
            names.insert(name, other);
        }
        let document = renamed(WORLDS[world], &names);
        let private = privacy::without_names(&document).unwrap();
        let left: Vec<String> = names
            .values()
            .map(|name| name.split([' ', '.']).next().unwrap().to_owned())
            .collect();
        assert_no_name(&private, &left);
    }
}
