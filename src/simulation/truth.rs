//! Ground truth: what the authority has accepted, since when each stale copy is stale, and why.
//!
//! A read is judged against the instant it *began*. Ages come from a log of recent commits plus
//! one record per copy that is stale right now, so memory follows what is alive and not the
//! length of the run.
//!
//! The cause of a stale copy of version v is decided by what became of the invalidation that
//! belongs to version v + 1, the first one that made it old:
//! * the row was already old at its snapshot: `replica-lag`, or `write-behind`;
//! * that invalidation landed before the copy did: `late-fill`, or `reordered-update` if a
//!   writer brought the copy;
//! * it was lost, or its task was dropped: `lost-invalidation`;
//! * it is still to come: `in-flight-invalidation`;
//! * there never was one: `ttl-window`.

use rustc_hash::FxHashMap;

use super::backlog::Backlog;
use super::records::{FROM_THE_START, Fate, Judgement, Moment, StaleCopy, Write, WriteNote};
use crate::observation::{Cause, Staleness};
use crate::op::{Key, Row, Source, Version};
use crate::time::{Span, Time};
use crate::world::{Commit, CommitId, CommitLog};

/// What the authority has accepted, and which copies are old.
#[derive(Debug)]
pub(super) struct Truth {
    /// A key's newest version is the number of its commits.
    log: CommitLog<WriteNote>,
    log_limit: usize,
    /// When the newest commit of each key that the log has forgotten was; [`Time::NEVER`] if none.
    forgotten: Vec<Time>,
    stale: FxHashMap<u32, StaleCopy>,
    /// Per key and station of the database, the old version that was read there last. A station
    /// never goes back, so no other can be read there again.
    read_past_cache: FxHashMap<(u32, u32), Version>,
    pub(super) backlog: Backlog,
    first_fate: Fate,
}

/// The log is pruned when it has grown to this many entries since the last time, at the least.
const LOG_STEP: usize = 256;

impl Truth {
    /// `invalidates`: whether writes are expected to change the cache at all.
    pub(super) fn new(keys: usize, invalidates: bool) -> Truth {
        Truth {
            log: CommitLog::new(keys),
            log_limit: LOG_STEP,
            forgotten: vec![Time::NEVER; keys],
            stale: FxHashMap::default(),
            read_past_cache: FxHashMap::default(),
            backlog: Backlog::default(),
            first_fate: if invalidates { Fate::Open } else { Fate::Never },
        }
    }

    /// The newest accepted version.
    #[inline]
    pub(super) fn newest(&self, key: Key) -> Version {
        Version(self.log.commits(key))
    }

    /// Whether the key was written so recently that a task may hold an older row.
    #[inline]
    pub(super) fn written_recently(&self, key: Key) -> bool {
        self.log.has(key) || self.backlog.holds(key)
    }

    /// The authority accepts a write. `cached`: the version the cache holds. `early`: what became
    /// of its invalidation already. `unattended`: the task that would invalidate is gone.
    #[inline]
    pub(super) fn accept(
        &mut self,
        now: Time,
        key: Key,
        cached: Option<Version>,
        early: Fate,
        unattended: bool,
    ) -> Write {
        let old = self.newest(key);
        let version = old.next();
        let fate = match (early, unattended) {
            (Fate::Landed, _) => Fate::Landed,
            (Fate::Lost, _) | (_, true) if self.first_fate == Fate::Open => Fate::Lost,
            _ => self.first_fate,
        };
        let note = WriteNote { acknowledged_at: Time::NEVER, fate, since: FROM_THE_START };
        let id = self.log.push(now, key, note);
        if cached == Some(old) {
            let copy = StaleCopy {
                version: old,
                superseded_at: now,
                superseded_by: Some(id),
                first_acknowledged_at: Time::NEVER,
                cause: note.cause(false),
                since: FROM_THE_START,
                was_read: false,
            };
            self.stale.insert(key.0, copy);
        }
        Write { key, version, id }
    }

    /// The client of this write hears of it at `at`.
    #[inline]
    pub(super) fn acknowledge(&mut self, write: Write, at: Time) {
        if let Some(entry) = self.log.get_mut(write.id) {
            entry.note.acknowledged_at = at;
        }
        if let Some(copy) = self.stale.get_mut(&write.key.0)
            && copy.version < write.version
        {
            copy.first_acknowledged_at = copy.first_acknowledged_at.min(at);
        }
        self.backlog.acknowledge(write, at);
    }

