//! Everything but linearizability against its definition, applied to all pairs of operations.

use super::search_tests::Random;
use super::*;
use crate::time::Span;

/// Some operations of a few sessions on a few keys.
fn arbitrary(random: &mut Random) -> History {
    let mut history = History::default();
    for key in 0..1 + random.below(3) {
        let mut version = 0;
        for _ in 0..random.below(9) {
            let invoked = random.below(30);
            let ended = Time(invoked + random.below(8));
            let mut operation = Operation {
                invoked: Time(invoked),
                completed: ended,
                committed: Time::NEVER,
                version: random.below(7),
                key: key as u32,
                session: random.below(3) as u32,
                line: 0,
                kind: Kind::Read,
            };
            if random.one_in(2) {
                version += 1;
                operation.kind = Kind::Write;
                operation.version = if random.one_in(6) { 1 + random.below(6) } else { version };
                if random.one_in(2) {
                    operation.committed = Time(invoked + random.below(9));
                }
                if random.one_in(4) {
                    operation.completed = Time::NEVER;
                }
            }
            history.push(operation).expect("it makes sense");
        }
    }
    history
}

fn pairs(history: &History) -> impl Iterator<Item = (&Operation, &Operation)> {
    let all = history.operations();
    all.iter().flat_map(move |one| {
        let others = all.iter().filter(move |other| other.key == one.key);
        others.filter(move |other| !std::ptr::eq(*other, one)).map(move |other| (one, other))
    })
}

/// Whether an open write, or a second attempt, is nothing that can be held against anybody.
fn is_sure(history: &History, write: &Operation) -> bool {
    let same = |it: &&Operation| (it.key, it.version) == (write.key, write.version);
    let told = |it: &Operation| it.kind == Kind::Read || !it.is_open();
    let all = || history.operations().iter().filter(same);
    let attempts = all().filter(|it| it.kind == Kind::Write);
    let first = attempts.min_by_key(|it| it.invoked).expect("it is one");
    std::ptr::eq(first, write) && all().any(told)
}

/// How many operations `violates` holds of, together with some earlier one.
fn count(
    history: &History,
    kind: Kind,
    violates: impl Fn(&Operation, &Operation) -> bool,
) -> usize {
    let all = history.operations().iter().filter(|it| it.kind == kind);
    let guilty = all.filter(|it| {
        let earlier = pairs(history).filter(|(one, _)| std::ptr::eq(*one, *it));
        earlier.filter(|(_, other)| other.ended_before(it)).any(|(_, other)| violates(it, other))
    });
    guilty.count()
}

#[test]
fn reads_and_sessions_are_judged_as_their_definitions_say() {
    let mut random = Random::new(2);
    let mut seen = [0; Property::ALL.len()];
    for _ in 0..20_000 {
        let history = arbitrary(&mut random);
        let report = check(&history);
        let of = |earlier: &Operation, kind| earlier.kind == kind;
        let own = |it: &Operation, earlier: &Operation| it.session == earlier.session;
        let expected = [
            (
                Property::NoStaleRead,
                count(&history, Kind::Read, |it, earlier| {
                    of(earlier, Kind::Write) && earlier.version > it.version
                }),
            ),
            (
                Property::NoInversion,
                count(&history, Kind::Read, |it, earlier| {
                    of(earlier, Kind::Read) && earlier.version > it.version
                }),
            ),
            (
                Property::ReadYourWrites,
                count(&history, Kind::Read, |it, earlier| {
                    own(it, earlier) && of(earlier, Kind::Write) && earlier.version > it.version
                }),
            ),
            (
                Property::MonotonicReads,
                count(&history, Kind::Read, |it, earlier| {
                    own(it, earlier) && of(earlier, Kind::Read) && earlier.version > it.version
                }),
            ),
            (
                Property::MonotonicWrites,
                count(&history, Kind::Write, |it, earlier| {
                    let older = of(earlier, Kind::Write) && earlier.version > it.version;
                    own(it, earlier) && older && is_sure(&history, it)
                }),
            ),
            (
                Property::WritesFollowReads,
                count(&history, Kind::Write, |it, earlier| {
                    let not_newer = of(earlier, Kind::Read) && earlier.version >= it.version;
                    own(it, earlier) && not_newer && is_sure(&history, it)
                }),
            ),
        ];
        for (property, expected) in expected {
            let found = &report.finding(property).violations;
            assert_eq!(found.len(), expected, "{property}: {history:#?}");
            seen[property as usize] += expected;
            for entailed in property.entails() {
                let entailed = &report.finding(*entailed).violations;
                // A version that was read before it was written is the read's fault.
                let guilty = |it: &Violation| match history.operation(it.operation).version {
                    version if it.rule == Rule::OlderThanRead => it
                        .against
                        .filter(|against| history.operation(*against).version == version)
                        .unwrap_or(it.operation),
                    _ => it.operation,
                };
                let is_there = |it: &Violation| {
                    entailed.iter().any(|entailed| entailed.operation == guilty(it))
                };
                assert!(found.iter().all(is_there), "{property}: {history:#?}");
            }
        }
    }
    let checked = seen.iter().filter(|seen| **seen > 1_000).count();
    assert_eq!(checked, 6, "{seen:?}");
}

