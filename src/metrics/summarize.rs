//! From the measurements of a variant's replications to its summary.
//!
//! Replications arrive in any order, from any thread. What is pooled over them are integer
//! counts, whose sum has no order; means and intervals are taken in the order of replications.

use std::collections::BTreeMap;

use super::batches::{FromBatches, residuals, spread};
use super::estimate::{difference, estimate, estimate_count, estimate_rate, estimate_ratio};
use super::fraction::fractions;
use super::freshness::{self, Freshness};
use super::instants::{self, Instants};
use super::interval::Values;
use super::latencies::{Latencies, Percentile};
use super::measurement::Measurement;
use super::recorder::Window;
use super::stability::instability;
use super::summary::{
    AgePoint, Estimate, LatencyPoint, ReplicationRow, StaleKeyPoint, TimelinePoint, VariantSummary,
};
use super::timeline::{Bucket, Timeline};
use super::warmup::transient;
use super::{METRICS, Unstable};
use crate::time::Time;

/// What is pooled over the replications of a variant.
#[derive(Clone, Debug)]
pub struct Pool {
    window: Window,
    /// When something broke, or was mended: a run is no one stretch across it.
    changes: Vec<Time>,
    runs: u32,
    connections: u32,
    reads: Latencies,
    writes: Latencies,
    ages: Latencies,
    timeline: Timeline,
    instants: Instants,
    /// By replication: their spread is wanted.
    freshness: BTreeMap<u32, Freshness>,
    /// Of the first replication alone.
    stale_keys: Vec<StaleKeyPoint>,
    jobs_left: u64,
    /// Per metric, how many trials its events are among, all replications together.
    trials: Vec<Option<u64>>,
}

/// What a summary says about a variant besides its results.
#[derive(Clone, Debug)]
pub struct About {
    /// The variant's name.
    pub name: String,
    /// Its strategy's name.
    pub strategy: &'static str,
    /// Whether a client is a service that asks on behalf of many people.
    pub clients_are_services: bool,
    /// Things a reader should know, in plain sentences.
    pub notes: Vec<String>,
}

/// The first variant, with which the others are compared.
#[derive(Clone, Copy, Debug)]
pub struct First<'a> {
    /// Its results.
    pub summary: &'a VariantSummary,
    /// What is pooled over its replications.
    pub pool: &'a Pool,
}

impl Pool {
    /// Nothing pooled yet.
    pub fn new(window: Window) -> Pool {
        Pool {
            window,
            changes: Vec::new(),
            runs: 0,
            connections: 0,
            reads: Latencies::new(),
            writes: Latencies::new(),
            ages: Latencies::new(),
            timeline: Timeline::new(window.end),
            instants: Instants::default(),
            freshness: BTreeMap::new(),
            stale_keys: Vec::new(),
            jobs_left: 0,
            trials: vec![Some(0); METRICS.len()],
        }
    }

    /// Of runs in which something breaks or is mended at these times.
    #[must_use]
    pub fn with_changes(self, changes: Vec<Time>) -> Pool {
        Pool { changes, ..self }
    }

    /// Adds the replication of this number.
    pub fn add(&mut self, replication: u32, measured: &Measurement) {
        self.runs += 1;
        self.connections = measured.connections;
        self.reads.add(&measured.reads);
        self.writes.add(&measured.writes);
        self.ages.add(&measured.ages);
        self.timeline.add(&measured.timeline);
        self.instants.add(replication, &measured.timeline);
        self.freshness.insert(replication, measured.freshness.clone());
        if replication == 0 {
            self.stale_keys = measured.stale_keys.points(measured.timeline.width());
        }
        self.jobs_left += measured.aftermath.jobs_left;
        for (metric, trials) in METRICS.iter().zip(&mut self.trials) {
            *trials = trials.zip(measured.trials(metric)).map(|(sum, more)| sum + more);
        }
    }

    /// Whether the system only fell behind, as far as there was anything.
    pub fn instability(&self) -> Option<Unstable> {
        instability(&self.timeline, self.window, self.runs.max(1))
    }

