//! How the process ends, for scripts. Usage errors exit with 2 from within clap.

use std::process::ExitCode;

/// The end of a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All went well.
    Pass = 0,
    /// Something around the simulation failed: a file could not be written, say.
    Failure = 1,
    /// A scenario has mistakes.
    Invalid = 3,
    /// A figure is worse than the baseline's, by more than is allowed.
    Regression = 4,
    /// What the scenario expects did not come true.
    CheckFailed = 99,
    /// Ctrl-C; what was finished has been kept.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
