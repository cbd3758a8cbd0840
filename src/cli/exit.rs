//! Exit codes, and the way from an error to one of them.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use stalelab::report::WriteError;

use super::output;

/// How the process ends. The numbers are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything went well, and every expectation held.
    Ok = 0,
    /// An expectation or a property failed, or `verify` found a difference.
    Failed = 1,
    /// Wrong usage, or an invalid scenario.
    Usage = 2,
    /// Something could not be read or written.
    Io = 3,
    /// No expectation failed, but one could not be decided.
    Inconclusive = 4,
    /// A bug of ours.
    Internal = 70,
    /// Ctrl-C.
    Interrupted = 130,
}

/// The codes as `--help` shows them.
pub(crate) const HELP: &str = "\
Exit codes:
  0    ok
  1    an expectation or a property failed, or a comparison found a difference
  2    wrong usage, or an invalid scenario, schedule or history
  3    something could not be read or written
  4    an expectation, a property or a comparison could not be decided (and none failed)
  70   a bug in stalelab
  130  interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// A failure with something to say about it; an empty message says nothing.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into() }
    }

    /// Something could not be printed. A reader that has gone away wanted no more: no failure.
    pub(crate) fn printing(error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::new(Exit::Ok, ""),
            _ => Failure::new(Exit::Io, format!("cannot write the output: {error}")),
        }
    }

    /// Prints the message, and gives the code to exit with.
    pub(crate) fn report(self) -> Exit {
        if !self.message.is_empty() {
            output::error(&self.message);
        }
        self.exit
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Failure {
        Failure::new(Exit::Io, error.to_string())
    }
}

/// Makes a panic say that it is a bug of ours, and what to report.
pub(crate) fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        let command: Vec<_> =
            std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
        output::error(&format!(
            "this is a bug in stalelab, not in your scenario\n  \
             Please report it with the scenario and these lines:\n  \
             version: {}\n  command: {}\n  {info}",
            env!("CARGO_PKG_VERSION"),
            command.join(" "),
        ));
    }));
}

/// Runs the command; a panic, which the hook has told about, ends in [`Exit::Internal`].
pub(crate) fn guard(command: impl FnOnce() -> Exit) -> Exit {
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or(Exit::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error() {
        assert_eq!(guard(|| panic!("on purpose")), Exit::Internal);
        assert_eq!(guard(|| Exit::Inconclusive), Exit::Inconclusive);
    }

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let gone = io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(Failure::printing(&gone).exit, Exit::Ok);
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(Failure::printing(&full).exit, Exit::Io);
    }

    #[test]
    fn the_help_names_every_code() {
        let exits = [
            Exit::Ok,
            Exit::Failed,
            Exit::Usage,
            Exit::Io,
            Exit::Inconclusive,
            Exit::Internal,
            Exit::Interrupted,
        ];
        for exit in exits {
            let code = format!("  {:<4} ", exit as u8);
            assert!(HELP.contains(&code), "{code}");
        }
    }
}
