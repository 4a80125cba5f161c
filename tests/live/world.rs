//! The recorded worlds of the demo are walks in this lab.
//!
//! `SSPI_RECORD=1 cargo test --test live world` makes them anew; without it,
//! each committed world must still find what the lab finds today.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::fault::{Fault, WrongAccount};
use lab::lab::Lab;
use serde_json::Value;

use crate::walk::{MAIN, PROGRAM, SQL1, inject, lab, on_client};

/// A world: its name, what is wrong, and what its walks find.
struct World {
    name: &'static str,
    fault: Option<Fault>,
    flow: &'static str,
    set: &'static [(&'static str, &'static str)],
    causes: &'static [&'static str],
}

const ACCOUNT: (&str, &str) = ("service_account", r"CORP\svc_sql");
const BACK_END: (&str, &str) = ("back_end", "sql2.corp.example,1433");

const WORLDS: &[World] = &[
    World {
        name: "spn-on-wrong-account",
        fault: Some(Fault::SpnOnWrongAccount(WrongAccount::Computer)),
        flow: MAIN,
        set: &[("server", SQL1), ACCOUNT],
        causes: &["spn-on-wrong-account"],
    },
    World {
        name: "spn-missing",
        fault: Some(Fault::SpnMissing),
        flow: MAIN,
        set: &[("server", SQL1), ACCOUNT],
        causes: &["spn-missing"],
    },
    World {
        name: "spn-duplicate",
        fault: Some(Fault::SpnDuplicate),
        flow: MAIN,
        set: &[("server", SQL1), ACCOUNT],
        causes: &["spn-duplicate"],
    },
    World {
        name: "reverse-lookup-mismatch",
        fault: Some(Fault::ReverseLookupMismatch(lab::fault::Pointer::Wrong)),
        flow: MAIN,
        set: &[("server", SQL1), ACCOUNT],
        causes: &["reverse-lookup-mismatch"],
    },
    World {
        name: "delegation-not-trusted",
        fault: Some(Fault::Delegation(lab::fault::Delegation::NotTrusted)),
        flow: "linked-server-delegation",
        set: &[("server", SQL1), BACK_END],
        causes: &["delegation-not-trusted"],
    },
    World {
        name: "healthy",
        fault: None,
        flow: MAIN,
        set: &[("server", SQL1), ACCOUNT],
        causes: &[],
    },
];

/// Further walks whose answers a curious user of the demo may need.
const SIDE_WALKS: &[(&str, &[(&str, &str)])] = &[
    (MAIN, &[("server", SQL1)]),
    (MAIN, &[("server", SQL1), ACCOUNT]),
    (
        MAIN,
        &[
            ("server", SQL1),
            ("scope", "linked-server"),
            ("which_back_end", "sql2.corp.example,1433"),
        ],
    ),
    ("name-resolution", &[("server", SQL1)]),
    ("domain-trust", &[("server", SQL1)]),
    ("spn-verification", &[("server", SQL1)]),
    ("spn-verification", &[("server", SQL1), ACCOUNT]),
    ("linked-server-delegation", &[("server", SQL1), BACK_END]),
    ("server-reachability", &[("server", SQL1)]),
    ("sign-in", &[]),
];

#[test]
fn worlds() {
    let record = std::env::var_os("SSPI_RECORD").is_some();
    for world in WORLDS {
        let lab = lab();
        if let Some(fault) = world.fault {
            inject(&lab, fault);
        }
        usual_cache(&lab);
        let journal = walked(&lab, world.flow, world.set);
        let path = folder().join(format!("{}.jsonl", world.name));
        if record {
            std::fs::create_dir_all(folder()).expect("the folder of the worlds");
            std::fs::write(&path, recorded(&lab, &journal)).expect("the world is written");
        }
        assert!(
            path.is_file(),
            "{} is missing: SSPI_RECORD=1 cargo test --test live world",
            path.display()
        );
        assert_eq!(found(&journal), world.causes, "what the lab finds today");
        if record {
            // The program carries the worlds: it must be built anew first.
            continue;
        }
        assert_eq!(
            replayed(world),
            world.causes,
            "what the recorded world {} finds",
            world.name
        );
    }
}

/// alice's cache where a user's cache usually is, for a journal that reads like
/// a real one.
fn usual_cache(lab: &Lab) {
    let client = lab.host("client").expect("the jump host");
    let cache = client.ccache("alice").expect("alice's cache");
    let done = client
        .command("sh")
        .args([
            "-c",
            "mkdir -p /run/user/1000 && cp -p \"$1\" /run/user/1000/krb5cc",
            "sh",
        ])
        .arg(&cache)
        .status()
        .expect("sh runs");
    assert!(done.success());
}

/// The journal of one walk.
fn walked(lab: &Lab, flow: &str, set: &[(&str, &str)]) -> String {
    let path = std::env::temp_dir().join(format!("sspi-world-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let mut command = on_client(lab, PROGRAM);
    command.env("KRB5CCNAME", "FILE:/run/user/1000/krb5cc");
    command.args([
        "run",
        flow,
        "--allow",
        "all",
        "--quiet",
        "--format",
        "json",
        "--journal",
    ]);
    command.arg(&path);
    for (name, value) in set {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    let output = command.output().expect("the program runs");
    let journal = std::fs::read_to_string(&path).unwrap_or_else(|fault| {
        panic!(
            "no journal: {fault}\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let _ = std::fs::remove_file(&path);
    journal
}

/// A world's text: the journal of its own walk, and what other walks asked
/// beside that.
fn recorded(lab: &Lab, journal: &str) -> String {
    let mut text = journal.to_owned();
    let mut asked: BTreeSet<String> = journal.lines().filter_map(request).collect();
    for (flow, set) in SIDE_WALKS {
        for line in walked(lab, flow, set).lines() {
            if request(line).is_some_and(|request| asked.insert(request)) {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

/// The request of a line that tells an observation.
fn request(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["entry"] == "observed").then(|| line["request"].to_string())
}

fn found(journal: &str) -> Vec<String> {
    journal
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["entry"] == "found")
        .filter_map(|line| line["finding"]["cause"].as_str().map(str::to_owned))
        .collect()
}

/// What the committed world finds, walked by the program without any lab.
fn replayed(world: &World) -> Vec<String> {
    let mut command = Command::new(PROGRAM);
    command.args([
        "run", world.flow, "--world", world.name, "--format", "json", "--quiet",
    ]);
    let scratch = std::env::temp_dir().join(format!("sspi-replay-{}.jsonl", std::process::id()));
    command.arg("--journal").arg(&scratch);
    for (name, value) in world.set {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    let output = command.output().expect("the program runs");
    let _ = std::fs::remove_file(&scratch);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    document["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|finding| finding["cause"].as_str().map(str::to_owned))
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/worlds")
}
