//! Those who watch the runs: one finds stale reads, the other writes down what became of every
//! task on their keys.

use std::collections::VecDeque;

use super::{Member, StaleRead, Wanted};
use crate::metrics::Window;
use crate::observation::{Answer, Deed, Observer, ReadFacts, What};
use crate::op::{Call, Key, Lease, Op, Reply};
use crate::time::Time;

/// How many of the most stale reads, and of the first ones, are looked into.
const CANDIDATES: usize = 8;
/// How much is remembered of each key: beyond that, what came first is forgotten.
const ENTRIES_MAX: usize = 4096;

/// Finds the stale reads of a run that are wanted.
#[derive(Debug)]
pub(super) struct Finder {
    window: Window,
    wanted: Wanted,
    pub(super) reads: u64,
    pub(super) alike: u64,
    worst: Vec<StaleRead>,
    first: Vec<StaleRead>,
}

impl Finder {
    pub(super) fn new(window: Window, wanted: Wanted) -> Finder {
        Finder { window, wanted, reads: 0, alike: 0, worst: Vec::new(), first: Vec::new() }
    }

    /// The reads to look into, in this order.
    pub(super) fn candidates(&self) -> Vec<StaleRead> {
        self.worst.iter().chain(&self.first).copied().collect()
    }
}

impl Observer for Finder {
    fn read(&mut self, answer: &Answer, facts: &ReadFacts) {
        if !self.measures(answer.began) {
            return;
        }
        self.reads += 1;
        let Some(staleness) = facts.staleness.filter(|it| self.wanted.matches(it)) else {
            return;
        };
        self.alike += 1;
        let Answer { client, key, version, began, ended, .. } = *answer;
        let read = StaleRead { client, key, version, began, ended, staleness };
        if self.first.len() < CANDIDATES {
            self.first.push(read);
        }
        let age = |read: &StaleRead| read.staleness.age;
        let place = self.worst.partition_point(|worse| age(worse) >= age(&read));
        if place < CANDIDATES {
            self.worst.truncate(CANDIDATES - 1);
            self.worst.insert(place, read);
        }
    }

    fn measures(&self, began: Time) -> bool {
        self.window.contains(began)
    }
}

/// Something that happened to a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    /// To a task.
    Deed(Deed),
    /// The cache dropped it, at this instant.
    Dropped(Time),
}

impl Entry {
    /// When it happened.
    pub(super) fn at(&self) -> Time {
        match self {
            Entry::Deed(deed) => deed.at,
            Entry::Dropped(at) => *at,
        }
    }
}

/// What happened to a key until a stale read of it was answered.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub(super) read: StaleRead,
    pub(super) entries: Vec<Entry>,
    /// The number of the stale read's request.
    pub(super) target: u64,
}

impl Recording {
    /// Every deed, with its place.
    pub(super) fn deeds(&self) -> impl DoubleEndedIterator<Item = (usize, &Deed)> + Clone {
        self.entries.iter().enumerate().filter_map(|(place, entry)| match entry {
            Entry::Deed(deed) => Some((place, deed)),
            Entry::Dropped(_) => None,
        })
    }

    /// The requests whose beginning is on record, the last one to do something first.
    pub(super) fn requests(&self) -> Vec<u64> {
        let mut requests = Vec::new();
        for (_, deed) in self.deeds().rev() {
            if !requests.contains(&deed.request) && self.member(deed.request).is_some() {
                requests.push(deed.request);
            }
        }
        requests
    }

    /// The request of this number.
    pub(super) fn member(&self, request: u64) -> Option<Member> {
        let (_, deed) = self.deeds().find(|(_, it)| it.request == request && it.job == 0)?;
        let write = matches!(deed.call, Call::Write(_));
        Some(Member { client: deed.client, write, began: deed.began })
    }
}

/// What is being recorded.
#[derive(Debug)]
struct Tape {
    read: StaleRead,
    entries: VecDeque<Entry>,
    answered: bool,
}

