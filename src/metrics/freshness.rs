//! How likely a read is fresh, by how long ago its key was last written: the t-visibility of
//! P. Bailis et al., "Probabilistically Bounded Staleness for Practical Partial Quorums",
//! PVLDB 5(8), 2012, measured from the newest commit before the read began.
//!
//! Every stale read is counted, and of the fresh ones a sample: which, depends on the request
//! alone. So a rare stale read is not missed, and the many fresh ones cost next to nothing.

use std::collections::BTreeMap;

use super::estimate::estimate_ratio;
use super::summary::{Estimate, FreshnessPoint};
use crate::time::{Span, Time};

/// One fresh read of so many is counted.
pub const SAMPLED_ONE_IN: u64 = 16;

/// Four buckets to each doubling of the time since the commit.
const BUCKETS: usize = 4 * 64;

/// Reads by the time since the newest commit of their key.
#[derive(Clone, Debug, PartialEq)]
pub struct Freshness {
    /// Per bucket, all stale reads and the sampled fresh ones.
    counts: Vec<(u64, u64)>,
}

impl Default for Freshness {
    fn default() -> Freshness {
        Freshness { counts: vec![(0, 0); BUCKETS] }
    }
}

impl Freshness {
    /// Whether a fresh read is in the sample.
    #[inline]
    pub(super) fn samples(client: u32, began: Time) -> bool {
        // Fibonacci hashing: the upper bits of a product with 2^64 over the golden ratio.
        let hash = (began.0 ^ u64::from(client)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash >> 60 == 0
    }

    /// Adds a read that began so long after the newest commit of its key.
    #[inline]
    pub(super) fn record(&mut self, since_commit: Span, stale: bool) {
        let (stale_reads, fresh_reads) = &mut self.counts[bucket(since_commit.0)];
        if stale {
            *stale_reads += 1;
        } else {
            *fresh_reads += 1;
        }
    }

    /// The counts, for a digest.
    pub(super) fn counts(&self) -> &[(u64, u64)] {
        &self.counts
    }

    /// Reads of a bucket and the share of them that was stale, as far as it can be told.
    fn stale_ratio(&self, bucket: usize) -> (u64, Option<f64>) {
        let (stale, sampled) = self.counts[bucket];
        let reads = stale + SAMPLED_ONE_IN * sampled;
        (reads, (reads > 0).then(|| stale as f64 / reads as f64))
    }
}

/// The bucket of a time in nanoseconds.
#[inline]
fn bucket(nanos: u64) -> usize {
    if nanos < 4 {
        return nanos as usize;
    }
    let exponent = nanos.ilog2();
    4 * exponent as usize + (nanos >> (exponent - 2) & 3) as usize
}

/// Where a bucket begins, in milliseconds.
fn begins_ms(bucket: usize) -> f64 {
    let nanos = match bucket / 4 {
        0 | 1 => bucket as u128,
        exponent => (4 + bucket as u128 % 4) << (exponent - 2),
    };
    nanos as f64 / 1e6
}

/// The points of `freshness.csv`, from the replications of a variant.
pub(super) fn points(replications: &BTreeMap<u32, Freshness>) -> Vec<FreshnessPoint> {
    let point = |bucket: usize| {
        let found = replications.values().map(|it| it.counts[bucket]);
        let (stale, sampled) = found.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        // Fewer are an anecdote.
        let enough = stale >= 10 * SAMPLED_ONE_IN || sampled >= 10;
        let each = replications.values().map(|it| it.stale_ratio(bucket).1);
        let reads = stale + SAMPLED_ONE_IN * sampled;
        let stale = estimate_ratio(&each.collect::<Vec<_>>(), reads).filter(|_| enough)?;
        Some(FreshnessPoint {
            from_ms: begins_ms(bucket),
            to_ms: begins_ms(bucket + 1),
            reads,
            fresh_ratio: fresh(&stale),
        })
    };
    // Below 16 ns buckets are narrower than a clock's tick, and some are empty by construction.
    (16..BUCKETS - 1).filter_map(point).collect()
}

/// The share of fresh reads. If not one was seen, or only they, there is a bound of 3/n.
fn fresh(stale: &Estimate) -> Estimate {
    let ci95 = match stale.zero_bound {
        Some(bound) => Some((1.0 - bound, 1.0)),
        None => stale.ci95.map(|(low, high)| (1.0 - high, 1.0 - low)),
    };
    Estimate { mean: 1.0 - stale.mean, ci95, zero_bound: None, ..*stale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_the_bucket_that_covers_it() {
        for nanos in (0..2_000).chain([1 << 20, (1 << 40) + 12_345, u64::MAX]) {
            let found = bucket(nanos);
            let ms = nanos as f64 / 1e6;
            assert!(found < BUCKETS && begins_ms(found) <= ms, "{nanos}");
            assert!(found + 1 == BUCKETS || ms < begins_ms(found + 1), "{nanos}");
        }
    }

    #[test]
    fn one_fresh_read_in_sixteen_is_sampled_even_at_regular_times() {
        for step in [1_000, 500_000, 1 << 20] {
            let sampled = (0..160_000).filter(|it| Freshness::samples(3, Time(it * step))).count();
            assert!((9_500..10_500).contains(&sampled), "{step}: {sampled}");
        }
    }

    #[test]
    fn stale_reads_count_once_and_fresh_ones_for_the_sample() {
        let mut one = Freshness::default();
        (0..40).for_each(|_| one.record(Span(1_000_000), false));
        (0..160).for_each(|_| one.record(Span(1_000_000), true));
        let found = points(&BTreeMap::from([(0, one.clone()), (1, one)]));
        assert_eq!(found.len(), 1);
        assert!(found[0].from_ms <= 1.0 && found[0].to_ms > 1.0);
        assert_eq!(found[0].reads, 2 * (160 + 640));
        assert!((found[0].fresh_ratio.mean - 0.8).abs() < 1e-12);
    }
}
