//! The session that was cut off last, to be offered to the user.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::document::SessionDocument;
use super::journal::name_of;
use super::{lock, reading, sessions};
use crate::engine::StepKind;

/// Older sessions are not offered: their user has found another way.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// How many journals are looked at, at most: the first screen must not wait.
const LOOKED_AT: usize = 4;

/// A session that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Its journal.
    pub path: PathBuf,
    /// What was diagnosed.
    pub target: String,
    /// The flow's title.
    pub title: String,
    /// How many steps were finished.
    pub steps: usize,
    /// When its last line was written.
    pub last: Timestamp,
}

impl Cut {
    /// How long ago it was cut off, in words.
    pub fn ago(&self, now: Timestamp) -> String {
        let minutes = now.duration_since(self.last).as_mins().max(0);
        match minutes {
            0 => "just now".to_owned(),
            1 => "1 minute ago".to_owned(),
            2..=119 => format!("{minutes} minutes ago"),
            _ => format!("{} hours ago", minutes / 60),
        }
    }
}

/// So much of a journal's beginning and end tells whether it is the one.
const EDGE: u64 = 4096;

/// The first and the last bytes of a journal.
fn edges(path: &Path) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut file = File::open(path)?;
    let (mut first, mut last) = (Vec::new(), Vec::new());
    (&mut file).take(EDGE).read_to_end(&mut first)?;
    if !first.contains(&b'\n') {
        file.read_to_end(&mut first)?;
    }
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(EDGE)))?;
    file.take(EDGE).read_to_end(&mut last)?;
    Ok((first, last))
}

/// Where the outcomes of a journal came from, by its first line.
fn source_of(bytes: &[u8]) -> Option<String> {
    let first = bytes.split(|byte| *byte == b'\n').next()?;
    let first: serde_json::Value = serde_json::from_slice(first).ok()?;
    Some(first["source"].as_str()?.to_owned())
}

/// Whether the last line of a journal says that the walk ended; a line that is
/// longer than what is there says something else.
fn is_finished(bytes: &[u8]) -> bool {
    let last = bytes
        .trim_ascii_end()
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    serde_json::from_slice::<serde_json::Value>(last).is_ok_and(|line| line["entry"] == "finished")
}

/// The latest session whose outcomes come from this source, if it was cut off.
/// One that another process walks is passed over.
pub fn latest(directory: &Path, source: &str, now: Timestamp) -> Option<Cut> {
    let mut paths = sessions::journals(directory).ok()?;
    paths.sort_by_key(|path| std::cmp::Reverse(name_of(path)));
    for path in paths.into_iter().take(LOOKED_AT) {
        let Ok((first, last)) = edges(&path) else {
            continue;
        };
        if source_of(&first).as_deref() != Some(source) || lock::is_taken(&path) {
            continue;
        }
        // Most sessions have an end, and need not be read for that.
        if is_finished(&last) {
            return None;
        }
        let Ok(reading) = reading::read(&path) else {
            continue;
        };
        let document = SessionDocument::of(&reading);
        let last = reading.lines.last()?.at;
        let steps = document
            .steps
            .iter()
            .filter(|step| {
                step.status.is_some() && !matches!(step.kind, StepKind::Flow | StepKind::Finish)
            })
            .count();
        let is_cut = document.ended.is_none() && steps > 0 && now.duration_since(last) < LONGEST;
        return is_cut.then_some(Cut {
            path,
            target: document.target,
            title: document.title,
            steps,
            last,
        });
    }
    None
}
