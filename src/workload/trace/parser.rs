//! A file of either format as one stream of bursts. Both passes read through it: the first with
//! a dictionary that grows, the replays with one that is complete.

use std::io::Read;

use crate::workload::config::{TraceFormat, TraceWrites};

use super::clock::Burst;
use super::csv::CsvTrace;
use super::dictionary::Numbering;
use super::meta::MetaTrace;
use super::table::Table;
use super::{Origin, TraceError, TraceFault};

/// Anything a trace can be read from, on any thread.
pub(super) type Input = Box<dyn Read + Send>;

/// The reader of one format from `R`, numbering keys and clients with `N`.
pub(super) enum Parser<R, N> {
    Csv(CsvTrace<R, N>),
    Meta(MetaTrace<R, N>),
}

impl<R: Read, N: Numbering> Parser<R, N> {
    /// Reads the header.
    pub(super) fn open(input: R, origin: &Origin, names: N) -> Result<Self, TraceError> {
        let file = &origin.file;
        let (format, writes) = (origin.format, origin.writes);
        let table = Table::open(input, file, columns(format, writes))?;
        match format {
            TraceFormat::Csv => Ok(Parser::Csv(CsvTrace::new(table, names))),
            TraceFormat::MetaKvcache => Ok(Parser::Meta(MetaTrace::new(table, names, writes)?)),
        }
    }

    pub(super) fn next_burst(&mut self) -> Result<Option<Burst>, TraceError> {
        match self {
            Parser::Csv(trace) => trace.next_burst(),
            Parser::Meta(trace) => trace.next_burst(),
        }
    }

    /// When the records read so far are over, as recorded: after every one of them.
    pub(super) fn end_ns(&self) -> u64 {
        match self {
            Parser::Csv(trace) => trace.end_ns(),
            Parser::Meta(trace) => trace.end_ns(),
        }
    }

    /// What was inferred from the records read so far.
    pub(super) fn notes(&self) -> Vec<String> {
        match self {
            Parser::Csv(_) => Vec::new(),
            Parser::Meta(trace) => trace.notes(),
        }
    }

    /// Records read so far.
    pub(super) fn rows(&self) -> u64 {
        self.table().rows()
    }

    /// An error about the line read last.
    pub(super) fn fail(&self, fault: TraceFault) -> TraceError {
        self.table().fail(fault)
    }

    pub(super) fn into_names(self) -> N {
        match self {
            Parser::Csv(trace) => trace.names,
            Parser::Meta(trace) => trace.names,
        }
    }

    fn table(&self) -> &Table<R> {
        match self {
            Parser::Csv(trace) => &trace.table,
            Parser::Meta(trace) => &trace.table,
        }
    }

    /// How many rows of the file are held at the moment.
    #[cfg(test)]
    pub(super) fn rows_held(&self) -> usize {
        match self {
            Parser::Csv(_) => 1,
            Parser::Meta(trace) => trace.rows_held(),
        }
    }
}

/// The columns that are read; a file may have more.
fn columns(format: TraceFormat, writes: TraceWrites) -> &'static [&'static str] {
    match format {
        TraceFormat::Csv => &super::csv::COLUMNS,
        TraceFormat::MetaKvcache => super::meta::columns(writes),
    }
}
