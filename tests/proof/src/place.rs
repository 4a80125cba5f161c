//! Where the rows are: `proof/PROGRAM/TEST.jsonl` in Cargo's target directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::row::Row;

/// Why the rows cannot be read.
#[derive(Debug, Error)]
pub enum PlaceFault {
    /// The files cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file does not hold rows.
    #[error("{path} does not hold rows of a test: {source}; remove it and run the tests again")]
    Row {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// The folder with the rows of all tests.
fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    // target/debug/deps/TEST-HASH, or target/debug/proof.
    let profile = program
        .ancestors()
        .skip(1)
        .find(|folder| !folder.ends_with("deps"))
        .unwrap_or(Path::new("."));
    profile.parent().unwrap_or(profile).join("proof")
}

/// The name of the running test program, without the hash that Cargo adds.
pub(crate) fn program() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.rsplit_once('-').map_or(&*stem, |(name, _)| name);
    name.to_owned()
}

/// The file of a test.
pub(crate) fn file(program: &str, test: &str) -> PathBuf {
    folder()
        .join(program)
        .join(format!("{}.jsonl", test.replace("::", ".")))
}

/// Takes a test's file away.
pub(crate) fn remove(file: &Path) {
    let _ = fs::remove_file(file);
}

/// Writes a test's rows. What cannot be written is missing in the report, which
/// says so.
pub(crate) fn write(file: &Path, rows: &[Row]) {
    let lines: Vec<String> = rows
        .iter()
        .filter_map(|row| serde_json::to_string(row).ok())
        .collect();
    if let Some(folder) = file.parent() {
        let _ = fs::create_dir_all(folder);
    }
    let _ = fs::write(file, lines.join("\n") + "\n");
}

/// Takes the rows of all tests away.
pub fn clear() -> Result<(), PlaceFault> {
    let path = folder();
    match fs::remove_dir_all(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(PlaceFault::Io { path, source })
        }
        _ => Ok(()),
    }
}

/// The rows of all tests that have left some.
pub fn rows() -> Result<Vec<Row>, PlaceFault> {
    let mut rows = Vec::new();
    let root = folder();
    if !root.is_dir() {
        return Ok(rows);
    }
    for program in entries(&root)? {
        for path in entries(&program)? {
            let text = fs::read_to_string(&path).map_err(|source| PlaceFault::Io {
                path: path.clone(),
                source,
            })?;
            for line in text.lines() {
                let row = serde_json::from_str(line).map_err(|source| PlaceFault::Row {
                    path: path.clone(),
                    source,
                })?;
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, PlaceFault> {
    let fault = |source| PlaceFault::Io {
        path: folder.to_owned(),
        source,
    };
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(fault)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(fault)?;
    entries.sort();
    Ok(entries)
}
