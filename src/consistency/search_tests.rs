//! The checks against their definitions: a search through all orders, and all pairs.

use super::*;
use crate::random::{OperationRng, below};
use crate::time::Span;

/// Random numbers.
pub(super) struct Random(OperationRng);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(OperationRng::new(seed, 0, 0, 0))
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        below(&mut self.0, bound)
    }

    pub(super) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// Times start here, so that beginnings can be moved back.
const START: u64 = 1_000;

fn operation(kind: Kind, version: u64, invoked: u64, completed: Time) -> Operation {
    let invoked = Time(START + invoked);
    let (committed, key, session, line) = (Time::NEVER, 0, 0, 0);
    Operation { invoked, completed, committed, version, key, session, line, kind }
}

/// Operations, and writes that failed.
#[derive(Clone, Debug)]
struct Sample {
    all: Vec<Operation>,
    failed: Vec<Operation>,
}

/// Up to four writes and up to four reads of one key, most of them around the instants at which
/// they took effect, so that about as many histories are linearizable as not. Of one write in so
/// many, nobody knows the version.
fn arbitrary(random: &mut Random, nameless_one_in: u64) -> Sample {
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    let mut effects = Vec::new();
    let writes = random.below(5);
    for version in 1..=writes {
        // Sometimes the recording begins later, or somebody writes what is there.
        let skewed = if random.one_in(6) { 1 + random.below(writes) } else { version };
        let at = 3 * version + random.below(4);
        let mut write = spanning(random, Kind::Write, skewed, at);
        effects.push((at, version));
        if random.one_in(5) {
            write.completed = Time::NEVER;
        }
        if random.one_in(nameless_one_in) {
            write.version = UNKNOWN;
        }
        if random.one_in(16) {
            failed.push(write);
        } else if !random.one_in(12) {
            all.push(write);
        }
    }
    for _ in 0..random.below(5) {
        let at = 1 + random.below(18);
        let newest = effects.iter().filter(|(since, _)| *since <= at).map(|(_, it)| *it).max();
        let truth = newest.unwrap_or(0);
        let version = if random.one_in(3) { random.below(6) } else { truth };
        all.push(spanning(random, Kind::Read, version, at));
    }
    Sample { all, failed }
}

/// An operation around an instant.
fn spanning(random: &mut Random, kind: Kind, version: u64, at: u64) -> Operation {
    let invoked = at.saturating_sub(random.below(4));
    operation(kind, version, invoked, Time(START + at + random.below(4)))
}

fn history(sample: &Sample) -> History {
    let mut history = History::default();
    for it in &sample.all {
        history.push(*it).expect("it makes sense");
    }
    sample.failed.iter().for_each(|it| history.push_failed(*it));
    history
}

/// Between two known versions there is room for so many that nobody has read.
const UNSEEN: u64 = 16;

/// Looks for an order of all operations that explains what was told, by trying them all.
struct Search {
    operations: Vec<Operation>,
    /// Versions that were read and that no write has.
    orphans: Vec<u64>,
    /// Per operation, those that had ended before it began, as bits.
    before: Vec<u32>,
    /// Those that were answered.
    answered: u32,
    /// How many of the newest versions a read may return.
    k: usize,
}

