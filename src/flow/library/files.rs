//! The user's flow files.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::flow::diagnostic::{Diagnostic, SourceFile};
use crate::flow::tree::SIZE_LIMIT;

/// The catalogue of causes stands beside the flows and is none.
const CATALOGUE: &str = "causes.yaml";

/// The text of each file, and of each flow file in a folder, by name.
pub(super) fn read(paths: &[PathBuf]) -> (Vec<SourceFile>, Vec<Diagnostic>) {
    let mut files = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        match list(path) {
            Ok(list) => {
                for path in list {
                    match read_file(&path) {
                        Ok(file) => files.push(file),
                        Err(fault) => faults.push(*fault),
                    }
                }
            }
            Err(error) => faults.push(Diagnostic::unreadable(
                &path.to_string_lossy(),
                format!("this folder cannot be read: {error}"),
                "check that it exists, and that you may read it",
            )),
        }
    }
    (files, faults)
}

fn list(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let is_yaml = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_yaml && path.file_name().is_some_and(|name| name != CATALOGUE) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(path: &Path) -> Result<SourceFile, Box<Diagnostic>> {
    let Some(name) = path.to_str() else {
        return Err(Box::new(Diagnostic::unreadable(
            &path.to_string_lossy(),
            "the name of this file is not UTF-8",
            "rename it, with letters, digits, `-` and `.yaml` at the end",
        )));
    };
    let unreadable = |error: std::io::Error| {
        Box::new(Diagnostic::unreadable(
            name,
            format!("this file cannot be read: {error}"),
            "check that it exists, and that you may read it",
        ))
    };
    let mut bytes = Vec::new();
    let limit = SIZE_LIMIT as u64 + 1;
    // To open a pipe waits for a writer, and a device may never end.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Box::new(Diagnostic::unreadable(
            name,
            "this is not a file",
            "name a flow file, or a folder of flow files",
        )));
    }
    fs::File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    String::from_utf8(bytes)
        .map(|text| SourceFile::new(name, &text))
        .map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
            Box::new(
                Diagnostic::new(
                    &SourceFile::new(name, &text),
                    text.len()..text.len(),
                    "this file is not UTF-8 text",
                )
                .hint(format!(
                    "byte {} is the first that is wrong: save the file as UTF-8",
                    good + 1
                )),
            )
        })
}
