//! What is wrong with a file, and where.

use std::fmt;
use std::io;

/// So many mistakes are told; the others are counted.
pub const MISTAKES_MAX: usize = 50;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1 on.
    pub line: u32,
    /// The column in bytes, from 1 on.
    pub column: usize,
    /// What was found, and what is accepted.
    pub message: String,
}

impl fmt::Display for Mistake {
    /// `LINE:COLUMN: message`, to be put after a file's name and a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// Why a history could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The system's reason.
    Io(io::Error),
    /// What is wrong with the text.
    Mistakes {
        /// The first ones, at most [`MISTAKES_MAX`].
        first: Vec<Mistake>,
        /// How many more there are.
        more: u64,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => error.fmt(f),
            ReadError::Mistakes { first, more } => {
                let lines: Vec<String> = first.iter().map(Mistake::to_string).collect();
                f.write_str(&lines.join("\n"))?;
                if *more > 0 {
                    write!(f, "\nand {more} more")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Io(error)
    }
}

/// Something is wrong at a column of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    /// From 1 on.
    pub(super) column: usize,
    pub(super) message: String,
}

impl At {
    pub(super) fn new(column: usize, message: impl Into<String>) -> At {
        At { column, message: message.into() }
    }
}
