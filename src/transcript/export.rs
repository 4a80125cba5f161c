//! Writes an export into a file of its own.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::fault::JournalFault;

/// Writes a text with mode 0600, over what was there: names of accounts and
/// servers are nobody else's business. A directory that is missing is made.
pub fn write(path: &Path, text: &str) -> Result<(), JournalFault> {
    if let Some(directory) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(JournalFault::file(directory, "make the directory"))?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(JournalFault::file(path, "write the file"))?;
    file.write_all(text.as_bytes())
        .map_err(JournalFault::file(path, "write the file"))
}
