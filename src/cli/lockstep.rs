//! Two programs that should print the same, read side by side.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

/// Where two outputs part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parting {
    /// The number of the line, from 1.
    pub(crate) line: u64,
    /// The last line both have.
    pub(crate) before: Option<String>,
    /// The line of each; none if it has no more.
    pub(crate) lines: [Option<String>; 2],
}

/// A program that is ended when nobody reads it any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is no error.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs both, gives each this text on standard input, and reads line by line until they differ.
/// None if they never do.
pub(crate) fn first_difference(commands: [Command; 2], stdin: &str) -> io::Result<Option<Parting>> {
    let mut running = Vec::new();
    for mut command in commands {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = Running(spawned.spawn()?);
        if let Some(mut pipe) = child.0.stdin.take() {
            let text = stdin.to_owned();
            // Who does not read it closes the pipe, which is no error.
            thread::spawn(move || pipe.write_all(text.as_bytes()));
        }
        running.push(child);
    }
    let mut outputs = Vec::new();
    for child in &mut running {
        let stdout = child.0.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        outputs.push(BufReader::new(stdout));
    }
    let mut before = None;
    for line in 1.. {
        let lines = [next(&mut outputs[0])?, next(&mut outputs[1])?];
        if lines[0] != lines[1] {
            return Ok(Some(Parting { line, before, lines }));
        }
        match lines {
            [None, _] => break,
            [line, _] => before = line,
        }
    }
    Ok(None)
}

fn next(output: &mut BufReader<ChildStdout>) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let length = output.read_until(b'\n', &mut bytes)?;
    let text = || String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned();
    Ok((length > 0).then(text))
}
