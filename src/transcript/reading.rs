//! Reads a journal back.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::document::SessionDocument;
use super::fault::JournalFault;
use super::from_document;
use super::journal::name_of;
use crate::engine::Entry;
use crate::engine::entry::SCHEMA;
use crate::hostile;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Line {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// A journal as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The session's name.
    pub name: String,
    /// The lines, in order; the first is [`Entry::Began`].
    pub lines: Vec<Line>,
    /// What could not be read, in a sentence; null when all could.
    pub damage: Option<String>,
    /// How many bytes of the file are sound.
    pub sound_bytes: u64,
    /// Whether the last sound line lacks its end.
    pub needs_newline: bool,
    /// Whether it was made from a session document, not from a journal.
    pub is_document: bool,
}

impl Reading {
    /// The lines that count: what was taken back by going back, or asked again
    /// when a walk went on, is left out. Notes and screens stay.
    pub fn counting(&self) -> Vec<&Line> {
        let mut lines: Vec<&Line> = Vec::new();
        for line in &self.lines {
            let Entry::WentBack { from_visit } = line.entry else {
                lines.push(line);
                continue;
            };
            let first = lines.iter().position(
                |line| matches!(line.entry, Entry::Entered { visit, .. } if visit >= from_visit),
            );
            if let Some(first) = first {
                let gone = lines.split_off(first);
                lines.extend(gone.into_iter().filter(|line| {
                    matches!(
                        line.entry,
                        Entry::Noted { .. } | Entry::Screen { .. } | Entry::Resumed { .. }
                    )
                }));
            }
        }
        lines
    }
}

/// Reads a journal. A damaged line ends it: what stands before is good, and
/// [`Reading::damage`] says what is missing.
pub fn read(path: &Path) -> Result<Reading, JournalFault> {
    let bytes = std::fs::read(path).map_err(JournalFault::file(path, "read the journal"))?;
    parse(&bytes, &name_of(path))
}

/// Reads a journal from memory; `name` stands in faults and in the document.
pub fn parse(bytes: &[u8], name: &str) -> Result<Reading, JournalFault> {
    let mut reading = Reading {
        name: name.to_owned(),
        lines: Vec::new(),
        damage: None,
        sound_bytes: 0,
        needs_newline: false,
        is_document: false,
    };
    if let Some(document) = document(bytes) {
        reading.name = hostile::clean_line(&document.session);
        reading.damage = document.damage.as_deref().map(hostile::clean_line);
        reading.lines = from_document::lines(&document)
            .into_iter()
            .map(clean)
            .collect();
        reading.is_document = true;
        return Ok(reading);
    }
    let total = bytes.split_inclusive(|byte| *byte == b'\n').count();
    for (index, raw) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        if raw.trim_ascii().is_empty() {
            reading.sound_bytes += raw.len() as u64;
            continue;
        }
        if index == 0 {
            first(raw, name)?;
        }
        match serde_json::from_slice::<Line>(raw) {
            Ok(line) if index > 0 && matches!(line.entry, Entry::Began { .. }) => {
                reading.damage = Some(format!(
                    "Line {number} begins another session; it and what follows are left out."
                ));
                break;
            }
            Ok(line) => {
                reading.sound_bytes += raw.len() as u64;
                reading.needs_newline = !raw.ends_with(b"\n");
                reading.lines.push(clean(line));
            }
            Err(error) => {
                reading.damage = Some(if number == total {
                    format!(
                        "The last line ({number}) is damaged, as when a session was cut off; it is \
                         left out."
                    )
                } else {
                    // An unknown word of the line stands in the error.
                    let error = hostile::clean_line(&error.to_string());
                    format!(
                        "Line {number} is damaged ({error}); it and the {} lines after it are left \
                         out.",
                        total - number
                    )
                });
                break;
            }
        }
    }
    if reading.lines.is_empty() {
        return Err(JournalFault::NotAJournal {
            name: name.to_owned(),
            problem: if total == 0 {
                "it is empty".to_owned()
            } else {
                "its first line cannot be read".to_owned()
            },
        });
    }
    Ok(reading)
}

/// A session document, if that is what the bytes are.
fn document(bytes: &[u8]) -> Option<SessionDocument> {
    let first = bytes.split(|byte| *byte == b'\n').next()?;
    let is_journal =
        serde_json::from_slice::<Value>(first).is_ok_and(|line| !line["entry"].is_null());
    if is_journal || !bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}

/// The first line says who wrote it, before anything else is believed.
fn first(raw: &[u8], name: &str) -> Result<(), JournalFault> {
    let not_a_journal = |problem: String| JournalFault::NotAJournal {
        name: name.to_owned(),
        problem,
    };
    let value: Value = serde_json::from_slice(raw)
        .map_err(|error| not_a_journal(format!("its first line is not JSON ({error})")))?;
    if value["entry"] != "began" {
        return Err(not_a_journal(
            "its first line does not say how a session began".to_owned(),
        ));
    }
    let schema = value["schema"].as_u64().unwrap_or_default();
    if schema > u64::from(SCHEMA) {
        return Err(JournalFault::Newer {
            name: name.to_owned(),
            version: hostile::clean_line(
                value["version"].as_str().unwrap_or("of an unknown version"),
            ),
            schema,
            ours: env!("CARGO_PKG_VERSION"),
            readable: SCHEMA,
        });
    }
    Ok(())
}

/// A journal may come from anywhere, and be shown on a terminal.
fn clean(line: Line) -> Line {
    let Ok(mut value) = serde_json::to_value(&line.entry) else {
        return line;
    };
    hostile::clean_value(&mut value);
    match serde_json::from_value(value) {
        Ok(entry) => Line { entry, ..line },
        Err(_) => line,
    }
}