impl Search {
    fn new(sample: &Sample, k: usize) -> Search {
        let operations = &sample.all;
        let mut all = operations.clone();
        let written =
            |version| move |it: &&Operation| it.kind == Kind::Write && it.version == version;
        let reads = operations.iter().filter(|it| it.kind == Kind::Read && it.version != INITIAL);
        let mut orphans: Vec<u64> = reads.map(|it| it.version).collect();
        orphans.retain(|version| !operations.iter().any(|it| written(*version)(&it)));
        orphans.sort_unstable();
        orphans.dedup();
        let versions = operations.iter().filter(|it| it.kind == Kind::Write).map(|it| it.version);
        let oldest = versions.filter(|version| *version != UNKNOWN).min();
        // What is older than all that was written was written before the recording.
        let failed = |version| sample.failed.iter().any(|it| it.version == version);
        let is_before = |orphan: &u64| oldest.is_none_or(|it| *orphan < it) && !failed(*orphan);
        let before = orphans.iter().filter(|orphan| is_before(orphan));
        all.extend(before.map(|version| Operation {
            invoked: Time::ZERO,
            ..operation(Kind::Write, *version, 0, Time::NEVER)
        }));
        orphans.retain(|orphan| !is_before(orphan));
        let bits = |holds: &dyn Fn(&Operation) -> bool| {
            all.iter().rev().fold(0, |bits, it| bits << 1 | u32::from(holds(it)))
        };
        let before = all.iter().map(|it| bits(&|other| other.ended_before(it))).collect();
        let answered = bits(&|it| !it.is_open());
        Search { operations: all, orphans, before, answered, k }
    }

    fn finds(&self) -> bool {
        // Two acknowledged writes of a version are no versions.
        let acknowledged =
            |it: &&Operation| it.kind == Kind::Write && !it.is_open() && it.version != UNKNOWN;
        let mut versions: Vec<u64> =
            self.operations.iter().filter(acknowledged).map(|it| it.version).collect();
        let all = versions.len();
        versions.sort_unstable();
        versions.dedup();
        versions.len() == all && self.goes_on(0, &mut vec![INITIAL])
    }

    /// Whether what is not `done` can follow. `versions`: those written, in their order, in parts
    /// of which a known one has [`UNSEEN`].
    fn goes_on(&self, done: u32, versions: &mut Vec<u64>) -> bool {
        if self.answered & !done == 0 {
            return true;
        }
        for (index, it) in self.operations.iter().enumerate() {
            let this = 1 << index;
            let may_be_next = done & this == 0 && self.before[index] & !done == 0;
            if may_be_next && self.takes(it, done | this, versions) {
                return true;
            }
        }
        false
    }

    /// Whether the rest can follow once this operation has taken effect.
    fn takes(&self, it: &Operation, done: u32, versions: &mut Vec<u64>) -> bool {
        let newest = *versions.last().expect("the initial one");
        match it.kind {
            Kind::Read => {
                let allowed = &versions[versions.len().saturating_sub(self.k)..];
                allowed.contains(&(it.version * UNSEEN)) && self.goes_on(done, versions)
            }
            Kind::Write if it.version == UNKNOWN => {
                let orphans = self.orphans.iter().map(|orphan| orphan * UNSEEN);
                let mut newer = orphans.filter(|orphan| *orphan > newest);
                // If nobody read it, the oldest that it can be is in nobody's way; and if it is
                // open, it need not have happened.
                newer.any(|orphan| self.writes(orphan, done, versions))
                    || !it.is_open() && self.writes(newest + 1, done, versions)
            }
            Kind::Write if versions.contains(&(it.version * UNSEEN)) => {
                self.goes_on(done, versions)
            }
            Kind::Write => {
                let version = it.version * UNSEEN;
                version > newest && self.writes(version, done, versions)
            }
        }
    }

    fn writes(&self, version: u64, done: u32, versions: &mut Vec<u64>) -> bool {
        versions.push(version);
        let found = self.goes_on(done, versions);
        versions.pop();
        found
    }
}

fn is_linearizable(sample: &Sample) -> bool {
    Search::new(sample, 1).finds()
}

/// Reads that begin so much earlier.
fn moved_back(sample: &Sample, delta: u64) -> Sample {
    let mut moved = sample.clone();
    for read in moved.all.iter_mut().filter(|it| it.kind == Kind::Read) {
        read.invoked = Time(read.invoked.0 - delta);
    }
    moved
}

