//! The versions of one key: who wrote each of them, and when it was first sure to be there.
//!
//! **A version is written once.** Who writes it again, after an attempt that nobody heard of,
//! repeats the attempt: both are one write, from the first invocation to the first answer. Two that
//! were both acknowledged are a violation.
//!
//! **A version that no write of the history has** was written by somebody all the same. If it is
//! older than every version that was written, it is from before the recording, unless the write of
//! it is known to have failed. Otherwise it may be that of a write whose version nobody knows: see
//! [`super::nameless`]. What is left over nobody wrote.
//!
//! An open write counts if its version was read. If not, it may as well never have taken effect,
//! and nothing can be held against it.

use super::history::{History, INITIAL, Kind, Operation, UNKNOWN};
use super::nameless::{Nameless, Older, attribute};
use crate::time::Time;

/// The operation of no one.
const NONE: u32 = u32::MAX;

/// Where a version comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is older than all that was recorded.
    Before,
    /// A write of the history made it.
    Written,
    /// A write of the history whose version is not known may have made it.
    Attributed,
    /// Nobody wrote it.
    Nobody,
}

/// A version that was written or read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version {
    pub(super) number: u64,
    pub(super) origin: Origin,
    /// From when on it may have been there; [`Time::NEVER`] if nobody wrote it.
    pub(super) invoked: Time,
    /// When its write was first acknowledged, if ever.
    pub(super) acknowledged: Time,
    /// When it was committed, if that is known.
    pub(super) committed: Time,
    /// The first attempt to write it.
    pub(super) first: Option<u32>,
    /// Another acknowledged write of the same version.
    pub(super) again: Option<u32>,
    acknowledged_by: u32,
    /// When the first read that returned it had ended.
    read: Time,
    read_by: u32,
}

impl Version {
    fn new(number: u64) -> Version {
        Version {
            number,
            origin: Origin::Before,
            invoked: Time::ZERO,
            acknowledged: Time::NEVER,
            committed: Time::NEVER,
            first: None,
            again: None,
            acknowledged_by: NONE,
            read: Time::NEVER,
            read_by: NONE,
        }
    }

    fn add(&mut self, number: u32, operation: &Operation) {
        if operation.kind == Kind::Read {
            if operation.completed < self.read {
                (self.read, self.read_by) = (operation.completed, number);
            }
            return;
        }
        if self.first.is_none() || operation.invoked < self.invoked {
            (self.origin, self.invoked) = (Origin::Written, operation.invoked);
            self.first = Some(number);
        }
        self.committed = self.committed.min(operation.committed);
        if !operation.is_open() {
            if self.acknowledged_by != NONE {
                self.again = Some(number);
            }
            if operation.completed < self.acknowledged {
                (self.acknowledged, self.acknowledged_by) = (operation.completed, number);
            }
        }
    }

    /// Whether it was there at some time, as far as anybody was told.
    pub(super) fn counts(&self) -> bool {
        self.acknowledged < Time::NEVER || self.read < Time::NEVER || self.number == INITIAL
    }
}

/// The versions whose writes are known to have failed.
#[derive(Debug)]
pub(super) struct Aborted(Vec<(u32, u64)>);

impl Aborted {
    pub(super) fn new(history: &History) -> Aborted {
        let writes = history.failed().iter().filter(|it| it.kind == Kind::Write);
        let mut versions: Vec<(u32, u64)> = writes.map(|it| (it.key, it.version)).collect();
        versions.sort_unstable();
        Aborted(versions)
    }

    fn has(&self, key: u32, version: u64) -> bool {
        self.0.binary_search(&(key, version)).is_ok()
    }
}

/// The operations of one key.
#[derive(Debug)]
pub(super) struct OfKey<'a> {
    pub(super) history: &'a History,
    /// Their numbers, in the order of their invocations.
    pub(super) numbers: &'a [u32],
    /// Oldest first; the first one is the initial version.
    pub(super) versions: Vec<Version>,
    /// The writes whose version is not known, in the order of their invocations.
    nameless: Vec<Nameless>,
}