    /// Something became of the write's invalidation, as the world sees from `since` on. The first
    /// news counts, except that one that was lost may still be followed by another that lands.
    #[inline]
    pub(super) fn settle(&mut self, write: Write, fate: Fate, since: Moment) {
        let Some(entry) = self.log.get_mut(write.id) else {
            return;
        };
        let news = match entry.note.fate {
            Fate::Open => true,
            Fate::Lost => fate == Fate::Landed,
            Fate::Landed | Fate::Never => false,
        };
        if !news {
            return;
        }
        entry.note.fate = fate;
        entry.note.since = since;
        let cause = entry.note.cause(false);
        if fate != Fate::Landed
            && let Some(copy) = self.stale.get_mut(&write.key.0)
            && copy.superseded_by == Some(write.id)
            && !matches!(copy.cause, Cause::ReplicaLag | Cause::WriteBehind)
        {
            // A row that was old at its snapshot is not the invalidation's doing.
            copy.cause = cause;
            copy.since = since;
        }
    }

    /// A row has been stored in the cache. `by_writer`: it was brought by a write or its job.
    /// `judged`: what was known about the row when its task received it.
    #[inline]
    pub(super) fn stored(
        &mut self,
        key: Key,
        row: Row,
        by_writer: bool,
        judged: Option<&Judgement>,
    ) {
        if row.version >= self.newest(key) {
            self.removed(key);
            return;
        }
        let copy = self.old_copy(key, row, by_writer, judged);
        self.stale.insert(key.0, copy);
    }

    /// The cache has no row of this key any more.
    #[inline]
    pub(super) fn removed(&mut self, key: Key) {
        if !self.stale.is_empty() {
            self.stale.remove(&key.0);
        }
    }

    /// The cache has no row at all any more.
    pub(super) fn cache_emptied(&mut self) {
        self.stale.clear();
    }

    fn old_copy(
        &self,
        key: Key,
        row: Row,
        by_writer: bool,
        judged: Option<&Judgement>,
    ) -> StaleCopy {
        let successor = self.newer(key, row.version).last();
        let logged = successor.map_or(Time::NEVER, |(_, commit)| commit.at);
        let superseded_at = judged.map_or(logged, |judgement| judgement.superseded_at);
        let acknowledged = self.first_acknowledged_at(key, row.version, Time::NEVER);
        let first_acknowledged_at =
            judged.map_or(acknowledged, |row| row.first_acknowledged_at.min(acknowledged));
        let (cause, since) = match row.source {
            Source::LaggingReplica => (Cause::ReplicaLag, FROM_THE_START),
            Source::UnflushedDatabase => (Cause::WriteBehind, FROM_THE_START),
            Source::Authority => match successor {
                Some((_, commit)) => (commit.note.cause(by_writer), commit.note.since),
                // Older than every task alive: whatever it was, it is over.
                None if self.first_fate == Fate::Never => (Cause::TtlWindow, FROM_THE_START),
                None => (Cause::LateFill, FROM_THE_START),
            },
        };
        StaleCopy {
            version: row.version,
            superseded_at,
            superseded_by: successor.map(|(id, _)| id),
            first_acknowledged_at,
            cause,
            since,
            was_read: judged.is_some_and(|row| row.was_read),
        }
    }

    /// Judges a row that the cache gave to a request which began at `began`. `None`: it is the
    /// newest version right now. Marks the copy as read if `counts`.
    #[inline]
    pub(super) fn judge_cached(
        &mut self,
        key: Key,
        row: Row,
        began: Time,
        now: Moment,
        counts: bool,
    ) -> Option<Judgement> {
        if row.version >= self.newest(key) {
            return None;
        }
        let copy = *self.stale.get(&key.0).expect("an old copy in the cache is on record");
        let lag = self.lag(key, row.version, began);
        let staleness = (lag > 0).then(|| Staleness {
            age: began - copy.superseded_at,
            version_lag: lag,
            ack_stale: copy.first_acknowledged_at < began,
            cause: copy.cause(now),
        });
        let new_episode = counts && lag > 0 && !copy.was_read;
        if new_episode && let Some(copy) = self.stale.get_mut(&key.0) {
            copy.was_read = true;
        }
        Some(Judgement {
            version: row.version,
            superseded_at: copy.superseded_at,
            first_acknowledged_at: copy.first_acknowledged_at,
            staleness,
            new_episode,
            was_read: copy.was_read || new_episode,
        })
    }

