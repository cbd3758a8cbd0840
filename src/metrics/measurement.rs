//! What one run measured, as the metrics of the catalogue.

use super::cell::Cell;
use super::fraction::{NS_PER_MS, Part, fraction};
use super::freshness::Freshness;
use super::latencies::{Latencies, Percentile};
use super::recorder::{Counts, Recorder, Window};
use super::stale_keys::StaleKeys;
use super::timeline::Timeline;
use super::{METRICS, Metric};
use crate::observation::Aftermath;

/// The measurements of one seeded run of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The window that was measured.
    pub window: Window,
    /// Connections of the primary.
    pub connections: u32,
    /// Everything that was counted.
    pub counts: Counts,
    /// Latencies of successful reads.
    pub reads: Latencies,
    /// Latencies of successful writes.
    pub writes: Latencies,
    /// Ages of stale reads.
    pub ages: Latencies,
    /// What happened when.
    pub timeline: Timeline,
    /// How fresh reads were after how long.
    pub freshness: Freshness,
    /// What became of the first keys.
    pub stale_keys: StaleKeys,
    /// What was left when everything had drained.
    pub aftermath: Aftermath,
}

impl Measurement {
    /// Closes a recording.
    pub fn new(recorder: Recorder, aftermath: Aftermath, connections: u32) -> Measurement {
        Measurement {
            window: recorder.window,
            connections,
            counts: recorder.counts(),
            reads: recorder.reads,
            writes: recorder.writes,
            ages: recorder.ages,
            timeline: recorder.timeline,
            freshness: recorder.freshness,
            stale_keys: recorder.stale_keys,
            aftermath,
        }
    }

    /// A value per entry of [`METRICS`], `None` where there is nothing to measure or too little.
    pub fn values(&self) -> Vec<Option<f64>> {
        let cell = Cell {
            counts: self.counts.clone(),
            read_ns: self.reads.sum_ns,
            write_ns: self.writes.sum_ns,
            age_ns: self.ages.sum_ns,
        };
        let (window, connections) = (self.window, self.connections);
        let whole = Part { cell: &cell, window, share: 1.0, connections };
        let value = |metric: &Metric| match fraction(metric, &whole) {
            // No glitch where nobody looked says nothing.
            Some(_) if metric.name == "visible_glitches" && self.trials(metric) == Some(0) => None,
            Some((amount, of)) => per(amount, of),
            None => self.value(metric),
        };
        METRICS.iter().map(value).collect()
    }

    /// Among how many trials a metric's events were counted; `None` for what counts no events.
    pub fn trials(&self, metric: &Metric) -> Option<u64> {
        match metric.name {
            "reads" | "writes" | "failed_request_ratio" => Some(self.counts.requests()),
            "failed_act_ratio" | "conflicting_act_ratio" => Some(self.counts.acts()),
            "stale_episodes" => Some(self.counts.reads),
            "visible_glitches" => Some(self.counts.reads + self.counts.acts()),
            "permanently_stale_keys" | "lost_writes" => Some(self.counts.writes),
            "db_utilization" => None,
            _ => (metric.unit == "ratio").then_some(self.counts.reads),
        }
    }

    /// What is no ratio of two sums.
    fn value(&self, metric: &Metric) -> Option<f64> {
        let counts = &self.counts;
        // No event where nothing was tried says nothing.
        let events =
            |count: u64| (count > 0 || self.trials(metric) != Some(0)).then_some(count as f64);
        match metric.name {
            "version_lag_max" => (counts.stale > 0).then(|| f64::from(counts.version_lag_max)),
            "stale_episodes" => events(counts.episodes),
            "permanently_stale_keys" => events(self.aftermath.permanently_stale_keys),
            "lost_writes" => events(self.aftermath.lost_writes),
            "cache_ops_per_s" => per(counts.cache_ops as f64, self.window.length().as_secs_f64()),
            name => self.family(name),
        }
    }

