//! The file in which a stopped audit is kept.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::cli::run;
use crate::driver::audit::AuditState;

/// The version of the file.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    sspi_doctor_audit: u32,
    state: &'a AuditState,
}

#[derive(Deserialize)]
struct Read {
    sspi_doctor_audit: u32,
    state: AuditState,
}

/// Writes the state beside the sessions, readable by the user alone.
pub(super) fn write(state: &AuditState) -> Result<PathBuf, Failure> {
    let folder = run::folder().with_file_name("audits");
    let name = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ.json");
    let path = folder.join(name.to_string());
    let write = || -> std::io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)?;
        let mut file = BufWriter::new(file);
        let written = Written {
            sspi_doctor_audit: SCHEMA,
            state,
        };
        serde_json::to_writer(&mut file, &written)?;
        file.flush()
    };
    write().map_err(|fault| {
        Failure::unfinished(format!(
            "stopped; where the audit stood could not be kept in {}: {fault}",
            path.display()
        ))
    })?;
    Ok(path)
}

/// Reads it again.
pub(super) fn read(path: &Path) -> Result<AuditState, Failure> {
    let wrong = |why: String| {
        Failure::usage(format!("cannot go on with {}: {why}", path.display()))
            .hint("give the file that the stopped audit named, or start the audit anew")
    };
    let file = File::open(path).map_err(|fault| wrong(fault.to_string()))?;
    let read: Read =
        serde_json::from_reader(BufReader::new(file)).map_err(|fault| wrong(fault.to_string()))?;
    if read.sspi_doctor_audit != SCHEMA {
        return Err(wrong("another version of the program wrote it".to_owned()));
    }
    Ok(read.state)
}

/// Removes it after the audit has come to its end.
pub(super) fn forget(path: &Path) {
    // A file that stays does no harm.
    let _ = std::fs::remove_file(path);
}
