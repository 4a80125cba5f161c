//! What people paste, list and configure.

use std::path::Path;

use serde_json::Value;
use sspi_doctor::config::file;
use sspi_doctor::engine::answer;
use sspi_doctor::flow::InputKind;
use sspi_doctor::flow::diagnostic::{self, SourceFile, Style};
use sspi_doctor::headless::fleet::{Lines, TargetResult};
use sspi_doctor::pasted::{self, Told, card, text};

use super::screen;

/// The causes whose answers are not known by themselves: each has a reader.
const CARDS: &[&str] = &[
    "secure-channel-broken",
    "encryption-policy-mismatch",
    "keytab-misconfigured",
    "server-access-denied-by-policy",
    "impersonate-right-missing",
    "job-double-hop",
    "name-points-elsewhere",
    "client-alias",
    "legacy-driver",
    "credential-guard",
    "sid-filtering",
    "clock-skew",
    "service-account-unusable",
];

/// When they are read.
const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

/// Reports, answers of commands, error messages and advice, as a file or from
/// the clipboard.
pub fn pasted(data: &[u8]) {
    let text = text::decode(data);
    let read = pasted::recognise(&text, "pasted.txt", CARDS, NOW);
    screen::assert_clean_value(&read.told);
    screen::assert_clean_value(&read.error);
    let lines = read.told.lines();
    assert!(lines.len() <= 5 * 2000, "more is told than is kept");
    for line in &lines {
        screen::assert_clean(line);
    }
    for advice in &read.advice {
        screen::assert_clean(&advice.words());
    }
    // A journal keeps what was told.
    let kept = serde_json::to_value(&read.told).unwrap_or_default();
    let again: Told = serde_json::from_value(kept).unwrap_or_default();
    assert_eq!(again, read.told);
    for cause in CARDS {
        assert!(card::is_readable(cause), "{cause}");
        if let Some(answer) = card::read(cause, &text, "pasted.txt", NOW) {
            screen::assert_clean_value(&answer);
            assert_eq!(&answer.cause, cause);
        }
    }
}

/// The list of `run --targets`, each line of it as the answer that it is for a
/// walk, and the lines that `compare` reads.
pub fn target_list(data: &[u8]) {
    let mut before = 0;
    for line in Lines::of(data) {
        let number = match &line {
            Ok(line) => {
                assert!(line.text.len() <= 2048 && !line.text.is_empty());
                if let Ok(value) = answer::parse(InputKind::SqlTarget, &[], false, &line.text) {
                    screen::assert_clean_value(&value);
                    assert!(value["typed"].is_string() && value["host"].is_string());
                }
                if let Ok(result) = serde_json::from_str::<TargetResult>(&line.text) {
                    let written = serde_json::to_string(&result).unwrap_or_default();
                    let again: Option<TargetResult> = serde_json::from_str(&written).ok();
                    assert_eq!(again.as_ref(), Some(&result));
                }
                line.number
            }
            Err(bad) => {
                screen::assert_clean(&bad.why);
                bad.line.number
            }
        };
        assert!(number > before, "a line is read twice");
        before = number;
    }
}

/// The configuration file, and what its author is told of it.
pub fn configuration(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let source = SourceFile::new("config.toml", &text);
    let home = Some(Path::new("/home/a"));
    let (settings, mut faults) = file::parse(Path::new("config.toml"), &source, home);
    assert!(settings.len() <= text.lines().count() + 1);
    for setting in settings.values() {
        screen::assert_clean(&setting.origin.words());
    }
    diagnostic::sort(&mut faults);
    screen::assert_clean(&diagnostic::human(&faults, Style::Plain));
    let records: Value = diagnostic::json(&faults);
    screen::assert_clean_value(&records);
}
