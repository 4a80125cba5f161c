//! The manual pages: made for every command, and read by man itself.

use std::collections::BTreeSet;
use std::process::Command;

use super::Home;

fn pages(home: &Home) -> Vec<std::path::PathBuf> {
    let written = home.run(&["man", "man", "--format", "json"]);
    assert_eq!(written.exit, Some(0), "{}", written.err);
    let names = written.json();
    let names = names.as_array().unwrap().iter();
    names
        .map(|name| home.path().join(name.as_str().unwrap()))
        .collect()
}

#[test]
fn man_reads_every_page_without_a_warning() {
    let home = Home::new();
    let pages = pages(&home);
    assert!(pages.len() > 15, "{pages:?}");
    for page in &pages {
        let output = Command::new("man")
            .args(["--warnings", "--encoding=UTF-8", "--local-file"])
            .arg(page)
            .env_clear()
            .envs([
                ("PATH", "/usr/bin:/bin"),
                ("LC_ALL", "C.UTF-8"),
                ("MANWIDTH", "80"),
                ("MANPAGER", "cat"),
            ])
            .output()
            .unwrap();
        let (text, faults) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{}: {faults}", page.display());
        assert_eq!(faults, "", "{}", page.display());
        assert!(text.contains("NAME"), "{}: {text}", page.display());
    }
}

#[test]
fn every_command_has_a_page() {
    let home = Home::new();
    let names: BTreeSet<String> = pages(&home)
        .iter()
        .map(|page| page.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let help = home.run(&["--help"]).out;
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .filter(|word| *word != "help");
    for command in commands {
        let page = format!("sspi-doctor-{command}.1");
        // A line that goes on below has no command of its own.
        let goes_on = help.contains(&format!("\n            {command}"));
        assert!(
            names.contains(&page) || goes_on,
            "{page} is not in {names:?}"
        );
    }
    assert!(names.contains("sspi-doctor.1"));
}

#[test]
fn the_page_on_flows_knows_every_key_of_the_language() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/sspi-doctor-flow.5"
    ))
    .unwrap();
    let schema: serde_json::Value =
        serde_json::from_str(&sspi_doctor::flow::schema::generate()).unwrap();
    let probes: BTreeSet<&str> = sspi_doctor::probe::registry::declarations()
        .map(|declared| declared.key)
        .collect();
    let mut keys = BTreeSet::new();
    collect(&schema["properties"], &mut keys);
    for definition in schema["$defs"].as_object().unwrap().values() {
        collect(&definition["properties"], &mut keys);
    }
    assert!(keys.contains("rules-out"), "{keys:?}");
    for key in keys.iter().filter(|key| !probes.contains(key.as_str())) {
        assert!(
            text.lines().any(|line| line
                .split(|c: char| !(c.is_alphanumeric() || c == '-'))
                .any(|word| word == key)),
            "docs/sspi-doctor-flow.5 says nothing of `{key}`"
        );
    }
    for kind in [
        "text",
        "host",
        "sql-target",
        "port",
        "choice",
        "yes-no",
        "secret",
    ] {
        assert!(text.contains(&format!(".Li {kind}")), "{kind}");
    }
}

fn collect(properties: &serde_json::Value, keys: &mut BTreeSet<String>) {
    keys.extend(
        properties
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone()),
    );
}
