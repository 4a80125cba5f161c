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

#[cfg(test)]
mod tests {
    use super::super::edit::{How, Value};
    use super::super::object::Object;
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn edit(account: &str, before: &[&str], after: &[&str]) -> Edit {
        Edit {
            object: Object {
                server: "dc1".to_owned(),
                domain: "corp.example".to_owned(),
                account: account.to_owned(),
                distinguished_name: format!("CN={account}"),
                sid: account.to_owned(),
            },
            attribute: "servicePrincipalName".to_owned(),
            how: How::Replace,
            before: before.iter().map(|value| Value::from(*value)).collect(),
            after: after.iter().map(|value| Value::from(*value)).collect(),
            words: Vec::new(),
            reasons: Vec::new(),
        }
    }

    /// The first values of each attribute, the last change first, for us alone.
    #[test]
    fn the_backup_puts_the_first_values_back() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = Keeper::beside(&folder.path().join("case.jsonl"), Timestamp::UNIX_EPOCH);
        let edits = [
            edit("old", &["a", "b"], &["b"]),
            edit("old", &["b"], &[]),
            edit("new", &[], &["a"]),
        ];
        let path = keeper.back_up(&edits).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let changes: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let attribute = "servicePrincipalName";
        let wanted = format!(
            "\ndn: CN=new\nchangetype: modify\nreplace: {attribute}\n-\n\ndn: CN=old\nchangetype: \
             modify\nreplace: {attribute}\n{attribute}: a\n{attribute}: b\n-"
        );
        assert_eq!(changes.join("\n"), wanted);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(
            keeper.back_up(&edits).is_err(),
            "a backup is never written over"
        );
    }

    #[test]
    fn a_line_that_was_cut_off_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("case.jsonl");
        let note = |number| {
            let mut keeper = Keeper::beside(&journal, Timestamp::UNIX_EPOCH);
            let edit = edit("old", &["a"], &[]);
            keeper.note(number, Happening::Made, None, &edit).unwrap();
            keeper
        };
        let path = note(1).record_path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}{{\"at\":\"2026")).unwrap();
        let numbers: Vec<usize> = note(2)
            .read()
            .unwrap()
            .iter()
            .map(|line| line.number)
            .collect();
        assert_eq!(numbers, [1, 2]);
    }
}
