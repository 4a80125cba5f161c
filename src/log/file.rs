//! A file that does not grow beyond its bound.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The most bytes of one file; the one before it is kept.
const LARGEST: u64 = 1024 * 1024;

/// The log file.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
}

impl LogFile {
    /// Opens the file to go on at its end; its folder is made when it is
    /// missing. Both are readable by their owner alone.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        Ok(Self {
            file: open(path)?,
            path: path.to_owned(),
        })
    }

    /// Appends a line in one piece, so that several processes can share the
    /// file.
    pub fn append(&mut self, line: &str) -> io::Result<()> {
        if self.file.metadata()?.len() + line.len() as u64 > LARGEST {
            self.turn_over()?;
        }
        self.file.write_all(line.as_bytes())
    }

    /// Begins a new file. Another process may have done it already: then its
    /// file is gone on with.
    fn turn_over(&mut self) -> io::Result<()> {
        let large = std::fs::metadata(&self.path).is_ok_and(|now| now.len() > LARGEST / 2);
        if large {
            std::fs::rename(&self.path, self.path.with_extension("log.1"))?;
        }
        self.file = open(&self.path)?;
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        // A link would lead what we write to somewhere else.
        .custom_flags(i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0))
        .open(path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_stays_below_its_bound_and_belongs_to_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/sspi-doctor.log");
        let mut log = LogFile::open(&path).unwrap();
        let mut other = LogFile::open(&path).unwrap();
        let line = format!("{}\n", "x".repeat(999));
        for _ in 0..3000 {
            log.append(&line).unwrap();
            other.append(&line).unwrap();
        }
        let mut sizes = Vec::new();
        for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
            let metadata = entry.unwrap().metadata().unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
            sizes.push(metadata.len());
        }
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|size| *size <= LARGEST), "{sizes:?}");
    }

    #[test]
    fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sspi-doctor.log");
        std::os::unix::fs::symlink("/tmp/elsewhere", &path).unwrap();
        assert!(LogFile::open(&path).is_err());
    }
}
