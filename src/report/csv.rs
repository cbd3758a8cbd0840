//! The CSV files. Names and order of their columns are a contract. A missing value is an empty
//! cell; numbers are in the shortest form that reads back as the same number.

use super::number::shortest;
use crate::metrics::{Comparison, Estimate, METRICS};

/// `summary.csv`: a row per variant and metric, those without a value included.
pub(super) fn summary(comparison: &Comparison) -> String {
    let header =
        ["variant", "strategy", "metric", "unit", "replications", "mean", "ci95_low", "ci95_high"];
    let mut table = Table::new(&header);
    for variant in &comparison.variants {
        for (metric, estimate) in METRICS.iter().zip(&variant.estimates) {
            let (low, high) = estimate.as_ref().map_or((None, None), bounds);
            table.row([
                variant.name.clone(),
                variant.strategy.to_owned(),
                metric.name.to_owned(),
                metric.unit.to_owned(),
                estimate.map_or(0, |estimate| estimate.replications).to_string(),
                shortest(estimate.map(|estimate| estimate.mean)),
                shortest(low),
                shortest(high),
            ]);
        }
    }
    table.finish()
}

/// The ends of an estimate's interval. Of events of which not one was seen the upper one comes
/// from 3/n: the spread over replications is zero there, and would be certainty.
pub(super) fn bounds(estimate: &Estimate) -> (Option<f64>, Option<f64>) {
    match (estimate.zero_bound, estimate.ci95) {
        (Some(bound), _) => (Some(0.0), Some(bound)),
        (None, Some((low, high))) => (Some(low), Some(high)),
        (None, None) => (None, None),
    }
}

/// `replications.csv`: a row per variant and replication, a column per metric.
pub(super) fn replications(comparison: &Comparison) -> String {
    let mut header = vec!["variant", "strategy", "replication", "digest"];
    header.extend(METRICS.iter().map(|metric| metric.name));
    let mut table = Table::new(&header);
    for variant in &comparison.variants {
        for row in &variant.replications {
            let mut cells = vec![
                variant.name.clone(),
                variant.strategy.to_owned(),
                row.replication.to_string(),
                format!("{:016x}", row.digest),
            ];
            cells.extend(row.values.iter().map(|value| shortest(*value)));
            table.row(cells);
        }
    }
    table.finish()
}

/// `latency.csv`: the latency distributions.
pub(super) fn latency(comparison: &Comparison) -> String {
    let mut table = Table::new(&["variant", "op", "percentile", "latency_us"]);
    for variant in &comparison.variants {
        for point in &variant.latency {
            table.row([
                variant.name.clone(),
                point.op.to_owned(),
                shortest(Some(point.percentile)),
                shortest(Some(point.latency_us)),
            ]);
        }
    }
    table.finish()
}

/// `staleness.csv`: the tail of the age of stale reads.
pub(super) fn staleness(comparison: &Comparison) -> String {
    let mut table = Table::new(&["variant", "age_ms", "share_of_stale_reads_older"]);
    for variant in &comparison.variants {
        for point in &variant.staleness {
            let (age, share) = (shortest(Some(point.age_ms)), shortest(Some(point.share_older)));
            table.row([variant.name.clone(), age, share]);
        }
    }
    table.finish()
}

/// `freshness.csv`: how likely a read is fresh, by the time since its key's newest commit.
pub(super) fn freshness(comparison: &Comparison) -> String {
    let mut table = Table::new(&[
        "variant",
        "since_commit_from_ms",
        "since_commit_to_ms",
        "reads",
        "fresh_read_ratio",
        "ci95_low",
        "ci95_high",
    ]);
    for variant in &comparison.variants {
        for point in &variant.freshness {
            let (low, high) = bounds(&point.fresh_ratio);
            let values = [
                Some(point.from_ms),
                Some(point.to_ms),
                Some(point.reads as f64),
                Some(point.fresh_ratio.mean),
                low,
                high,
            ];
            table.row(std::iter::once(variant.name.clone()).chain(values.map(shortest)));
        }
    }
    table.finish()
}

/// `stale_keys.csv`: what became of the first keys, a row per key and bucket of time in which
/// there was a commit or a successful read.
pub(super) fn stale_keys(comparison: &Comparison) -> String {
    let mut table = Table::new(&[
        "variant",
        "key",
        "start_s",
        "commits",
        "reads",
        "stale_reads",
        "stale_age_max_ms",
    ]);
    for variant in &comparison.variants {
        for point in &variant.stale_keys {
            table.row([
                variant.name.clone(),
                point.key.to_string(),
                shortest(Some(point.start_s)),
                point.commits.to_string(),
                point.reads.to_string(),
                point.stale_reads.to_string(),
                shortest(Some(point.age_max_ms)),
            ]);
        }
    }
    table.finish()
}

/// `timeline.csv`: what happened when, a row per variant and bucket of time.
pub(super) fn timeline(comparison: &Comparison) -> String {
    let mut table = Table::new(&[
        "variant",
        "start_s",
        "reads_per_s",
        "writes_per_s",
        "failures_per_s",
        "hit_ratio",
        "stale_read_ratio",
        "stale_read_ratio_at_most",
        "read_latency_mean_ms",
        "read_latency_p99_ms",
        "db_reads_per_s",
        "db_writes_per_s",
        "db_queue",
        "hit_ratio_ci95_low",
        "hit_ratio_ci95_high",
        "stale_read_ratio_ci95_low",
        "stale_read_ratio_ci95_high",
        "db_operations_per_s_ci95_low",
        "db_operations_per_s_ci95_high",
        "rate_of_0_at_most",
    ]);
    for variant in &comparison.variants {
        for point in &variant.timeline {
            let (low, high) = (|it: (f64, f64)| it.0, |it: (f64, f64)| it.1);
            let spread = point.spread;
            let values = [
                Some(point.start_s),
                Some(point.reads_per_s),
                Some(point.writes_per_s),
                Some(point.failures_per_s),
                point.hit_ratio,
                point.stale_read_ratio,
                point.stale_read_ratio_at_most,
                point.read_latency_mean_ms,
                point.read_latency_p99_ms,
                Some(point.db_reads_per_s),
                Some(point.db_writes_per_s),
                Some(point.db_queue),
                spread.hit_ratio.map(low),
                spread.hit_ratio.map(high),
                spread.stale_read_ratio.map(low),
                spread.stale_read_ratio.map(high),
                spread.db_operations_per_s.map(low),
                spread.db_operations_per_s.map(high),
                Some(point.rate_of_0_at_most),
            ];
            table.row(std::iter::once(variant.name.clone()).chain(values.map(shortest)));
        }
    }
    table.finish()
}

/// A CSV text in the making.
struct Table(::csv::Writer<Vec<u8>>);

impl Table {
    fn new(header: &[&str]) -> Table {
        let mut table = Table(::csv::Writer::from_writer(Vec::new()));
        table.row(header.iter().map(|name| (*name).to_owned()));
        table
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.write_record(cells).expect("memory takes any number of bytes, rows are equal");
    }

    fn finish(self) -> String {
        let bytes = self.0.into_inner().expect("memory needs no flushing");
        String::from_utf8(bytes).expect("only text went in")
    }
}