    /// Judges a row that a station of the database, lagging or unflushed, gave to a request.
    pub(super) fn judge_database(
        &mut self,
        station: u32,
        key: Key,
        row: Row,
        began: Time,
        counts: bool,
    ) -> Option<Judgement> {
        if row.source == Source::Authority {
            return None;
        }
        // The log may have forgotten a deferred write, and the backlog knows no other.
        let copy = self.old_copy(key, row, false, None);
        let (accepted_at, acknowledged_at) = self.backlog.first_newer(key, row.version);
        let superseded_at = copy.superseded_at.min(accepted_at);
        let first_acknowledged_at = copy.first_acknowledged_at.min(acknowledged_at);
        let lag = self.lag(key, row.version, began);
        let staleness = (lag > 0).then(|| Staleness {
            age: began - superseded_at,
            version_lag: lag,
            ack_stale: first_acknowledged_at < began,
            cause: copy.cause,
        });
        let version = row.version;
        let place = (key.0, station);
        let was_read = self.read_past_cache.get(&place) == Some(&version);
        let new_episode = counts && lag > 0 && !was_read;
        if new_episode {
            self.read_past_cache.insert(place, version);
        }
        Some(Judgement {
            version,
            superseded_at,
            first_acknowledged_at,
            staleness,
            new_episode,
            was_read: was_read || new_episode,
        })
    }

    /// The logged commits of a key that are newer than this version, newest first.
    #[inline]
    fn newer(
        &self,
        key: Key,
        version: Version,
    ) -> impl Iterator<Item = (CommitId, &Commit<WriteNote>)> {
        self.log.of_key(key).take((self.newest(key).0 - version.0) as usize)
    }

    /// When the first version newer than this one was acknowledged, of those in the log that
    /// were committed before `until`.
    fn first_acknowledged_at(&self, key: Key, version: Version, until: Time) -> Time {
        let commits = self.newer(key, version).filter(|(_, commit)| commit.at < until);
        commits.map(|(_, commit)| commit.note.acknowledged_at).min().unwrap_or(Time::NEVER)
    }

    /// How long before `began` the newest commit of a key was that a request which began then, and
    /// is in progress, could have seen.
    pub(super) fn since_commit(&self, key: Key, began: Time) -> Option<Span> {
        let logged = self.log.of_key(key).map(|(_, commit)| commit.at).find(|at| *at <= began);
        let at = logged.unwrap_or(self.forgotten[key.0 as usize]);
        (at <= began).then(|| began - at)
    }

    /// How many versions newer than this one had been accepted when a request began. Commits
    /// during the request do not count against it.
    #[inline]
    fn lag(&self, key: Key, version: Version, began: Time) -> u32 {
        let since = self.log.of_key(key).take_while(|(_, commit)| commit.at > began).count();
        (self.newest(key).0 - version.0).saturating_sub(since as u32)
    }

    /// Whether the log has grown enough to be worth pruning.
    #[inline]
    pub(super) fn wants_pruning(&self) -> bool {
        self.log.len() >= self.log_limit
    }

    /// Forgets commits before `oldest`, at which no request in progress had begun. Their writers
    /// have heard by then, if ever: `held`, the old rows in the hands of tasks, remember it.
    pub(super) fn prune<'a>(
        &mut self,
        oldest: Time,
        held: impl Iterator<Item = (Key, &'a mut Judgement)>,
    ) {
        for (key, row) in held {
            let forgotten = self.first_acknowledged_at(key, row.version, oldest);
            row.first_acknowledged_at = row.first_acknowledged_at.min(forgotten);
        }
        let forgotten = &mut self.forgotten;
        self.log.prune(|commit| {
            let old = commit.at < oldest;
            if old {
                forgotten[commit.key.0 as usize] = commit.at;
            }
            old
        });
        // Of a key without recent writes every station has the newest version.
        let (log, backlog) = (&self.log, &self.backlog);
        let recent = |key| log.has(key) || backlog.holds(key);
        self.read_past_cache.retain(|(key, _), _| recent(Key(*key)));
        self.backlog.forget(oldest);
        self.log_limit = 2 * self.log.len() + LOG_STEP;
    }
}

#[cfg(test)]
#[path = "truth_tests.rs"]
mod tests;
