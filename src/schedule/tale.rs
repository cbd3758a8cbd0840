//! What happened in a schedule, as one looks for reasons: who did what to a key, and what became
//! of it.

use super::Step;
use super::player::Move;
use super::scene::{Scene, key_name};
use super::session::{Act, Who};
use super::words;
use crate::op::{Fault, Key, Lease, Op, Reply, Row, Version};

/// A schedule that was played.
pub(super) struct Tale<'a> {
    pub(super) scene: &'a Scene,
    pub(super) steps: &'a [Step],
}

/// An operation of the past.
#[derive(Clone, Copy)]
pub(super) struct Deed {
    pub(super) at: usize,
    pub(super) session: usize,
    act: Act,
    pub(super) op: Op,
    pub(super) reply: Reply,
    /// The version it put into the cache.
    pub(super) stored: Option<Version>,
    /// The version it made the newest, whatever its task was told.
    pub(super) commits: Option<Version>,
}

impl Deed {
    /// Whether it took effect.
    pub(super) fn landed(&self) -> bool {
        matches!(self.act, Act::Proceed(_) | Act::TimeOutLate(_) | Act::Land(_))
    }

    /// The row that came back.
    pub(super) fn row(&self) -> Option<Row> {
        match self.reply {
            Reply::Row(row) => row,
            Reply::Lease(Lease::Hit(row)) => Some(row),
            _ => None,
        }
    }
}

