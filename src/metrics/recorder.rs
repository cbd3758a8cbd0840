//! The observer of a run that measures: every metric at once, streaming.
//!
//! Counts and integer sums only, so that nothing depends on the order of observations; memory
//! does not grow with the run.

use super::freshness::Freshness;
use super::latencies::Latencies;
use super::sessions::Sessions;
use super::stale_keys::StaleKeys;
use super::timeline::Timeline;
use crate::observation::{Answer, Cause, Observer, ReadFacts, Service};
use crate::op::{Key, Version};
use crate::time::{Span, Time};

/// The span of a run that counts: requests invoked in `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The end of the warm-up.
    pub start: Time,
    /// When load stops.
    pub end: Time,
}

impl Window {
    /// Whether a request invoked then counts.
    #[inline]
    pub fn contains(&self, at: Time) -> bool {
        self.start <= at && at < self.end
    }

    /// The part of `[from, to)` inside the window.
    pub(super) fn overlap(&self, from: Time, to: Time) -> Span {
        to.min(self.end) - from.max(self.start)
    }

    /// Its length.
    pub fn length(&self) -> Span {
        self.end - self.start
    }
}

/// Everything that is counted, over the requests that were invoked in the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Successful reads.
    pub reads: u64,
    /// Successful writes, successful acts among them.
    pub writes: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Reads answered without the database.
    pub hits: u64,
    /// Commit-stale reads.
    pub stale: u64,
    /// Ack-stale reads.
    pub ack_stale: u64,
    /// Commit-stale reads per cause, as in [`Cause::ALL`].
    pub stale_by_cause: [u64; Cause::ALL.len()],
    /// Sum of the version lags of stale reads.
    pub version_lag_sum: u64,
    /// Largest of them.
    pub version_lag_max: u32,
    /// Stale copies that were read.
    pub episodes: u64,
    /// Reads of a version that was never accepted, or not yet.
    pub dirty: u64,
    /// Reads older than the session's own writes.
    pub read_your_writes: u64,
    /// Reads older than the session's earlier reads.
    pub monotonic_reads: u64,
    /// Reads that are one or both.
    pub session_violations: u64,
    /// Acts that went through.
    pub acts_done: u64,
    /// Acts on a version that was already superseded when it was read.
    pub acts_failed: u64,
    /// Acts on a version that changed after it was read.
    pub acts_conflicting: u64,
    /// Operations the cache served in the window.
    pub cache_ops: u64,
    /// Reads the database finished in the window.
    pub db_reads: u64,
    /// Writes the database finished in the window.
    pub db_writes: u64,
    /// Time the primary's connections were busy in the window, summed.
    pub db_busy_ns: u128,
    /// Operations that reached the database in the window.
    pub db_arrivals: u64,
    /// Time they waited for a connection, summed.
    pub db_wait_ns: u128,
}

impl Counts {
    /// Requests that succeeded, failed or were refused.
    pub(super) fn requests(&self) -> u64 {
        self.reads + self.writes + self.failed + self.acts_failed + self.acts_conflicting
    }

    /// Acts, whatever became of them.
    pub(super) fn acts(&self) -> u64 {
        self.acts_done + self.acts_failed + self.acts_conflicting
    }

    /// Adds what was counted elsewhere.
    pub(super) fn add(&mut self, other: &Counts) {
        // Taken apart, so that no field can be forgotten.
        let Counts {
            reads,
            writes,
            failed,
            hits,
            stale,
            ack_stale,
            stale_by_cause,
            version_lag_sum,
            version_lag_max,
            episodes,
            dirty,
            read_your_writes,
            monotonic_reads,
            session_violations,
            acts_done,
            acts_failed,
            acts_conflicting,
            cache_ops,
            db_reads,
            db_writes,
            db_busy_ns,
            db_arrivals,
            db_wait_ns,
        } = other;
        self.reads += reads;
        self.writes += writes;
        self.failed += failed;
        self.hits += hits;
        self.stale += stale;
        self.ack_stale += ack_stale;
        self.version_lag_sum += version_lag_sum;
        self.episodes += episodes;
        self.dirty += dirty;
        self.read_your_writes += read_your_writes;
        self.monotonic_reads += monotonic_reads;
        self.session_violations += session_violations;
        self.acts_done += acts_done;
        self.acts_failed += acts_failed;
        self.acts_conflicting += acts_conflicting;
        self.cache_ops += cache_ops;
        self.db_reads += db_reads;
        self.db_writes += db_writes;
        self.db_busy_ns += db_busy_ns;
        self.db_arrivals += db_arrivals;
        self.db_wait_ns += db_wait_ns;
        for (mine, theirs) in self.stale_by_cause.iter_mut().zip(stale_by_cause) {
            *mine += theirs;
        }
        self.version_lag_max = self.version_lag_max.max(*version_lag_max);
    }
}

/// Measures a run.
#[derive(Debug)]
pub struct Recorder {
    pub(super) window: Window,
    /// What is counted without a time; the rest is in the timeline's buckets.
    counts: Counts,
    pub(super) reads: Latencies,
    pub(super) writes: Latencies,
    pub(super) ages: Latencies,
    pub(super) timeline: Timeline,
    pub(super) freshness: Freshness,
    pub(super) stale_keys: StaleKeys,
    sessions: Sessions,
}

