//! From the measurements of a variant's replications to its summary.
//!
//! Replications arrive in any order, from any thread. What is pooled over them are integer
//! counts, whose sum has no order; means and intervals are taken in the order of replications.

use super::estimate::{difference, estimate, estimate_ratio};
use super::measurement::Measurement;
use super::recorder::{Latencies, Window};
use super::stability::instability;
use super::summary::{
    AgePoint, Estimate, LatencyPoint, ReplicationRow, TimelinePoint, VariantSummary,
};
use super::timeline::{Bucket, Timeline};
use super::{METRICS, Unstable};

/// What is pooled over the replications of a variant.
#[derive(Clone, Debug)]
pub struct Pool {
    window: Window,
    connections: u32,
    runs: u32,
    reads: Latencies,
    writes: Latencies,
    ages: Latencies,
    timeline: Timeline,
    /// Per metric, how many trials its ratios are shares of, all replications together.
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

impl Pool {
    /// Nothing pooled yet.
    pub fn new(window: Window, connections: u32) -> Pool {
        Pool {
            window,
            connections,
            runs: 0,
            reads: Latencies::new(),
            writes: Latencies::new(),
            ages: Latencies::new(),
            timeline: Timeline::new(window.end),
            trials: vec![Some(0); METRICS.len()],
        }
    }

    /// Adds a replication.
    pub fn add(&mut self, measured: &Measurement) {
        self.runs += 1;
        self.reads.add(&measured.reads);
        self.writes.add(&measured.writes);
        self.ages.add(&measured.ages);
        self.timeline.add(&measured.timeline);
        for (metric, trials) in METRICS.iter().zip(&mut self.trials) {
            *trials = trials.zip(measured.trials(metric)).map(|(sum, more)| sum + more);
        }
    }

    /// Whether the database only fell behind.
    pub fn instability(&self) -> Option<Unstable> {
        instability(&self.timeline, self.window, self.connections, self.runs)
    }

    /// The summary of a variant. `first` are the rows of the first variant, to compare with.
    pub fn summarize(
        &self,
        about: About,
        rows: Vec<ReplicationRow>,
        first: Option<&[ReplicationRow]>,
    ) -> VariantSummary {
        let column = |rows: &[ReplicationRow], index: usize| -> Vec<Option<f64>> {
            rows.iter().map(|row| row.values[index]).collect()
        };
        let estimates =
            (0..METRICS.len()).map(|index| self.estimate(index, &column(&rows, index))).collect();
        let differences = (0..METRICS.len())
            .map(|index| difference(&column(&rows, index), &column(first?, index)))
            .collect();
        VariantSummary {
            name: about.name,
            strategy: about.strategy,
            clients_are_services: about.clients_are_services,
            window: self.window,
            estimates,
            differences,
            latency: latency_points("read", &self.reads)
                .chain(latency_points("write", &self.writes))
                .collect(),
            staleness: age_points(&self.ages),
            timeline: self.timeline_points(),
            unstable: self.instability(),
            replications: rows,
            notes: about.notes,
        }
    }

    /// A ratio of which nothing was seen is bounded by the number of trials.
    fn estimate(&self, index: usize, values: &[Option<f64>]) -> Option<Estimate> {
        match self.trials[index] {
            Some(trials) => estimate_ratio(values, trials),
            None => estimate(values),
        }
    }

    fn timeline_points(&self) -> Vec<TimelinePoint> {
        let width = self.timeline.width();
        let mut queue = 0;
        let point = |(index, bucket): (usize, &Bucket)| {
            queue = bucket.queue.unwrap_or(queue);
            self.timeline_point(width.as_secs_f64(), index, bucket, queue)
        };
        self.timeline.buckets().iter().enumerate().map(point).collect()
    }

    fn timeline_point(
        &self,
        width_s: f64,
        index: usize,
        bucket: &Bucket,
        queue: u64,
    ) -> TimelinePoint {
        let runs = f64::from(self.runs.max(1));
        let rate = |count: u64| count as f64 / runs / width_s;
        let of_reads =
            |amount: f64| if bucket.reads == 0 { 0.0 } else { amount / bucket.reads as f64 };
        let p99_us = bucket.latency_us.value_at_quantile(0.99) as f64;
        TimelinePoint {
            start_s: index as f64 * width_s,
            reads_per_s: rate(bucket.reads),
            writes_per_s: rate(bucket.writes),
            failures_per_s: rate(bucket.failures),
            hit_ratio: of_reads(bucket.hits as f64),
            stale_read_ratio: of_reads(bucket.stale as f64),
            read_latency_mean_ms: of_reads(bucket.latency_sum_ns as f64) / 1e6,
            read_latency_p99_ms: (bucket.reads >= 1_000).then_some(p99_us / 1e3),
            db_reads_per_s: rate(bucket.db_reads),
            db_writes_per_s: rate(bucket.db_writes),
            db_queue: queue as f64 / runs,
        }
    }
}

/// The percentiles of `latency.csv`: evenly spaced at first, then on a nines axis.
const PERCENTILES: [f64; 22] = [
    0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0, 92.5, 95.0, 97.5, 98.0,
    99.0, 99.5, 99.9, 99.95, 99.99, 99.999,
];

/// A percentile is given only with this many samples beyond it.
const SAMPLES_BEYOND: f64 = 10.0;

fn latency_points(op: &'static str, latencies: &Latencies) -> impl Iterator<Item = LatencyPoint> {
    let samples = latencies.histogram.len() as f64;
    let enough = move |percentile: &f64| samples * (100.0 - percentile) / 100.0 >= SAMPLES_BEYOND;
    PERCENTILES.into_iter().filter(enough).map(move |percentile| LatencyPoint {
        op,
        percentile,
        latency_us: latencies.histogram.value_at_quantile(percentile / 100.0) as f64 / 1e3,
    })
}

/// Ages at which the tail is given: as many steps as the histogram's octaves.
fn age_points(ages: &Latencies) -> Vec<AgePoint> {
    let total = ages.histogram.len() as f64;
    let mut older = ages.histogram.len();
    ages.histogram
        .iter_log(1_000_000, 1.25)
        .map(|step| {
            older -= step.count_since_last_iteration();
            AgePoint {
                age_ms: step.value_iterated_to() as f64 / 1e6,
                share_older: older as f64 / total,
            }
        })
        .collect()
}
