//! The rules that keep the program in layers, read from its source: who knows
//! whom, who opens sockets, who draws, and how long a file may be.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "architecture/source.rs"]
mod source;

use source::{SourceFile, repository, sources, tests};

/// The layers from left to right: each knows only those before it, and itself.
/// A path belongs to the longest entry that it begins with.
const LAYERS: &[&[&str]] = &[
    &["hostile", "exit", "log"],
    &["secret", "flow::expr"],
    &["sql_target", "directory", "pasted", "glossary"],
    &["probe"],
    &["fix::operation", "fix::Operation", "fix::Account"],
    &[
        "engine::finding",
        "engine::entry",
        "engine::station",
        "engine::Severity",
        "engine::Finding",
        "engine::Verdict",
        // What a flow must know of causes; the catalogue fills it.
        "flow::check::KnownCauses",
        "flow::check::CauseParameters",
    ],
    &["cause", "fix"],
    &["flow"],
    &["engine"],
    &["transcript"],
    &["apply"],
    &["driver"],
    &["config", "doctor", "printer", "headless"],
    &["tui"],
    &["cli"],
    &["main"],
];

/// What only some may name: the words, who may, and why.
const RESERVED: &[(&[&str], &[&str], &str)] = &[
    (
        &["ratatui", "crossterm", "tui_input"],
        &["tui"],
        "only the terminal interface draws",
    ),
    (
        &[
            "tokio::net",
            "TcpStream",
            "UdpSocket",
            "ToSocketAddrs",
            "hickory_resolver",
            "ldap3::",
            "tiberius::",
        ],
        &["probe", "apply::writer"],
        "only probes open sockets",
    ),
    (
        &["Mod", ".modify(", ".modifydn(", ".extended(", ".delete("],
        &["apply::writer"],
        "only one place writes to a directory",
    ),
    (
        &["library_handle"],
        &["apply::writer", "probe::ldap::connection"],
        "who has the library's handle could write",
    ),
    (
        &["Ldap"],
        &[
            "probe::ldap::bind",
            "probe::ldap::connection",
            "probe::ldap::search",
            "probe::ldap::pull",
            "apply::writer",
        ],
        "who has the library's handle could write",
    ),
    (
        &["searching_handle"],
        &["probe::ldap::connection", "probe::ldap::search::pull"],
        "who has the library's handle could write",
    ),
    (
        &["minijinja"],
        &["flow::expr"],
        "expressions have one engine and one set of limits",
    ),
    (
        &["saphyr_parser"],
        &["flow::tree"],
        "positions come from one place",
    ),
    (
        &["annotate_snippets"],
        &["flow::diagnostic"],
        "faults are drawn in one place",
    ),
];

/// What some may never name.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    (
        "engine",
        &[
            "tokio",
            "std::fs",
            "std::env",
            "std::thread",
            "Instant",
            "SystemTime",
            "Timestamp::now",
        ],
        "the engine is a pure state machine: no clock, no files, no sockets",
    ),
    (
        "directory",
        &[
            "tokio",
            "std::fs",
            "std::env",
            "Instant",
            "SystemTime",
            "Timestamp::now",
        ],
        "what Active Directory means are pure functions",
    ),
    (
        "pasted",
        &[
            "tokio",
            "std::fs",
            "std::env",
            "Instant",
            "SystemTime",
            "Timestamp::now",
        ],
        "what people paste is text, read by pure functions",
    ),
    // Those who have the library's handle, which could add objects.
    ("probe::ldap::bind", &[".add("], "probes only search"),
    ("probe::ldap::connection", &[".add("], "probes only search"),
    ("probe::ldap::search", &[".add("], "probes only search"),
    ("probe::ldap::pull", &[".add("], "probes only search"),
    (
        "flow",
        &["tokio", "std::fs", "std::thread", "SystemTime"],
        "a flow is data",
    ),
    (
        "flow",
        &["crate::cause", "crate::fix", "crate::engine"],
        "the checker is told which causes there are",
    ),
];

/// Names that say nothing about what is in a file.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "helper", "helpers", "manager", "common", "misc", "mod", "lib2", "stuff",
];

const LONGEST_FILE: usize = 400;

