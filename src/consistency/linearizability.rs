//! Linearizability of one key whose version order is known, in O(n log n), and what it consists of.
//!
//! Writes are ordered by their versions, and a read stands between the write of its version and the
//! next. So an order of all operations is given but for reads of one version among themselves, and
//! it has to keep who ended before whom began. That is a condition on pairs: whoever had ended
//! before an operation began must not have a later place. Hence a history is linearizable if and
//! only if
//!
//! * (a) no read returns a version older than one that had been acknowledged, or returned by a read
//!   that had ended, before it began;
//! * (b) no read had ended before the write of its version was invoked;
//! * (c) no write was invoked after a newer version had been acknowledged, or returned by a read
//!   that had ended.
//!
//! An open write counts once its version is read; it never ends before anything. Derived for this
//! crate, and compared with a search through all orders. Where commits are known to be in version
//! order, the half of (c) about acknowledged writes never fails, and (c) is implied for committed
//! versions.

use super::history::INITIAL;
use super::property::Property;
use super::report::{Finding, Rule, Violation};
use super::versions::{OfKey, Origin, Soonest};
use crate::time::Time;

/// The findings about single operations, and how many are beyond repair.
#[derive(Debug)]
pub(super) struct Findings {
    /// In the order of [`Property::ALL`].
    pub(super) all: Vec<Finding>,
    pub(super) beyond_repair: u64,
}

impl Findings {
    pub(super) fn new() -> Findings {
        let all = Property::ALL.into_iter().map(Finding::new).collect();
        Findings { all, beyond_repair: 0 }
    }

    pub(super) fn note(
        &mut self,
        property: Property,
        is_trial: bool,
        violation: Option<Violation>,
    ) {
        self.all[property as usize].note(is_trial, violation);
    }
}

/// What had happened to the versions of a key by some time.
struct Known {
    acknowledged: Soonest,
    read: Soonest,
}

impl Known {
    /// The newer version that was acknowledged first, and that was returned first, if they were
    /// before `time`.
    fn newer(&self, number: u32, rank: usize, time: Time) -> [Option<(Time, Violation)>; 2] {
        let found = [
            (Rule::OlderThanWrite, self.acknowledged.before(time, rank + 1)),
            (Rule::OlderThanRead, self.read.before(time, rank + 1)),
        ];
        found.map(|(rule, found)| {
            let (at, against) = found?;
            Some((at, Violation { operation: number, against: Some(against), rule }))
        })
    }

    /// Whether anything that could be contradicted had happened before `time`.
    fn anything(&self, time: Time) -> [bool; 2] {
        [self.acknowledged.before(time, 0).is_some(), self.read.before(time, 1).is_some()]
    }
}

/// Checks a key.
pub(super) fn check(of_key: &OfKey<'_>, findings: &mut Findings) {
    let known = Known { acknowledged: of_key.first_acknowledged(), read: of_key.first_read() };
    check_reads(of_key, &known, findings);
    check_writes(of_key, &known, findings);
}

fn check_reads(of_key: &OfKey<'_>, known: &Known, findings: &mut Findings) {
    for (number, read) in of_key.reads() {
        let rank = of_key.rank(read.version);
        let version = &of_key.versions[rank];
        let [stale, inverted] = known.newer(number, rank, read.invoked);
        let [after_write, after_read] = known.anything(read.invoked);
        let dirty = (version.invoked > read.completed).then(|| {
            let rule = match version.origin {
                Origin::Nobody => Rule::NeverWritten,
                Origin::Before | Origin::Written | Origin::Attributed => Rule::NotYetWritten,
            };
            Violation { operation: number, against: version.first, rule }
        });
        let is_new = read.version != INITIAL;
        findings.note(Property::NoStaleRead, after_write, stale.map(|(_, it)| it));
        findings.note(Property::NoInversion, after_read, inverted.map(|(_, it)| it));
        findings.note(Property::NoDirtyRead, is_new, dirty);
        findings.beyond_repair += u64::from(dirty.is_some());
        let late = stale.into_iter().chain(inverted).min_by_key(|(at, _)| *at);
        let worst = dirty.or(late.map(|(_, it)| it));
        let is_trial = after_write || after_read || is_new;
        findings.note(Property::Linearizability, is_trial, worst);
    }
}

fn check_writes(of_key: &OfKey<'_>, known: &Known, findings: &mut Findings) {
    for (rank, version) in of_key.versions.iter().enumerate() {
        let Some(first) = version.first.filter(|_| version.counts()) else {
            continue;
        };
        let late = known.newer(first, rank, version.invoked).into_iter().flatten();
        let late = late.min_by_key(|(at, _)| *at).map(|(_, it)| it);
        let twice = version.again.map(|again| Violation {
            operation: again,
            against: Some(first),
            rule: Rule::WrittenTwice,
        });
        let is_trial = known.anything(version.invoked).contains(&true);
        let violation = late.or(twice);
        findings.beyond_repair += u64::from(violation.is_some());
        findings.note(Property::Linearizability, is_trial, violation);
    }
}
