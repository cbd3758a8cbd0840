//! What can be wrong with a trace, said so that the line can be found and mended.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a trace cannot be replayed, and where.
#[derive(Debug)]
pub struct TraceError {
    /// The file, or the name of an embedded trace.
    pub file: PathBuf,
    /// The line, counted from 1, if the fault is in one.
    pub line: Option<u64>,
    /// What is wrong.
    pub fault: TraceFault,
}

/// What is wrong with a trace.
#[derive(Debug)]
#[non_exhaustive]
pub enum TraceFault {
    /// The file cannot be opened or read.
    Io(io::Error),
    /// The replay speed is out of range.
    Speed {
        /// The speed asked for.
        found: f64,
    },
    /// There is nothing in the file, not even a header.
    Empty,
    /// The file is compressed.
    Compressed,
    /// There is a header and nothing else.
    NoRecords,
    /// No record stands for a request.
    NothingToReplay,
    /// The header lacks a column.
    MissingColumn {
        /// The column.
        column: &'static str,
        /// The columns there are.
        found: String,
    },
    /// The header names a column more than once.
    RepeatedColumn {
        /// The column.
        column: &'static str,
    },
    /// A record does not end on its line, or within a mebibyte.
    OpenQuote,
    /// A record has more or fewer fields than the header.
    FieldCount {
        /// Fields of the record.
        found: u64,
        /// Fields of the header.
        expected: u64,
    },
    /// A field cannot be understood.
    Field {
        /// Its column.
        column: &'static str,
        /// What is there.
        found: String,
        /// What would be accepted.
        accepted: String,
    },
    /// More distinct names than can be numbered with 32 bits.
    TooMany {
        /// Names of what.
        what: &'static str,
    },
    /// The replay would take more than 584 years, the longest time there is.
    TooLong,
    /// A replay does not find what the first pass found.
    Changed,
    /// Nothing: the first pass was called off.
    Cancelled,
}

impl TraceError {
    pub(super) fn new(file: &Path, line: Option<u64>, fault: TraceFault) -> TraceError {
        TraceError { file: file.to_owned(), line, fault }
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.fault)
    }
}

impl fmt::Display for TraceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceFault::Io(error) => write!(f, "the trace cannot be read: {error}"),
            TraceFault::Speed { found } => {
                write!(f, "the speed is {found}, expected a number from 1e-9 to 1e9")
            }
            TraceFault::Empty => f.write_str("the trace is empty: it has no header"),
            TraceFault::Compressed => {
                f.write_str("the trace is compressed (gzip): decompress it first")
            }
            TraceFault::NoRecords => {
                f.write_str("the trace is empty: a header, and no record after it")
            }
            TraceFault::NothingToReplay => f.write_str(
                "no record of the trace stands for a request: all are taken for cache fills or \
                 invalidations",
            ),
            TraceFault::MissingColumn { column, found } => {
                write!(f, "the header has no column \"{column}\": found {found}")
            }
            TraceFault::RepeatedColumn { column } => {
                write!(f, "the header names the column \"{column}\" more than once")
            }
            TraceFault::OpenQuote => {
                f.write_str("the record does not end on its line: is a quote left open?")
            }
            TraceFault::FieldCount { found, expected } => {
                write!(f, "the number of fields is {found}, expected {expected} as in the header")
            }
            TraceFault::Field { column, found, accepted } => {
                write!(f, "column \"{column}\": found \"{found}\", expected {accepted}")
            }
            TraceFault::TooMany { what } => {
                write!(f, "the trace has more than {} distinct {what}", u32::MAX)
            }
            TraceFault::TooLong => f.write_str(
                "the replay would take more than 584 years, the longest time there is: raise the \
                 speed",
            ),
            TraceFault::Changed => f.write_str("the trace changed since it was first read"),
            TraceFault::Cancelled => f.write_str("reading the trace was called off"),
        }
    }
}

impl std::error::Error for TraceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            TraceFault::Io(error) => Some(error),
            _ => None,
        }
    }
}
