//! Reads a history from a stream, line by line, whatever its length.

use std::io::{BufRead, Read as _};

use super::events::Events;
use super::jsonl;
use super::mistake::{At, MISTAKES_MAX, Mistake, ReadError};
use super::{EDN_EXAMPLE, Format, JSON_EXAMPLE};
use crate::consistency::{History, Operation};

/// A line is no longer than this: what is, is no line.
const LINE_MAX: u64 = 1 << 20;

/// Reads a history in either format, which its first line tells.
///
/// # Errors
/// If the stream cannot be read, or for mistakes in it, all of which are found.
pub fn read(source: &mut dyn BufRead) -> Result<History, ReadError> {
    let mut reading = Reading::default();
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = (&mut *source).take(LINE_MAX).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if number == u32::MAX {
            reading.note(number, At::new(1, "there are more lines than can be numbered"));
            break;
        }
        number += 1;
        if read as u64 == LINE_MAX && line.last() != Some(&b'\n') {
            let message = "a line of more than a million bytes; accepted: one operation a line";
            reading.note(number, At::new(1, message));
            break;
        }
        if let Err(at) = reading.line(&line, number) {
            reading.note(number, at);
        }
    }
    reading.end()
}

#[derive(Debug, Default)]
struct Reading {
    history: History,
    format: Option<Format>,
    events: Events,
    first: Vec<Mistake>,
    more: u64,
}

impl Reading {
    fn note(&mut self, line: u32, at: At) {
        if self.first.len() == MISTAKES_MAX {
            self.more += 1;
            return;
        }
        self.first.push(Mistake { line, column: at.column, message: at.message });
    }

    fn line(&mut self, bytes: &[u8], number: u32) -> Result<(), At> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            At::new(error.valid_up_to() + 1, "bytes that are no UTF-8; accepted: UTF-8")
        })?;
        // Some editors begin a file with a mark.
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        let column = 1 + text.len() - bare.len();
        let bare = bare.trim_end();
        if bare.is_empty() || bare.starts_with(';') {
            return Ok(());
        }
        let format = match self.format {
            Some(format) => format,
            None => *self.format.insert(detect(bare).ok_or_else(|| unknown(bare, column))?),
        };
        match format {
            Format::Jsonl => {
                let read = jsonl::read_line(bare.as_bytes(), number, &mut self.history);
                read.map_err(|at| At { column: at.column + column - 1, ..at })
            }
            Format::Edn => self.events.read_line(bare, column, number, &mut self.history),
        }
    }

    fn end(mut self) -> Result<History, ReadError> {
        let events = std::mem::take(&mut self.events);
        if let Err((line, at)) = events.end(&mut self.history) {
            self.note(line, at);
        }
        let late = self.history.commits_out_of_order();
        let mut late: Vec<(u32, At)> = late.iter().map(|it| out_of_order(*it)).collect();
        late.sort_by_key(|(line, _)| *line);
        for (line, at) in late {
            self.note(line, at);
        }
        match self.first.is_empty() {
            true => Ok(self.history),
            false => Err(ReadError::Mistakes { first: self.first, more: self.more }),
        }
    }
}

/// What is said of a write that was committed before an older one.
fn out_of_order((it, before): (&Operation, &Operation)) -> (u32, At) {
    let message = format!(
        "version {} was committed at {}, and version {} of the same key, which is older, at {} \
         (line {}); accepted: commits in the order of versions, or none",
        it.version, it.committed.0, before.version, before.committed.0, before.line
    );
    (it.line, At::new(1, message))
}

/// The format of a history that begins with this line.
fn detect(line: &str) -> Option<Format> {
    let inside = line.strip_prefix('{').map(str::trim_start);
    match inside {
        Some(inside) if inside.starts_with('"') => Some(Format::Jsonl),
        Some(inside) if inside.starts_with(':') => Some(Format::Edn),
        None if line.starts_with('#') => Some(Format::Edn),
        _ => None,
    }
}

fn unknown(line: &str, column: usize) -> At {
    let found: String = line.chars().take(20).collect();
    let message = format!(
        "found `{found}`; accepted: an operation in JSON, as {JSON_EXAMPLE}, or an event in EDN, \
         as {EDN_EXAMPLE}"
    );
    At::new(column, message)
}
