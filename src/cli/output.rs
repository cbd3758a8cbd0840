//! The two writers. Both strip styles where they do not belong: not a terminal, NO_COLOR,
//! `--color never`.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use stalelab::report::OutputFolder;

use super::exit::{Exit, Failure};
use super::interrupt;

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Writes a result to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::printing(&error))
}

/// Writes a long result to standard output, part by part.
fn stream(content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    content(&mut stdout).and_then(|()| stdout.flush()).map_err(|error| Failure::printing(&error))
}

/// Writes a long result into a file, whole or not at all; to standard output without one.
pub(crate) fn deliver(
    path: Option<&Path>,
    content: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let Some(path) = path else {
        return stream(content);
    };
    let name = path.file_name().ok_or_else(|| {
        Failure::new(Exit::Usage, format!("{}: not a file's name", path.display()))
    })?;
    let folder = OutputFolder::create(path.parent().unwrap_or(path))?;
    let name = name.to_string_lossy();
    Ok(interrupt::protected(|| folder.write_with(&name, content))?)
}

/// Writes a file to standard output, if that is no terminal. `kind`: what it is, as `png`.
pub(crate) fn print_bytes(bytes: &[u8], kind: &str) -> Result<(), Failure> {
    if kind != "svg" && io::stdout().is_terminal() {
        let message = format!("a {kind} is no text: send it into a file with `> race.{kind}`");
        return Err(Failure::new(Exit::Usage, message));
    }
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::printing(&error))
}

/// Writes chatter to standard error. If nobody can hear it, nobody needs to know.
pub(crate) fn chat(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Writes `error: ` and the message to standard error.
pub(crate) fn error(message: &str) {
    chat(&format!("{ERROR}error:{ERROR:#} {message}\n"));
}
