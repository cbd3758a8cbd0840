//! Rows with named columns, one at a time, and errors that say where they are.

use std::io::Read;
use std::path::{Path, PathBuf};

use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Trim};

use super::newlines::Newlines;
use super::{TraceError, TraceFault};

/// How much of a strange field an error repeats, in characters.
const EXCERPT_CHARS_MAX: usize = 80;

/// The longest record that is read into memory.
const RECORD_BYTES_MAX: usize = 1 << 20;

/// A file of comma-separated values with a header. Columns are known by their place in the list
/// given to [`Table::open`], whatever their order in the file.
pub(super) struct Table<R> {
    file: PathBuf,
    reader: Reader<Newlines<R>>,
    row: ByteRecord,
    rows: u64,
    names: &'static [&'static str],
    /// For each of `names`, its place in the file.
    places: Vec<usize>,
}

impl<R: Read> Table<R> {
    /// Reads the header and finds the columns in it.
    pub(super) fn open(
        input: R,
        file: &Path,
        names: &'static [&'static str],
    ) -> Result<Table<R>, TraceError> {
        let mut table = Table {
            file: file.to_owned(),
            reader: ReaderBuilder::new()
                .has_headers(false)
                .trim(Trim::All)
                .from_reader(Newlines::new(input)),
            row: ByteRecord::new(),
            rows: 0,
            names,
            places: Vec::new(),
        };
        if !table.read()? {
            return Err(TraceError::new(file, None, TraceFault::Empty));
        }
        if table.row.get(0).is_some_and(|f| f.starts_with(b"\x1f\x8b")) {
            return Err(TraceError::new(file, None, TraceFault::Compressed));
        }
        table.places = names.iter().map(|name| table.find(name)).collect::<Result<_, _>>()?;
        Ok(table)
    }

    /// Where the header, the row read last, has this column.
    fn find(&self, column: &'static str) -> Result<usize, TraceError> {
        let mut places = (0..self.row.len()).filter(|&i| &self.row[i] == column.as_bytes());
        match (places.next(), places.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => Err(self.fail(TraceFault::RepeatedColumn { column })),
            (None, _) => {
                let found: Vec<&[u8]> = self.row.iter().collect();
                let found = excerpt(&found.join(&b','));
                Err(self.fail(TraceFault::MissingColumn { column, found }))
            }
        }
    }

    /// Reads the next row; false at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool, TraceError> {
        let read = self.read()?;
        self.rows += u64::from(read);
        Ok(read)
    }

    fn read(&mut self) -> Result<bool, TraceError> {
        let line_before = self.reader.position().line();
        self.reader.get_mut().allow(RECORD_BYTES_MAX);
        let read = self.reader.read_byte_record(&mut self.row);
        if read.is_err() && self.reader.get_ref().is_exhausted() {
            return Err(TraceError::new(&self.file, Some(line_before), TraceFault::OpenQuote));
        }
        if self.row.as_slice().contains(&b'\n') {
            return Err(self.fail(TraceFault::OpenQuote));
        }
        read.map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => TraceError::new(&self.file, None, TraceFault::Io(error)),
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                self.fail(TraceFault::FieldCount { found: len, expected: expected_len })
            }
            // Of the others, none can come from reading bytes.
            other => self.fail(TraceFault::Io(std::io::Error::other(format!("{other:?}")))),
        })
    }

    /// Rows read so far, without the header.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// A field of the row read last.
    pub(super) fn field(&self, column: usize) -> &[u8] {
        &self.row[self.places[column]]
    }

    /// A field that names something: anything but nothing.
    pub(super) fn name(&self, column: usize) -> Result<&[u8], TraceError> {
        let name = self.field(column);
        if name.is_empty() {
            return Err(self.wrong(column, "a name"));
        }
        Ok(name)
    }

    /// A field that counts something.
    pub(super) fn whole_number(&self, column: usize) -> Result<u64, TraceError> {
        std::str::from_utf8(self.field(column))
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.wrong(column, "a whole number below 2^64"))
    }

    /// An error about a field of the row read last.
    pub(super) fn wrong(&self, column: usize, accepted: impl Into<String>) -> TraceError {
        self.fail(TraceFault::Field {
            column: self.names[column],
            found: excerpt(self.field(column)),
            accepted: accepted.into(),
        })
    }

    /// An error about the row read last.
    pub(super) fn fail(&self, fault: TraceFault) -> TraceError {
        // Its line end has just been read, so the reader is on the line after it. A quote left
        // open took further lines into the row, the last line end of the file included.
        let row = self.row.as_slice().trim_ascii_end();
        let inside = row.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let line = self.reader.position().line().saturating_sub(1 + inside).max(1);
        TraceError::new(&self.file, Some(line), fault)
    }
}

/// A field as text that fits into a message.
fn excerpt(field: &[u8]) -> String {
    // A character has at most four bytes.
    let head = &field[..field.len().min(4 * EXCERPT_CHARS_MAX)];
    let text = String::from_utf8_lossy(head);
    let whole = head.len() == field.len() && text.chars().count() <= EXCERPT_CHARS_MAX;
    let short: String = text.chars().take(EXCERPT_CHARS_MAX).collect();
    format!("{}{}", short.escape_debug(), if whole { "" } else { "…" })
}
