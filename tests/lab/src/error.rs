//! What can go wrong in the lab, each with the place and the remedy.

use std::path::{Path, PathBuf};

use crate::tools;

/// A result of the lab.
pub type Result<T> = std::result::Result<T, LabError>;

/// Why the lab could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// Namespaces and mounts need root.
    #[error(
        "the lab needs root, because it makes namespaces and mounts: run it again as root (sudo)"
    )]
    NotRoot,

    /// Programs of the operating system are missing.
    #[error(
        "the lab needs programs that are not installed: {}\ninstall them with: apt-get install --no-install-recommends {}",
        missing.join(", "),
        tools::PACKAGES.join(" ")
    )]
    MissingTools {
        /// The missing programs or files.
        missing: Vec<String>,
    },

    /// A program ended with a failure.
    #[error("on {host}, `{command}` failed ({status})\n{output}")]
    Tool {
        /// The lab host, or "this machine".
        host: String,
        /// The command line.
        command: String,
        /// How it ended.
        status: String,
        /// What it said on both streams.
        output: String,
    },

    /// A file or directory could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// "read", "write", "copy".
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },

    /// A program could not be started.
    #[error("cannot start `{program}`: {source}")]
    Start {
        /// Which program.
        program: String,
        /// Why.
        source: std::io::Error,
    },

    /// Something did not become ready in time.
    #[error("{what} was not ready after {seconds} s; the end of its log:\n{log}")]
    NotReady {
        /// What was waited for.
        what: String,
        /// The deadline in seconds.
        seconds: u64,
        /// The end of its log; the file goes with the lab.
        log: String,
    },

    /// The name of a lab cannot be used as a directory name.
    #[error("a lab's name is 1 to 32 letters, digits, '-' or '_', not {0:?}")]
    BadName(String),

    /// No such lab is up.
    #[error("no lab named {0} is up; start it with: lab up --name {0}")]
    NotUp(String),

    /// No such host.
    #[error("the lab has no host named {name}; it has: {known}")]
    NoSuchHost {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },

    /// No such account.
    #[error("the lab has no user named {name}; it has: {known}")]
    NoSuchUser {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },

    /// No such fault.
    #[error("the lab has no fault named {name}; `lab fault list` names them all")]
    NoSuchFault {
        /// What was asked for.
        name: String,
    },

    /// The lab is up, but not healthy.
    #[error("the lab is not healthy:\n  {}", .0.join("\n  "))]
    Unhealthy(Vec<String>),

    /// The TDS peer has not been built.
    #[error(
        "the program that plays SQL Server is not at {}: build it with `cargo build -p tds-peer`, or name it in {}",
        peer.display(),
        tools::TDS_PEER_VARIABLE
    )]
    NoPeer {
        /// Where it was looked for.
        peer: PathBuf,
    },

    /// The peer ended by itself, usually over its scenario.
    #[error("SQL Server on {host} did not start: {reason}")]
    Scenario {
        /// Which SQL host.
        host: String,
        /// Why.
        reason: String,
    },
}

impl LabError {
    /// The last lines of a log, for an error.
    pub(crate) fn end_of(log: &Path) -> String {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// A file fault, for `map_err`.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
