//! The pictures in README and docs come from the program:
//! `UPDATE_PICTURES=1 cargo test --test tui pictures` draws them.

use std::path::{Path, PathBuf};

use super::drawing::draw;
use super::harness::Wizard;
use super::svg;

#[tokio::test]
async fn the_pictures_are_those_of_the_program() {
    let mut stale = Vec::new();

    let mut wizard = Wizard::in_world("spn-on-wrong-account").await;
    stale.extend(check(&wizard, "first-step", "The first step of a walk"));
    // On to the first fault.
    wizard.press("g").await;
    stale.extend(check(&wizard, "cause", "The step that finds the cause"));
    wizard.press("w").await;
    stale.extend(check(&wizard, "why", "Why the step thinks so"));
    wizard.press("Esc t").await;
    stale.extend(check(&wizard, "terms", "The terms of a step, explained"));
    wizard.press("Esc").await;
    for _ in 0..12 {
        wizard.press("g").await;
    }
    stale.extend(check(&wizard, "end", "The end of a walk"));

    assert!(
        stale.is_empty(),
        "stale: {stale:?}; run `UPDATE_PICTURES=1 cargo test --test tui pictures`"
    );
}

/// The name of a picture that is not as the program shows it.
fn check(wizard: &Wizard, name: &str, title: &str) -> Option<String> {
    let path = folder().join(format!("{name}.svg"));
    let drawn = svg::picture(&draw(&wizard.model(), 80, 24), title);
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    (kept != drawn).then(|| name.to_owned())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}
