//! `note`: a sentence of a person in a session, without the wizard.

use std::io::Read as _;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use super::failure::Failure;
use super::{resume, sessions};
use crate::engine::Entry;
use crate::exit::Exit;
use crate::hostile::clean_text;
use crate::printer;
use crate::transcript::Journal;

/// The longest note that is taken, in bytes.
const LONGEST: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub(super) struct NoteOptions {
    /// The note; `-` or nothing reads it from standard input
    text: Option<String>,
    /// A journal's path, or the beginning of its name in `sspi-doctor sessions`; the latest if absent
    #[arg(long, add = ArgValueCandidates::new(super::shell::sessions))]
    session: Option<String>,
}

pub(super) fn note(options: &NoteOptions) -> Result<Exit, Failure> {
    let path = sessions::find(options.session.as_deref())?;
    let text = match options.text.as_deref() {
        Some(text) if text != "-" => text.to_owned(),
        _ => read()?,
    };
    let text = clean_text(text.trim());
    if text.is_empty() {
        return Err(Failure::usage("the note is empty")
            .hint("sspi-doctor note \"the account was renamed on Monday\""));
    }
    let (mut journal, reading) = Journal::resume(&path).map_err(resume::refused)?;
    if let Some(damage) = &reading.damage {
        printer::progress(damage);
    }
    let place = reading
        .lines
        .iter()
        .rev()
        .find_map(|line| match &line.entry {
            Entry::Entered { path, .. } => Some(path.clone()),
            _ => None,
        })
        .unwrap_or_default();
    let noted = Entry::Noted {
        path: place,
        text,
        told: None,
    };
    journal.append(&noted).map_err(resume::refused)?;
    printer::progress(&format!("the note is in {}", path.display()));
    Ok(Exit::Healthy)
}

fn read() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|fault| Failure::usage(format!("the note could not be read: {fault}")))?;
    Ok(text)
}
