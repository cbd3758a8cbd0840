//! What came of checking a history.

use super::property::Property;
use super::spans::Spans;
use crate::time::{Span, Time};

/// How an operation violates a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// A newer version had been acknowledged before it began.
    OlderThanWrite,
    /// A read that had ended before it began returned a newer version; before a write, its own.
    OlderThanRead,
    /// A read ended before anybody began to write what it returned.
    NotYetWritten,
    /// A read returned what nobody wrote.
    NeverWritten,
    /// Another acknowledged write made the same version.
    WrittenTwice,
}

/// One operation that should not have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The number of the operation in its history.
    pub operation: u32,
    /// The number of the operation it contradicts, if it takes two.
    pub against: Option<u32>,
    /// In what way.
    pub rule: Rule,
}

/// What is known of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was exercised, and never violated.
    Holds,
    /// It was violated.
    Violated,
    /// Nothing in the history could have violated it.
    NotExercised,
}

/// What was found about a property.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The property.
    pub property: Property,
    /// How many operations could have violated it: see [`Property::needs`].
    pub trials: u64,
    /// Those that did, in the order of their invocations.
    pub violations: Vec<Violation>,
}

impl Finding {
    pub(super) const fn new(property: Property) -> Finding {
        Finding { property, trials: 0, violations: Vec::new() }
    }

    /// What is known of it.
    pub fn verdict(&self) -> Verdict {
        match (self.violations.is_empty(), self.trials) {
            (false, _) => Verdict::Violated,
            (true, 0) => Verdict::NotExercised,
            (true, _) => Verdict::Holds,
        }
    }

    /// Notes an operation that could violate the property, and how it does, if it does.
    pub(super) fn note(&mut self, is_trial: bool, violation: Option<Violation>) {
        self.trials += u64::from(is_trial || violation.is_some());
        self.violations.extend(violation);
    }
}

/// What the history consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Reads.
    pub reads: u64,
    /// Writes, open ones included.
    pub writes: u64,
    /// Writes of whose end nobody heard.
    pub open_writes: u64,
    /// Writes of which nobody knows what version they made, open or not.
    pub nameless_writes: u64,
    /// Writes of which it is known when they were committed.
    pub committed_writes: u64,
    /// Reads of a version from before the recording, other than the initial one.
    pub reads_from_before: u64,
    /// Reads of a version that a write without a known version may have made.
    pub reads_attributed: u64,
    /// From the first invocation.
    pub began: Time,
    /// To the last answer.
    pub ended: Time,
}

/// A read that was stale by the commits of newer versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleRead {
    /// The number of the read in its history.
    pub read: u32,
    /// Time from the first commit of a newer version to the beginning of the read.
    pub age: Span,
    /// Number of newer versions by then.
    pub version_lag: u64,
}

/// A read that began too late for what it returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateRead {
    /// The number of the read in its history.
    pub read: u32,
    /// The smallest shift of its beginning that makes it agree with acknowledged writes and earlier
    /// reads.
    pub by: Span,
}

/// How stale reads were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Staleness {
    /// Per read, by how much it began too late, and zero where it did not. The largest is the Δ of
    /// Δ-atomicity (W. Golab, X. Li, M. Shah, "Analyzing Consistency Properties for Fun and
    /// Profit", PODC 2011).
    pub delta: Spans,
    /// Those that did, in the order of their invocations.
    pub late: Vec<LateRead>,
    /// The largest number of newer versions that had to be there when a read began.
    pub version_lag_max: u64,
    /// The same, without those that acknowledged writes made of which nobody knows the version, and
    /// that may have been newer yet.
    pub version_lag_least: u64,
    /// Operations that no later beginning of a read would set right: dirty reads, and writes that
    /// are older than what was there before them.
    pub beyond_repair: u64,
    /// Reads that are stale by commits, in the order of their invocations.
    pub commit_stale: Vec<StaleRead>,
    /// Their ages.
    pub ages: Spans,
}

/// Reads that began within a span after something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibilityRow {
    /// From so long after.
    pub from: Span,
    /// To so long after; [`Span::FOREVER`] for the last one.
    pub to: Span,
    /// Reads.
    pub reads: u64,
    /// Those of them that returned the version or a newer one.
    pub returned: u64,
}

/// A write that was missing in a later read: its inconsistency window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The number of the write in its history.
    pub write: u32,
    /// The last read that returned something older.
    pub read: u32,
    /// The time from the write to that read.
    pub length: Span,
}

/// How long writes went unseen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Windows {
    /// Per write, the time from its commit (if that is not known, from its acknowledgement) to the
    /// beginning of the last read that returned something older. Zero if there was none.
    pub lengths: Spans,
    /// How many of them are measured from a commit.
    pub from_commit: u64,
    /// Those that are not zero, in the order in which the writes were invoked.
    pub unseen: Vec<Unseen>,
}

/// Everything that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was looked at.
    pub coverage: Coverage,
    /// A finding per property, in the order of [`Property::ALL`].
    pub findings: Vec<Finding>,
    /// How stale reads were.
    pub staleness: Staleness,
    /// Reads by how long they began after the newest version of their key was acknowledged.
    pub after_acknowledgement: Vec<VisibilityRow>,
    /// The same after its commit, where that is known.
    pub after_commit: Vec<VisibilityRow>,
    /// How long writes went unseen.
    pub windows: Windows,
}

impl Report {
    /// What was found about a property.
    pub fn finding(&self, property: Property) -> &Finding {
        &self.findings[property as usize]
    }

    /// The Δ of Δ-atomicity: the smallest shift of all reads' beginnings that makes the history
    /// linearizable. `None` if none does, since something other than lateness is wrong.
    pub fn delta(&self) -> Option<Span> {
        (self.staleness.beyond_repair == 0).then_some(self.staleness.delta.max())
    }

    /// The read that is late by Δ, if any is.
    pub fn latest(&self) -> Option<&LateRead> {
        // Of several, the first.
        self.staleness.late.iter().rev().max_by_key(|it| it.by)
    }

    /// The longest inconsistency window, if there is one.
    pub fn longest_unseen(&self) -> Option<&Unseen> {
        self.windows.unseen.iter().rev().max_by_key(|it| it.length)
    }

    /// The k of k-atomicity: the smallest for which some order of all operations explains each
    /// read as one of the k newest versions. `None` if none does, or if it is not known: see
    /// [`Report::k_bounds`].
    pub fn k(&self) -> Option<u64> {
        self.k_bounds().filter(|(least, most)| least == most).map(|(k, _)| k)
    }

    /// What k is between. They differ only if acknowledged writes have no version: where among the
    /// others theirs stood is not known, and each read would have it elsewhere.
    pub fn k_bounds(&self) -> Option<(u64, u64)> {
        let Staleness { version_lag_least, version_lag_max, .. } = self.staleness;
        (self.staleness.beyond_repair == 0).then_some((version_lag_least + 1, version_lag_max + 1))
    }
}
