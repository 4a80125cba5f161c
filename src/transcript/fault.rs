//! What can be wrong with a journal.

use std::path::{Path, PathBuf};

/// Why a journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// The file system refused.
    #[error("{}: cannot {action}: {source}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process writes it.
    #[error(
        "{}: another sspi-doctor is walking this session; end that one first, or look at what it \
         has seen so far with `sspi-doctor replay`",
        path.display()
    )]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// An entry could not be put into words; never seen.
    #[error("the journal entry cannot be written as JSON: {0}")]
    Entry(serde_json::Error),
    /// The file is something else.
    #[error("{name} is not a journal of sspi-doctor: {problem}")]
    NotAJournal {
        /// The file's name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A later version wrote it.
    #[error(
        "{name} was written by sspi-doctor {version} (journal schema {schema}); this is {ours}, \
         which reads up to schema {readable}. Use that version or a later one to read it"
    )]
    Newer {
        /// The file's name.
        name: String,
        /// The version that wrote it.
        version: String,
        /// Its schema.
        schema: u64,
        /// The version that reads.
        ours: &'static str,
        /// The newest schema that it reads.
        readable: u32,
    },
    /// No session has such a name.
    #[error(
        "there is no session `{asked}` in {}; `sspi-doctor sessions` lists them",
        directory.display()
    )]
    NoSuchSession {
        /// What was asked for.
        asked: String,
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// Several sessions begin so.
    #[error("`{asked}` is the beginning of several sessions: {}", names.join(", "))]
    Ambiguous {
        /// What was asked for.
        asked: String,
        /// The sessions.
        names: Vec<String>,
    },
}

impl JournalFault {
    pub(crate) fn file(
        path: &Path,
        action: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File {
            path,
            action,
            source,
        }
    }
}
