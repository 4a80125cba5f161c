//! The files beside the session's journal: the backup and the record.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::backup;
use super::edit::Edit;
use super::record::{Happening, RecordLine};
use crate::transcript::JournalFault;

/// What the record's file name ends in.
const RECORD: &str = "applied";

/// Keeps what is needed to undo what is done. Files have mode 0600 and are
/// forced to the disk before anything is sent.
#[derive(Debug)]
pub struct Keeper {
    journal: PathBuf,
    run: String,
    record: Option<File>,
}

impl Keeper {
    /// For the session of this journal.
    pub fn beside(journal: &Path, now: Timestamp) -> Self {
        Self {
            journal: journal.to_owned(),
            run: now.strftime("%Y%m%dT%H%M%S%3fZ").to_string(),
            record: None,
        }
    }

    /// The record's file.
    pub fn record_path(&self) -> PathBuf {
        self.journal.with_extension(RECORD)
    }

    /// Writes the values before, as LDIF that puts them back.
    pub fn back_up(&self, edits: &[Edit]) -> Result<PathBuf, JournalFault> {
        let path = self
            .journal
            .with_extension(format!("before-{}.ldif", self.run));
        let text = backup::ldif_of(edits, &self.run);
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(JournalFault::file(&path, "write the backup"))?;
        Ok(path)
    }

    /// Writes what happened to a change of this run.
    pub fn note(
        &mut self,
        number: usize,
        what: Happening,
        words: Option<String>,
        edit: &Edit,
    ) -> Result<(), JournalFault> {
        let run = self.run.clone();
        self.note_of(&run, number, what, words, edit)
    }

    /// The same for a change of an earlier run.
    pub fn note_of(
        &mut self,
        run: &str,
        number: usize,
        what: Happening,
        words: Option<String>,
        edit: &Edit,
    ) -> Result<(), JournalFault> {
        let path = self.record_path();
        let line = RecordLine {
            at: Timestamp::now(),
            run: run.to_owned(),
            number,
            what,
            words,
            edit: edit.clone(),
        };
        let mut bytes = serde_json::to_vec(&line).map_err(JournalFault::Entry)?;
        bytes.push(b'\n');
        let fault = JournalFault::file(&path, "write what was done");
        let mut write = || {
            let file = match &mut self.record {
                Some(file) => file,
                none => {
                    // After a line that was cut off, the next begins anew.
                    bytes.insert(0, b'\n');
                    none.insert(
                        OpenOptions::new()
                            .append(true)
                            .create(true)
                            .mode(0o600)
                            .open(&path)?,
                    )
                }
            };
            file.write_all(&bytes)?;
            file.sync_data()
        };
        write().map_err(fault)
    }

    /// Reads the record. A line that was cut off is left out: the one before it
    /// says that the change may have been made, and undoing looks whether it was.
    pub fn read(&self) -> Result<Vec<RecordLine>, JournalFault> {
        let path = self.record_path();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(fault) => return Err(JournalFault::file(&path, "read what was done")(fault)),
        };
        Ok(text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect())
    }
}
