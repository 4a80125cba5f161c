//! The flows that the program carries, and the schema that editors use.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_yaml::Value;
use sspi_doctor::flow::diagnostic::{self, Style};
use sspi_doctor::flow::library::SHIPPED;
use sspi_doctor::flow::{CauseParameters, KnownCauses, Library, schema};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("flows")
}

/// The names of the flow files in the folder.
fn flow_files() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "yaml"))
        .filter(|name| name != "causes.yaml")
        .collect();
    names.sort();
    names
}

/// The causes as they stand in the catalogue's file.
fn known_causes() -> KnownCauses {
    let text = fs::read_to_string(folder().join("causes.yaml")).unwrap_or_default();
    let catalogue: Value = serde_yaml::from_str(&text).unwrap();
    let list = |value: &Value| value.as_sequence().cloned().unwrap_or_default();
    let parameters = |cause: &Value| CauseParameters {
        required: cause["parameters"]
            .as_mapping()
            .into_iter()
            .flatten()
            .map(|(name, parameter)| {
                let required = parameter["required"].as_bool().unwrap_or(false);
                (name.as_str().unwrap().to_owned(), required)
            })
            .collect(),
    };
    KnownCauses(
        list(&catalogue["groups"])
            .iter()
            .flat_map(|group| list(&group["causes"]))
            .map(|cause| (cause["id"].as_str().unwrap().to_owned(), parameters(&cause)))
            .collect(),
    )
}

#[test]
fn the_editors_schema_is_fresh() {
    let path = folder().join("flow.schema.json");
    let fresh = schema::generate();
    if std::env::var_os("WRITE_SCHEMA").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == fresh,
        "flows/flow.schema.json is stale: run `WRITE_SCHEMA=1 cargo test --test flows`"
    );
}

#[test]
fn the_program_carries_every_flow_in_the_folder() {
    let mut carried: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    carried.sort_unstable();
    assert_eq!(
        carried,
        flow_files(),
        "the list in src/flow/library/shipped.rs and the folder flows/ differ"
    );
}

#[test]
fn each_flow_names_its_schema_and_is_named_after_its_file() {
    for name in flow_files() {
        let text = fs::read_to_string(folder().join(&name)).unwrap();
        assert_eq!(
            text.lines().next(),
            Some("# yaml-language-server: $schema=flow.schema.json"),
            "the first line of flows/{name}"
        );
        let id = name.trim_end_matches(".yaml");
        assert!(
            text.contains(&format!("\nid: {id}\n")),
            "flows/{name} must have `id: {id}`"
        );
    }
}

#[test]
fn every_shipped_flow_is_without_fault() {
    if let Err(faults) = Library::shipped(&known_causes()) {
        panic!("\n{}", diagnostic::human(&faults, Style::Plain));
    }
}
