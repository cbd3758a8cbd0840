//! The streaming metrics against their definitions, applied to the whole history afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use stalelab::metrics::{Counts, Recorder, Window};
use stalelab::observation::{Answer, Observer, ReadFacts, Service, Staleness};
use stalelab::op::{Key, Version};
use stalelab::simulation::{Setup, run};
use stalelab::strategies::{Builtin, NoCache, Visitor};
use stalelab::strategy::Strategy as CachingStrategy;
use stalelab::time::{Span, Time};

use crate::arbitrary::{choice, lagging_setup, setup};

/// Everything that happened, and the streaming recorder beside it.
struct History {
    recorder: Recorder,
    accepted: BTreeMap<(Key, Version), Time>,
    acknowledged: BTreeMap<(Key, Version), Time>,
    writes: Vec<Answer>,
    reads: Vec<(Answer, Option<Staleness>)>,
    /// Per read, the time since the newest commit of its key.
    since_commit: Vec<Option<Span>>,
}

impl Observer for History {
    fn accepted(&mut self, key: Key, version: Version, now: Time) {
        self.accepted.insert((key, version), now);
        self.recorder.accepted(key, version, now);
    }
    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        self.reads.push((*answer, facts.staleness));
        self.since_commit.push(facts.since_commit);
        self.recorder.read(answer, facts);
    }
    fn write(&mut self, answer: &Answer, act: bool) {
        self.acknowledged.insert((answer.key, answer.version), answer.ended);
        self.writes.push(*answer);
        self.recorder.write(answer, act);
    }
    fn act_refused(&mut self, began: Time, ended: Time, superseded: bool) {
        self.recorder.act_refused(began, ended, superseded);
    }
    fn failed(&mut self, began: Time, ended: Time, act: bool) {
        self.recorder.failed(began, ended, act);
    }
    fn measures(&self, began: Time) -> bool {
        self.recorder.measures(began)
    }
    fn asks_since_commit(&self, _: u32, _: Time, _: bool) -> bool {
        true
    }
    fn episode(&mut self) {
        self.recorder.episode();
    }
    fn cache_served(&mut self, now: Time) {
        self.recorder.cache_served(now);
    }
    fn database_served(&mut self, service: &Service) {
        self.recorder.database_served(service);
    }
    fn horizon(&mut self, oldest: Time) {
        self.recorder.horizon(oldest);
    }
    fn remembers_much(&self) -> bool {
        // Forget at every chance: that is when something needed could be lost.
        true
    }
    fn forget(&mut self, older_copies: &mut dyn FnMut(Key, Version) -> bool) {
        self.recorder.forget(older_copies);
    }
}

impl History {
    /// The definition of a stale read, by looking at every version newer than the one returned.
    /// Commits at the very instant the read began count if `inclusive`.
    fn staleness(&self, read: &Answer, inclusive: bool) -> Option<(Span, u32, bool)> {
        let newer = |times: &BTreeMap<(Key, Version), Time>| -> Vec<Time> {
            let above = (read.key, read.version.next())..=(read.key, Version(u32::MAX));
            times.range(above).map(|(_, at)| *at).collect()
        };
        let committed = newer(&self.accepted);
        let before = |at: &&Time| **at < read.began || (inclusive && **at == read.began);
        let lag = committed.iter().filter(before).count() as u32;
        let ack_stale = newer(&self.acknowledged).iter().any(|at| *at < read.began);
        (lag > 0).then(|| (read.began - committed[0], lag, ack_stale))
    }

    /// The time from the newest commit of a read's key before it began, to that beginning. Commits
    /// at the very instant count if `inclusive`.
    fn since_commit(&self, read: &Answer, inclusive: bool) -> Option<Span> {
        let versions = (read.key, Version(0))..=(read.key, Version(u32::MAX));
        let times = self.accepted.range(versions).map(|(_, at)| *at);
        let before = |at: &Time| *at < read.began || (inclusive && *at == read.began);
        times.filter(before).max().map(|at| read.began - at)
    }

