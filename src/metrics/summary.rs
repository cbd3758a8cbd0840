//! What a comparison found: plain data that reports read. No statistic is computed here.

use crate::metrics::{METRICS, Measurement, Precision, Window};

/// The results of a scenario: one entry per variant, in the order of the file.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The variants' results.
    pub variants: Vec<VariantSummary>,
    /// Expectations with their verdicts, in the order of the file.
    pub verdicts: Vec<Verdict>,
    /// How well a metric was to be known, if the number of replications followed from that.
    pub until: Option<Precision>,
}

impl Comparison {
    /// Seeded runs per variant.
    pub fn replications(&self) -> u32 {
        self.variants.first().map_or(0, |variant| variant.replications.len() as u32)
    }
}

/// The results of one variant.
#[derive(Clone, Debug)]
pub struct VariantSummary {
    /// The variant's name.
    pub name: String,
    /// Its strategy's name.
    pub strategy: &'static str,
    /// Whether a client is a service that asks on behalf of many people, so that what a session
    /// sees is not what a person sees.
    pub clients_are_services: bool,
    /// What was measured of each run.
    pub window: Window,
    /// One estimate per entry of [`METRICS`], in that order.
    pub estimates: Vec<Option<Estimate>>,
    /// The same for the paired difference to the first variant (none for the first itself).
    pub differences: Vec<Option<Estimate>>,
    /// One row per replication: the seed, and a value per entry of [`METRICS`].
    pub replications: Vec<ReplicationRow>,
    /// Latency percentiles over all replications together.
    pub latency: Vec<LatencyPoint>,
    /// Tail of the staleness age over all replications together.
    pub staleness: Vec<AgePoint>,
    /// Share of fresh reads by the time since the newest commit of their key.
    pub freshness: Vec<FreshnessPoint>,
    /// Commits and stale reads of the first keys over time, in the first replication.
    pub stale_keys: Vec<StaleKeyPoint>,
    /// What happened when, averaged over replications.
    pub timeline: Vec<TimelinePoint>,
    /// Why steady-state figures would mislead, if they would: a queue only grew. They are missing
    /// then: see [`Metric::needs_steady_state`](crate::metrics::Metric::needs_steady_state).
    pub unstable: Option<Unstable>,
    /// Things a reader should know, in plain sentences (what was inferred from a trace, …).
    pub notes: Vec<String>,
}

impl VariantSummary {
    /// The estimate of a metric by name.
    pub fn estimate(&self, metric: &str) -> Option<&Estimate> {
        let index = super::index(metric)?;
        self.estimates[index].as_ref()
    }
}

/// A mean over replications with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Mean over the replications that have the metric.
    pub mean: f64,
    /// 95 % confidence interval: Student's t over replications, or over batches of the one there
    /// is. None if there are neither, and none where not one event was seen.
    pub ci95: Option<(f64, f64)>,
    /// How many replications have the metric.
    pub replications: u32,
    /// What the interval or the bound is from, if there is one.
    pub source: Source,
    /// For a ratio or a count of which not one event was seen: the 95 % upper bound instead, from
    /// 3/n of what was tried.
    pub zero_bound: Option<f64>,
}

/// What an interval is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The spread of the replications.
    #[default]
    Replications,
    /// The spread of so many batches of a single replication.
    Batches(u32),
    /// That in n trials not one was an event, or not one was none.
    RuleOfThree,
}

/// One seeded run of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicationRow {
    /// Number of the replication, from 0.
    pub replication: u32,
    /// A value per entry of [`METRICS`]; `None` where there are too few samples, nothing, or no
    /// steady state.
    pub values: Vec<Option<f64>>,
    /// Digest of everything this run measured.
    pub digest: u64,
}

impl ReplicationRow {
    /// The row of a run: what was measured, of the metrics that anything could bring about.
    pub fn new(replication: u32, measured: &Measurement) -> ReplicationRow {
        let values = METRICS.iter().zip(measured.values());
        ReplicationRow {
            replication,
            values: values.map(|(metric, value)| value.filter(|_| metric.is_exercised())).collect(),
            digest: measured.digest(),
        }
    }
}

/// A point of a latency distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyPoint {
    /// `read` or `write`.
    pub op: &'static str,
    /// The percentile, 0 to 100.
    pub percentile: f64,
    /// The latency there, in microseconds.
    pub latency_us: f64,
}

/// A point of the staleness age's tail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgePoint {
    /// An age, in milliseconds.
    pub age_ms: f64,
    /// Share of stale reads that were older.
    pub share_older: f64,
}

