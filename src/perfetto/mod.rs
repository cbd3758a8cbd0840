//! A window of a run as trace events, for viewers such as the one at ui.perfetto.dev: requests with
//! their operations, jobs, the database's connections, and an arrow from each commit to the stale
//! reads that should have seen it.
//!
//! The format is that of Chrome's trace viewer ("Trace Event Format", 2016), of which only complete
//! events, instants, counters, flows and names are used. Nothing here measures: figures are in a
//! run's files.
//!
//! Rejected: a track for each client. A window of a second has a thousand clients with one request
//! each; packed into as few tracks as there are requests at a time, it can be read.

mod events;
mod recording;

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use crate::experiment::Trial;
use crate::metrics::Window;
use crate::simulation::RunError;
use crate::strategy::Strategy;

use self::recording::Recording;

/// A document has no more requests than this: viewers become slow.
pub const REQUESTS_MAX: usize = 50_000;

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Traced {
    /// The document.
    pub document: Value,
    /// How many requests are in it.
    pub requests: usize,
    /// Whether the window had more than [`REQUESTS_MAX`]: then its end is missing.
    pub is_cut: bool,
}

/// Runs a replication of a trial, and writes down what happens in a window of it.
///
/// # Errors
/// If the run fails, or `cancel` was set.
pub fn trace<S: Strategy>(
    strategy: &S,
    trial: &Trial,
    replication: u32,
    window: Window,
    cancel: &AtomicBool,
) -> Result<Traced, RunError> {
    first_requests(strategy, trial, replication, (window, REQUESTS_MAX), cancel)
}

/// The same, of no more than so many requests.
///
/// # Errors
/// As [`trace`].
pub fn first_requests<S: Strategy>(
    strategy: &S,
    trial: &Trial,
    replication: u32,
    (window, requests_max): (Window, usize),
    cancel: &AtomicBool,
) -> Result<Traced, RunError> {
    let mut recording = Recording::new(window, requests_max);
    let ended = trial.run(strategy, replication, &mut recording, cancel);
    if !recording.is_done() {
        ended?;
    }
    let requests = recording.requests();
    let is_cut = recording.is_full();
    let events = events::events(recording);
    let document = json!({ "displayTimeUnit": "ms", "traceEvents": events });
    Ok(Traced { document, requests, is_cut })
}
