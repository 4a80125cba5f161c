//! The scripts of the shells, really run by the shells.

use std::process::Command;

use super::{Home, PROGRAM, Ran};

/// A folder for `PATH` in which the program has its usual name.
fn path(home: &Home) -> String {
    let folder = home.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(PROGRAM, folder.join("sspi-doctor")).unwrap();
    format!("{}:/usr/bin:/bin", folder.display())
}

fn shell(home: &Home, program: &str, script: &str) -> String {
    let file = home.write("script", script);
    let output = Command::new(program)
        .args(if program == "bash" {
            vec!["--norc"]
        } else {
            vec![]
        })
        .arg(file)
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", path(home))
        .env("LC_ALL", "C.UTF-8")
        .current_dir(home.path())
        .output()
        .unwrap();
    let ran = Ran::of(&output);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    ran.out
}

/// What bash offers for these words, the last of which is being typed.
fn bash(home: &Home, words: &[&str]) -> Vec<String> {
    let script = format!(
        "source <(sspi-doctor completions bash) || exit 1\n\
         COMP_WORDS=({}); COMP_CWORD={}; COMP_TYPE=9\n\
         _clap_complete_sspi_doctor sspi-doctor '{}'\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        words.join(" "),
        words.len() - 1,
        words.last().unwrap().trim_matches('\''),
    );
    let told = shell(home, "bash", &script);
    told.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn bash_completes_commands_flows_worlds_and_sessions() {
    let home = Home::new();
    let ours = super::FLOW;
    home.write(".config/sspi-doctor/flows/ours.yaml", ours);
    home.write(
        ".local/state/sspi-doctor/sessions/20261122T101112-sign-in-ab12.jsonl",
        "",
    );
    let offered = bash(&home, &["sspi-doctor", "doc"]);
    assert_eq!(offered, ["doctor"]);
    std::fs::remove_dir_all(home.path().join("bin")).unwrap();
    let offered = bash(&home, &["sspi-doctor", "walk", "''"]);
    for flow in ["cannot-generate-sspi-context", "ours"] {
        assert!(offered.iter().any(|one| one == flow), "{offered:?}");
    }
    std::fs::remove_dir_all(home.path().join("bin")).unwrap();
    let offered = bash(&home, &["sspi-doctor", "demo", "spn-d"]);
    assert_eq!(offered, ["spn-duplicate"]);
    std::fs::remove_dir_all(home.path().join("bin")).unwrap();
    let offered = bash(&home, &["sspi-doctor", "export", "2026"]);
    assert_eq!(offered, ["20261122T101112-sign-in-ab12"]);
}

#[test]
fn fish_and_zsh_get_scripts_for_the_same_answers() {
    let home = Home::new();
    for (name, sign) in [
        ("fish", "complete --keep-order"),
        ("zsh", "#compdef sspi-doctor"),
    ] {
        let ran = home.run(&["completions", name]);
        assert_eq!(ran.exit, Some(0));
        assert!(ran.out.starts_with(sign), "{}", ran.out);
    }
    // What their scripts ask.
    let mut command = home.command(&["--", "sspi-doctor", "demo", "spn-d"]);
    command.env("SSPI_DOCTOR_COMPLETE", "fish");
    let told = Ran::of(&command.output().unwrap());
    assert!(told.out.starts_with("spn-duplicate\t"), "{}", told.out);
    let mut command = home.command(&["--", "sspi-doctor", "demo", "spn-d"]);
    command
        .env("SSPI_DOCTOR_COMPLETE", "zsh")
        .env("_CLAP_COMPLETE_INDEX", "2");
    let told = Ran::of(&command.output().unwrap());
    assert!(told.out.starts_with("spn-duplicate:"), "{}", told.out);
}
