//! Every metric stalelab can print: name, unit and definition. Reports, expectations, the
//! schema and `stalelab explain` read this table and no other.

/// A metric's definition.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name in files and expectations.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Whether less, more or neither is better for a user of the system.
    pub better: Better,
    /// What it is, exactly.
    pub definition: &'static str,
}

impl Metric {
    /// Whether it describes how the system is, and so means nothing where there is no steady
    /// state. Counts and rates tell what happened, steady or not.
    pub fn needs_steady_state(&self) -> bool {
        matches!(self.unit, "ms" | "ratio" | "versions") && self.name != "db_utilization"
    }

    /// Which values it can have. None is negative.
    pub fn values(&self) -> Values {
        if self.unit == "ratio" { Values::Share } else { Values::Positive }
    }

    /// The least and the most it can be, whatever is measured.
    pub fn range(&self) -> (f64, f64) {
        (0.0, if self.values() == Values::Share { 1.0 } else { f64::INFINITY })
    }

    /// Whether any component of this version can make this metric more than nothing. If none can,
    /// it has a row and a column in the files, and no value.
    pub fn is_exercised(&self) -> bool {
        let cause = self.name.strip_prefix("stale_cause.");
        !Cause::ALL.iter().any(|known| Some(known.name()) == cause && !known.is_exercised())
    }
}

/// Which direction is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Less,
    /// More is better.
    More,
    /// Neither.
    Neither,
}

use Better::{Less, More, Neither};

use super::interval::Values;
use crate::observation::Cause;

macro_rules! metrics {
    ($($name:literal $unit:literal $better:ident $definition:literal;)*) => {
        /// All metrics, in the order reports print them.
        pub const METRICS: &[Metric] =
            &[$(Metric { name: $name, unit: $unit, better: $better, definition: $definition },)*];
    };
}

metrics! {
    "reads" "count" Neither "Successful reads invoked in the measured window. The denominator of every ratio of reads.";
    "writes" "count" Neither "Successful writes invoked in the measured window, successful acts among them.";
    "failed_request_ratio" "ratio" Less "Share of requests invoked in the window that failed, timed out, were dropped by a crash, or asked to be started over until more than 30 s after load had stopped. A failed act is not a failed request.";
    "hit_ratio" "ratio" More "Share of reads answered by the cache without the database.";
    "stale_read_ratio" "ratio" Less "Share of reads that were commit-stale: a newer version had been committed when the read began.";
    "ack_stale_read_ratio" "ratio" Less "Share of reads that were ack-stale: a newer version had been acknowledged to its writer before the read began.";
    "stale_age_mean_ms" "ms" Less "Mean age of the stale reads: time from the commit that made the returned version old to the read's beginning.";
    "stale_age_p50_ms" "ms" Less "Median age of the stale reads.";
    "stale_age_p99_ms" "ms" Less "99th percentile of the age of the stale reads.";
    "stale_age_max_ms" "ms" Less "Largest age of a stale read.";
    "version_lag_mean" "versions" Less "Mean number of newer versions committed before a stale read began, over the stale reads.";
    "version_lag_max" "versions" Less "Largest version lag of a stale read.";
    "stale_episodes" "count" Less "Stale copies, in the cache or at a replica, that were read at least once while stale. One race makes one episode, however many reads it spoils.";
    "permanently_stale_keys" "keys" Less "Keys of which the cache, after load has stopped and everything in flight has drained, holds an old version with no expiry due.";
    "dirty_read_ratio" "ratio" Less "Share of reads that returned a version the authority had not accepted when the read ended.";
    "lost_writes" "count" Less "Acknowledged writes that the database never got, neither themselves nor a later write of the same key, after everything has drained. Whole run.";
    "read_your_writes_violation_ratio" "ratio" Less "Share of reads that returned an older version than a write their own session had seen acknowledged before the read began.";
    "monotonic_read_violation_ratio" "ratio" Less "Share of reads that returned an older version than a read their own session had finished before the read began.";
    "failed_act_ratio" "ratio" Less "Share of acts that failed because the version acted on was already superseded when it was read: the cache's fault.";
    "conflicting_act_ratio" "ratio" Neither "Share of acts that failed because the version changed between the read and the act: nobody's fault, no-cache has it too.";
    "visible_glitches" "count" Less "What a person notices: reads that break read-your-writes or monotonic reads, and failed acts.";
    "stale_cause.ttl-window" "ratio" Less "Share of reads stale because nothing invalidates: the copy was waiting for its TTL.";
    "stale_cause.in-flight-invalidation" "ratio" Less "Share of reads stale because the invalidation or update had not reached the cache yet.";
    "stale_cause.late-fill" "ratio" Less "Share of reads stale because a fill from an old snapshot landed after the invalidation.";
    "stale_cause.lost-invalidation" "ratio" Less "Share of reads stale because the invalidation was lost, or dropped with its server.";
    "stale_cause.reordered-update" "ratio" Less "Share of reads stale because a writer's older update landed after a newer one.";
    "stale_cause.replica-lag" "ratio" Less "Share of reads stale because the row came, then or when the cache was filled, from a replica that lagged.";
    "stale_cause.write-behind" "ratio" Less "Share of reads stale because the row came from a database that had not received an accepted write.";
    "stale_cause.coalesced" "ratio" Less "Share of reads stale because they joined a fill whose snapshot is older than they are.";
    "stale_cause.cold-copy" "ratio" Less "Share of reads stale because the cache was filled from another cache's copy.";
    "read_latency_mean_ms" "ms" Less "Mean latency of successful reads, from invocation to answer.";
    "read_latency_p50_ms" "ms" Less "Median latency of successful reads.";
    "read_latency_p90_ms" "ms" Less "90th percentile of the latency of successful reads.";
    "read_latency_p99_ms" "ms" Less "99th percentile of the latency of successful reads.";
    "read_latency_p999_ms" "ms" Less "99.9th percentile of the latency of successful reads.";
    "read_latency_max_ms" "ms" Less "Largest latency of a successful read.";
    "write_latency_mean_ms" "ms" Less "Mean latency of successful writes, from invocation to acknowledgement.";
    "write_latency_p50_ms" "ms" Less "Median latency of successful writes.";
    "write_latency_p90_ms" "ms" Less "90th percentile of the latency of successful writes.";
    "write_latency_p99_ms" "ms" Less "99th percentile of the latency of successful writes.";
    "write_latency_p999_ms" "ms" Less "99.9th percentile of the latency of successful writes.";
    "write_latency_max_ms" "ms" Less "Largest latency of a successful write.";
    "db_reads_per_s" "1/s" Less "Reads the database finished per second of the measured window, primary and replicas together.";
    "db_writes_per_s" "1/s" Neither "Writes the database finished per second of the measured window.";
    "db_utilization" "ratio" Less "Share of the primary's connections busy, averaged over the measured window.";
    "db_wait_mean_ms" "ms" Less "Mean time an operation that reached the database in the measured window waited for a free connection.";
    "cache_ops_per_s" "1/s" Neither "Operations the cache served per second of the measured window.";
}

/// The metric of this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// The place of a metric in [`METRICS`].
pub fn index(name: &str) -> Option<usize> {
    METRICS.iter().position(|metric| metric.name == name)
}
