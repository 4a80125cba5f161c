//! Writes a journal: JSON Lines, one entry a line, in the file before the next
//! step begins.

use std::fs::{DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::fault::JournalFault;
use super::reading;
use super::redact::Redactor;
use crate::engine::Entry;
use crate::secret::Secret;

/// What a journal's file name ends in.
pub const EXTENSION: &str = "jsonl";

/// A journal that is being written. It has mode 0600, in a directory of mode
/// 0700. After a step was left it is also forced to the disk.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    next: u64,
    redactor: Redactor,
    force_each_step: bool,
}

impl Journal {
    /// Creates the journal of a new session in a directory, which is created
    /// too. Its name tells when, which flow and what for.
    pub fn create(directory: &Path, flow: &str, target: &str) -> Result<Self, JournalFault> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(JournalFault::file(directory, "make the directory"))?;
        for _ in 0..16 {
            let path = directory.join(file_name(Timestamp::now(), flow, target));
            match open(&path, true) {
                Ok(file) => return Ok(Self::on(file, path, 1)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(JournalFault::file(&path, "make the journal")(error)),
            }
        }
        Err(
            JournalFault::file(directory, "find a name for the journal")(
                ErrorKind::AlreadyExists.into(),
            ),
        )
    }

    /// Creates a journal at a path that must not exist yet, such as a world.
    pub fn create_at(path: &Path) -> Result<Self, JournalFault> {
        let file = open(path, true).map_err(JournalFault::file(path, "make the journal"))?;
        Ok(Self::on(file, path.to_owned(), 1))
    }

    /// Goes on with a journal that was cut off: a damaged last line is removed.
    pub fn resume(path: &Path) -> Result<Self, JournalFault> {
        let reading = reading::read(path)?;
        let file = open(path, false).map_err(JournalFault::file(path, "open the journal"))?;
        if reading.sound_bytes > 0 {
            file.set_len(reading.sound_bytes)
                .map_err(JournalFault::file(path, "shorten the journal"))?;
        }
        let next = reading.lines.last().map_or(1, |line| line.seq + 1);
        let mut journal = Self::on(file, path.to_owned(), next);
        if reading.needs_newline {
            journal.write(b"\n")?;
        }
        Ok(journal)
    }

    fn on(file: File, path: PathBuf, next: u64) -> Self {
        Self {
            file,
            path,
            next,
            redactor: Redactor::default(),
            force_each_step: true,
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The session's name: the file's without its extension.
    pub fn name(&self) -> String {
        name_of(&self.path)
    }

    /// Hides a secret of this session from now on.
    pub fn hide(&mut self, secret: Secret) {
        self.redactor.hide(secret);
    }

    /// Forces the journal to the disk when the walk ends and not after each
    /// step: of many walks at once, the disk would set the pace. A killed
    /// program loses nothing either way, a machine without power may.
    pub fn force_at_the_end(&mut self) {
        self.force_each_step = false;
    }

    /// Appends what happened, with the time of now.
    pub fn append(&mut self, entry: &Entry) -> Result<(), JournalFault> {
        self.append_at(entry, Timestamp::now())
    }

    /// Appends what happened at a time.
    pub fn append_at(&mut self, entry: &Entry, at: Timestamp) -> Result<(), JournalFault> {
        let mut line = Map::new();
        line.insert("seq".to_owned(), Value::from(self.next));
        line.insert("at".to_owned(), Value::from(at.to_string()));
        if let Value::Object(fields) = self.redactor.entry(entry).map_err(JournalFault::Entry)? {
            line.extend(fields);
        }
        let mut bytes = serde_json::to_vec(&line).map_err(JournalFault::Entry)?;
        bytes.push(b'\n');
        // One write for one line: what another process sees, or a kill leaves,
        // is whole lines.
        self.write(&bytes)?;
        self.next += 1;
        let force = match entry {
            Entry::Began { .. } | Entry::Branched { .. } => self.force_each_step,
            Entry::Finished { .. } => true,
            _ => false,
        };
        if force {
            self.file.sync_data().map_err(JournalFault::file(
                &self.path,
                "force the journal to the disk",
            ))?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalFault> {
        self.file
            .write_all(bytes)
            .map_err(JournalFault::file(&self.path, "write the journal"))
    }
}

impl Drop for Journal {
    /// A walk that could not begin leaves no empty file behind.
    fn drop(&mut self) {
        if self.next == 1
            && self
                .file
                .metadata()
                .is_ok_and(|metadata| metadata.len() == 0)
        {
            // When it cannot be removed, an empty file stays: readers say so.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path, new: bool) -> std::io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create_new(new)
        .mode(0o600)
        .open(path)
}

/// The session's name in a path.
pub(super) fn name_of(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Such as `20261122T101530Z-spn-verification-sql1.corp.example_1433-4f9a.jsonl`.
fn file_name(at: Timestamp, flow: &str, target: &str) -> String {
    let random = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    let mut name = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    for part in [flow, target] {
        let part = plain(part);
        if !part.is_empty() {
            name.push('-');
            name.push_str(&part);
        }
    }
    format!("{name}-{:04x}.{EXTENSION}", random & 0xffff)
}

/// What a person typed, as a part of a file name.
fn plain(text: &str) -> String {
    let plain: String = text
        .chars()
        .take(48)
        .map(|character| match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '-' => character.to_ascii_lowercase(),
            _ => '_',
        })
        .collect();
    plain.trim_matches(['.', '-', '_']).to_owned()
}

#[cfg(test)]
mod tests;
