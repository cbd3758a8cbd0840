//! Numbers out: what a metric is, how a run is measured, and what a comparison found.
//!
//! Metrics see observations only, never the world or a strategy.

mod catalogue;
mod estimate;
mod measurement;
mod recorder;
mod sessions;
mod stability;
mod student;
mod summarize;
mod summary;
mod timeline;

pub use catalogue::{Better, METRICS, Metric, find, index};
pub use estimate::{difference, estimate, estimate_ratio, verdict};
pub use measurement::{Fnv, Measurement};
pub use recorder::{Counts, Latencies, Recorder, Window};
pub use student::student_t_quantile;
pub use summarize::{About, Pool};
pub use summary::{
    AgePoint, Comparison, Estimate, LatencyPoint, ReplicationRow, TimelinePoint, Unstable,
    VariantSummary, Verdict, VerdictOutcome,
};
pub use timeline::{BUCKETS, Bucket, Timeline};