    /// The estimate of a metric by its place in [`METRICS`], from the rows of all that was added;
    /// none if it needs a steady state and there is none.
    pub fn estimate_so_far(&self, index: usize, rows: &[ReplicationRow]) -> Option<Estimate> {
        let is_told = !METRICS[index].needs_steady_state() || self.instability().is_none();
        is_told.then(|| self.estimate(index, &column(rows, index)))?
    }

    /// The summary of a variant. `first` is the first variant, to compare with.
    /// Without a steady state, the metrics that need one are left out.
    pub fn summarize(
        &self,
        mut about: About,
        mut rows: Vec<ReplicationRow>,
        first: Option<First<'_>>,
    ) -> VariantSummary {
        about.notes.extend(self.work_left());
        let unstable = self.instability();
        if unstable.is_some() {
            rows.iter_mut().for_each(leave_out_steady_figures);
        } else {
            let found = transient(&self.timeline, self.window, &self.changes);
            about.notes.extend(found.map(|found| found.note(self.window)));
        }
        let (latency, staleness, freshness) = match unstable {
            Some(_) => (Vec::new(), Vec::new(), Vec::new()),
            None => {
                (self.latency_points(), age_points(&self.ages), freshness::points(&self.freshness))
            }
        };
        let estimates: Vec<Option<Estimate>> =
            (0..METRICS.len()).map(|index| self.estimate(index, &column(&rows, index))).collect();
        let differences = (0..METRICS.len()).map(|index| {
            let (first, estimate) = (first?, estimates[index]?);
            let base = &first.summary.replications;
            let found = difference(&column(&rows, index), &column(base, index))?;
            let unseen = first.summary.estimates[index]?.zero_bound;
            let spread = || self.spread(index, Some(first.pool));
            Some(found.between_unseen(estimate.zero_bound, unseen).or_batches(Values::Any, spread))
        });
        let differences = differences.collect();
        VariantSummary {
            name: about.name,
            strategy: about.strategy,
            clients_are_services: about.clients_are_services,
            window: self.window,
            estimates,
            differences,
            latency,
            staleness,
            freshness,
            stale_keys: self.stale_keys.clone(),
            timeline: self.timeline_points(),
            unstable,
            replications: rows,
            notes: about.notes,
        }
    }

    /// A note if not everything drained.
    fn work_left(&self) -> Option<String> {
        let jobs = match self.jobs_left {
            0 => return None,
            1 => "one job was given up: it".to_owned(),
            many => format!("{many} jobs were given up: they"),
        };
        Some(format!("Work was left: {jobs} asked to go on long after load had stopped."))
    }

    /// A ratio, count or rate of which nothing was seen is bounded by how much was tried. What has
    /// no replications to compare has batches of the one there is.
    fn estimate(&self, index: usize, values: &[Option<f64>]) -> Option<Estimate> {
        let metric = &METRICS[index];
        let found = match (self.trials[index], metric.unit) {
            (Some(trials), "ratio") => estimate_ratio(values, trials),
            (Some(trials), _) => estimate_count(values, trials),
            (None, "1/s") => {
                estimate_rate(values, self.window.length().as_secs_f64() * f64::from(self.runs))
            }
            (None, _) => estimate(values, metric.values()),
        };
        Some(found?.or_batches(metric.values(), || self.spread(index, None)))
    }

    /// The spread of a metric, or of its difference to another variant's, over batches of a single
    /// run; none if there are several, or it is no one stretch.
    fn spread(&self, index: usize, first: Option<&Pool>) -> Option<FromBatches> {
        let breaks = self.changes.iter().any(|at| self.window.start < *at && *at < self.window.end);
        if self.runs != 1 || breaks {
            return None;
        }
        let mut residuals = self.residuals(index)?;
        if let Some(first) = first {
            let other = first.residuals(index)?;
            if first.runs != 1 || other.len() != residuals.len() {
                return None;
            }
            residuals.iter_mut().zip(&other).for_each(|(mine, theirs)| *mine -= theirs);
        }
        spread(&residuals)
    }