impl<'a> OfKey<'a> {
    pub(super) fn new(history: &'a History, numbers: &'a [u32], aborted: &Aborted) -> OfKey<'a> {
        let operation = |number: &u32| history.operation(*number);
        let known = numbers.iter().filter(|it| operation(it).version != UNKNOWN);
        let mut by_version: Vec<u32> = known.copied().collect();
        by_version.sort_by_key(|number| operation(number).version);
        let mut versions = vec![Version::new(INITIAL)];
        for number in &by_version {
            let found = operation(number);
            match versions.last_mut() {
                Some(last) if last.number == found.version => last.add(*number, found),
                _ => {
                    let mut version = Version::new(found.version);
                    version.add(*number, found);
                    versions.push(version);
                }
            }
        }
        let mut of_key = OfKey { history, numbers, versions, nameless: Vec::new() };
        of_key.nameless = of_key.nameless();
        of_key.find_writers(aborted);
        of_key
    }

    /// The operations with their numbers, in the order of their invocations.
    pub(super) fn operations(&self) -> impl Iterator<Item = (u32, &'a Operation)> + use<'a> {
        let (history, numbers) = (self.history, self.numbers);
        numbers.iter().map(|number| (*number, history.operation(*number)))
    }

    /// The reads with their numbers, in the order of their invocations.
    pub(super) fn reads(&self) -> impl Iterator<Item = (u32, &'a Operation)> + use<'a> {
        self.operations().filter(|(_, it)| it.kind == Kind::Read)
    }

    /// The place of a version among all that were written or read.
    pub(super) fn rank(&self, version: u64) -> usize {
        // Whatever an operation has is in the list; what is not would stand in its place.
        self.versions.partition_point(|it| it.number < version)
    }

    /// Finds out where the versions come from that no write has.
    fn find_writers(&mut self, aborted: &Aborted) {
        let key = self.numbers.first().map_or(0, |number| self.history.operation(*number).key);
        let oldest = self.versions.iter().position(|it| it.first.is_some());
        let oldest = oldest.unwrap_or(self.versions.len());
        let ranked = self.versions.iter().enumerate().skip(1);
        let unexplained = ranked.filter(|(rank, it)| {
            it.first.is_none() && (*rank > oldest || aborted.has(key, it.number))
        });
        let unexplained: Vec<usize> = unexplained.map(|(rank, _)| rank).collect();
        if unexplained.is_empty() {
            return;
        }
        for rank in &unexplained {
            let version = &mut self.versions[*rank];
            (version.origin, version.invoked) = (Origin::Nobody, Time::NEVER);
        }
        let older = self.older();
        attribute(&mut self.nameless, &unexplained, &older);
        for write in &self.nameless {
            let Some(rank) = write.made else { continue };
            let version = &mut self.versions[rank];
            (version.origin, version.invoked) = (Origin::Attributed, write.invoked);
            if write.completed < Time::NEVER {
                (version.acknowledged, version.acknowledged_by) = (write.completed, write.number);
            }
        }
    }

    /// The writes whose version is not known, in the order of their invocations.
    fn nameless(&self) -> Vec<Nameless> {
        // A version that was read before cannot be it, one that was acknowledged not either.
        let ranked = self.versions.iter().enumerate();
        let told =
            Newest::new(ranked.flat_map(|(rank, it)| [(it.acknowledged, rank), (it.read, rank)]));
        let nameless = self.operations().filter(|(_, it)| it.version == UNKNOWN);
        let nameless = nameless.map(|(number, it)| Nameless {
            number,
            invoked: it.invoked,
            completed: it.completed,
            least: told.before(it.invoked).map_or(0, |(_, rank)| rank) + 1,
            made: None,
        });
        nameless.collect()
    }

    /// When the last operation of an older version began.
    fn older(&self) -> Older {
        let mut last_read = vec![Time::ZERO; self.versions.len()];
        for (_, read) in self.reads() {
            let last = &mut last_read[self.rank(read.version)];
            *last = (*last).max(read.invoked);
        }
        let mut older = Older::default();
        let (mut reads, mut writes) = (Time::ZERO, Time::ZERO);
        for (version, last_read) in self.versions.iter().zip(last_read) {
            older.reads.push(reads);
            older.writes.push(writes);
            reads = reads.max(last_read);
            if version.first.is_some() && version.counts() {
                writes = writes.max(version.invoked);
            }
        }
        older
    }

    /// The oldest version that a write can have made whose version is not known.
    pub(super) fn least_version(&self, number: u32) -> u64 {
        let place = (self.history.operation(number).invoked, number);
        let found = self.nameless.binary_search_by_key(&place, |it| (it.invoked, it.number));
        let newest_told = found.ok().and_then(|found| {
            let least = self.nameless.get(found)?.least;
            self.versions.get(least - 1)
        });
        newest_told.map_or(INITIAL, |it| it.number) + 1
    }

    /// The acknowledged writes whose versions nobody read.
    pub(super) fn unseen(&self) -> impl Iterator<Item = &Nameless> {
        self.nameless.iter().filter(|it| it.is_unseen())
    }

    /// Of the versions of each rank and newer, which was acknowledged first. One that stands right
    /// before a rank counts as of that: it is newer than all that is older.
    pub(super) fn first_acknowledged(&self) -> Soonest {
        let unseen = self.unseen().map(|it| (it.least, (it.completed, it.number)));
        let known = self.versions.iter().map(|it| (it.acknowledged, it.acknowledged_by));
        Soonest::new(self.versions.len(), known.enumerate().chain(unseen))
    }

    /// Of the versions of each rank and newer, which had been read first.
    pub(super) fn first_read(&self) -> Soonest {
        let read = self.versions.iter().map(|it| (it.read, it.read_by));
        Soonest::new(self.versions.len(), read.enumerate())
    }

    /// Of the versions of each rank and newer, which was committed first.
    pub(super) fn first_committed(&self) -> Soonest {
        let committed = self.versions.iter().map(|it| (it.committed, NONE));
        Soonest::new(self.versions.len(), committed.enumerate())
    }

    /// The newest version that an answer, of a write or a read, has told of by a time, whoever made
    /// what nobody is known to have made.
    pub(super) fn newest_told(&self) -> Newest {
        let told = |(rank, it): (usize, &Version)| {
            let is_named = it.origin == Origin::Written;
            [(if is_named { it.acknowledged } else { Time::NEVER }, rank), (it.read, rank)]
        };
        Newest::new(self.versions.iter().enumerate().flat_map(told))
    }

    /// The place of the newest version that must have been there by a time, if those of unknown
    /// writes are as they are taken to be.
    pub(super) fn newest_taken(&self) -> Newest {
        let ranked = self.versions.iter().enumerate();
        let known = ranked.flat_map(|(rank, it)| [(it.acknowledged, rank), (it.read, rank)]);
        let known = known.map(|(at, rank)| (at, place(rank)));
        Newest::new(known.chain(self.unseen().map(|it| (it.completed, place_before(it.least)))))
    }

    /// The newest version acknowledged by a time, of those that a write is known to have made.
    pub(super) fn newest_acknowledged(&self) -> Newest {
        let ranked = self.versions.iter().enumerate();
        let written = ranked.filter(|(_, it)| it.origin == Origin::Written);
        Newest::new(written.map(|(rank, it)| (it.acknowledged, rank)))
    }

    /// The newest version committed by a time.
    pub(super) fn newest_committed(&self) -> Newest {
        Newest::new(self.versions.iter().enumerate().map(|(rank, it)| (it.committed, rank)))
    }
}

/// The place of a version among all, those that nobody read included.
pub(super) fn place(rank: usize) -> usize {
    2 * rank
}

/// The place of versions that nobody read and that stand right before a rank.
pub(super) fn place_before(rank: usize) -> usize {
    2 * rank - 1
}

/// Per rank, what happened first to a version of this rank or a newer one.
#[derive(Debug)]
pub(super) struct Soonest(Vec<(Time, u32)>);

impl Soonest {
    fn new(ranks: usize, happened: impl Iterator<Item = (usize, (Time, u32))>) -> Soonest {
        let mut soonest = vec![(Time::NEVER, NONE); ranks + 1];
        for (rank, this) in happened {
            if this.0 < soonest[rank].0 {
                soonest[rank] = this;
            }
        }
        for rank in (0..ranks).rev() {
            if soonest[rank + 1].0 < soonest[rank].0 {
                soonest[rank] = soonest[rank + 1];
            }
        }
        Soonest(soonest)
    }

    /// When it first happened to a version of this rank or a newer one.
    pub(super) fn at(&self, rank: usize) -> Option<Time> {
        self.0.get(rank).map(|(at, _)| *at)
    }

    /// When it first happened to a version of this rank or a newer one, and by whom, if that was
    /// before `time`.
    pub(super) fn before(&self, time: Time, rank: usize) -> Option<(Time, u32)> {
        self.0.get(rank).copied().filter(|(at, _)| *at < time)
    }
}

/// The newest version by each time.
#[derive(Debug)]
pub(super) struct Newest(Vec<(Time, usize)>);

impl Newest {
    fn new(happened: impl Iterator<Item = (Time, usize)>) -> Newest {
        let mut steps: Vec<(Time, usize)> = happened.filter(|(at, _)| *at < Time::NEVER).collect();
        steps.sort_unstable();
        let mut newest = None;
        steps.retain(|(_, rank)| {
            let is_newer = newest.is_none_or(|newest| *rank > newest);
            newest = newest.max(Some(*rank));
            is_newer
        });
        Newest(steps)
    }

    /// The rank of the newest version before `time`, and since when it was that.
    pub(super) fn before(&self, time: Time) -> Option<(Time, usize)> {
        self.last(self.0.partition_point(|(at, _)| *at < time))
    }

    /// The same, at `time` included.
    pub(super) fn by(&self, time: Time) -> Option<(Time, usize)> {
        self.last(self.0.partition_point(|(at, _)| *at <= time))
    }

    fn last(&self, place: usize) -> Option<(Time, usize)> {
        place.checked_sub(1).map(|last| self.0[last])
    }
}