/// How often each verdict, and each part of it, was decisive.
#[derive(Debug, Default)]
struct Tally {
    linearizable: u64,
    not: u64,
    /// Not linearizable, and only this part of the condition says so.
    only: [u64; 5],
    /// Not linearizable, and only writes without a version say so.
    nameless: u64,
    delta: u64,
    k: u64,
    /// Only bounds of k are known.
    k_is_open: u64,
    beyond_repair: u64,
}

/// Holds the checks against a search, in 100,000 histories.
fn search_agrees(seed: u64, nameless_one_in: u64) -> Tally {
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    for _ in 0..100_000 {
        let sample = arbitrary(&mut random, nameless_one_in);
        let report = check(&history(&sample));
        let found = &report.finding(Property::Linearizability).violations;
        let expected = is_linearizable(&sample);
        assert_eq!(found.is_empty(), expected, "{sample:#?}");
        tally.linearizable += u64::from(expected);
        tally.not += u64::from(!expected);
        let kind = |it: &Violation| (sample.all[it.operation as usize].kind, it.rule);
        let parts = [
            (Kind::Read, Rule::OlderThanWrite),
            (Kind::Read, Rule::OlderThanRead),
            (Kind::Write, Rule::OlderThanWrite),
            (Kind::Write, Rule::OlderThanRead),
            (Kind::Read, Rule::NotYetWritten),
        ];
        for (part, only) in parts.iter().zip(&mut tally.only) {
            *only += u64::from(!expected && found.iter().all(|it| kind(it) == *part));
        }
        let version = |it: u32| sample.all[it as usize].version;
        let is_nameless = |it: &Violation| it.against.is_some_and(|it| version(it) == UNKNOWN);
        tally.nameless += u64::from(!expected && found.iter().all(is_nameless));
        check_delta(&sample, &report, expected, &mut tally);
        check_k(&sample, &report, expected, &mut tally);
    }
    tally
}

#[test]
fn linearizability_k_and_delta_are_those_a_search_finds() {
    let tally = search_agrees(1, 8);
    // The test has teeth: neither verdict is rare, and no part of the condition can be left out.
    assert!(tally.linearizable > 30_000 && tally.not > 30_000, "{tally:?}");
    assert!(tally.only.iter().all(|only| *only > 80), "{tally:?}");
    assert!(tally.delta > 5_000 && tally.k > 1_000 && tally.beyond_repair > 10_000, "{tally:?}");
}

#[test]
fn a_search_agrees_about_writes_whose_version_nobody_knows() {
    let tally = search_agrees(4, 2);
    assert!(tally.linearizable > 20_000 && tally.not > 20_000, "{tally:?}");
    // They are what is wrong, and alone; k is rarely open.
    assert!(tally.nameless > 3_000 && tally.delta > 3_000, "{tally:?}");
    assert!(tally.k_is_open > 10 && tally.k_is_open < tally.delta / 3, "{tally:?}");
}

fn check_delta(sample: &Sample, report: &Report, linearizable: bool, tally: &mut Tally) {
    match report.delta() {
        Some(Span(0)) => assert!(linearizable, "{sample:#?}"),
        Some(Span(delta)) => {
            tally.delta += 1;
            assert!(is_linearizable(&moved_back(sample, delta)), "{delta} {sample:#?}");
            assert!(!is_linearizable(&moved_back(sample, delta - 1)), "{sample:#?}");
        }
        None => {
            tally.beyond_repair += 1;
            assert!(!is_linearizable(&moved_back(sample, START)), "{sample:#?}");
        }
    }
}

fn check_k(sample: &Sample, report: &Report, linearizable: bool, tally: &mut Tally) {
    let finds = |k: u64| Search::new(sample, k as usize).finds();
    match report.k_bounds() {
        Some((1, 1)) => assert!(linearizable, "{sample:#?}"),
        Some((least, most)) => {
            tally.k += u64::from(least > 2);
            tally.k_is_open += u64::from(least < most);
            assert!(finds(most) && !finds(least - 1), "{least} {most} {sample:#?}");
        }
        None => assert!(!finds(64), "{sample:#?}"),
    }
}
