//! What happened when: a fixed number of time buckets over a run, until load stops.

use hdrhistogram::Histogram;

use super::cell::Cell;
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
    /// Sum of the reads' latencies.
    pub latency_sum_ns: u128,
    /// The reads' latencies in microseconds, to two significant digits.
    pub latency_us: Histogram<u32>,
    /// What counts of it: of what was invoked in the window.
    pub(super) measured: Cell,
    /// By how many more operations wait at the database at its end than at its beginning.
    queue_change: i64,
    /// By how many more requests are in flight at its end than at its beginning.
    in_flight_change: i64,
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
            latency_sum_ns: 0,
            latency_us,
            measured: Cell::default(),
            queue_change: 0,
            in_flight_change: 0,
        }
    }

    #[inline]
    pub(super) fn latency(&mut self, latency: Span) {
        self.latency_sum_ns += u128::from(latency.0);
        self.latency_us.saturating_record(latency.0 / 1_000);
    }

    pub(super) fn add(&mut self, other: &Bucket) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.failures += other.failures;
        self.hits += other.hits;
        self.stale += other.stale;
        self.db_reads += other.db_reads;
        self.db_writes += other.db_writes;
        self.latency_sum_ns += other.latency_sum_ns;
        self.latency_us.add(&other.latency_us).expect("of the same bounds");
        self.measured.add(&other.measured);
        self.queue_change += other.queue_change;
        self.in_flight_change += other.in_flight_change;
    }
}

/// A run cut into [`BUCKETS`] buckets of equal width, until load stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    width: Span,
    stop: Time,
    /// The buckets, and one more for what drains after the end.
    buckets: Vec<Bucket>,
    /// 2^64 / width, for a division without dividing.
    reciprocal: u64,
}

impl Timeline {
    /// An empty timeline of a run whose load stops at `stop`.
    pub fn new(stop: Time) -> Timeline {
        let width = stop.0.div_ceil(BUCKETS as u64).max(2);
        let buckets = (0..=BUCKETS).map(|_| Bucket::new()).collect();
        Timeline { width: Span(width), stop, buckets, reciprocal: u64::MAX / width }
    }

    /// The number of the bucket of an instant; [`BUCKETS`] after load has stopped.
    #[inline]
    pub(super) fn index(&self, at: Time) -> usize {
        if at >= self.stop {
            return BUCKETS;
        }
        // The product is at most one bucket short, and never too large.
        let index = ((u128::from(at.0) * u128::from(self.reciprocal)) >> 64) as u64;
        let short = at.0 - index * self.width.0 >= self.width.0;
        (index + u64::from(short)) as usize
    }

    /// Whether an instant is after the end of a bucket that began before it.
    #[inline]
    fn is_after(&self, at: Time, bucket: usize) -> bool {
        at >= self.stop || at.0 - bucket as u64 * self.width.0 >= self.width.0
    }

    /// The bucket of an instant.
    #[inline]
    pub(super) fn at(&mut self, at: Time) -> &mut Bucket {
        let index = self.index(at);
        &mut self.buckets[index]
    }

    /// A request is in flight between these instants. Returns the bucket it was invoked in.
    #[inline]
    pub(super) fn request(&mut self, began: Time, ended: Time) -> &mut Bucket {
        let first = self.index(began);
        // Most requests end in the bucket they began in, and show at no bucket's end.
        if self.is_after(ended, first) {
            self.buckets[first].in_flight_change += 1;
            self.at(ended).in_flight_change -= 1;
        }
        &mut self.buckets[first]
    }

    /// An operation waits at the database, at whichever station, between these instants.
    pub(super) fn waits(&mut self, arrived: Time, started: Time) {
        let first = self.index(arrived);
        if self.is_after(started, first) {
            self.buckets[first].queue_change += 1;
            self.at(started).queue_change -= 1;
        }
    }

    /// Operations waiting at the database at the end of each bucket, all its stations together.
    pub fn queue(&self) -> Vec<i64> {
        running_sum(self.buckets(), |bucket| bucket.queue_change)
    }

    /// Requests in flight at the end of each bucket.
    pub fn in_flight(&self) -> Vec<i64> {
        running_sum(self.buckets(), |bucket| bucket.in_flight_change)
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

    /// What counts, bucket by bucket; the last cell is of what drained after load had stopped.
    pub(super) fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.buckets.iter().map(|bucket| &bucket.measured)
    }

    /// The buckets, in order of time.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets[..BUCKETS]
    }
}

fn running_sum(buckets: &[Bucket], change: fn(&Bucket) -> i64) -> Vec<i64> {
    let mut level = 0;
    let ends = buckets.iter().map(|bucket| {
        level += change(bucket);
        level
    });
    ends.collect()
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
                    let expected = if at < stop { (at / width) as usize } else { BUCKETS };
                    assert_eq!(timeline.buckets[expected].reads, 7, "{at} of {stop}");
                    timeline.buckets[expected].reads = 0;
                }
            }
        }
    }

    #[test]
    fn what_drains_after_the_end_counts_in_no_bucket() {
        let mut timeline = Timeline::new(Time(1_200));
        timeline.at(Time(1_200)).db_reads += 1;
        timeline.at(Time(5_000)).db_reads += 1;
        assert!(timeline.buckets().iter().all(|bucket| bucket.db_reads == 0));
    }

    #[test]
    fn levels_are_those_at_the_ends_of_buckets() {
        let mut timeline = Timeline::new(Time(1_195));
        let spans =
            [(0, 9), (5, 10), (5, 31), (15, 15), (25, 9_000), (1_194, 1_195), (1_196, 1_197)];
        for (began, ended) in spans {
            timeline.request(Time(began), Time(ended));
            timeline.waits(Time(began), Time(ended));
        }
        let mut expected = vec![1; BUCKETS];
        expected[..4].copy_from_slice(&[2, 1, 2, 1]);
        expected[BUCKETS - 1] = 2;
        assert_eq!(timeline.in_flight(), expected);
        assert_eq!(timeline.queue(), expected);
    }
}
