//! The journals that are there.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use super::document::SessionDocument;
use super::fault::JournalFault;
use super::journal::EXTENSION;
use super::reading;
use crate::engine::Verdict;

/// One session, in a line of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// Its name.
    pub name: String,
    /// Its journal.
    pub path: PathBuf,
    /// When it began.
    pub started: Timestamp,
    /// The flow's id.
    pub flow: String,
    /// What was diagnosed.
    pub target: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Whether the walk was ended.
    pub complete: bool,
    /// How many steps count.
    pub steps: usize,
    /// The causes found.
    pub causes: Vec<String>,
}

impl Session {
    /// When it was, what it came to, and after how many steps.
    pub fn words(&self) -> String {
        let verdict = match self.verdict {
            Verdict::CauseFound => format!("found: {}", self.causes.join(", ")),
            other => other.status().to_owned(),
        };
        let cut = if self.complete { "" } else { ", not finished" };
        format!(
            "{}  {verdict} ({} steps{cut})",
            super::words::time(self.started),
            self.steps
        )
    }
}

/// The sessions in a directory, newest first. What is not a journal is passed
/// over; a directory that does not exist has none.
pub fn list(directory: &Path) -> Result<Vec<Session>, JournalFault> {
    let mut sessions = Vec::new();
    for path in journals(directory)? {
        let Ok(reading) = reading::read(&path) else {
            continue;
        };
        let document = SessionDocument::of(&reading);
        sessions.push(Session {
            name: document.session,
            path,
            started: document.started,
            flow: document.flow,
            target: document.target,
            verdict: document.verdict,
            complete: document.ended.is_some(),
            steps: document.steps.len(),
            causes: document
                .findings
                .into_iter()
                .map(|finding| finding.finding.cause)
                .collect(),
        });
    }
    sessions.sort_by_key(|session| std::cmp::Reverse(session.started));
    Ok(sessions)
}

/// The journal that a user means: a path, a session's name, the beginning of
/// one, or `last`.
pub fn find(asked: &str, directory: &Path) -> Result<PathBuf, JournalFault> {
    let path = Path::new(asked);
    if path.is_file() {
        return Ok(path.to_owned());
    }
    let none = || JournalFault::NoSuchSession {
        asked: crate::hostile::clean_line(asked),
        directory: directory.to_owned(),
    };
    let mut paths = journals(directory)?;
    paths.sort();
    if asked == "last" {
        return paths.pop().ok_or_else(none);
    }
    let name = asked
        .strip_suffix(&format!(".{EXTENSION}"))
        .unwrap_or(asked);
    let named = |path: &PathBuf| super::journal::name_of(path);
    if let Some(path) = paths.iter().find(|path| named(path) == name) {
        return Ok(path.clone());
    }
    let mut matches: Vec<PathBuf> = paths
        .into_iter()
        .filter(|path| !name.is_empty() && named(path).starts_with(name))
        .collect();
    match (matches.pop(), matches.len()) {
        (Some(path), 0) => Ok(path),
        (Some(path), _) => {
            matches.push(path);
            Err(JournalFault::Ambiguous {
                asked: crate::hostile::clean_line(asked),
                names: matches.iter().map(named).collect(),
            })
        }
        (None, _) => Err(none()),
    }
}

pub(super) fn journals(directory: &Path) -> Result<Vec<PathBuf>, JournalFault> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(JournalFault::file(directory, "list the sessions")(error)),
    };
    Ok(entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == EXTENSION)
        })
        .collect())
}
