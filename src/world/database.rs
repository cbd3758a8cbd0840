//! The database: rows with versions, and replicas that apply its commits in order, later.
//!
//! The database does not know who connects, how long a query takes, or how far a replica lags:
//! the driver decides when an operation takes effect, and hands in each commit's lags.

use std::collections::VecDeque;

use super::commit_log::CommitLog;
use crate::op::{Key, Row, Source, Version};
use crate::time::Time;

/// A replica: when each commit it has not applied yet will be applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Replica {
    due: VecDeque<Time>,
    last_due: Time,
}

/// The primary's rows, and the replicas' view of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Database {
    rows: Vec<Version>,
    replicas: Vec<Replica>,
    /// Commits that some replica has not applied yet.
    log: CommitLog<()>,
}

impl Database {
    /// A database of keys `0..keys`, every row at version 0, everywhere.
    pub fn new(keys: usize, replicas: u32) -> Database {
        let logged = if replicas == 0 { 0 } else { keys };
        Database {
            rows: vec![Version(0); keys],
            replicas: vec![Replica::default(); replicas as usize],
            log: CommitLog::new(logged),
        }
    }

    /// The primary's version of a key.
    #[inline]
    pub fn version(&self, key: Key) -> Version {
        self.rows[key.0 as usize]
    }

    /// Commits a new version. `applied_at` says when each replica will have it, at the earliest.
    #[inline]
    pub fn commit(&mut self, now: Time, key: Key, applied_at: impl FnMut(usize) -> Time) -> Row {
        let version = self.rows[key.0 as usize].next();
        self.put(now, now, key, version, applied_at);
        Row::new(version)
    }

    /// Commits a version numbered elsewhere, at `numbered_at`, unless there is a newer one. Says
    /// whether it did.
    pub fn apply(
        &mut self,
        now: Time,
        numbered_at: Time,
        key: Key,
        version: Version,
        applied_at: impl FnMut(usize) -> Time,
    ) -> bool {
        let newer = version > self.rows[key.0 as usize];
        if newer {
            self.put(now, numbered_at, key, version, applied_at);
        }
        newer
    }

    fn put(
        &mut self,
        now: Time,
        numbered_at: Time,
        key: Key,
        version: Version,
        mut applied_at: impl FnMut(usize) -> Time,
    ) {
        let row = &mut self.rows[key.0 as usize];
        let versions = version.0 - row.0;
        *row = version;
        if self.replicas.is_empty() {
            return;
        }
        self.forget_applied(now);
        // A version that skips others counts as their commits too, so that a replica's view can
        // be counted back from the primary's version one commit at a time.
        for _ in 0..versions {
            self.log.push(numbered_at, key, ());
        }
        for (index, replica) in self.replicas.iter_mut().enumerate() {
            let due = applied_at(index).max(replica.last_due);
            replica.last_due = due;
            replica.due.extend(std::iter::repeat_n(due, versions as usize));
        }
    }

    /// The row as a replica has it now.
    pub fn read_replica(&mut self, now: Time, key: Key, replica: usize) -> Row {
        let newest = self.version(key);
        let due = &mut self.replicas[replica].due;
        while due.front().is_some_and(|at| *at <= now) {
            due.pop_front();
        }
        let applied = self.log.len() - due.len();
        let missing =
            self.log.of_key(key).take_while(|(id, _)| self.log.position(*id) >= applied).count()
                as u32;
        let source = if missing == 0 { Source::Authority } else { Source::LaggingReplica };
        Row { version: Version(newest.0 - missing), source }
    }

    /// How many commits a replica has not applied yet.
    pub fn unapplied(&self, replica: usize) -> usize {
        self.replicas[replica].due.len()
    }

    /// A replica applies its next commit now, whenever it was due. Says whether there was one.
    pub fn apply_next(&mut self, now: Time, replica: usize) -> bool {
        let applied = self.replicas[replica].due.pop_front().is_some();
        self.forget_applied(now);
        applied
    }

    /// Whether some replica has not applied a commit of this key, as far as was looked.
    #[inline]
    pub fn lags(&self, key: Key) -> bool {
        !self.replicas.is_empty() && self.log.has(key)
    }

    /// When the oldest version was numbered that some replica may not have yet.
    pub fn oldest_unapplied(&mut self, now: Time) -> Time {
        self.forget_applied(now);
        self.log.iter().map(|commit| commit.at).min().unwrap_or(Time::NEVER)
    }

    fn forget_applied(&mut self, now: Time) {
        for replica in &mut self.replicas {
            while replica.due.front().is_some_and(|at| *at <= now) {
                replica.due.pop_front();
            }
        }
        let waiting = self.replicas.iter().map(|replica| replica.due.len()).max().unwrap_or(0);
        let mut applied = self.log.len() - waiting;
        self.log.prune(|_| {
            let old = applied > 0;
            applied = applied.saturating_sub(1);
            old
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: Key = Key(0);

    #[test]
    fn a_replica_applies_commits_in_order_after_its_lag() {
        let mut database = Database::new(2, 2);
        // The second commit would arrive first, but waits its turn.
        database.commit(Time(10), K, |replica| if replica == 0 { Time(50) } else { Time(11) });
        database.commit(Time(20), K, |_| Time(25));
        let view = |database: &mut Database, now, replica| {
            let row = database.read_replica(Time(now), K, replica);
            (row.version.0, row.source)
        };
        assert_eq!(view(&mut database, 9 + 11, 0), (0, Source::LaggingReplica));
        assert_eq!(view(&mut database, 20, 1), (1, Source::LaggingReplica));
        assert_eq!(view(&mut database, 25, 1), (2, Source::Authority));
        assert_eq!(view(&mut database, 49, 0), (0, Source::LaggingReplica));
        assert_eq!(view(&mut database, 50, 0), (2, Source::Authority));
    }

    #[test]
    fn the_log_of_unapplied_commits_does_not_grow_with_the_run() {
        let mut database = Database::new(4, 1);
        for at in 0..10_000 {
            database.commit(Time(at), Key(at as u32 % 4), |_| Time(at + 5));
        }
        assert!(database.log.len() <= 6, "{}", database.log.len());
        assert_eq!(database.read_replica(Time(10_004), K, 0).version, Version(2500));
    }

    #[test]
    fn an_applied_row_never_replaces_a_newer_one() {
        let mut database = Database::new(1, 1);
        assert!(database.apply(Time(1), Time(1), K, Version(3), |_| Time(9)));
        assert!(!database.apply(Time(2), Time(2), K, Version(2), |_| Time(9)));
        assert_eq!(database.version(K), Version(3));
        assert_eq!(database.read_replica(Time(5), K, 0).version, Version(0));
        assert_eq!(database.read_replica(Time(9), K, 0).version, Version(3));
    }
}
