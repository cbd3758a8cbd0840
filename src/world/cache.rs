//! The cache node: entries with a TTL, tombstones, leases and locks.
//!
//! Every operation is atomic here, as in memcached or a Redis script. The cache does not know
//! who asks, whether a row is still true, or what time will be next: the driver tells it `now`.

use std::collections::BTreeMap;

use super::eviction::Residents;
use crate::op::{Key, Lease, Op, Reply, Row, Source, Token, Version};
use crate::time::{Span, Time};
use crate::world::{CacheConfig, Eviction};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Holds {
    #[default]
    Nothing,
    Row,
    Tombstone,
}

/// What the cache has under one key: 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) version: Version,
    pub(super) holds: Holds,
    source: Source,
    pub(super) expires_at: Time,
}

/// A lease or a lock: whose, and until when nobody else can have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Grant {
    token: Token,
    pub(super) until: Time,
}

/// What an operation did to the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The operation's row is now the key's entry.
    Stored(Row),
    /// The key has no row any more.
    Removed,
}

/// An operation's reply and what else came of it.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// What the caller is told.
    pub reply: Reply,
    /// What became of the key's entry.
    pub change: Change,
    /// The key that had to leave to make room.
    pub evicted: Option<Key>,
}

/// The cache node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cache {
    pub(super) entries: Vec<Entry>,
    residents: Residents,
    capacity: u32,
    pub(super) leases: BTreeMap<u32, Grant>,
    pub(super) locks: BTreeMap<u32, Grant>,
    last_token: u64,
}

impl Cache {
    /// An empty cache for keys `0..keys`.
    pub fn new(keys: usize, config: &CacheConfig) -> Cache {
        Cache::with_room(keys, config.capacity, config.eviction)
    }

    /// An empty cache for keys `0..keys` that has room for all of them.
    pub fn unlimited(keys: usize) -> Cache {
        Cache::with_room(keys, None, Eviction::Lru)
    }

    fn with_room(keys: usize, capacity: Option<u32>, eviction: Eviction) -> Cache {
        Cache {
            entries: vec![Entry::default(); keys],
            residents: Residents::new(keys, capacity, eviction),
            capacity: capacity.unwrap_or(u32::MAX),
            leases: BTreeMap::new(),
            locks: BTreeMap::new(),
            last_token: 0,
        }
    }

    /// The row under a key, if it has not expired.
    #[inline]
    pub fn get(&mut self, now: Time, key: Key) -> Option<Row> {
        let entry = self.entries[key.0 as usize];
        if entry.holds != Holds::Row || entry.expires_at <= now {
            return None;
        }
        self.residents.touch(key);
        Some(Row { version: entry.version, source: entry.source })
    }

    /// The version under a key, expired or not, without touching it.
    #[inline]
    pub fn peek(&self, key: Key) -> Option<Version> {
        let entry = &self.entries[key.0 as usize];
        (entry.holds == Holds::Row).then_some(entry.version)
    }

    /// Rows that will never expire: key and version, in key order.
    pub fn unexpiring(&self) -> impl Iterator<Item = (Key, Version)> {
        self.entries.iter().enumerate().filter_map(|(key, entry)| {
            (entry.holds == Holds::Row && entry.expires_at == Time::NEVER)
                .then_some((Key(key as u32), entry.version))
        })
    }

    /// Number of entries, tombstones and expired ones included. Counted only with a capacity.
    pub fn len(&self) -> u32 {
        self.residents.len()
    }

    /// Whether [`Cache::len`] is 0.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Serves a cache operation. `entropy` is a uniform 64-bit word for random eviction.
    ///
    /// # Panics
    /// If the operation is another component's, or [`Op::CacheAccept`], which needs the
    /// authority's number first: then the driver calls [`Cache::store`].
    #[inline]
    pub fn apply(&mut self, now: Time, op: Op, entropy: u64) -> Effect {
        match op {
            Op::CacheGet(key) => unchanged(Reply::Row(self.get(now, key))),
            Op::CacheSet(key, row, ttl) => self.store(now, key, row, ttl, entropy, Reply::Done),
            Op::CacheSetIfNewer(key, row, ttl) => {
                if self.refuses(now, key, row.version) {
                    return unchanged(Reply::Accepted(false));
                }
                self.store(now, key, row, ttl, entropy, Reply::Accepted(true))
            }
            Op::CacheDelete(key) => {
                self.leases.remove(&key.0);
                self.remove(key);
                Effect { reply: Reply::Done, change: Change::Removed, evicted: None }
            }
            Op::CacheTombstone(key, version, hold) => {
                self.tombstone(now, key, version, hold, entropy)
            }
            Op::CacheLease(key, term) => unchanged(Reply::Lease(self.lease(now, key, term))),
            Op::CacheFill(key, row, token, ttl) => {
                if self.leases.get(&key.0).is_none_or(|grant| grant.token != token) {
                    return unchanged(Reply::Accepted(false));
                }
                self.leases.remove(&key.0);
                self.store(now, key, row, ttl, entropy, Reply::Accepted(true))
            }
            Op::CacheLock(key, hold) => unchanged(Reply::Lock(self.lock(now, key, hold))),
            Op::CacheUnlock(key, token) => {
                let held = self.locks.get(&key.0).is_some_and(|grant| grant.token == token);
                if held {
                    self.locks.remove(&key.0);
                }
                unchanged(Reply::Accepted(held))
            }
            other => panic!("{} is not for the cache to serve", other.name()),
        }
    }

