//! The two writers. Both strip styles where they do not belong: not a terminal, NO_COLOR,
//! `--color never`.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use super::exit::Failure;

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Writes a result to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::printing(&error))
}

/// Writes chatter to standard error. If nobody can hear it, nobody needs to know.
pub(crate) fn chat(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Writes `error: ` and the message to standard error.
pub(crate) fn error(message: &str) {
    chat(&format!("{ERROR}error:{ERROR:#} {message}\n"));
}
