//! Numbers out: what a metric is, how a run is measured, and what a comparison found.
//!
//! Metrics see observations only, never the world or a strategy.

mod catalogue;
mod estimate;
mod freshness;
mod instants;
mod latencies;
mod measurement;
mod recorder;
mod sessions;
mod stability;
mod stale_keys;
mod student;
mod summarize;
mod summary;
mod timeline;

pub use catalogue::{Better, METRICS, Metric, find, index};
pub use estimate::{difference, estimate, estimate_count, estimate_ratio, verdict, wilson};
pub use freshness::{Freshness, SAMPLED_ONE_IN};
pub use latencies::{Latencies, Percentile};
pub use measurement::{Fnv, Measurement};
pub use recorder::{Counts, Recorder, Window};
pub use stale_keys::{KEYS as STALE_KEYS, StaleKeys};
pub use student::student_t_quantile;
pub use summarize::{About, Pool};
pub use summary::{
    AgePoint, Comparison, Estimate, FreshnessPoint, LatencyPoint, Queue, ReplicationRow, Spread,
    StaleKeyPoint, TimelinePoint, Unstable, VariantSummary, Verdict, VerdictOutcome,
};
pub use timeline::{BUCKETS, Bucket, Timeline};