    /// Puts a row under a key, evicting another if there is no room, and answers `reply`.
    #[inline]
    pub fn store(
        &mut self,
        now: Time,
        key: Key,
        row: Row,
        ttl: Span,
        entropy: u64,
        reply: Reply,
    ) -> Effect {
        let entry = Entry {
            version: row.version,
            holds: Holds::Row,
            source: row.source,
            expires_at: now + ttl,
        };
        let evicted = self.place(key, entry, entropy);
        Effect { reply, change: Change::Stored(row), evicted }
    }

    /// The cache process restarts: everything in its memory is gone.
    pub fn restart(&mut self) {
        for key in 0..self.entries.len() {
            self.remove(Key(key as u32));
        }
        self.leases.clear();
        self.locks.clear();
    }

    /// Whether what is there is newer than a version on offer: a row of the same version needs no
    /// second copy, and a tombstone of it only keeps out what is older.
    fn refuses(&self, now: Time, key: Key, version: Version) -> bool {
        let entry = &self.entries[key.0 as usize];
        entry.expires_at > now
            && match entry.holds {
                Holds::Nothing => false,
                Holds::Row => entry.version >= version,
                Holds::Tombstone => entry.version > version,
            }
    }

    fn tombstone(
        &mut self,
        now: Time,
        key: Key,
        version: Version,
        hold: Span,
        entropy: u64,
    ) -> Effect {
        self.leases.remove(&key.0);
        if self.refuses(now, key, version) {
            // The row is no older than the write, or the writer was overtaken by another.
            return unchanged(Reply::Done);
        }
        let entry = Entry {
            version,
            holds: Holds::Tombstone,
            source: Source::Authority,
            expires_at: now + hold,
        };
        let evicted = self.place(key, entry, entropy);
        Effect { reply: Reply::Done, change: Change::Removed, evicted }
    }

    fn lease(&mut self, now: Time, key: Key, term: Span) -> Lease {
        if let Some(row) = self.get(now, key) {
            return Lease::Hit(row);
        }
        match grant(&mut self.leases, &mut self.last_token, now, key, term) {
            Some(token) => Lease::Granted(token),
            None => Lease::Wait,
        }
    }

    fn lock(&mut self, now: Time, key: Key, hold: Span) -> Option<Token> {
        grant(&mut self.locks, &mut self.last_token, now, key, hold)
    }

    #[inline]
    fn place(&mut self, key: Key, entry: Entry, entropy: u64) -> Option<Key> {
        let resident = self.entries[key.0 as usize].holds != Holds::Nothing;
        let mut evicted = None;
        if resident {
            self.residents.touch(key);
        } else {
            if self.residents.len() >= self.capacity {
                evicted = self.residents.victim(entropy);
            }
            if let Some(victim) = evicted {
                self.remove(victim);
            }
            self.residents.insert(key);
        }
        self.entries[key.0 as usize] = entry;
        evicted
    }

    #[inline]
    pub(super) fn remove(&mut self, key: Key) {
        let entry = &mut self.entries[key.0 as usize];
        if entry.holds != Holds::Nothing {
            *entry = Entry::default();
            self.residents.remove(key);
        }
    }
}

#[inline]
fn unchanged(reply: Reply) -> Effect {
    Effect { reply, change: Change::None, evicted: None }
}

fn grant(
    grants: &mut BTreeMap<u32, Grant>,
    last_token: &mut u64,
    now: Time,
    key: Key,
    length: Span,
) -> Option<Token> {
    if grants.get(&key.0).is_some_and(|grant| grant.until > now) {
        return None;
    }
    *last_token += 1;
    let token = Token(*last_token);
    grants.insert(key.0, Grant { token, until: now + length });
    Some(token)
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
