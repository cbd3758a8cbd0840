//! Writes that the cache has accepted as the authority, until the whole database has them.
//!
//! A write may wait longer than the log of commits remembers it, or for ever, so what is needed
//! to judge the rows it makes old is kept here.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::records::Write;
use crate::op::{Key, Version};
use crate::time::Time;

/// A write that the cache accepted.
#[derive(Clone, Copy, Debug)]
struct Deferred {
    version: Version,
    accepted_at: Time,
    acknowledged_at: Time,
}

/// Per key, its deferred writes in the order of their versions.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// Those that the primary does not have.
    unflushed: FxHashMap<u32, VecDeque<Deferred>>,
    /// Those that it has, and some replica may not.
    flushed: FxHashMap<u32, VecDeque<Deferred>>,
}

impl Backlog {
    /// The cache accepted a write: the database is behind until it has it.
    pub(super) fn defer(&mut self, now: Time, write: Write) {
        let entry =
            Deferred { version: write.version, accepted_at: now, acknowledged_at: Time::NEVER };
        self.unflushed.entry(write.key.0).or_default().push_back(entry);
    }

    /// Whether the primary is behind on this key.
    #[inline]
    pub(super) fn holds(&self, key: Key) -> bool {
        self.unflushed.contains_key(&key.0)
    }

    /// When the cache accepted the first write up to this version that the primary lacks.
    pub(super) fn accepted_at(&self, key: Key, version: Version) -> Option<Time> {
        let first = self.unflushed.get(&key.0)?.front()?;
        (first.version <= version).then_some(first.accepted_at)
    }

    /// The primary has everything up to this version now.
    pub(super) fn flush(&mut self, key: Key, version: Version) {
        let Some(waiting) = self.unflushed.get_mut(&key.0) else {
            return;
        };
        let done = waiting.iter().take_while(|entry| entry.version <= version).count();
        self.flushed.entry(key.0).or_default().extend(waiting.drain(..done));
        if waiting.is_empty() {
            self.unflushed.remove(&key.0);
        }
    }

    /// Forgets flushed writes that were accepted before `oldest`: every replica has them.
    pub(super) fn forget(&mut self, oldest: Time) {
        self.flushed.retain(|_, writes| {
            writes.retain(|entry| entry.accepted_at >= oldest);
            !writes.is_empty()
        });
    }

    /// The client of this write hears of it at `at`.
    #[inline]
    pub(super) fn acknowledge(&mut self, write: Write, at: Time) {
        if let Some(waiting) = self.unflushed.get_mut(&write.key.0)
            && let Some(entry) = waiting.iter_mut().find(|entry| entry.version == write.version)
        {
            entry.acknowledged_at = at;
        }
    }

    /// When the first write newer than this version was accepted, and the first of them
    /// acknowledged; [`Time::NEVER`] if there is none.
    pub(super) fn first_newer(&self, key: Key, version: Version) -> (Time, Time) {
        let of_key = [&self.flushed, &self.unflushed].into_iter().filter_map(|w| w.get(&key.0));
        let newer = of_key.flatten().filter(|entry| entry.version > version);
        newer.fold((Time::NEVER, Time::NEVER), |(accepted, acknowledged), entry| {
            (accepted.min(entry.accepted_at), acknowledged.min(entry.acknowledged_at))
        })
    }

    /// Acknowledged writes that the primary does not have.
    pub(super) fn lost_writes(&self) -> u64 {
        // A sum of integers does not depend on the map's order.
        let waiting = self.unflushed.values().flatten();
        waiting.filter(|entry| entry.acknowledged_at < Time::NEVER).count() as u64
    }
}
