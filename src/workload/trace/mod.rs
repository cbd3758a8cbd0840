//! Recorded traces: who asked for what, and when, read from a file.
//!
//! [`Trace::open`] reads the whole file once. It checks every record, numbers the keys and the
//! clients in the order of their first appearance, counts, and says in plain sentences what it
//! had to infer. [`Trace::replay`] then reads the file again, as often as asked and on as many
//! threads as asked. Both passes stream: besides the dictionary of distinct keys and clients
//! they hold one record, of a mebibyte at most, or the rows of one second of a Meta trace.
//!
//! Two formats are read, both by the names in the header, in any order, ignoring other columns:
//!
//! - **csv**: `time_s` (seconds, a decimal, never decreasing), `client`, `op` (`read` or
//!   `write`), `key`.
//! - **meta-kvcache**: the key-value cache traces that CacheLib publishes: `op_time` (whole
//!   seconds, never decreasing), `key`, `op`, `op_count`, `usecase`, and `cache_hits` where
//!   writes are told from fills by it ([`TraceWrites::FromSets`]).
//!
//! # Times
//! The time of the first record is 0, and times are divided by the speed, in integers: the speed
//! is taken to nine decimals, and a time is rounded down to a whole nanosecond.
//!
//! # What this does not do
//! It does not decompress, sort, or repair: a record out of place is an error that names its
//! line. It does not replay what the recorded cache answered; that is what is to be found out.
//! The file is not locked: if it changes between two passes, the replay says so.
//!
//! [`TraceWrites::FromSets`]: super::TraceWrites::FromSets

mod census;
mod clock;
mod csv;
mod dictionary;
mod error;
mod fills;
mod meta;
mod newlines;
mod parser;
mod replay;
mod table;
mod watched;

#[cfg(test)]
mod tests;

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::op::Key;
use crate::time::{Span, Time};
use crate::workload::config::{TraceConfig, TraceFormat, TraceWrites};

use clock::Speed;
use dictionary::Dictionary;
use parser::{Input, Parser};
use watched::Watched;

pub use error::{TraceError, TraceFault};
pub use replay::Replay;

/// One recorded request, placed on the time line of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it is asked.
    pub at: Time,
    /// Who asks, `0..clients`.
    pub client: u32,
    /// For which key, `0..keys`.
    pub key: Key,
    /// Whether it writes; otherwise it reads.
    pub write: bool,
}

/// What a trace holds, after one pass over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceSummary {
    /// Distinct keys, of all records, replayed or not.
    pub keys: u32,
    /// Distinct clients, of all records, replayed or not.
    pub clients: u32,
    /// Requests that are replayed: `reads` and `writes`.
    pub requests: u64,
    /// Requests that read.
    pub reads: u64,
    /// Requests that write.
    pub writes: u64,
    /// The shortest run, from time 0, that holds every request before its end. Of a Meta trace:
    /// its whole seconds, first to last, divided by the speed.
    pub length: Span,
}

/// A trace that was read once and found sound. Cheap to clone: the dictionary is shared.
#[derive(Clone, Debug)]
pub struct Trace {
    origin: Origin,
    dictionary: Arc<Dictionary>,
    summary: TraceSummary,
    notes: Vec<String>,
}

/// Where a trace comes from and how it is read.
#[derive(Clone, Debug)]
struct Origin {
    /// The file; of an embedded trace, its name in messages.
    file: PathBuf,
    embedded: Option<&'static str>,
    format: TraceFormat,
    writes: TraceWrites,
    speed: Speed,
}

impl Trace {
    /// Reads the trace once, from its first record to its last.
    ///
    /// # Errors
    /// The first problem found: a speed that is not from 1e-9 to 1e9; a file that cannot be
    /// read, is compressed, or holds nothing to replay; a record that cannot be understood, with
    /// its line, its column, what was found there and what is accepted.
    pub fn open(config: &TraceConfig) -> Result<Trace, TraceError> {
        Trace::open_unless(config, &AtomicBool::new(false))
    }

    /// As [`Trace::open`], called off as soon as the flag is set.
    ///
    /// # Errors
    /// As [`Trace::open`], and [`TraceFault::Cancelled`].
    pub fn open_unless(config: &TraceConfig, cancel: &AtomicBool) -> Result<Trace, TraceError> {
        let origin = Origin::new(config)?;
        let input = Watched { inner: origin.input()?, cancel };
        match Trace::scan(origin, input) {
            Err(_) if cancel.load(Ordering::Relaxed) => {
                Err(TraceError::new(&config.file, None, TraceFault::Cancelled))
            }
            scanned => scanned,
        }
    }

    /// What the trace holds.
    pub fn summary(&self) -> &TraceSummary {
        &self.summary
    }

    /// Whether a client is a service that asks on behalf of many people: in a Meta trace, where
    /// it is a use case.
    pub fn clients_are_services(&self) -> bool {
        self.origin.format == TraceFormat::MetaKvcache
    }

    /// What had to be inferred from the file, a sentence or two each. Empty for the csv format,
    /// which says everything itself.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Starts a pass over the requests, in the order of their times.
    ///
    /// # Errors
    /// If the file cannot be opened any more, or its header changed.
    pub fn replay(&self) -> Result<Replay, TraceError> {
        Replay::over(self.origin.input()?, self)
    }

    fn scan(origin: Origin, input: impl Read) -> Result<Trace, TraceError> {
        let mut parser = Parser::open(input, &origin, Dictionary::default())?;
        let (mut reads, mut writes) = (0, 0);
        while let Some(burst) = parser.next_burst()? {
            let total = if burst.write { &mut writes } else { &mut reads };
            *total += burst.count;
        }
        let fail = |fault| TraceError::new(&origin.file, None, fault);
        if parser.rows() == 0 {
            return Err(fail(TraceFault::NoRecords));
        }
        if reads + writes == 0 {
            return Err(fail(TraceFault::NothingToReplay));
        }
        let length = origin.speed.scale_up(parser.end_ns());
        let notes = parser.notes();
        let dictionary = parser.into_names();
        let summary = TraceSummary {
            keys: dictionary.keys(),
            clients: dictionary.clients(),
            requests: reads + writes,
            reads,
            writes,
            length: Span(length.ok_or_else(|| fail(TraceFault::TooLong))?),
        };
        let dictionary = Arc::new(dictionary);
        Ok(Trace { origin, dictionary, summary, notes })
    }
}

impl Origin {
    fn new(config: &TraceConfig) -> Result<Origin, TraceError> {
        let speed = Speed::new(config.speed).ok_or_else(|| {
            let found = config.speed;
            TraceError::new(&config.file, None, TraceFault::Speed { found })
        })?;
        Ok(Origin {
            file: config.file.clone(),
            embedded: config.embedded,
            format: config.format,
            writes: config.writes,
            speed,
        })
    }

    fn input(&self) -> Result<Input, TraceError> {
        match self.embedded {
            Some(text) => Ok(Box::new(text.as_bytes())),
            None => match std::fs::File::open(&self.file) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) => Err(TraceError::new(&self.file, None, TraceFault::Io(error))),
            },
        }
    }
}
