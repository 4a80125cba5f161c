//! What the process tells its caller.

use std::process::ExitCode;

/// The exit codes; part of the interface, see `sspi-doctor run --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: finished, and nothing is wrong.
    Healthy,
    /// 1: at least one cause was found.
    CauseFound,
    /// 2: the command line, a flow or the configuration is at fault.
    Usage,
    /// 3: the walk could not finish, or could not tell.
    Inconclusive,
    /// 128 + n: ended by signal n.
    Signal(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Healthy => 0,
            Exit::CauseFound => 1,
            Exit::Usage => 2,
            Exit::Inconclusive => 3,
            Exit::Signal(number) => 128_u8.saturating_add(number),
        })
    }
}