impl Tale<'_> {
    pub(super) fn deeds(&self, key: Key) -> impl DoubleEndedIterator<Item = Deed> + '_ {
        self.steps.iter().enumerate().filter_map(move |(at, step)| {
            let (op, reply) = step.happening.operation?;
            let Move::Session(session, act) = step.made else {
                return None;
            };
            // What is still on its way has not been done yet.
            if op.key() != Some(key) || matches!(act, Act::TimeOutAdrift(_)) {
                return None;
            }
            let mut deed = Deed { at, session, act, op, reply, stored: None, commits: None };
            if deed.landed() && reply != Reply::Fault(Fault::Conflict) {
                let held = step.stage.cache(self.scene.node_of(session)).peek(key);
                let accepts = matches!(op, Op::CacheAccept(..));
                deed.commits = match op {
                    Op::DbWrite(_) => Some(step.stage.in_database(key)),
                    _ => held.filter(|_| accepts),
                };
                deed.stored = held.filter(|it| accepts || op.carried() == Some(*it));
            }
            Some(deed)
        })
    }

    pub(super) fn name(&self, session: usize) -> String {
        words::session(self.scene, session)
    }

    /// A version of a key: `v1`, or, where there are several keys, `y v1`.
    pub(super) fn version(&self, key: Key, version: Version) -> String {
        match self.scene.keys {
            0 | 1 => words::version(version),
            _ => format!("{} {}", key_name(key), words::version(version)),
        }
    }

    /// The read that the last step ended, and what it returned.
    pub(super) fn last_read(&self) -> Option<(String, Row)> {
        let last = self.steps.last()?;
        let (Move::Session(session, _), Some(Ok(row))) = (last.made, last.happening.answered)
        else {
            return None;
        };
        Some((self.name(session), row))
    }

    /// Where the answer of the read that the last step ended came from: the last time its session
    /// was given that row.
    pub(super) fn given(&self) -> Option<Deed> {
        let ((_, row), last) = (self.last_read()?, self.steps.last()?);
        let (Move::Session(session, _), (op, _)) = (last.made, last.happening.operation?) else {
            return None;
        };
        self.deeds(op.key()?).rev().find(|deed| {
            deed.session == session && deed.row().is_some_and(|it| it.version == row.version)
        })
    }

    /// An old copy that the world is left with.
    pub(super) fn left_behind(&self) -> Option<(usize, Key, Version)> {
        let stage = &self.steps.last()?.stage;
        (0..self.scene.cache_nodes.max(1) as usize).find_map(|node| {
            let mut copies = stage.cache(node).unexpiring();
            let (key, version) = copies.find(|(key, version)| *version < stage.newest(*key))?;
            Some((node, key, version))
        })
    }

    /// The operations by which the task that committed changes the cache.
    pub(super) fn attempts(&self, newer: &Deed) -> impl DoubleEndedIterator<Item = Deed> + '_ {
        let (session, commit) = (newer.session, newer.at);
        let began = (0..=commit).rev().find(|at| {
            let step = &self.steps[*at];
            matches!(step.made, Move::Session(it, _) if it == session)
                && step.happening.began.is_some()
        });
        let began = began.unwrap_or(0);
        let next = self.next_request(newer);
        let key = newer.op.key().unwrap_or_default();
        self.deeds(key).filter(move |deed| {
            deed.session == session
                && deed.at >= began
                && (deed.at < next || !matches!(deed.act, Act::Proceed(Who::Request)))
                && deed.at != commit
                && deed.op.changes_cache()
        })
    }

    /// When the session of a deed began its next request; past the end if it did not.
    fn next_request(&self, deed: &Deed) -> usize {
        let (session, steps) = (deed.session, self.steps.iter().enumerate().skip(deed.at + 1));
        let mut its = steps.filter(|(_, step)| {
            matches!(step.made, Move::Session(it, _) if it == session)
                && step.happening.began.is_some()
        });
        its.next().map_or(self.steps.len(), |(at, _)| at)
    }

    pub(super) fn attempt(&self, newer: &Deed) -> Option<Deed> {
        self.attempts(newer).next()
    }

    /// The last of them that landed before a step.
    pub(super) fn invalidation(&self, newer: &Deed, before: usize) -> Option<Deed> {
        self.attempts(newer).rev().find(|it| it.landed() && it.at < before)
    }

    pub(super) fn crashed(&self, newer: &Deed, at: usize) -> bool {
        let end = at.min(self.steps.len());
        self.steps[newer.at..end]
            .iter()
            .any(|step| step.made == Move::Session(newer.session, Act::Crash))
    }

    pub(super) fn is_running(&self, newer: &Deed, at: usize) -> bool {
        let end = at.min(self.steps.len());
        let answered = |step: &Step| {
            matches!(step.made, Move::Session(it, _) if it == newer.session)
                && step.happening.answered.is_some()
        };
        !self.steps[newer.at..end].iter().any(answered)
    }

    /// Whether the committing task failed before it told the cache.
    pub(super) fn gave_up(&self, newer: &Deed, at: usize) -> bool {
        let end = at.min(self.next_request(newer)).max(newer.at);
        self.steps[newer.at..end].iter().any(|step| {
            matches!(step.made, Move::Session(it, _) if it == newer.session)
                && matches!(step.happening.answered, Some(Err(_)))
        })
    }

    /// Whose write was acknowledged before a step, though nothing had accepted it then.
    pub(super) fn unkept(&self, before: usize) -> Option<String> {
        let mut began = vec![(0, false); self.scene.sessions.len()];
        let mut found = None;
        for (at, step) in self.steps.iter().enumerate().take(before) {
            let Move::Session(session, _) = step.made else { continue };
            if let Some(request) = step.happening.began {
                began[session] = (at, request.write);
            }
            let (from, writes) = began[session];
            if writes && matches!(step.happening.answered, Some(Ok(_))) {
                let mut keys = (0..self.scene.keys).map(Key);
                let accepted = keys.any(|key| {
                    let its = |deed: &Deed| deed.session == session && deed.commits.is_some();
                    self.deeds(key).filter(its).any(|it| (from..before).contains(&it.at))
                });
                found = if accepted { found } else { Some(self.name(session)) };
            }
        }
        found
    }

    /// The misses of a key whose tasks have not stored anything since, nor ended.
    pub(super) fn fills(&self, key: Key) -> Vec<Deed> {
        let is_over = |miss: &Deed| {
            let its = |step: &Step| {
                let answered = step.happening.answered.is_some();
                matches!(step.made, Move::Session(it, act) if it == miss.session
                    && (answered || act == Act::Crash))
            };
            self.steps[miss.at + 1..].iter().any(its)
        };
        let misses = self.deeds(key).filter(|deed| {
            let misses = matches!(deed.reply, Reply::Row(None) | Reply::Lease(Lease::Granted(_)));
            misses && !is_over(deed)
        });
        let mut fills: Vec<Deed> = Vec::new();
        for miss in misses {
            fills.retain(|earlier| earlier.session != miss.session);
            fills.push(miss);
        }
        fills
    }

    /// The write that the database never got.
    pub(super) fn lost(&self) -> Option<Deed> {
        let last = self.steps.last()?;
        (0..self.scene.keys).map(Key).find_map(|key| {
            let in_database = last.stage.in_database(key);
            self.deeds(key).find(|deed| deed.commits.is_some_and(|it| it > in_database))
        })
    }
}