impl Tape {
    fn record(&mut self, entry: Entry) {
        if self.entries.len() == ENTRIES_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Whether a deed is of the stale read.
    fn is_its(&self, deed: &Deed) -> bool {
        (deed.client, deed.began, deed.job) == (self.read.client, self.read.began, 0)
            && matches!(deed.call, Call::Read(_))
    }
}

/// Writes down what becomes of every task on the keys of some stale reads.
#[derive(Debug)]
pub(super) struct Witness {
    tapes: Vec<Tape>,
}

impl Witness {
    pub(super) fn new(reads: &[StaleRead]) -> Witness {
        let tape =
            |read: &StaleRead| Tape { read: *read, entries: VecDeque::new(), answered: false };
        Witness { tapes: reads.iter().map(tape).collect() }
    }

    /// Whether every one of them has been answered.
    pub(super) fn is_done(&self) -> bool {
        self.tapes.iter().all(|tape| tape.answered)
    }

    /// What was written down, until each was answered.
    pub(super) fn recordings(self) -> impl Iterator<Item = Recording> {
        self.tapes.into_iter().filter_map(|tape| {
            let last = tape
                .entries
                .iter()
                .rposition(|entry| matches!(entry, Entry::Deed(deed) if tape.is_its(deed)))?;
            let entries: Vec<Entry> = tape.entries.iter().take(last + 1).copied().collect();
            let Entry::Deed(Deed { request: target, .. }) = entries[last] else {
                return None;
            };
            let entries = without_waiting(entries);
            Some(Recording { read: tape.read, entries, target })
        })
    }

    fn open(&mut self, key: Option<Key>) -> impl Iterator<Item = &mut Tape> {
        let of_key = move |tape: &&mut Tape| key.is_none_or(|key| key == tape.read.key);
        self.tapes.iter_mut().filter(|tape| !tape.answered).filter(of_key)
    }
}

impl Observer for Witness {
    const WANTS_DEEDS: bool = true;

    fn read(&mut self, answer: &Answer, _: &ReadFacts) {
        for tape in self.open(Some(answer.key)) {
            let StaleRead { client, version, began, ended, .. } = tape.read;
            tape.answered |= (client, version, began, ended)
                == (answer.client, answer.version, answer.began, answer.ended);
        }
    }

    fn measures(&self, _: Time) -> bool {
        true
    }

    fn deed(&mut self, deed: &Deed) {
        for tape in self.open(Some(deed.call.key())) {
            // Of all who were given what is in the cache, only the stale read matters.
            if !is_hit(deed) || tape.is_its(deed) {
                tape.record(Entry::Deed(*deed));
            }
        }
    }

    fn dropped(&mut self, key: Option<Key>, now: Time) {
        self.open(key).for_each(|tape| tape.record(Entry::Dropped(now)));
    }

    fn has_seen_enough(&self) -> bool {
        self.is_done()
    }
}

/// What happened, without the attempts of tasks that were told to wait and started over: those
/// have changed nothing.
fn without_waiting(entries: Vec<Entry>) -> Vec<Entry> {
    let mut waiting: Vec<(u64, u32)> = Vec::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in entries.into_iter().rev() {
        if let Entry::Deed(deed) = entry {
            let task = (deed.request, deed.job);
            waiting.retain(|it| *it != task || is_asking(&deed));
            if is_told_to_wait(&deed) {
                waiting.push(task);
            }
            if waiting.contains(&task) {
                continue;
            }
        }
        kept.push(entry);
    }
    kept.reverse();
    kept
}

/// Whether a task only asked for what is in the cache.
fn is_asking(deed: &Deed) -> bool {
    matches!(deed.what, What::Effect(Op::CacheGet(_) | Op::CacheLease(..) | Op::CacheLock(..), _))
}

/// Whether a task was told that it is somebody else's turn.
fn is_told_to_wait(deed: &Deed) -> bool {
    matches!(deed.what, What::Effect(_, Reply::Lock(None) | Reply::Lease(Lease::Wait)))
}

/// Whether the cache gave a row, and nothing changed.
fn is_hit(deed: &Deed) -> bool {
    matches!(
        deed.what,
        What::Effect(Op::CacheGet(_), Reply::Row(Some(_)))
            | What::Effect(Op::CacheLease(..), Reply::Lease(Lease::Hit(_)))
    )
}