/// The instants at which newer versions than a read's were committed.
fn newer_commits(history: &History, read: &Operation) -> Vec<Time> {
    let newer = history
        .operations()
        .iter()
        .filter(|it| it.kind == Kind::Write && it.key == read.key && it.version > read.version);
    newer.map(|it| it.committed).filter(|at| *at < Time::NEVER).collect()
}

#[test]
fn ages_windows_and_visibility_are_those_of_the_definitions() {
    let mut random = Random::new(3);
    let (mut stale, mut open, mut missed) = (0, 0, 0);
    for _ in 0..20_000 {
        let history = arbitrary(&mut random);
        let report = check(&history);
        let reads = history.operations().iter().filter(|it| it.kind == Kind::Read);
        let ages = reads.clone().filter_map(|read| {
            let first = newer_commits(&history, read).into_iter().min()?;
            (first <= read.invoked).then(|| read.invoked - first)
        });
        let mut ages: Vec<Span> = ages.collect();
        let mut found: Vec<Span> = report.staleness.commit_stale.iter().map(|it| it.age).collect();
        ages.sort();
        found.sort();
        assert_eq!(found, ages, "{history:#?}");
        stale += ages.len();

        let windows = windows(&history);
        assert_eq!(report.windows.lengths.count(), windows.len() as u64, "{history:#?}");
        let longest = windows.into_iter().max().unwrap_or(Span::ZERO);
        assert_eq!(report.windows.lengths.max(), longest, "{history:#?}");
        open += usize::from(longest > Span::ZERO);

        let visible = reads.filter_map(|read| visibility(&history, read));
        let (seen, misses) = visible.fold((0, 0), |(seen, misses), it| match it {
            true => (seen + 1, misses),
            false => (seen, misses + 1),
        });
        let rows = &report.after_acknowledgement;
        let total = rows.iter().fold((0, 0), |sum, it| (sum.0 + it.reads, sum.1 + it.returned));
        assert_eq!(total, (seen + misses, seen), "{history:#?}");
        missed += misses;
    }
    assert!(stale > 5_000 && open > 5_000 && missed > 5_000, "{stale} {open} {missed}");
}

/// Per version that was committed or acknowledged, how long something older was read.
fn windows(history: &History) -> Vec<Span> {
    let mut versions: Vec<(u32, u64)> = history
        .operations()
        .iter()
        .filter(|it| it.kind == Kind::Write)
        .map(|it| (it.key, it.version))
        .collect();
    versions.sort_unstable();
    versions.dedup();
    let window = |(key, version): (u32, u64)| {
        let of_key = || history.operations().iter().filter(move |it| it.key == key);
        let writes = || of_key().filter(move |it| it.kind == Kind::Write && it.version == version);
        let committed = writes().map(|it| it.committed).min().unwrap_or(Time::NEVER);
        let acknowledged = writes().map(|it| it.completed).min().unwrap_or(Time::NEVER);
        let from = if committed < Time::NEVER { committed } else { acknowledged };
        let older = of_key().filter(|it| it.kind == Kind::Read && it.version < version);
        let last = older.map(|it| it.invoked).max();
        (from < Time::NEVER).then(|| last.map_or(Span::ZERO, |last| last - from))
    };
    versions.into_iter().filter_map(window).collect()
}

/// Whether a read returned the newest version acknowledged before it began, or a newer one.
fn visibility(history: &History, read: &Operation) -> Option<bool> {
    let writes = history
        .operations()
        .iter()
        .filter(|it| it.kind == Kind::Write && it.key == read.key && it.ended_before(read));
    writes.map(|it| it.version).max().map(|newest| read.version >= newest)
}
