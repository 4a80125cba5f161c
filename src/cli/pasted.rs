//! Texts that are given on the command line: the error message that a walk
//! begins with, and what others saw.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use jiff::Timestamp;

use super::failure::Failure;
use super::{MAIN_FLOW, WalkOptions, run};
use crate::engine::Beginning;
use crate::flow::library::Library;
use crate::pasted::error_text::{self, ErrorText};
use crate::pasted::{self, Told, text};
use crate::printer;

/// What a walk begins with: the options, what the error message says, and what
/// others told.
pub(super) fn beginning(library: &Library, options: &WalkOptions) -> Result<Beginning, Failure> {
    let error = options.error.as_deref().map(read_error).transpose()?;
    let mut flow = options.flow.as_str();
    let mut set = Vec::new();
    if let Some(error) = &error {
        if flow == MAIN_FLOW {
            flow = error.flow();
        }
        let taken = |name: &str| {
            library
                .flow(flow)
                .is_some_and(|flow| flow.inputs.contains_key(name))
        };
        set.extend(
            error
                .inputs()
                .into_iter()
                .filter(|(name, _)| taken(name))
                .map(|(name, value)| format!("{name}={value}")),
        );
        printer::progress(&format!(
            "The message is about {}. {}",
            error.stage.words(),
            error.explanation
        ));
    }
    // What the user says counts more than what the message says.
    set.extend(options.set.iter().cloned());
    let mut beginning = run::beginning(library, flow, &set)?;
    for file in &options.pasted {
        beginning.told.extend(told(file)?);
    }
    Ok(beginning)
}

fn read_error(file: &str) -> Result<ErrorText, Failure> {
    let text = content(file)?;
    error_text::read(&text).ok_or_else(|| {
        Failure::usage(format!("no SQL Server error is recognised in `{file}`")).hint(
            "begin with the main flow: sspi-doctor walk, or give the whole message with its codes",
        )
    })
}

/// The facts of a file, given as FILE or CAUSE=FILE.
fn told(given: &str) -> Result<Told, Failure> {
    let (asked, file) = match given.split_once('=') {
        Some((cause, file)) if pasted::card::is_readable(cause) => (vec![cause], file),
        _ => (Vec::new(), given),
    };
    let text = content(file)?;
    let name = Path::new(file).file_name().map_or_else(
        || file.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let read = pasted::recognise(
        &text,
        if file == "-" { "pasted" } else { &name },
        &asked,
        Timestamp::now(),
    );
    if read.told.is_empty() {
        return Err(Failure::usage(format!("`{file}` is no report that is known")).hint(
            "known are setspn -Q, -L and -X (with the line of the command), klist, SQLCheck, Kerberos \
             Configuration Manager, Get-CimInstance Win32_Service; for the answer to a card write CAUSE=FILE",
        ));
    }
    if read.told.lines().is_empty() {
        return Err(
            Failure::usage(format!("nothing that `{file}` says can be used"))
                .hint("an answer of setspn -Q needs the line of the command, which names the SPN"),
        );
    }
    Ok(read.told)
}

/// A file's text, or standard input's for `-`.
pub(super) fn content(file: &str) -> Result<String, Failure> {
    let limit = u64::try_from(text::LONGEST).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = if file == "-" {
        if std::io::stdin().is_terminal() {
            printer::progress("Paste the text, then press Ctrl-D on a line of its own.");
        }
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|fault| {
        Failure::usage(format!("`{file}` cannot be read: {fault}"))
            .hint("give a file, or `-` to paste the text")
    })?;
    Ok(text::decode(&bytes))
}

/// A text that is given itself, as a file's name, or as `-`.
pub(super) fn text_or_file(given: &str) -> Result<String, Failure> {
    let is_file = given.len() < 4096 && !given.contains('\n') && Path::new(given).is_file();
    if given == "-" || is_file {
        content(given)
    } else {
        Ok(given.to_owned())
    }
}