    fn violates<'a>(&self, read: &Answer, mut earlier: impl Iterator<Item = &'a Answer>) -> bool {
        earlier.any(|other| {
            other.client == read.client
                && other.key == read.key
                && other.ended < read.began
                && other.version > read.version
        })
    }

    /// How many old versions were read, however often.
    fn stale_copies(&self, window: Window) -> u64 {
        let measured = |read: &Answer| window.start <= read.began && read.began < window.end;
        let stale = self.reads.iter().filter(|(read, stale)| stale.is_some() && measured(read));
        stale.map(|(read, _)| (read.key, read.version)).collect::<BTreeSet<_>>().len() as u64
    }

    fn counts(&self, window: Window) -> Counts {
        let mut counts = self.recorder.counts();
        (counts.stale, counts.ack_stale) = (0, 0);
        (counts.version_lag_sum, counts.version_lag_max) = (0, 0);
        (counts.read_your_writes, counts.monotonic_reads) = (0, 0);
        counts.session_violations = 0;
        for (read, streamed) in &self.reads {
            if read.began < window.start || read.began >= window.end {
                continue;
            }
            if let Some(staleness) = streamed {
                let lag = staleness.version_lag;
                counts.stale += 1;
                counts.ack_stale += u64::from(staleness.ack_stale);
                counts.version_lag_sum += u64::from(lag);
                counts.version_lag_max = counts.version_lag_max.max(lag);
            }
            let writes = self.violates(read, self.writes.iter());
            let reads = self.violates(read, self.reads.iter().map(|(answer, _)| answer));
            counts.read_your_writes += u64::from(writes);
            counts.monotonic_reads += u64::from(reads);
            counts.session_violations += u64::from(writes || reads);
        }
        counts
    }
}

struct Check<'a> {
    setup: &'a Setup,
    seed: u64,
    /// Whether the strategy reads past the cache, so that copies are the database's own.
    past_cache: bool,
}

impl Visitor for Check<'_> {
    type Output = Result<u64, TestCaseError>;

    fn visit<S: CachingStrategy>(self, strategy: &S) -> Self::Output {
        let window = Window { start: Time(20_000_000), end: self.setup.stop };
        let mut history = History {
            recorder: Recorder::new(window),
            accepted: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            writes: Vec::new(),
            reads: Vec::new(),
            since_commit: Vec::new(),
        };
        run(strategy, self.setup, self.seed, &mut history, &AtomicBool::new(false))
            .expect("nothing cancels the run");
        let expected = history.counts(window);
        prop_assert_eq!(&history.recorder.counts(), &expected);
        for ((read, _), told) in history.reads.iter().zip(&history.since_commit) {
            let expected = [false, true].map(|inclusive| history.since_commit(read, inclusive));
            prop_assert!(expected.contains(told), "{:?}: {:?}, not {:?}", read, told, expected);
        }
        for (read, streamed) in &history.reads {
            // Of a commit at the very instant a read began, only the order of events says
            // whether it came first: then any version lag in between will do.
            let streamed = streamed.map(|s| (s.age, s.version_lag, s.ack_stale));
            let least = history.staleness(read, false).map_or(0, |(_, lag, _)| lag);
            let agrees = match (streamed, history.staleness(read, true)) {
                (None, _) => least == 0,
                (Some(_), None) => false,
                (Some((age, lag, ack_stale)), Some((oldest, most, provable))) => {
                    age == oldest && (least..=most).contains(&lag) && ack_stale == provable
                }
            };
            let defined = history.staleness(read, true);
            prop_assert!(agrees, "{:?}: {:?} is {:?}", read, streamed, defined);
        }
        prop_assert_eq!(expected.stale_by_cause.iter().sum::<u64>(), expected.stale);
        // A request may fail after it was given a stale copy.
        prop_assert!(expected.episodes <= expected.stale + expected.failed);
        let copies = history.stale_copies(window);
        prop_assert!(expected.episodes >= copies);
        if self.past_cache {
            let stations = u64::from(self.setup.world.database.replicas).max(1);
            prop_assert!(expected.episodes <= copies * stations + expected.failed);
        }
        Ok(expected.stale)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_read_is_judged_as_its_definition_says(
        setup in setup(),
        choice in choice(),
        seed in any::<u64>(),
    ) {
        let past_cache = choice.name == NoCache::NAME;
        choice.visit(Check { setup: &setup, seed, past_cache })?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn so_is_every_read_of_an_old_row_whose_commits_are_forgotten(
        setup in lagging_setup(),
        choice in choice(),
        seed in any::<u64>(),
    ) {
        let past_cache = choice.name == NoCache::NAME;
        choice.visit(Check { setup: &setup, seed, past_cache })?;
    }
}
