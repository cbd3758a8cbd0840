//! What happened when: a fixed number of time buckets over a run.

use hdrhistogram::Histogram;

use crate::time::{Span, Time};

/// How many buckets a run is cut into.
pub const BUCKETS: usize = 120;

/// A bucket's latencies count up to this, an hour; what is longer counts as this long.
const LATENCY_MAX_US: u64 = 3_600_000_000;

/// One bucket of time. Requests count where they were invoked, services where they ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// Successful reads.
    pub reads: u64,
    /// Successful writes.
    pub writes: u64,
    /// Failed requests.
    pub failures: u64,
    /// Reads answered without the database.
    pub hits: u64,
    /// Commit-stale reads.
    pub stale: u64,
    /// Reads the database finished.
    pub db_reads: u64,
    /// Writes the database finished.
    pub db_writes: u64,
    /// Time of the primary's connections taken by services that started in the bucket.
    pub db_busy_ns: u128,
    /// Sum of the reads' latencies.
    pub latency_sum_ns: u128,
    /// The reads' latencies in microseconds, to two significant digits.
    pub latency_us: Histogram<u32>,
    /// Operations waiting for a connection at the bucket's last arrival at the database.
    pub queue: Option<u64>,
}

impl Bucket {
    fn new() -> Bucket {
        let latency_us = Histogram::new_with_bounds(1, LATENCY_MAX_US, 2);
        let latency_us = latency_us.expect("two digits are within bounds");
        Bucket {
            reads: 0,
            writes: 0,
            failures: 0,
            hits: 0,
            stale: 0,
            db_reads: 0,
            db_writes: 0,
            db_busy_ns: 0,
            latency_sum_ns: 0,
            latency_us,
            queue: None,
        }
    }

    #[inline]
    pub(super) fn latency(&mut self, latency: Span) {
        self.latency_sum_ns += u128::from(latency.0);
        self.latency_us.saturating_record(latency.0 / 1_000);
    }

    fn add(&mut self, other: &Bucket) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.failures += other.failures;
        self.hits += other.hits;
        self.stale += other.stale;
        self.db_reads += other.db_reads;
        self.db_writes += other.db_writes;
        self.db_busy_ns += other.db_busy_ns;
        self.latency_sum_ns += other.latency_sum_ns;
        self.latency_us.add(&other.latency_us).expect("of the same bounds");
        self.queue = match (self.queue, other.queue) {
            (Some(mine), Some(theirs)) => Some(mine + theirs),
            (mine, theirs) => mine.or(theirs),
        };
    }
}

/// A run cut into [`BUCKETS`] buckets of equal width, the last one open at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    width: Span,
    buckets: Vec<Bucket>,
    /// 2^64 / width, for a division without dividing.
    reciprocal: u64,
}

impl Timeline {
    /// An empty timeline of a run whose load stops at `stop`.
    pub fn new(stop: Time) -> Timeline {
        let width = stop.0.div_ceil(BUCKETS as u64).max(2);
        let buckets = (0..BUCKETS).map(|_| Bucket::new()).collect();
        Timeline { width: Span(width), buckets, reciprocal: u64::MAX / width }
    }

    /// The bucket of an instant.
    #[inline]
    pub(super) fn at(&mut self, at: Time) -> &mut Bucket {
        // The product is at most one bucket short, and never too large.
        let mut index = ((u128::from(at.0) * u128::from(self.reciprocal)) >> 64) as u64;
        index += u64::from((index + 1).saturating_mul(self.width.0) <= at.0);
        &mut self.buckets[(index as usize).min(BUCKETS - 1)]
    }

    /// So many operations wait at this instant; of a bucket the last news counts.
    #[inline]
    pub(super) fn queue(&mut self, at: Time, waiting: u64) {
        self.at(at).queue = Some(waiting);
    }

    /// Adds another run's timeline of the same length.
    pub fn add(&mut self, other: &Timeline) {
        debug_assert_eq!(self.width, other.width);
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            mine.add(theirs);
        }
    }

    /// Width of a bucket.
    pub fn width(&self) -> Span {
        self.width
    }

    /// The buckets, in order of time.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instant_has_the_bucket_a_division_says() {
        for stop in [120, 1_000, 7_777_777, 86_400_000_000_000, u64::MAX / 2] {
            let mut timeline = Timeline::new(Time(stop));
            let width = timeline.width().0;
            for step in 0..2_000 {
                let at = (stop / 1_999).saturating_mul(step);
                for at in [at, at / width * width, (at / width * width).saturating_sub(1)] {
                    timeline.at(Time(at)).reads = 7;
                    let expected = ((at / width) as usize).min(BUCKETS - 1);
                    assert_eq!(timeline.buckets()[expected].reads, 7, "{at} of {stop}");
                    timeline.buckets[expected].reads = 0;
                }
            }
        }
    }

    #[test]
    fn what_drains_after_the_end_counts_in_the_last_bucket() {
        let mut timeline = Timeline::new(Time(1_200));
        timeline.at(Time(5_000)).db_reads += 1;
        assert_eq!(timeline.buckets()[BUCKETS - 1].db_reads, 1);
    }
}
