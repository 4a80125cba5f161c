//! Writes a journal: JSON Lines, one entry a line, in the file before the next
//! step begins.

use std::fs::{DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::fault::JournalFault;
use super::lock;
use super::reading::{self, Reading};
use super::redact::Redactor;
use crate::engine::Entry;
use crate::secret::{Secret, Vault};

/// What a journal's file name ends in.
pub const EXTENSION: &str = "jsonl";

/// A journal that is being written. It has mode 0600, in a directory of mode
/// 0700, and is locked, so that one process writes it. After a step was left it
/// is also forced to the disk. What cannot be written waits in memory, and is
/// written as soon as that works.
#[derive(Debug)]
pub struct Journal {
    /// None when there is no place for a file.
    file: Option<File>,
    path: PathBuf,
    next: u64,
    redactor: Redactor,
    /// How many bytes of the file are whole lines.
    sound: u64,
    /// Whether the file may end in a part of a line.
    torn: bool,
    /// Lines that are not in the file yet.
    waiting: Vec<u8>,
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
                Ok(file) => return Self::on(Some(file), path),
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

    /// As [`Journal::create`]; where that does not work, in a new directory for
    /// temporary files, and without one in memory. The sentence says so.
    pub fn create_somewhere(directory: &Path, flow: &str, target: &str) -> (Self, Option<String>) {
        let fault = match Self::create(directory, flow, target) {
            Ok(journal) => return (journal, None),
            Err(fault) => fault,
        };
        let elsewhere = std::env::temp_dir().join(format!("sspi-doctor-{:016x}", random()));
        // Made anew, and not along a path: nobody else can have prepared it.
        let journal = DirBuilder::new()
            .mode(0o700)
            .create(&elsewhere)
            .ok()
            .and_then(|()| Self::create(&elsewhere, flow, target).ok());
        if let Some(journal) = journal {
            let words = format!(
                "{fault}. So this session is kept in {} instead",
                journal.path.display()
            );
            return (journal, Some(words));
        }
        let journal = Self {
            file: None,
            path: PathBuf::from(file_name(Timestamp::now(), flow, target)),
            next: 1,
            redactor: Redactor::default(),
            sound: 0,
            torn: false,
            waiting: Vec::new(),
            force_each_step: true,
        };
        let words = format!(
            "{fault}. So this session is kept in memory only: export it to another place before \
             you leave"
        );
        (journal, Some(words))
    }

    /// Creates a journal at a path that must not exist yet, such as a world.
    pub fn create_at(path: &Path) -> Result<Self, JournalFault> {
        let file = open(path, true).map_err(JournalFault::file(path, "make the journal"))?;
        Self::on(Some(file), path.to_owned())
    }

    /// Goes on with a journal that was cut off: a damaged last line is removed,
    /// and [`Reading::damage`] of what is returned with it says so.
    pub fn resume(path: &Path) -> Result<(Self, Reading), JournalFault> {
        let file = open(path, false).map_err(JournalFault::file(path, "open the journal"))?;
        let mut journal = Self::on(Some(file), path.to_owned())?;
        // Only what was read after the lock was taken is the last state.
        let reading = reading::read(path)?;
        if reading.is_document {
            return Err(JournalFault::NotAJournal {
                name: reading.name,
                problem: "it is a session document, which cannot be gone on with".to_owned(),
            });
        }
        journal.sound = reading.sound_bytes;
        journal.torn = true;
        journal.next = reading.lines.last().map_or(1, |line| line.seq + 1);
        if reading.needs_newline {
            journal.waiting.push(b'\n');
        }
        journal.write()?;
        Ok((journal, reading))
    }

    fn on(file: Option<File>, path: PathBuf) -> Result<Self, JournalFault> {
        if let Some(file) = &file
            && !lock::take(file)
        {
            return Err(JournalFault::InUse { path });
        }
        Ok(Self {
            file,
            path,
            next: 1,
            redactor: Redactor::default(),
            sound: 0,
            torn: false,
            waiting: Vec::new(),
            force_each_step: true,
        })
    }

    /// Where it is; a name only, unless [`Journal::is_kept`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file, so that the session outlives the program.
    pub fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// The session's name: the file's without its extension.
    pub fn name(&self) -> String {
        name_of(&self.path)
    }

    /// Hides a secret of this session from now on.
    pub fn hide(&mut self, secret: Secret) {
        self.redactor.hide(secret);
    }

    /// Hides the secrets of a session, also those that are typed later.
    pub fn hide_those_of(&mut self, vault: &Arc<Vault>) {
        self.redactor = Redactor::of(Arc::clone(vault));
    }

    /// What was recorded so far, also what could not be written.
    pub fn reading(&self) -> Result<Reading, JournalFault> {
        let mut bytes = match &self.file {
            Some(_) => std::fs::read(&self.path)
                .map_err(JournalFault::file(&self.path, "read the journal"))?,
            None => Vec::new(),
        };
        bytes.truncate(usize::try_from(self.sound).unwrap_or(usize::MAX));
        bytes.extend_from_slice(&self.waiting);
        reading::parse(&bytes, &self.name())
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

    /// Appends what happened at a time. After a fault the line is not lost: it
    /// is written with the next one.
    pub fn append_at(&mut self, entry: &Entry, at: Timestamp) -> Result<(), JournalFault> {
        let mut line = Map::new();
        line.insert("seq".to_owned(), Value::from(self.next));
        line.insert("at".to_owned(), Value::from(at.to_string()));
        if let Value::Object(fields) = self.redactor.entry(entry).map_err(JournalFault::Entry)? {
            line.extend(fields);
        }
        serde_json::to_writer(&mut self.waiting, &line).map_err(JournalFault::Entry)?;
        self.waiting.push(b'\n');
        self.next += 1;
        self.write()?;
        let force = match entry {
            Entry::Began { .. } | Entry::Branched { .. } => self.force_each_step,
            Entry::Finished { .. } => true,
            _ => false,
        };
        if force && let Some(file) = &self.file {
            file.sync_data().map_err(JournalFault::file(
                &self.path,
                "force the journal to the disk",
            ))?;
        }
        Ok(())
    }

    /// Writes what waits. One write for one line: what another process sees, or
    /// a kill leaves, is whole lines.
    fn write(&mut self) -> Result<(), JournalFault> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let fault = JournalFault::file(&self.path, "write the journal");
        if self.torn {
            match file.set_len(self.sound) {
                Ok(()) => self.torn = false,
                Err(error) => return Err(fault(error)),
            }
        }
        if let Err(error) = file.write_all(&self.waiting) {
            // A part of the line may be there.
            self.torn = file.set_len(self.sound).is_err();
            return Err(fault(error));
        }
        self.sound += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }
}

impl Drop for Journal {
    /// A walk that could not begin leaves no empty file behind.
    fn drop(&mut self) {
        let empty = self
            .file
            .as_ref()
            .and_then(|file| file.metadata().ok())
            .is_some_and(|metadata| metadata.len() == 0);
        if self.next == 1 && empty {
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
    let mut name = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    for part in [flow, target] {
        let part = plain(part);
        if !part.is_empty() {
            name.push('-');
            name.push_str(&part);
        }
    }
    format!("{name}-{:04x}.{EXTENSION}", random() & 0xffff)
}

fn random() -> u64 {
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
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
