//! Session guarantees while a run goes on: read-your-writes and monotonic reads.
//!
//! What a session saw of a key is remembered only while an older copy of the key may be about,
//! which is the only time it can matter; so memory follows what is alive.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::observation::Answer;
use crate::op::{Key, Version};
use crate::time::Time;

/// What one session has seen of one key, by when. Versions and times both increase, and
/// `last` is behind those of `before`, which is empty unless requests overlap.
#[derive(Clone, Debug)]
struct Seen {
    last: (Version, Time),
    before: Vec<(Version, Time)>,
}

impl Seen {
    fn new(version: Version, at: Time) -> Seen {
        Seen { last: (version, at), before: Vec::new() }
    }

    fn note(&mut self, version: Version, at: Time, horizon: Time) {
        if self.last.0 >= version && self.last.1 <= at {
            return;
        }
        let dominates = |older: &(Version, Time)| older.0 <= version && older.1 >= at;
        if self.before.is_empty() && (dominates(&self.last) || self.last.1 < at && at < horizon) {
            self.last = (version, at);
            return;
        }
        let mut all = std::mem::take(&mut self.before);
        all.push(self.last);
        if all.iter().any(|(newer, earlier)| *newer >= version && *earlier <= at) {
            // Nothing new: something newer was seen earlier.
        } else {
            all.retain(|seen| !dominates(seen));
            let place = all.partition_point(|(_, earlier)| *earlier < at);
            all.insert(place, (version, at));
        }
        // Of those that every read in progress can see, the newest decides.
        let settled = all.partition_point(|(_, at)| *at < horizon);
        all.drain(..settled.saturating_sub(1));
        self.last = all.pop().unwrap_or((version, at));
        self.before = all;
    }

    fn by(&self, began: Time) -> Option<Version> {
        if self.last.1 < began {
            return Some(self.last.0);
        }
        let before = self.before.partition_point(|(_, at)| *at < began);
        before.checked_sub(1).map(|last| self.before[last].0)
    }
}

/// What sessions have written and read.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    wrote: FxHashMap<u64, Seen>,
    read: FxHashMap<u64, Seen>,
    horizon: Time,
    limit: usize,
}

/// A read's violations of its session's guarantees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Violations {
    pub(super) read_your_writes: bool,
    pub(super) monotonic_reads: bool,
}

const LIMIT_STEP: usize = 1 << 12;

fn place(client: u32, key: Key) -> u64 {
    u64::from(client) << 32 | u64::from(key.0)
}

#[inline]
fn note(sessions: &mut FxHashMap<u64, Seen>, place: u64, answer: &Answer, horizon: Time) {
    let (version, at) = (answer.version, answer.ended);
    match sessions.entry(place) {
        Entry::Occupied(mut seen) => seen.get_mut().note(version, at, horizon),
        Entry::Vacant(place) => {
            place.insert(Seen::new(version, at));
        }
    }
}

impl Sessions {
    /// A write was acknowledged.
    #[inline]
    pub(super) fn wrote(&mut self, answer: &Answer) {
        if answer.older_copies {
            note(&mut self.wrote, place(answer.client, answer.key), answer, self.horizon);
        }
    }

    /// A read was answered; `stale` if it was commit-stale, which a violation implies.
    #[inline]
    pub(super) fn read(&mut self, answer: &Answer, stale: bool) -> Violations {
        let mut violations = Violations { read_your_writes: false, monotonic_reads: false };
        let place = place(answer.client, answer.key);
        if stale {
            let newer = |seen: Option<&Seen>| {
                seen.and_then(|seen| seen.by(answer.began)) > Some(answer.version)
            };
            violations.read_your_writes = newer(self.wrote.get(&place));
            violations.monotonic_reads = newer(self.read.get(&place));
        }
        if answer.older_copies {
            note(&mut self.read, place, answer, self.horizon);
        }
        violations
    }

    /// No request invoked before this instant is in progress any more.
    pub(super) fn horizon(&mut self, oldest: Time) {
        self.horizon = self.horizon.max(oldest);
    }

    #[inline]
    pub(super) fn remembers_much(&self) -> bool {
        self.wrote.len() + self.read.len() >= self.limit.max(LIMIT_STEP)
    }

    /// Forgets what no copy that is about can violate any more.
    pub(super) fn forget(&mut self, older_copies: &mut dyn FnMut(Key, Version) -> bool) {
        for sessions in [&mut self.wrote, &mut self.read] {
            sessions.retain(|place, seen| {
                let key = Key(*place as u32);
                older_copies(key, seen.last.0)
            });
        }
        self.limit = 2 * (self.wrote.len() + self.read.len()) + LIMIT_STEP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(version: u32, began: u64, ended: u64) -> Answer {
        Answer {
            request: 0,
            client: 1,
            key: Key(2),
            version: Version(version),
            began: Time(began),
            ended: Time(ended),
            older_copies: true,
        }
    }

    #[test]
    fn reading_an_older_version_than_ones_own_write_is_a_violation() {
        let mut sessions = Sessions::default();
        sessions.wrote(&answer(3, 0, 10));
        let during = sessions.read(&answer(2, 10, 11), true);
        assert!(!during.read_your_writes, "the write was not acknowledged before the read began");
        assert!(sessions.read(&answer(2, 11, 12), true).read_your_writes);
        assert!(!sessions.read(&answer(3, 11, 12), false).read_your_writes);
    }

    #[test]
    fn going_back_is_a_violation_only_after_the_newer_read_has_ended() {
        let mut sessions = Sessions::default();
        sessions.read(&answer(5, 0, 100), false);
        sessions.read(&answer(3, 0, 20), false);
        assert!(!sessions.read(&answer(2, 15, 30), true).monotonic_reads);
        assert!(sessions.read(&answer(2, 21, 30), true).monotonic_reads);
        assert!(!sessions.read(&answer(4, 90, 95), true).monotonic_reads);
        assert!(sessions.read(&answer(4, 101, 110), true).monotonic_reads);
    }

    #[test]
    fn other_clients_and_keys_do_not_count() {
        let mut sessions = Sessions::default();
        sessions.wrote(&answer(3, 0, 10));
        let other = Answer { client: 9, ..answer(1, 50, 60) };
        assert!(!sessions.read(&other, true).read_your_writes);
    }

    #[test]
    fn what_cannot_matter_any_more_is_forgotten() {
        let mut sessions = Sessions::default();
        for client in 0..LIMIT_STEP as u32 {
            sessions.wrote(&Answer { client, ..answer(1, 0, 1) });
        }
        assert!(sessions.remembers_much());
        sessions.forget(&mut |_, _| false);
        assert!(sessions.wrote.is_empty() && !sessions.remembers_much());
    }
}