    /// The metrics whose name has a part that varies.
    fn family(&self, name: &str) -> Option<f64> {
        let of = |latencies, rest: &str| point(latencies, rest).unwrap_or_else(|| unknown(name));
        if let Some(rest) = name.strip_prefix("read_latency_") {
            return of(&self.reads, rest);
        }
        if let Some(rest) = name.strip_prefix("write_latency_") {
            return of(&self.writes, rest);
        }
        let rest = name.strip_prefix("stale_age_").unwrap_or_else(|| unknown(name));
        of(&self.ages, rest)
    }

    /// A digest of everything measured: FNV-1a over all counts and histograms.
    pub fn digest(&self) -> u64 {
        let mut digest = Fnv::default();
        // Debug output of integers is the same everywhere, and cannot forget a field.
        digest.bytes(format!("{:?}{:?}", self.counts, self.aftermath).as_bytes());
        for latencies in [&self.reads, &self.writes, &self.ages] {
            digest.bytes(&latencies.sum_ns.to_le_bytes());
            for value in latencies.histogram.iter_recorded() {
                digest.bytes(&value.value_iterated_to().to_le_bytes());
                digest.bytes(&value.count_at_value().to_le_bytes());
            }
        }
        for bucket in self.timeline.buckets() {
            let counts = [bucket.reads, bucket.hits, bucket.stale, bucket.db_reads];
            for count in counts {
                digest.bytes(&count.to_le_bytes());
            }
            digest.bytes(&bucket.latency_sum_ns.to_le_bytes());
        }
        for level in self.timeline.queue().into_iter().chain(self.timeline.in_flight()) {
            digest.bytes(&level.to_le_bytes());
        }
        for (stale, fresh) in self.freshness.counts() {
            digest.bytes(&stale.to_le_bytes());
            digest.bytes(&fresh.to_le_bytes());
        }
        for cell in self.stale_keys.points(self.timeline.width()) {
            digest.bytes(format!("{cell:?}").as_bytes());
        }
        digest.0
    }
}

/// The value of a latency metric's last part: `Some(None)` if there are too few samples,
/// `None` if there is no such part.
fn point(latencies: &Latencies, rest: &str) -> Option<Option<f64>> {
    let percentile = match rest {
        "max_ms" => {
            let any = !latencies.histogram.is_empty();
            return Some(any.then(|| latencies.max_ns as f64 / NS_PER_MS));
        }
        "p50_ms" => Percentile(50_000),
        "p90_ms" => Percentile(90_000),
        "p99_ms" => Percentile(99_000),
        "p999_ms" => Percentile(99_900),
        _ => return None,
    };
    Some(latencies.percentile_ns(percentile).map(|ns| ns as f64 / NS_PER_MS))
}

fn unknown(name: &str) -> ! {
    panic!("the metric {name} is in the catalogue, and nothing measures it")
}

fn per(amount: f64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| amount / of)
}

/// The 64-bit Fowler–Noll–Vo hash (FNV-1a): stable, and simple enough to check by hand.
#[derive(Clone, Copy, Debug)]
pub struct Fnv(pub u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    fn empty() -> Measurement {
        let window = Window { start: Time::ZERO, end: Time(1_000_000_000) };
        Measurement::new(Recorder::new(window), Aftermath::default(), 4)
    }

    #[test]
    fn every_metric_of_the_catalogue_is_measured() {
        let values = empty().values();
        assert_eq!(values.len(), METRICS.len());
        let reads = crate::metrics::index("reads");
        assert_eq!(reads.and_then(|index| values[index]), Some(0.0));
        let hits = crate::metrics::index("hit_ratio");
        assert_eq!(hits.and_then(|index| values[index]), None, "a share of nothing is nothing");
        let lost = crate::metrics::index("lost_writes");
        assert_eq!(lost.and_then(|index| values[index]), None, "nor is none of none");
    }

    #[test]
    fn the_hash_is_the_published_one() {
        let mut fnv = Fnv::default();
        fnv.bytes(b"foobar");
        assert_eq!(fnv.0, 0x85944171f73967e8);
    }
}
