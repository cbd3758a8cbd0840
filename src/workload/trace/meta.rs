//! Meta's key-value cache traces, as CacheLib publishes them: one row says how often one
//! operation was asked for one key within one second.
//!
//! They record what a *cache* was asked. Reads are `GET` and `GET_LEASE`; which records stand for
//! a write to the database has to be inferred, see [`TraceWrites`]. A `SET_LEASE` answers a
//! `GET_LEASE` that missed, so it is always a fill. The rows of one second are held, because the
//! second's requests are spread evenly over it, which takes knowing how many there are.

use std::io::Read;

use crate::op::Key;
use crate::time::NANOS_PER_SECOND;
use crate::workload::config::TraceWrites;

use super::TraceError;
use super::census::{Census, Operation};
use super::clock::Burst;
use super::dictionary::Numbering;
use super::fills::Fills;
use super::table::Table;

const COLUMNS: [&str; 6] = ["op_time", "key", "op", "op_count", "usecase", "cache_hits"];
const TIME: usize = 0;
const KEY: usize = 1;
const OP: usize = 2;
const COUNT: usize = 3;
const USECASE: usize = 4;
const HITS: usize = 5;

/// A later second could not be said in nanoseconds after the first.
const SECONDS_MAX: u64 = u64::MAX / NANOS_PER_SECOND - 1;

/// The columns that are read: `cache_hits` only where misses tell fills from writes.
pub(super) fn columns(writes: TraceWrites) -> &'static [&'static str] {
    match writes {
        TraceWrites::FromDeletes => &COLUMNS[..HITS],
        TraceWrites::FromSets => &COLUMNS,
    }
}

/// A reader of Meta's format.
pub(super) struct MetaTrace<R, N> {
    pub(super) table: Table<R>,
    pub(super) names: N,
    writes: TraceWrites,
    /// The table holds a row that belongs to a second not read yet.
    ahead: bool,
    first: Option<u64>,
    second: u64,
    /// The rows of `second`, and how many of them and of their requests were given out.
    held: Vec<Row>,
    rows_given: usize,
    requests_given: u64,
    /// The requests of `second`.
    requests: u64,
    fills: Fills,
    census: Census,
}

struct Row {
    operation: Operation,
    count: u64,
    hits: u64,
    key: u32,
    client: u32,
    /// How many of `count` are replayed.
    requests: u64,
}

impl<R: Read, N: Numbering> MetaTrace<R, N> {
    /// Reads the first row.
    pub(super) fn new(
        mut table: Table<R>,
        names: N,
        writes: TraceWrites,
    ) -> Result<MetaTrace<R, N>, TraceError> {
        let ahead = table.advance()?;
        Ok(MetaTrace {
            table,
            names,
            writes,
            ahead,
            first: None,
            second: 0,
            held: Vec::new(),
            rows_given: 0,
            requests_given: 0,
            requests: 0,
            fills: Fills::default(),
            census: Census::default(),
        })
    }

    /// The requests of the next row that stands for any, or `None` at the end of the file.
    pub(super) fn next_burst(&mut self) -> Result<Option<Burst>, TraceError> {
        loop {
            while let Some(row) = self.held.get(self.rows_given) {
                self.rows_given += 1;
                if row.requests > 0 {
                    let before = self.requests_given;
                    self.requests_given += row.requests;
                    return Ok(Some(Burst {
                        start_ns: self.since_first() * NANOS_PER_SECOND,
                        before,
                        count: row.requests,
                        of: self.requests,
                        client: row.client,
                        key: Key(row.key),
                        write: !row.operation.reads(),
                    }));
                }
            }
            if !self.ahead {
                return Ok(None);
            }
            self.read_second()?;
        }
    }

    /// The end of the second read last.
    pub(super) fn end_ns(&self) -> u64 {
        (self.since_first() + 1) * NANOS_PER_SECOND
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.census.notes(self.writes, self.names.clients())
    }

    /// Seconds from the first to the one read last.
    fn since_first(&self) -> u64 {
        self.first.map_or(0, |first| self.second - first)
    }

    fn read_second(&mut self) -> Result<(), TraceError> {
        self.second = self.time()?;
        self.first.get_or_insert(self.second);
        self.held.clear();
        while self.ahead && self.time()? == self.second {
            let row = self.row()?;
            self.held.push(row);
            self.ahead = self.table.advance()?;
        }
        match self.writes {
            TraceWrites::FromDeletes => self.writes_from_deletes(),
            TraceWrites::FromSets => self.writes_from_sets(),
        }
        self.rows_given = 0;
        self.requests_given = 0;
        // At most the sum of all `op_count`, which the census keeps below 2^64.
        self.requests = self.held.iter().map(|row| row.requests).sum();
        Ok(())
    }

    fn writes_from_deletes(&mut self) {
        for row in &mut self.held {
            let replayed = row.operation.reads() || row.operation == Operation::Delete;
            row.requests = if replayed { row.count } else { 0 };
        }
    }

    fn writes_from_sets(&mut self) {
        self.fills.begin(self.second);
        for row in self.held.iter_mut().filter(|row| row.operation.reads()) {
            row.requests = row.count;
            self.fills.missed(row.key, row.count - row.hits);
        }
        // A lease is proof of a miss: its fill takes the explanation before a plain SET does.
        for row in &self.held {
            if row.operation == Operation::SetLease {
                self.fills.filled(row.key, row.count);
            }
        }
        for row in &mut self.held {
            if row.operation == Operation::Set {
                row.requests = row.count - self.fills.filled(row.key, row.count);
                self.census.add_written_sets(row.requests);
            }
        }
        for row in self.held.iter().filter(|row| row.hits > 0) {
            self.fills.hit(row.key);
        }
    }

    /// The time of the row read last.
    fn time(&self) -> Result<u64, TraceError> {
        let time = self.table.whole_number(TIME)?;
        let first = self.first.unwrap_or(time);
        if time < self.second {
            let accepted = format!("{}, the time of the record before, or later", self.second);
            return Err(self.table.wrong(TIME, accepted));
        }
        if time - first > SECONDS_MAX {
            let accepted = format!("at most {}, 584 years after the first", first + SECONDS_MAX);
            return Err(self.table.wrong(TIME, accepted));
        }
        Ok(time)
    }

    /// What the row read last says besides its time.
    fn row(&mut self) -> Result<Row, TraceError> {
        let key = self.names.key(self.table.name(KEY)?);
        let operation = Operation::named(self.table.field(OP))
            .ok_or_else(|| self.table.wrong(OP, Operation::accepted()))?;
        let count = self.table.whole_number(COUNT)?;
        if count == 0 {
            return Err(self.table.wrong(COUNT, "a whole number above 0"));
        }
        let client = self.names.client(self.table.name(USECASE)?);
        let hits = match (self.writes, operation.reads()) {
            (TraceWrites::FromSets, true) => self.table.whole_number(HITS)?,
            _ => 0,
        };
        if hits > count {
            let accepted = format!("at most the row's op_count, {count}");
            return Err(self.table.wrong(HITS, accepted));
        }
        if !self.census.add(operation, count) {
            let accepted = "counts that add up to less than 2^64";
            return Err(self.table.wrong(COUNT, accepted));
        }
        Ok(Row {
            operation,
            count,
            hits,
            key: key.map_err(|fault| self.table.fail(fault))?,
            client: client.map_err(|fault| self.table.fail(fault))?,
            requests: 0,
        })
    }

    /// How many rows of the file are held at the moment.
    #[cfg(test)]
    pub(super) fn rows_held(&self) -> usize {
        self.held.len()
    }
}
