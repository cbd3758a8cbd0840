//! Numbers out: what a metric is, how a run is measured, and what a comparison found.
//!
//! Metrics see observations only, never the world or a strategy.

mod batches;
mod catalogue;
mod cell;
mod correlation;
mod estimate;
mod fraction;
mod freshness;
mod instants;
mod interval;
mod latencies;
mod measurement;
mod precision;
mod recorder;
mod separation;
mod sessions;
mod stability;
mod stale_keys;
mod student;
mod summarize;
mod summary;
mod timeline;
mod warmup;

pub use catalogue::{Better, METRICS, Metric, find, index};
pub(crate) use estimate::mean_and_standard_error;
pub use estimate::{
    difference, estimate, estimate_count, estimate_rate, estimate_ratio, verdict, wilson,
};
pub use freshness::{Freshness, SAMPLED_ONE_IN};
pub use interval::Values;
pub use latencies::{Latencies, Percentile};
pub use measurement::{Fnv, Measurement};
pub use precision::{Precision, REPLICATIONS_LEAST};
pub use recorder::{Counts, Recorder, Window};
pub use separation::SEPARATION_MOST;
pub use stale_keys::{KEYS as STALE_KEYS, StaleKeys};
pub use student::student_t_quantile;
pub use summarize::{About, First, Pool};
pub use summary::{
    AgePoint, Comparison, Estimate, FreshnessPoint, LatencyPoint, Queue, ReplicationRow, Source,
    Spread, StaleKeyPoint, TimelinePoint, Unstable, VariantSummary, Verdict, VerdictOutcome,
};
pub use timeline::{BUCKETS, Bucket, Timeline};
