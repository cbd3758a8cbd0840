//! What a cache holds, for those who look at it without touching it.

use super::cache::{Cache, Holds};
use super::elapse::Expiry;
use crate::op::{Key, Version};
use crate::time::Time;

/// What a cache has under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holding {
    /// Nothing.
    Nothing,
    /// A row of this version.
    Row(Version),
    /// A tombstone of this version: a miss that refuses older fills.
    Tombstone(Version),
}

impl Cache {
    /// What there is under a key, expired or not.
    pub fn holding(&self, key: Key) -> Holding {
        let entry = &self.entries[key.0 as usize];
        match entry.holds {
            Holds::Nothing => Holding::Nothing,
            Holds::Row => Holding::Row(entry.version),
            Holds::Tombstone => Holding::Tombstone(entry.version),
        }
    }

    /// Whether a lease on a key is out, so that nobody else is given one.
    pub fn is_leased(&self, now: Time, key: Key) -> bool {
        self.leases.get(&key.0).is_some_and(|grant| grant.until > now)
    }

    /// Whether a key is locked.
    pub fn is_locked(&self, now: Time, key: Key) -> bool {
        self.locks.get(&key.0).is_some_and(|grant| grant.until > now)
    }

    /// When something under a key ends, if it is there: [`Time::NEVER`] if it does not by itself.
    pub fn ends_at(&self, key: Key, expiry: Expiry) -> Option<Time> {
        let entry = &self.entries[key.0 as usize];
        match expiry {
            Expiry::Entry => (entry.holds != Holds::Nothing).then_some(entry.expires_at),
            Expiry::Lease => self.leases.get(&key.0).map(|grant| grant.until),
            Expiry::Lock => self.locks.get(&key.0).map(|grant| grant.until),
        }
    }
}
