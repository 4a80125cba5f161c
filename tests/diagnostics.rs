//! What the author of a flow is told: one file for each fault, and the text
//! that a person reads for it.

#[path = "diagnostics/sample.rs"]
mod sample;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use sspi_doctor::flow::diagnostic::{self, SourceFile, Style};
use sspi_doctor::flow::model::Action;
use sspi_doctor::flow::{Diagnostic, Flow, Library, load};

const VALID: &str = include_str!("diagnostics/valid/name-resolution.yaml");

fn load_text(name: &str, text: &str) -> Result<Flow, Vec<Diagnostic>> {
    sample::with_knowledge(|knowledge| load(name, text, knowledge))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

#[test]
fn every_fault_is_told_so_that_it_can_be_repaired() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder().join("told"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    let mut count = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        count += 1;
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let faults = load_text(&format!("{name}.yaml"), &text)
            .expect_err(&format!("{name}.yaml must not load"));
        insta::assert_snapshot!(name, diagnostic::human(&faults, Style::Plain));
    }
    assert!(count > 50, "only {count} files were found");
}

#[test]
fn a_flow_written_by_hand_loads() {
    let flow = load_text("name-resolution.yaml", VALID)
        .unwrap_or_else(|faults| panic!("{}", diagnostic::human(&faults, Style::Plain)));
    assert_eq!(flow.id, "name-resolution");
    assert_eq!(flow.inputs["scope"].choices[1].label, "Only some users");
    let forward = &flow.steps["forward"];
    let Action::Probe {
        probe,
        arguments,
        deadline,
    } = &forward.action
    else {
        panic!("not a probe");
    };
    assert_eq!(probe, "dns-forward");
    assert_eq!(arguments["name"], "{{ server.host }}");
    assert_eq!(*deadline, Some(Duration::from_secs(5)));
    assert_eq!(
        forward.also[0].conclusion.found[0].with["answers"],
        "{{ answers }}"
    );
    assert_eq!(forward.branches[1].conclusion.found.len(), 2);
    let last = &forward.branches[2];
    assert_eq!(last.conclusion.unknown[0].why.source, "{{ reason }}");
    assert!(last.on.is_empty() && last.when.is_none());
    assert_eq!(flow.steps["note"].branches[0].goto, "done");
}

#[test]
fn programs_get_the_same_faults_with_their_places() {
    let text = VALID.replace("goto: reverse", "goto: revers");
    let faults = load_text("x.yaml", &text).unwrap_err();
    let records = diagnostic::json(&faults);
    assert_eq!(records[0]["file"], "x.yaml");
    assert_eq!(records[0]["message"], "there is no step `revers`");
    assert_eq!(records[0]["hint"], "did you mean `reverse`?");
    let record = faults[0].record();
    assert_eq!(records[0]["line"], record.line);
    assert_eq!(records[0]["column"], record.column);
    let written = text.lines().nth(record.line - 1).unwrap();
    assert_eq!(&written[record.column - 1..], "revers");
}

#[test]
fn places_are_right_behind_letters_of_several_bytes() {
    let text = VALID
        .replace(
            "title: Does the name",
            "title: Führt der Name — 名前 — the name",
        )
        .replace("goto: ask_who", "goto: ask_whö");
    let faults = load_text("x.yaml", &text).unwrap_err();
    let record = faults[0].record();
    let written = text.lines().nth(record.line - 1).unwrap();
    let marked: String = written
        .chars()
        .skip(record.column - 1)
        .take(record.end_column - record.column)
        .collect();
    assert_eq!(marked, "ask_whö");
}

#[test]
fn a_file_that_is_too_large_is_not_even_parsed() {
    let text = "# ".to_owned() + &"x".repeat(1024 * 1024) + "\n" + VALID;
    let faults = load_text("large.yaml", &text).unwrap_err();
    assert!(
        faults[0].message().contains("at most 1048576"),
        "{}",
        faults[0]
    );
}