/// The layer of a path, and the entry that it belongs to.
fn layer(path: &str) -> Option<(usize, &'static str)> {
    LAYERS
        .iter()
        .enumerate()
        .flat_map(|(index, entries)| entries.iter().map(move |entry| (index, *entry)))
        .filter(|(_, entry)| begins_with(path, entry))
        .max_by_key(|(_, entry)| entry.len())
}

fn begins_with(path: &str, entry: &str) -> bool {
    path.strip_prefix(entry)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn complain(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn each_layer_knows_only_those_left_of_it() {
    let mut faults = Vec::new();
    for file in sources() {
        if file.module == "lib" {
            continue;
        }
        let Some((own, _)) = layer(&file.module) else {
            faults.push(format!("{}: the module stands in no layer", file.name));
            continue;
        };
        for path in file.crate_paths() {
            match layer(&path) {
                Some((other, entry)) if other > own => faults.push(format!(
                    "{}: uses `crate::{path}`, but `{entry}` stands right of `{}`",
                    file.name, file.module
                )),
                _ => {}
            }
        }
    }
    complain(&faults);
}

#[test]
fn what_is_reserved_for_some_is_named_by_no_other() {
    let mut faults = Vec::new();
    for file in sources() {
        for (words, owners, why) in RESERVED {
            if owners.iter().any(|owner| begins_with(&file.module, owner)) {
                continue;
            }
            for (line, word) in file.lines_with(words) {
                faults.push(format!("{}:{line}: names `{word}`; {why}", file.name));
            }
        }
        for (module, words, why) in FORBIDDEN {
            if begins_with(&file.module, module) && !file.name.ends_with("flow/library/files.rs") {
                for (line, word) in file.lines_with(words) {
                    faults.push(format!("{}:{line}: names `{word}`; {why}", file.name));
                }
            }
        }
    }
    complain(&faults);
}

#[test]
fn files_are_short_named_after_their_subject_and_say_what_it_is() {
    let mut faults = Vec::new();
    for file in sources().iter().chain(&tests()) {
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE {
            faults.push(format!(
                "{}: {lines} lines, at most {LONGEST_FILE}",
                file.name
            ));
        }
    }
    for file in sources() {
        let lines = file.text.lines().count();
        let stem = file.module.rsplit("::").next().unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            faults.push(format!("{}: `{stem}` names no subject", file.name));
        }
        if !file.text.starts_with("//!") && !file.is_test() {
            faults.push(format!(
                "{}: the first line does not say what it is",
                file.name
            ));
        }
        if file.module == "main" && lines > 60 {
            faults.push(format!("{}: {lines} lines, at most 60", file.name));
        }
    }
    complain(&faults);
}

#[test]
fn nobody_reads_the_form_for_programmers() {
    let mut faults = Vec::new();
    for file in sources() {
        for (line, word) in file.lines_with(&[":?}", ":#?}"]) {
            faults.push(format!(
                "{}:{line}: `{word}` is for programmers; write what a person reads",
                file.name
            ));
        }
    }
    complain(&faults);
}

#[test]
fn the_top_of_the_repository_is_tidy() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "flows",
        "tests",
        "docs",
        "README.md",
        "LICENSE",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        // What tools leave there; neither is in the repository.
        "target",
        "proptest-regressions",
    ];
    let strangers: Vec<String> = std::fs::read_dir(repository())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && !known.contains(&name.as_str()))
        .collect();
    assert!(
        strangers.is_empty(),
        "at the top of the repository: {strangers:?}"
    );
}

#[test]
fn the_rules_find_what_breaks_them() {
    let file = SourceFile::of(
        "src/engine/session.rs",
        "//! A session.\nuse crate::{cli, probe::{Outcome, live::Live}};\n// use tokio;\nlet now = Instant::now();\n#[cfg(test)]\nmod tests { use crate::tui::View; }\n",
    );
    assert_eq!(file.module, "engine::session");
    assert_eq!(
        file.crate_paths(),
        ["cli", "probe::Outcome", "probe::live::Live"]
    );
    assert_eq!(file.lines_with(&["tokio", "Instant"]), [(4, "Instant")]);
    assert_eq!(
        layer("engine::finding::Severity"),
        Some((5, "engine::finding"))
    );
    assert_eq!(layer("engine::session"), Some((8, "engine")));
    assert_eq!(layer("apply::writer"), Some((10, "apply")));
    assert_eq!(layer("flow::expression"), Some((7, "flow")));
}
