//! The world without a clock: what exists, and what the properties have to know of the past.
//!
//! Components are those of [`crate::world`], all at time zero; what has an end ends when a
//! schedule says so.

use super::property::{Property, PropertySet};
use super::scene::{Faults, Scene};
use crate::op::{Key, Op, Reply, Row, Version};
use crate::strategy::Authority;
use crate::time::Time;
use crate::world::{Cache, Database, Expiry};

/// The only instant there is.
const NOW: Time = Time::ZERO;

/// The state of everything but the sessions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stage {
    caches: Vec<Cache>,
    database: Database,
    replicas: u32,
    authority: Authority,
    /// Per key, the newest accepted version.
    newest: Vec<Version>,
    /// Per key, the newest version whose writer was told.
    pub(super) acknowledged: Vec<Version>,
    /// Per key, the newest version that a read has returned.
    pub(super) returned: Vec<Version>,
    /// Per key, how many writes were acknowledged before anything had accepted them, and how many
    /// of those were accepted later.
    pub(super) promised: Vec<u8>,
    pub(super) kept: Vec<u8>,
    /// What may still befall.
    pub(super) faults: Faults,
}

impl Stage {
    /// Version 0 of every key in the database, nothing in the caches.
    pub(crate) fn new(scene: &Scene, authority: Authority) -> Stage {
        let keys = scene.keys as usize;
        Stage {
            caches: vec![Cache::unlimited(keys); scene.cache_nodes.max(1) as usize],
            database: Database::new(keys, scene.replicas),
            replicas: scene.replicas,
            authority,
            newest: vec![Version(0); keys],
            acknowledged: vec![Version(0); keys],
            returned: vec![Version(0); keys],
            promised: vec![0; keys],
            kept: vec![0; keys],
            faults: scene.faults,
        }
    }

    /// An operation takes effect.
    pub(super) fn apply(&mut self, node: usize, replica: usize, op: Op) -> Reply {
        match op {
            Op::DbRead(key) if self.replicas > 0 => {
                let row = self.database.read_replica(NOW, key, replica);
                Reply::Row(Some(Row::new(row.version)))
            }
            Op::DbRead(key) | Op::DbReadPrimary(key) => {
                Reply::Row(Some(Row::new(self.database.version(key))))
            }
            Op::DbWrite(key) => {
                let row = self.database.commit(NOW, key, |_| Time::NEVER);
                if self.authority == Authority::Database {
                    self.newest[key.0 as usize] = row.version;
                }
                Reply::Row(Some(row))
            }
            Op::DbApply(key, row) => {
                self.database.apply(NOW, NOW, key, row.version, |_| Time::NEVER);
                Reply::Done
            }
            Op::CacheAccept(key, ttl) => {
                let newest = &mut self.newest[key.0 as usize];
                *newest = newest.next();
                let row = Row::new(*newest);
                self.caches[node].store(NOW, key, row, ttl, 0, Reply::Row(Some(row))).reply
            }
            op => self.caches[node].apply(NOW, op, 0).reply,
        }
    }

    /// The newest accepted version of a key.
    pub fn newest(&self, key: Key) -> Version {
        self.newest[key.0 as usize]
    }

    /// The database's version of a key.
    pub fn in_database(&self, key: Key) -> Version {
        self.database.version(key)
    }

    /// A replica's version of a key.
    pub fn in_replica(&self, replica: usize, key: Key) -> Version {
        self.database.clone().read_replica(NOW, key, replica).version
    }

    /// What may still befall.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The cache of a node.
    pub fn cache(&self, node: usize) -> &Cache {
        &self.caches[node]
    }

    pub(super) fn evict(&mut self, node: usize, key: Key) -> bool {
        spend(&mut self.faults.evict) && self.caches[node].evict(key)
    }

    pub(super) fn expire(&mut self, node: usize, key: Key, expiry: Expiry) -> bool {
        spend(&mut self.faults.expire) && self.caches[node].expire(NOW, key, expiry)
    }

    pub(super) fn apply_next(&mut self, replica: usize) -> bool {
        self.database.apply_next(NOW, replica)
    }

    /// Whether a replica has not applied every commit.
    pub(crate) fn lags(&self) -> bool {
        (0..self.replicas as usize).any(|replica| self.database.unapplied(replica) > 0)
    }

    /// What is violated, and what is exercised, if nothing is in progress.
    pub(crate) fn at_rest(&self) -> (PropertySet, PropertySet) {
        let (mut violated, mut exercised) = (PropertySet::default(), PropertySet::default());
        let lost = self.keys().any(|key| self.in_database(key) < self.acknowledged[key.0 as usize]);
        let broken = self.kept != self.promised;
        violated.add(Property::NoLostWrite, lost || broken);
        let acknowledged = self.acknowledged.iter().any(|v| v.0 > 0);
        exercised.add(Property::NoLostWrite, acknowledged || broken);
        for (key, version) in self.caches.iter().flat_map(Cache::unexpiring) {
            violated.add(Property::Convergence, version < self.newest(key));
            exercised.add(Property::Convergence, self.newest(key).0 > 0);
        }
        (violated, exercised)
    }

    fn keys(&self) -> impl Iterator<Item = Key> + use<> {
        (0..self.newest.len() as u32).map(Key)
    }
}

/// Takes one from a budget. Says whether there was any left.
pub(super) fn spend(budget: &mut u8) -> bool {
    let left = *budget > 0;
    // A script may have as many as it likes.
    if left && *budget < u8::MAX {
        *budget -= 1;
    }
    left
}
