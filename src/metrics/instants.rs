//! What a timeline says beyond sums: the spread of each bucket over replications, and percentiles
//! of as many buckets together as they need.

use std::collections::BTreeMap;

use super::estimate::{estimate, estimate_ratio};
use super::interval::Values;
use super::latencies::Percentile;
use super::summary::Spread;
use super::timeline::{BUCKETS, Bucket, Timeline};

/// What one replication saw in one bucket.
#[derive(Clone, Copy, Debug)]
struct Seen {
    reads: u64,
    hits: u64,
    stale: u64,
    db_operations: u64,
}

/// What each replication saw in each bucket, by replication.
#[derive(Clone, Debug, Default)]
pub(super) struct Instants(BTreeMap<u32, Vec<Seen>>);

impl Instants {
    /// Adds the replication of this number.
    pub(super) fn add(&mut self, replication: u32, timeline: &Timeline) {
        let seen = |bucket: &Bucket| Seen {
            reads: bucket.reads,
            hits: bucket.hits,
            stale: bucket.stale,
            db_operations: bucket.db_reads + bucket.db_writes,
        };
        self.0.insert(replication, timeline.buckets().iter().map(seen).collect());
    }

    /// The 95 % intervals of a bucket this long; none with a single replication.
    pub(super) fn spread(&self, bucket: usize, width_s: f64) -> Spread {
        if self.0.len() < 2 {
            return Spread::default();
        }
        let values = |value: &dyn Fn(&Seen) -> Option<f64>| -> Vec<Option<f64>> {
            self.0.values().map(|seen| value(&seen[bucket])).collect()
        };
        let reads = self.0.values().map(|seen| seen[bucket].reads).sum();
        let ratio = |count: fn(&Seen) -> u64| {
            let shares = values(&|it| (it.reads > 0).then(|| count(it) as f64 / it.reads as f64));
            Some(estimate_ratio(&shares, reads)?.interval())
        };
        let rates = values(&|it| Some(it.db_operations as f64 / width_s));
        // Symmetric: the few runs of a bucket say too little for an interval of factors.
        let symmetric = estimate(&rates, Values::Any).map(|found| found.interval());
        let db_operations_per_s = symmetric.map(|(low, high)| (low.max(0.0), high));
        let (hit_ratio, stale_read_ratio) = (ratio(|it| it.hits), ratio(|it| it.stale));
        Spread { hit_ratio, stale_read_ratio, db_operations_per_s }
    }
}

/// For each bucket, the 99th percentile of read latency in milliseconds: over as few buckets
/// together as most of them need for it to be sound, the same number everywhere.
pub(super) fn p99_ms(timeline: &Timeline) -> Vec<Option<f64>> {
    let together = (1..=BUCKETS).filter(|size| BUCKETS.is_multiple_of(*size));
    let groups = together.map(|size| (size, groups(timeline, size)));
    let enough = |(_, groups): &(usize, Vec<Bucket>)| {
        let read: Vec<&Bucket> = groups.iter().filter(|group| group.reads > 0).collect();
        2 * read.iter().filter(|group| is_sound(group)).count() >= read.len().max(1)
    };
    let Some((size, groups)) = groups.into_iter().find(enough) else { return vec![None; BUCKETS] };
    let p99 = |group: &Bucket| {
        is_sound(group).then(|| group.latency_us.value_at_quantile(0.99) as f64 / 1e3)
    };
    groups.iter().flat_map(|group| vec![p99(group); size]).collect()
}

fn is_sound(group: &Bucket) -> bool {
    Percentile(99_000).is_sound(group.reads)
}

/// The buckets of a timeline, so many together.
fn groups(timeline: &Timeline, size: usize) -> Vec<Bucket> {
    let sum = |buckets: &[Bucket]| {
        let mut sum = buckets[0].clone();
        buckets[1..].iter().for_each(|bucket| sum.add(bucket));
        sum
    };
    timeline.buckets().chunks(size).map(sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Span, Time};

    /// A run of 120 buckets of a second, with so many reads in each, of this many milliseconds.
    fn timeline(reads: u64, ms: impl Fn(u64) -> u64) -> Timeline {
        let mut timeline = Timeline::new(Time::ZERO + Span::from_secs(120));
        for second in 0..120 {
            let bucket = timeline.at(Time::ZERO + Span::from_secs(second));
            for _ in 0..reads {
                bucket.reads += 1;
                bucket.latency(Span::from_millis(ms(second)));
            }
        }
        timeline
    }

    #[test]
    fn few_reads_are_taken_together_until_their_percentile_is_sound() {
        let many = p99_ms(&timeline(1_000, |second| 10 + second));
        assert!(many.iter().flatten().count() == BUCKETS && many[0] < many[1], "{many:?}");
        let few = p99_ms(&timeline(200, |second| if second < 5 { 1 } else { 90 }));
        assert!(few[0].is_some_and(|ms| ms < 2.0) && few[5].is_some_and(|ms| ms > 85.0));
        assert!(few[..5].iter().all(|it| *it == few[0]), "{few:?}");
        assert_eq!(p99_ms(&timeline(1, |_| 1)), vec![None; BUCKETS]);
    }

    #[test]
    fn the_spread_of_a_bucket_is_that_of_its_replications() {
        let mut instants = Instants::default();
        let mut one = timeline(10, |_| 1);
        instants.add(0, &one);
        assert_eq!(instants.spread(0, 1.0), Spread::default());
        one.at(Time::ZERO).db_reads += 4;
        one.at(Time::ZERO).hits += 10;
        instants.add(1, &one);
        let found = instants.spread(0, 1.0);
        // Mean 2, standard error 2, and 12.706 of it for one degree of freedom.
        let (low, high) = found.db_operations_per_s.expect("two replications");
        assert!(low == 0.0 && (high - 27.412).abs() < 0.001, "{high}");
        // Of shares 0 and 1, by the odds: anything between, and neither end for certain.
        let (low, high) = found.hit_ratio.expect("two replications");
        assert!((0.0..1e-9).contains(&low) && (1.0 - 1e-9..1.0).contains(&high), "{low} {high}");
        assert_eq!(found.stale_read_ratio, Some((0.0, 0.15)), "none in 20: at most 3");
    }
}
