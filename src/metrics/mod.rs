//! Numbers out: what a metric is, and what a comparison found.

mod catalogue;
mod estimate;
mod student;
mod summary;

pub use catalogue::{Better, METRICS, Metric, find, index};
pub use estimate::{difference, estimate, estimate_ratio, verdict};
pub use student::student_t_quantile;
pub use summary::{
    AgePoint, Comparison, Estimate, LatencyPoint, ReplicationRow, TimelinePoint, Unstable,
    VariantSummary, Verdict, VerdictOutcome,
};
