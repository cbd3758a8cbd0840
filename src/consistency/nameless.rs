//! Acknowledged writes whose version nobody knows, and open ones.
//!
//! **An acknowledged write took effect**, so it made a version of its own. That one is newer than
//! all that was acknowledged or returned before the write was invoked, and, of what began after it
//! was acknowledged, no read returns anything older, and no write makes anything older. Only the
//! order of versions counts: between any two there is room for another that nobody has read.
//!
//! So what such a write can have made is an interval of the order of versions, which begins above
//! its *least* and ends with what began later. **Nothing more has to hold** than
//!
//! * (a) that the interval is not empty, for each acknowledged write: no read that began after it
//!   was acknowledged returned the newest version that had been told before it was invoked, or an
//!   older one (a write of an older version is one of known versions' own violations);
//! * (b) that each version which some nameless write must have made can be given to one of its own,
//!   in whose interval it lies.
//!
//! They are needed, as every pair of operations is kept to. They suffice: (a) gives each
//! acknowledged write a place of its own, (b) each such version a write, and matchings that cover
//! one side and the other make one that covers both (N. Mendelsohn and A. Dulmage, "Some
//! Generalizations of the Problem of Distinct Representatives", Canadian Journal of Mathematics
//! 10, 1958). If in it, of two nameless writes, one ended before the other began and has the newer
//! version, they swap: of the earlier one, neither end of the interval is above that of the later
//! one, so both stay inside. That ends, since it takes ever more versions to later writes.
//!
//! Intervals make (b) greedy: each version, oldest first, takes of the writes it lies above the
//! one that was acknowledged first, unless something that began later is older than it already. Δ
//! moves the beginnings of reads, so the least Δ at which all versions have a write is found by
//! bisection; the order in which writes are taken does not depend on it. What (a) says of Δ stands
//! apart.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::{Span, Time};

/// A write of which nobody knows which version it made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nameless {
    pub(super) number: u32,
    pub(super) invoked: Time,
    /// When it was acknowledged; [`Time::NEVER`] if it is open.
    pub(super) completed: Time,
    /// The rank of the oldest known version it can be: a new one would stand right before that.
    pub(super) least: usize,
    /// The rank of the version it is taken to have made.
    pub(super) made: Option<usize>,
}

impl Nameless {
    /// Whether it made, for sure, a version that was never read.
    pub(super) fn is_unseen(&self) -> bool {
        self.completed < Time::NEVER && self.made.is_none()
    }
}

/// Per rank, when the last operation of an older version began: who was acknowledged before that
/// did not make this version.
#[derive(Debug, Default)]
pub(super) struct Older {
    pub(super) reads: Vec<Time>,
    pub(super) writes: Vec<Time>,
}

/// What is held against a write that is to have made a version.
#[derive(Clone, Copy)]
struct Limit {
    /// Reads, begun so much earlier.
    delta: Span,
    /// Whether later writes are too.
    by_writes: bool,
}

impl Older {
    /// Before when a write must not have been acknowledged if it made the version of this rank.
    fn limit(&self, rank: usize, limit: Limit) -> Time {
        let at = |of: &[Time]| of.get(rank).copied().unwrap_or(Time::ZERO);
        let by_reads = Time(at(&self.reads).0.saturating_sub(limit.delta.0));
        by_reads.max(if limit.by_writes { at(&self.writes) } else { Time::ZERO })
    }
}

/// Finds a write for as many of the versions as there is one for, with as little held against them
/// as can be. `writes` are in the order of their invocations, `orphans` are ranks, oldest first.
pub(super) fn attribute(writes: &mut [Nameless], orphans: &[usize], older: &Older) {
    if writes.is_empty() || orphans.is_empty() {
        return;
    }
    let given = |delta, by_writes| give(writes, orphans, older, Limit { delta, by_writes });
    let count = |given: &[Option<usize>]| given.iter().flatten().count();
    // All that does not read what nobody wrote comes first, then that no write is too late.
    let most = count(&given(Span::FOREVER, false));
    let by_writes = count(&given(Span::FOREVER, true)) == most;
    let suffices = |delta: u64| count(&given(Span(delta), by_writes)) == most;
    let (mut least, mut enough) = (0, 0);
    if !suffices(0) {
        enough = older.reads.iter().map(|at| at.0).max().unwrap_or(0);
        while enough - least > 1 {
            let middle = least + (enough - least) / 2;
            if suffices(middle) {
                enough = middle;
            } else {
                least = middle;
            }
        }
    }
    let given = given(Span(enough), by_writes);
    for (write, made) in writes.iter_mut().zip(given) {
        write.made = made;
    }
}

/// Per write, the version it is given.
fn give(writes: &[Nameless], orphans: &[usize], older: &Older, limit: Limit) -> Vec<Option<usize>> {
    let mut given = vec![None; writes.len()];
    let mut next = writes.iter().enumerate().peekable();
    let mut waiting = BinaryHeap::new();
    for rank in orphans {
        // Who is invoked later has no lower least.
        while let Some((index, write)) = next.next_if(|(_, it)| it.least <= *rank) {
            waiting.push(Reverse((write.completed, index)));
        }
        let from = older.limit(*rank, limit);
        // Who is too early for this version is so for newer ones.
        while let Some(Reverse((completed, index))) = waiting.pop() {
            if completed >= from {
                given[index] = Some(*rank);
                break;
            }
        }
    }
    given
}