    fn residuals(&self, index: usize) -> Option<Vec<f64>> {
        residuals(&fractions(&METRICS[index], &self.timeline, self.window, self.connections)?)
    }

    fn latency_points(&self) -> Vec<LatencyPoint> {
        let writes = latency_points("write", &self.writes);
        latency_points("read", &self.reads).chain(writes).collect()
    }

    fn timeline_points(&self) -> Vec<TimelinePoint> {
        let buckets = self.timeline.buckets().iter().zip(self.timeline.queue());
        let buckets = buckets.zip(instants::p99_ms(&self.timeline)).enumerate();
        buckets
            .map(|(index, ((it, queue), p99))| self.timeline_point(index, it, queue, p99))
            .collect()
    }

    fn timeline_point(
        &self,
        index: usize,
        bucket: &Bucket,
        queue: i64,
        read_latency_p99_ms: Option<f64>,
    ) -> TimelinePoint {
        let width_s = self.timeline.width().as_secs_f64();
        let runs = f64::from(self.runs.max(1));
        let rate = |count: u64| count as f64 / runs / width_s;
        let of_reads = |amount: f64| (bucket.reads > 0).then(|| amount / bucket.reads as f64);
        let stale = estimate_ratio(&[of_reads(bucket.stale as f64)], bucket.reads);
        TimelinePoint {
            start_s: index as f64 * width_s,
            reads_per_s: rate(bucket.reads),
            writes_per_s: rate(bucket.writes),
            failures_per_s: rate(bucket.failures),
            hit_ratio: of_reads(bucket.hits as f64),
            stale_read_ratio: stale.map(|stale| stale.mean),
            stale_read_ratio_at_most: stale.and_then(|stale| stale.zero_bound),
            read_latency_mean_ms: of_reads(bucket.latency_sum_ns as f64).map(|ns| ns / 1e6),
            read_latency_p99_ms,
            db_reads_per_s: rate(bucket.db_reads),
            db_writes_per_s: rate(bucket.db_writes),
            db_queue: queue as f64 / runs,
            rate_of_0_at_most: 3.0 / (runs * width_s),
            spread: self.instants.spread(index, width_s),
        }
    }
}

/// A metric's value in each replication.
fn column(rows: &[ReplicationRow], index: usize) -> Vec<Option<f64>> {
    rows.iter().map(|row| row.values[index]).collect()
}

fn leave_out_steady_figures(row: &mut ReplicationRow) {
    for (metric, value) in METRICS.iter().zip(&mut row.values) {
        *value = value.filter(|_| !metric.needs_steady_state());
    }
}

/// The percentiles of `latency.csv`: evenly spaced at first, then on a nines axis.
const PERCENTILES: [u32; 22] = [
    0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 75_000, 80_000, 85_000, 90_000,
    92_500, 95_000, 97_500, 98_000, 99_000, 99_500, 99_900, 99_950, 99_990, 99_999,
];

fn latency_points(op: &'static str, latencies: &Latencies) -> impl Iterator<Item = LatencyPoint> {
    PERCENTILES.into_iter().map(Percentile).filter_map(move |percentile| {
        let latency_us = latencies.percentile_ns(percentile)? as f64 / 1e3;
        Some(LatencyPoint { op, percentile: percentile.as_percent(), latency_us })
    })
}

/// Ages at which the tail is given: from 10 us on, each a quarter longer than the last.
fn age_points(ages: &Latencies) -> Vec<AgePoint> {
    if ages.histogram.is_empty() {
        return Vec::new();
    }
    let total = ages.histogram.len() as f64;
    let mut older = ages.histogram.len();
    ages.histogram
        .iter_log(10_000, 1.25)
        .map(|step| {
            older -= step.count_since_last_iteration();
            AgePoint {
                age_ms: step.value_iterated_to() as f64 / 1e6,
                share_older: older as f64 / total,
            }
        })
        .collect()
}
