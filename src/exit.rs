//! What the process tells its caller.

use std::io::Write as _;

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

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Healthy => 0,
            Self::CauseFound => 1,
            Self::Usage => 2,
            Self::Inconclusive => 3,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }
}

/// Ends the process at once, without the clean-up of C libraries. A thread of
/// theirs that is still at work would fall over what is no longer there, and a
/// good walk would end in a signal.
pub fn leave(exit: Exit) -> ! {
    let _ = std::io::stdout().flush();
    signal_hook::low_level::exit(i32::from(exit.code()))
}
