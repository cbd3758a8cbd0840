//! How long what a cache holds is still good for: what it was given when it was put there, less the
//! time since.
//!
//! A schedule has no times, so its cache is one at time zero: what ends there at some time was
//! given that long. How much of it is left is known where the steps were made in a run.

use super::Race;
use crate::incident::Moment;
use crate::op::{Key, Lease, Op, Reply};
use crate::report::number::{duration, exact};
use crate::schedule::{Act, Move, Stage};
use crate::time::{Span, Time};
use crate::world::{Cache, Expiry, Holding};

/// The steps at which what is in the caches was put there.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    since: Vec<(usize, Key, Expiry, usize)>,
}

impl Terms {
    /// Follows a step.
    pub(super) fn follow(&mut self, race: &Race<'_>, index: usize) {
        let before = index.checked_sub(1).map(|before| &race.steps[before].stage);
        if let Some((node, key, expiry)) = begins(race, index, before) {
            self.since.retain(|(at, of, what, _)| (*at, *of, *what) != (node, key, expiry));
            self.since.push((node, key, expiry, index));
        }
    }

    /// What is left of something in a cache after a step, in words; nothing if it is not there.
    pub(super) fn left(
        &self,
        race: &Race<'_>,
        index: usize,
        (node, key, expiry): (usize, Key, Expiry),
    ) -> Option<String> {
        let ends = race.steps[index].stage.cache(node).ends_at(key, expiry)?;
        let name = match expiry {
            Expiry::Entry => "TTL",
            Expiry::Lease => "lease for",
            Expiry::Lock => "lock for",
        };
        if ends == Time::NEVER {
            return (expiry == Expiry::Entry).then(|| "no TTL".to_owned());
        }
        let length = ends - Time::ZERO;
        let of = format!("{name} {}", exact(length));
        let here = |it: &&(usize, Key, Expiry, usize)| (it.0, it.1, it.2) == (node, key, expiry);
        let since = self.since.iter().find(here).and_then(|it| race.moments.get(it.3));
        Some(match (since, race.moments.get(index)) {
            (Some(since), Some(now)) => format!("{of}: {}", remainder(length, since, now)),
            _ => format!("{of}: no time in this schedule"),
        })
    }
}

/// What is left of a length that began then, now.
fn remainder(length: Span, since: &Moment, now: &Moment) -> String {
    let left = (since.at + length).since(now.at);
    if left == Span::ZERO {
        return "over".to_owned();
    }
    let least = if now.is_latest { "at least " } else { "" };
    format!("{least}{} left", duration(left.as_secs_f64() * 1e3))
}

/// What a step puts into a cache that has a term.
fn begins(race: &Race<'_>, index: usize, before: Option<&Stage>) -> Option<(usize, Key, Expiry)> {
    let step = &race.steps[index];
    let Move::Session(session, act) = step.made else {
        return None;
    };
    let (op, reply) = step.happening.operation?;
    let key = op.key()?;
    let landed = matches!(act, Act::Proceed(_) | Act::TimeOutLate(_) | Act::Land(_));
    if !landed {
        return None;
    }
    let node = race.scene.node_of(session);
    let now = step.stage.cache(node);
    let changed = before.is_none_or(|it| it.cache(node).holding(key) != now.holding(key));
    // Whoever gave up was not told whether it took effect.
    let is_fault = matches!(reply, Reply::Fault(_));
    let unknown = is_fault && changed;
    // Nor whether it was granted: not while another had it.
    let taken = |is: fn(&Cache, Time, Key) -> bool| {
        before.is_some_and(|it| is(it.cache(node), Time::ZERO, key))
    };
    let leased = is_fault && !taken(Cache::is_leased);
    let locked = is_fault && !taken(Cache::is_locked);
    let expiry = match (op, reply) {
        (Op::CacheSet(..) | Op::CacheAccept(..), _) => Expiry::Entry,
        (Op::CacheSetIfNewer(..) | Op::CacheFill(..), Reply::Accepted(true)) => Expiry::Entry,
        (Op::CacheSetIfNewer(..) | Op::CacheFill(..), _) if unknown => Expiry::Entry,
        (Op::CacheTombstone(_, version, _), _)
            if now.holding(key) == Holding::Tombstone(version) =>
        {
            Expiry::Entry
        }
        (Op::CacheLease(..), Reply::Lease(Lease::Granted(_))) => Expiry::Lease,
        (Op::CacheLease(..), _) if leased => Expiry::Lease,
        (Op::CacheLock(..), Reply::Lock(Some(_))) => Expiry::Lock,
        (Op::CacheLock(..), _) if locked => Expiry::Lock,
        _ => return None,
    };
    Some((node, key, expiry))
}