impl Recorder {
    /// A recorder for requests invoked in this window.
    pub fn new(window: Window) -> Recorder {
        Recorder {
            window,
            counts: Counts::default(),
            reads: Latencies::new(),
            writes: Latencies::new(),
            ages: Latencies::new(),
            timeline: Timeline::new(window.end),
            freshness: Freshness::default(),
            stale_keys: StaleKeys::default(),
            sessions: Sessions::default(),
        }
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        let mut counts = self.counts.clone();
        self.timeline.cells().for_each(|cell| counts.add(&cell.counts));
        counts
    }

    /// Ages of stale reads.
    pub fn ages(&self) -> &Latencies {
        &self.ages
    }
}

impl Observer for Recorder {
    #[inline]
    fn accepted(&mut self, key: Key, _: Version, now: Time) {
        if StaleKeys::watches(key) {
            self.stale_keys.committed(key, self.timeline.index(now));
        }
    }

    #[inline]
    fn asks_since_commit(&self, client: u32, began: Time, stale: bool) -> bool {
        (stale || Freshness::samples(client, began)) && self.window.contains(began)
    }

    #[inline]
    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        let violations = self.sessions.read(answer, facts.staleness.is_some());
        if StaleKeys::watches(answer.key) {
            let bucket = self.timeline.index(answer.began);
            self.stale_keys.read(answer.key, bucket, facts.staleness.map(|it| it.age));
        }
        let latency = answer.ended - answer.began;
        let bucket = self.timeline.request(answer.began, answer.ended);
        bucket.reads += 1;
        bucket.hits += u64::from(facts.from_cache);
        bucket.stale += u64::from(facts.staleness.is_some());
        bucket.latency(latency);
        if !self.window.contains(answer.began) {
            return;
        }
        self.reads.record(latency);
        let cell = &mut bucket.measured;
        cell.read_ns += u128::from(latency.0);
        let counts = &mut cell.counts;
        counts.reads += 1;
        counts.hits += u64::from(facts.from_cache);
        counts.dirty += u64::from(facts.dirty);
        counts.read_your_writes += u64::from(violations.read_your_writes);
        counts.monotonic_reads += u64::from(violations.monotonic_reads);
        let visible = violations.read_your_writes || violations.monotonic_reads;
        counts.session_violations += u64::from(visible);
        if let Some(since_commit) = facts.since_commit {
            self.freshness.record(since_commit, facts.staleness.is_some());
        }
        if let Some(staleness) = facts.staleness {
            counts.stale += 1;
            counts.ack_stale += u64::from(staleness.ack_stale);
            counts.stale_by_cause[staleness.cause as usize] += 1;
            counts.version_lag_sum += u64::from(staleness.version_lag);
            counts.version_lag_max = counts.version_lag_max.max(staleness.version_lag);
            cell.age_ns += u128::from(staleness.age.0);
            self.ages.record(staleness.age);
        }
    }

    #[inline]
    fn write(&mut self, answer: &Answer, act: bool) {
        self.sessions.wrote(answer);
        let latency = answer.ended - answer.began;
        let bucket = self.timeline.request(answer.began, answer.ended);
        bucket.writes += 1;
        if self.window.contains(answer.began) {
            bucket.measured.counts.writes += 1;
            bucket.measured.counts.acts_done += u64::from(act);
            bucket.measured.write_ns += u128::from(latency.0);
            self.writes.record(latency);
        }
    }

    fn act_refused(&mut self, began: Time, ended: Time, superseded: bool) {
        let bucket = self.timeline.request(began, ended);
        if self.window.contains(began) {
            bucket.measured.counts.acts_failed += u64::from(superseded);
            bucket.measured.counts.acts_conflicting += u64::from(!superseded);
        }
    }

    fn failed(&mut self, began: Time, ended: Time, _act: bool) {
        let bucket = self.timeline.request(began, ended);
        bucket.failures += 1;
        if self.window.contains(began) {
            bucket.measured.counts.failed += 1;
        }
    }

    #[inline]
    fn measures(&self, began: Time) -> bool {
        self.window.contains(began)
    }

    fn episode(&mut self) {
        self.counts.episodes += 1;
    }

    #[inline]
    fn cache_served(&mut self, now: Time) {
        self.counts.cache_ops += u64::from(self.window.contains(now));
    }

    fn database_served(&mut self, service: &Service) {
        if service.started > service.arrived {
            self.timeline.waits(service.arrived, service.started);
        }
        // Whatever counts of it counts where it ended, so that one bucket has to be found.
        let bucket = self.timeline.at(service.ended);
        let counts = &mut bucket.measured.counts;
        if service.primary {
            let inside = self.window.overlap(service.started, service.ended);
            counts.db_busy_ns += u128::from(inside.0);
        }
        if self.window.contains(service.arrived) {
            counts.db_arrivals += 1;
            counts.db_wait_ns += u128::from((service.started - service.arrived).0);
        }
        let done = u64::from(self.window.contains(service.ended));
        if service.write {
            bucket.db_writes += 1;
            counts.db_writes += done;
        } else {
            bucket.db_reads += 1;
            counts.db_reads += done;
        }
    }

    fn horizon(&mut self, oldest: Time) {
        self.sessions.horizon(oldest);
    }

    #[inline]
    fn remembers_much(&self) -> bool {
        self.sessions.remembers_much()
    }

    fn forget(&mut self, older_copies: &mut dyn FnMut(Key, Version) -> bool) {
        self.sessions.forget(older_copies);
    }
}
