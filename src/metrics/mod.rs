//! Numbers out: what a metric is, and what a comparison found.

mod catalogue;
mod measurement;
mod recorder;
mod sessions;
mod summary;
mod timeline;

pub use catalogue::{Better, METRICS, Metric, find, index};
pub use measurement::{Fnv, Measurement};
pub use recorder::{Counts, Latencies, Recorder, Window};
pub use summary::{
    AgePoint, Comparison, Estimate, LatencyPoint, ReplicationRow, TimelinePoint, Unstable,
    VariantSummary, Verdict, VerdictOutcome,
};
pub use timeline::{BUCKETS, Bucket, Timeline};
