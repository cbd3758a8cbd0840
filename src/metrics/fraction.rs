//! The metrics that are one sum over another, so that they can be taken of any part of a run.

use super::Metric;
use super::cell::Cell;
use super::recorder::Window;
use super::timeline::{BUCKETS, Timeline};
use crate::observation::Cause;
use crate::time::{Span, Time};

pub(super) const NS_PER_MS: f64 = 1_000_000.0;

/// A part of a run, as long as `share` of its window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) cell: &'a Cell,
    pub(super) window: Window,
    pub(super) share: f64,
    /// Connections of the primary.
    pub(super) connections: u32,
}

/// A metric's amount in a part, and what it is divided by: trials, or time. None for what is no
/// such ratio: percentiles, maxima, and what is told at the end of a run only.
pub(super) fn fraction(metric: &Metric, part: &Part<'_>) -> Option<(f64, f64)> {
    let Part { cell, window, share, connections } = *part;
    let counts = &cell.counts;
    let of = |count: u64, trials: u64| Some((count as f64, trials as f64));
    let of_reads = |count: u64| of(count, counts.reads);
    let per_second = |count: u64| Some((count as f64, window.length().as_secs_f64() * share));
    let mean_ms = |sum_ns: u128, many: u64| Some((sum_ns as f64 / NS_PER_MS, many as f64));
    match metric.name {
        "reads" => Some((counts.reads as f64, share)),
        "writes" => Some((counts.writes as f64, share)),
        "failed_request_ratio" => of(counts.failed, counts.requests()),
        "hit_ratio" => of_reads(counts.hits),
        "stale_read_ratio" => of_reads(counts.stale),
        "ack_stale_read_ratio" => of_reads(counts.ack_stale),
        "stale_age_mean_ms" => mean_ms(cell.age_ns, counts.stale),
        "version_lag_mean" => of(counts.version_lag_sum, counts.stale),
        "dirty_read_ratio" => of_reads(counts.dirty),
        "read_your_writes_violation_ratio" => of_reads(counts.read_your_writes),
        "monotonic_read_violation_ratio" => of_reads(counts.monotonic_reads),
        "failed_act_ratio" => of(counts.acts_failed, counts.acts()),
        "conflicting_act_ratio" => of(counts.acts_conflicting, counts.acts()),
        "visible_glitches" => {
            Some(((counts.session_violations + counts.acts_failed) as f64, share))
        }
        "read_latency_mean_ms" => mean_ms(cell.read_ns, counts.reads),
        "write_latency_mean_ms" => mean_ms(cell.write_ns, counts.writes),
        "db_reads_per_s" => per_second(counts.db_reads),
        "db_writes_per_s" => per_second(counts.db_writes),
        "db_utilization" => {
            let busy = window.length().0 as f64 * f64::from(connections) * share;
            Some((counts.db_busy_ns as f64, busy))
        }
        "db_wait_mean_ms" => mean_ms(counts.db_wait_ns, counts.db_arrivals),
        name => of_reads(counts.stale_by_cause[cause(name)?]),
    }
}

/// The fraction of a metric in each bucket of the window. What drained after load had stopped is
/// in the last one.
pub(super) fn fractions(
    metric: &Metric,
    timeline: &Timeline,
    window: Window,
    connections: u32,
) -> Option<Vec<(f64, f64)>> {
    let width = timeline.width();
    let mut found: Vec<(f64, f64)> = Vec::new();
    for (index, cell) in timeline.cells().enumerate() {
        let from = Time::ZERO + Span(width.0 * index as u64);
        let inside = if index < BUCKETS { window.overlap(from, from + width) } else { Span::ZERO };
        let share = inside.as_secs_f64() / window.length().as_secs_f64();
        let (amount, of) = fraction(metric, &Part { cell, window, share, connections })?;
        match found.last_mut() {
            Some(last) if inside == Span::ZERO => *last = (last.0 + amount, last.1 + of),
            None if inside == Span::ZERO => {}
            _ => found.push((amount, of)),
        }
    }
    Some(found)
}

/// The place of the cause that a metric counts.
fn cause(name: &str) -> Option<usize> {
    let cause = name.strip_prefix("stale_cause.")?;
    Cause::ALL.iter().position(|candidate| candidate.name() == cause)
}
