//! The host as the checks see it: a root folder, variables, and a terminal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the local checks look at. Tests make one of their own.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// What stands for `/`.
    pub root: PathBuf,
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// Columns and lines of the terminal; none without one.
    pub terminal: Option<(u16, u16)>,
    /// Where sessions and the log are kept.
    pub state_folder: PathBuf,
    /// The user's own domain, when it is known.
    pub domain: Option<String>,
}

impl Host {
    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A path of the host, such as `/etc/nsswitch.conf`.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The text of a file, when it can be read.
    pub fn read(&self, path: &str) -> Option<String> {
        let bytes = std::fs::read(self.path(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether a program of this name is in `PATH`.
    pub fn has_program(&self, name: &str) -> bool {
        self.variable("PATH")
            .unwrap_or("/usr/bin:/bin")
            .split(':')
            .filter(|folder| folder.starts_with('/'))
            .any(|folder| self.path(folder).join(name).is_file())
    }

    /// The nearest folder that is there, of a folder that may not be.
    pub fn nearest(path: &Path) -> &Path {
        path.ancestors()
            .find(|above| above.exists())
            .unwrap_or(path)
    }
}