#[test]
fn a_chain_of_hundreds_of_steps_neither_overflows_nor_takes_long() {
    let mut text =
        VALID[..VALID.find("steps:").unwrap()].replace("start: forward", "start: s0") + "steps:\n";
    for step in 0..800 {
        let next = step + 1;
        writeln!(
            text,
            "  s{step}: {{ title: T, why: W, tell: X, goto: s{next} }}"
        )
        .unwrap();
    }
    let begun = std::time::Instant::now();
    let faults = load_text("long.yaml", &text).unwrap_err();
    assert!(faults[0].message().contains("at most"), "{}", faults[0]);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn hostile_files_of_the_largest_size_take_no_time() {
    let begun = std::time::Instant::now();
    let mut distinct = String::new();
    for key in 0..9_000 {
        writeln!(distinct, "key{key}: &a {{ x: 1 }}").unwrap();
    }
    let files = [
        "a: b\n".repeat(200_000),
        "- [".repeat(300_000),
        "{".repeat(1_000_000),
        "? ".repeat(500_000),
        "a: &a [*a, *a]\n".repeat(60_000),
        "\"".repeat(1_000_001),
        "x: >-\n".to_owned() + &"  {{ a }}\n".repeat(100_000),
        distinct[..distinct.len() / 3].to_owned(),
        distinct,
    ];
    for text in files {
        let faults = load_text("hostile.yaml", &text).unwrap_err();
        assert!(
            !faults.is_empty() && faults.len() <= 100,
            "{}",
            faults.len()
        );
        diagnostic::human(&faults, Style::Plain);
    }
    assert!(
        begun.elapsed() < Duration::from_secs(60),
        "{:?}",
        begun.elapsed()
    );
}

fn library(files: &[(&str, &str)]) -> (Library, String) {
    let files = files
        .iter()
        .map(|(name, text)| SourceFile::new(name, text))
        .collect();
    sample::with_knowledge(|knowledge| {
        let (library, faults) = Library::of(Vec::new(), files, knowledge.probes, knowledge.causes);
        (library, diagnostic::human(&faults, Style::Plain))
    })
}

fn calling(id: &str, called: &str) -> String {
    format!(
        "schema: 1\nid: {id}\ntitle: T\nsummary: S\nstart: call\nsteps:\n  call:\n    title: T\n    why: W\n    flow: {called}\n    goto: done\n  done: {{ title: D, finish: D }}\n"
    )
}

#[test]
fn flows_that_walk_each_other_in_a_circle_are_refused() {
    let (_, faults) = library(&[
        ("a.yaml", &calling("a", "b")),
        ("b.yaml", &calling("b", "c")),
        ("c.yaml", &calling("c", "a")),
    ]);
    assert!(
        faults.contains("the flows walk each other in a circle: a -> b -> c -> a"),
        "{faults}"
    );
    assert!(faults.contains("c.yaml:10:11"), "{faults}");
}

#[test]
fn a_bad_flow_does_not_take_the_others_with_it() {
    let (library, faults) = library(&[
        ("name-resolution.yaml", VALID),
        ("bad.yaml", &calling("bad", "nothing")),
        ("again.yaml", VALID),
    ]);
    assert!(faults.contains("there is no flow `nothing`"), "{faults}");
    assert!(
        faults.contains("the flow `name-resolution` exists twice"),
        "{faults}"
    );
    assert_eq!(library.list().len(), 1);
    assert_eq!(
        library.file("name-resolution"),
        Some("name-resolution.yaml")
    );
    assert_eq!(library.nearest("name-resolutoin"), Some("name-resolution"));
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("latin.yaml"),
        b"schema: 1\ntitle: M\xfcller\n",
    )
    .unwrap();
    fs::write(folder.path().join("causes.yaml"), "not: a flow").unwrap();
    fs::create_dir(folder.path().join("folder.yaml")).unwrap();
    let causes = sspi_doctor::flow::KnownCauses::default();
    let (_, faults) = Library::load_what_works(
        &[folder.path().to_owned(), folder.path().join("missing.yaml")],
        &causes,
    );
    let told = diagnostic::human(&faults, Style::Plain);
    assert!(told.contains("this file is not UTF-8 text"), "{told}");
    assert!(
        told.contains("byte 19 is the first that is wrong"),
        "{told}"
    );
    assert!(told.contains("latin.yaml:2:9"), "{told}");
    assert!(told.contains("this is not a file"), "{told}");
    assert!(told.contains("this file cannot be read"), "{told}");
    assert!(!told.contains("causes.yaml"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any text at all.
    #[test]
    fn no_text_panics(text in "(?s).{0,200}") {
        let _ = load_text("any.yaml", &text).map_err(|faults| diagnostic::human(&faults, Style::Colour));
    }

    /// A flow in which a part was replaced, cut out or doubled.
    #[test]
    fn no_mutation_of_a_flow_panics(
        at in 0..VALID.len(),
        length in 0_usize..30,
        put in "[-\\[\\]{}:#&*!|>'\"%@`?, \na-z0-9.é]{0,8}",
    ) {
        let start = floor(at);
        let end = floor((start + length).min(VALID.len()));
        let text = format!("{}{put}{}", &VALID[..start], &VALID[end..]);
        if let Err(faults) = load_text("mutated.yaml", &text) {
            prop_assert!(!faults.is_empty());
            for fault in &faults {
                let record = fault.record();
                prop_assert!(record.line >= 1 && record.line <= text.lines().count() + 1);
            }
            diagnostic::human(&faults, Style::Plain);
        }
    }
}

fn floor(mut at: usize) -> usize {
    while !VALID.is_char_boundary(at) {
        at -= 1;
    }
    at
}
