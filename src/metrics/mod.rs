//! Numbers out: what a metric is, and what a comparison found.

mod catalogue;
mod summary;

pub use catalogue::{Better, METRICS, Metric, find, index};
pub use summary::{
    AgePoint, Comparison, Estimate, LatencyPoint, ReplicationRow, TimelinePoint, Unstable,
    VariantSummary, Verdict, VerdictOutcome,
};
