//! Checks a recorded history: what clients asked and were told, and nothing else. Whether a cache
//! was in between, or which strategy, does not matter.
//!
//! A [`History`] has operations with their sessions, keys, versions and times. Versions of a key
//! are whole numbers that order its writes; given that, every check here is exact but for one, and
//! takes O(n log n). A write may have no version: if it was acknowledged, it made one all the
//! same, anywhere among the others that nothing else forbids. Then k has bounds, which may differ.
//! Without an order of versions, checking a register for linearizability is NP-complete (P. Gibbons
//! and E. Korach, "Testing Shared Memories", SIAM Journal on Computing 26(4), 1997).
//!
//! * [`Property`]: linearizability and its parts, and the four session guarantees. Each is violated
//!   by operations, of which every one is named, with the one it contradicts.
//! * How much is wrong: the k of k-atomicity, the Δ of Δ-atomicity with its distribution, ages and
//!   version lags against commits where they are known.
//! * t-visibility (P. Bailis et al., "Probabilistically Bounded Staleness for Practical Partial
//!   Quorums", PVLDB 5(8), 2012): how likely a read that begins so long after a write returns it.
//!   One pair a read: with the newest version before it began. The inconsistency window of a write:
//!   how long something older was still read.
//!
//! Before and after mean *ended before it began*. Operations that overlap are in no order, be they
//! of one session or not.
//!
//! What it does not do: find an order of versions, look at transactions over several keys, or say
//! anything about what was not recorded. Session guarantees are those of a key; across keys there
//! is no order to hold them to.

mod history;
mod linearizability;
mod nameless;
mod property;
mod report;
mod sessions;
mod spans;
mod staleness;
mod versions;

pub use history::{History, INITIAL, Kind, Names, Nonsense, Operation, UNKNOWN};
pub use property::Property;
pub use report::{
    Coverage, Finding, LateRead, Report, Rule, StaleRead, Staleness, Unseen, Verdict, Violation,
    VisibilityRow, Windows,
};
pub use spans::Spans;

use self::linearizability::Findings;
use self::versions::{Aborted, OfKey, Origin};
use crate::time::Time;

/// Checks a history.
pub fn check(history: &History) -> Report {
    let mut report = Report {
        coverage: Coverage::default(),
        findings: Vec::new(),
        staleness: Staleness::default(),
        after_acknowledgement: staleness::visibility_rows(),
        after_commit: staleness::visibility_rows(),
        windows: Windows::default(),
    };
    let mut findings = Findings::new();
    let mut numbers: Vec<u32> = (0..history.operations().len() as u32).collect();
    let place = |number: &u32| {
        let operation = history.operation(*number);
        (operation.key, operation.invoked, *number)
    };
    numbers.sort_unstable_by_key(place);
    let aborted = Aborted::new(history);
    let key = |number: &u32| history.operation(*number).key;
    for of_key in numbers.chunk_by(|one, other| key(one) == key(other)) {
        let of_key = OfKey::new(history, of_key, &aborted);
        cover(&of_key, &mut report.coverage);
        linearizability::check(&of_key, &mut findings);
        sessions::check(&of_key, &mut findings);
        staleness::measure(&of_key, &mut report);
    }
    let invoked = |number: u32| (history.operation(number).invoked, number);
    for finding in &mut findings.all {
        finding.violations.sort_by_key(|it| invoked(it.operation));
    }
    report.staleness.late.sort_by_key(|it| invoked(it.read));
    report.staleness.commit_stale.sort_by_key(|it| invoked(it.read));
    report.windows.unseen.sort_by_key(|it| invoked(it.write));
    let Staleness { delta, ages, .. } = &mut report.staleness;
    [delta, ages, &mut report.windows.lengths].into_iter().for_each(Spans::sort);
    report.staleness.beyond_repair = findings.beyond_repair;
    report.findings = findings.all;
    report
}

fn cover(of_key: &OfKey<'_>, coverage: &mut Coverage) {
    for (_, operation) in of_key.operations() {
        let is_first = coverage.reads + coverage.writes == 0;
        if is_first || operation.invoked < coverage.began {
            coverage.began = operation.invoked;
        }
        let ended = if operation.is_open() { operation.invoked } else { operation.completed };
        coverage.ended = coverage.ended.max(ended);
        if operation.kind == Kind::Write {
            coverage.writes += 1;
            coverage.open_writes += u64::from(operation.is_open());
            coverage.nameless_writes += u64::from(operation.version == UNKNOWN);
            coverage.committed_writes += u64::from(operation.committed < Time::NEVER);
            continue;
        }
        coverage.reads += 1;
        let version = &of_key.versions[of_key.rank(operation.version)];
        let from_before = version.origin == Origin::Before && version.number != INITIAL;
        coverage.reads_from_before += u64::from(from_before);
        coverage.reads_attributed += u64::from(version.origin == Origin::Attributed);
    }
}

#[cfg(test)]
mod pair_tests;
#[cfg(test)]
mod search_tests;
