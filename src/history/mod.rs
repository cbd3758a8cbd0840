//! Histories as files, and as what a run leaves.
//!
//! Two formats are read and written; which one a file has, its first line tells.
//!
//! # JSON Lines
//!
//! One operation a line, written down when it is over. It is what is easiest to add to a program
//! that talks to a real cache and database: take the time, ask, take the time, print.
//!
//! ```json
//! {"process": 3, "op": "read", "key": "user:7", "version": 12, "invoked": 1000, "completed": 1850}
//! {"process": 1, "op": "write", "key": "user:7", "version": 13, "invoked": 1200, "completed": 1900, "committed": 1600}
//! {"process": 2, "op": "write", "key": "user:7", "version": null, "invoked": 1500, "completed": null}
//! ```
//!
//! | field | value |
//! | --- | --- |
//! | `process` | whose operation it is, a text or a number: the session |
//! | `op` | `"read"` or `"write"` |
//! | `key` | a text or a number |
//! | `version` | what a read returned or a write made: a whole number |
//! | `invoked` | when it was asked for, in whole nanoseconds, on one clock for all processes |
//! | `completed` | when its answer was there; `null` if it timed out or was never heard of again |
//! | `committed` | of a write, when it was committed, if that is known; may be left out |
//! | `failed` | `true` for what is known not to have happened; may be left out |
//!
//! **Versions** of a key order its writes as they were committed, from 1 on; they need not be
//! dense. A column that every update raises by one, and returns (`UPDATE … SET version = version +
//! 1 … RETURNING version`), is such a version, and it has to be cached with the row. 0 or `null`
//! is what a read returns of a row that is not there yet. The version of a write is `null` if
//! nobody knows it, as after a timeout; if such a write was acknowledged, it made a version of its
//! own all the same, newer than all that was told before it was invoked. **Every write has to be
//! in the file**, above all those that timed out: a version that nobody wrote is a violation,
//! unless it is older than all that were written. Reads may be left out.
//!
//! **Clocks.** What ended before what began is all that counts. If processes have clocks of their
//! own, no violation that is shorter than the clocks' difference means anything.
//!
//! **Commits** are not before their writes were invoked, and those of a key are in the order of
//! its versions, on the same clock: a file in which they are not is refused, as nothing could be
//! measured by them. One that is later than the answer is taken for what it is: the write was
//! acknowledged before it was there. Who only repeats a write that was committed before has no
//! commit of its own.
//!
//! Other fields are passed over. Lines may come in any order.
//!
//! # EDN
//!
//! Events as Jepsen writes them, one map a line, an operation being its `:invoke` and what the same
//! process tells next: `:ok`, `:fail` (it did not happen) or `:info` (nobody knows). Values are
//! `[key version]`, as of `jepsen.independent`, or a version alone.
//!
//! ```clojure
//! {:type :invoke, :f :write, :process 0, :time 1000, :value [7 3], :index 0}
//! {:type :ok, :f :write, :process 0, :time 1900, :value [7 3], :index 1}
//! ```
//!
//! A version may be told by the invocation, where clients choose it, or by the completion, where
//! the database does. `:session`, where there is one, is the session instead of the process, of
//! which Jepsen starts a new one whenever one does not come back; `:committed` is as above. Other
//! keys, and events of a `:nemesis`, are passed over.
//!
//! # Runs
//!
//! [`record`] writes down what happens in a run, to be checked or to be exported. `committed` is
//! when the authority accepted a write: the database, or the cache of a strategy that says so.
//!
//! ```
//! use stalelab::consistency::{Property, Verdict, check};
//!
//! let text = r#"
//!     {"process": "ann", "op": "write", "key": 7, "version": 2, "invoked": 10, "completed": 30}
//!     {"process": "ann", "op": "read", "key": 7, "version": 1, "invoked": 50, "completed": 60}
//! "#;
//! let history = stalelab::history::read(&mut text.as_bytes())?;
//! let report = check(&history);
//! assert_eq!(report.finding(Property::ReadYourWrites).verdict(), Verdict::Violated);
//! assert_eq!(report.delta().map(|delta| delta.0), Some(20));
//! # Ok::<(), stalelab::history::ReadError>(())
//! ```

mod edn;
mod events;
mod jsonl;
mod mistake;
mod read;
mod recorder;

use std::io::{self, Write};
use std::sync::atomic::AtomicBool;

pub use mistake::{MISTAKES_MAX, Mistake, ReadError};
pub use read::read;
pub use recorder::{OPERATIONS_MAX, Recorded, Recorder};

use crate::consistency::History;
use crate::experiment::Trial;
use crate::metrics::Window;
use crate::simulation::RunError;
use crate::strategy::Strategy;

/// How a history is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// JSON Lines: one operation a line.
    #[default]
    Jsonl,
    /// EDN: one event a line, as Jepsen writes them.
    Edn,
}

/// An operation in JSON, as it is accepted.
const JSON_EXAMPLE: &str = "{\"process\": 0, \"op\": \"read\", \"key\": 7, \"version\": 3, \
                            \"invoked\": 1000, \"completed\": 1900}";
/// An event in EDN, as it is accepted.
const EDN_EXAMPLE: &str = "{:type :ok, :f :read, :process 0, :time 1900, :value [7 3]}";

/// Writes a history. What [`read`] makes of it is the same history.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(history: &History, format: Format, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Jsonl => jsonl::write(history, out),
        Format::Edn => events::write(history, out),
    }
}

/// Runs a replication of a trial, and writes down the requests that are invoked in a window of it:
/// see [`Recorder`].
///
/// # Errors
/// If the run fails, or `cancel` was set.
pub fn record<S: Strategy>(
    strategy: &S,
    trial: &Trial,
    replication: u32,
    window: Window,
    cancel: &AtomicBool,
) -> Result<Recorded, RunError> {
    let mut recorder = Recorder::new(window, OPERATIONS_MAX);
    let ended = trial.run(strategy, replication, &mut recorder, cancel);
    if !recorder.is_done() {
        ended?;
    }
    Ok(recorder.recorded())
}

#[cfg(test)]
mod read_tests;