/// How likely a read was fresh that began so long after the newest commit of its key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreshnessPoint {
    /// The shortest such time, in milliseconds.
    pub from_ms: f64,
    /// The time that is just too long, in milliseconds.
    pub to_ms: f64,
    /// Reads, all replications together. Fresh ones are estimated from a sample: see
    /// [`SAMPLED_ONE_IN`](crate::metrics::SAMPLED_ONE_IN).
    pub reads: u64,
    /// The share of them that was not commit-stale, with its interval over replications.
    pub fresh_ratio: Estimate,
}

/// What became of a key in a bucket of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaleKeyPoint {
    /// The key's number. The most popular one is 0.
    pub key: u32,
    /// Start of the bucket, in seconds since the start of the run.
    pub start_s: f64,
    /// Versions of the key accepted in it.
    pub commits: u64,
    /// Successful reads of the key that began in it.
    pub reads: u64,
    /// Those of them that were commit-stale.
    pub stale_reads: u64,
    /// The largest of their ages, in milliseconds.
    pub age_max_ms: f64,
}

/// A bucket of time, averaged over replications. Rates are per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimelinePoint {
    /// Start of the bucket, in seconds since the start of the run (the warm-up included).
    pub start_s: f64,
    /// Successful reads invoked in it, per second.
    pub reads_per_s: f64,
    /// Successful writes invoked in it, per second.
    pub writes_per_s: f64,
    /// Requests invoked in it that failed, per second.
    pub failures_per_s: f64,
    /// Share of those reads answered by the cache; none if there are no reads.
    pub hit_ratio: Option<f64>,
    /// Share of those reads that were commit-stale.
    pub stale_read_ratio: Option<f64>,
    /// The 95 % upper bound of that share where not one of them was: 3/n of n reads.
    pub stale_read_ratio_at_most: Option<f64>,
    /// Mean latency of those reads, in milliseconds.
    pub read_latency_mean_ms: Option<f64>,
    /// 99th percentile of their latency, in milliseconds, over all replications together, and over
    /// as many neighbouring buckets as it needs to be sound; none with too few reads even so.
    pub read_latency_p99_ms: Option<f64>,
    /// Reads the database finished in it, per second.
    pub db_reads_per_s: f64,
    /// Writes the database finished in it, per second.
    pub db_writes_per_s: f64,
    /// Operations waiting for a connection at its end.
    pub db_queue: f64,
    /// The 95 % upper bound of each of these rates that is 0, per second: 3 per all the seconds of
    /// this bucket, as [`estimate_rate`](super::estimate_rate) has it.
    pub rate_of_0_at_most: f64,
    /// How uncertain some of it is.
    pub spread: Spread,
}

/// The 95 % intervals, over replications, of a bucket of time; none with a single one. Each holds
/// for its bucket alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Of [`TimelinePoint::hit_ratio`].
    pub hit_ratio: Option<(f64, f64)>,
    /// Of [`TimelinePoint::stale_read_ratio`]; from 0 to 3/n if none of n reads was.
    pub stale_read_ratio: Option<(f64, f64)>,
    /// Of the reads and writes the database finished, per second.
    pub db_operations_per_s: Option<(f64, f64)>,
}

/// A system that could not keep up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unstable {
    /// What piled up.
    pub queue: Queue,
    /// Its length when load stopped, averaged over replications.
    pub queue_at_end: f64,
    /// How fast it grew in the last half of the window, per second.
    pub growth_per_s: f64,
}

/// What can pile up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Operations that wait for a connection, at the primary or a replica.
    Database,
    /// Requests in flight, wherever they wait, while the database's queue does not grow.
    Requests,
}

/// An expectation and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Index of the variant.
    pub variant: usize,
    /// The metric.
    pub metric: &'static str,
    /// The least it may be.
    pub min: Option<f64>,
    /// The most it may be.
    pub max: Option<f64>,
    /// What was measured, if it could be.
    pub estimate: Option<Estimate>,
    /// Whether it holds.
    pub outcome: VerdictOutcome,
}

/// Whether an expectation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictOutcome {
    /// The whole interval is inside the bounds.
    Held,
    /// The whole interval is outside.
    Failed,
    /// The interval straddles a bound, there is nothing to measure, or no steady state.
    Inconclusive,
}

#[cfg(test)]
impl Estimate {
    /// An estimate over eight replications with an interval that is even.
    pub(crate) fn made_up(mean: f64, half_width: f64) -> Estimate {
        Estimate {
            mean,
            ci95: Some((mean - half_width, mean + half_width)),
            replications: 8,
            source: Source::Replications,
            zero_bound: None,
        }
    }
}
