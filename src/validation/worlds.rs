//! Small worlds and loads in which the assumptions of a formula hold.

use crate::metrics::Measurement;
use crate::simulation::Setup;
use crate::time::{Span, Time};
use crate::workload::WorkloadConfig;
use crate::world::WorldConfig;

/// `keys` keys, each read and written so often a second.
pub(super) fn per_key(keys: u32, reads: f64, writes: f64) -> WorkloadConfig {
    let both = reads + writes;
    WorkloadConfig::poisson(both * f64::from(keys), keys, reads / both)
}

/// A run with nothing broken; the study says how long.
pub(super) fn setup(world: WorldConfig, workload: &WorkloadConfig) -> Setup {
    Setup::undisturbed(world, workload, Time::ZERO).expect("a load without a trace")
}

/// Of the reads that a probe fails or answers, those that it fails.
pub(super) fn failed_share(run: &Measurement) -> f64 {
    run.counts.failed as f64 / (run.counts.failed + run.counts.reads) as f64
}

/// So many seconds, to the nearest nanosecond.
pub(super) fn span(seconds: f64) -> Span {
    Span((seconds * 1e9).round() as u64)
}

/// Milliseconds in seconds.
pub(super) fn seconds(ms: u64) -> f64 {
    ms as f64 / 1e3
}

/// A TTL in seconds; entries without one never expire.
pub(super) fn ttl(seconds: Option<f64>) -> Span {
    seconds.map_or(Span::FOREVER, span)
}

/// The same in words.
pub(super) fn life(ttl_s: Option<f64>) -> String {
    ttl_s.map_or("no TTL".to_owned(), |ttl_s| format!("T {ttl_s} s"))
}
