//! The recent commits of all keys in one list, chained per key: what was committed since when,
//! at 8 bytes a key and one entry per *recent* commit, whatever the length of the run.
//!
//! The log does not know how long an entry is needed: its owner prunes it.

use std::collections::VecDeque;

use crate::op::Key;
use crate::time::Time;

/// The number of an entry, counted from the first commit of the run. It wraps after 2^32
/// commits; entries that far apart are never retained together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CommitId(u32);

impl CommitId {
    const fn after(self, distance: u32) -> CommitId {
        CommitId(self.0.wrapping_add(distance))
    }
}

/// One commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Commit<T> {
    /// When it was committed.
    pub at: Time,
    /// Of which key.
    pub key: Key,
    /// The key's commit before this one.
    previous: CommitId,
    /// What else the owner remembers.
    pub note: T,
}

/// Recent commits in order, with a chain through each key's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CommitLog<T> {
    entries: VecDeque<Commit<T>>,
    /// Number of the oldest retained entry.
    first: CommitId,
    keys: Vec<Chain>,
}

/// What is kept of a key, side by side since they are asked together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Chain {
    /// The number of the key's newest commit; meaningless for a key without one.
    newest: CommitId,
    /// How many commits it has had.
    commits: u32,
}

impl<T> CommitLog<T> {
    /// An empty log over this many keys.
    pub fn new(keys: usize) -> CommitLog<T> {
        // No entry is retained under the number that all keys start with.
        let first = CommitId(1);
        CommitLog { entries: VecDeque::new(), first, keys: vec![Chain::default(); keys] }
    }

    /// Appends a commit.
    #[inline]
    pub fn push(&mut self, at: Time, key: Key, note: T) -> CommitId {
        let id = self.first.after(self.entries.len() as u32);
        let chain = &mut self.keys[key.0 as usize];
        let previous = std::mem::replace(&mut chain.newest, id);
        chain.commits += 1;
        self.entries.push_back(Commit { at, key, previous, note });
        id
    }

    /// Number of retained entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is retained.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The retained commits, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Commit<T>> {
        self.entries.iter()
    }

    /// The entry of this number, if it is retained.
    #[inline]
    pub fn get(&self, id: CommitId) -> Option<&Commit<T>> {
        self.entries.get(id.0.wrapping_sub(self.first.0) as usize)
    }

    /// The entry of this number, if it is retained.
    #[inline]
    pub fn get_mut(&mut self, id: CommitId) -> Option<&mut Commit<T>> {
        self.entries.get_mut(id.0.wrapping_sub(self.first.0) as usize)
    }

    /// The retained commits of a key, newest first, with their numbers.
    #[inline]
    pub fn of_key(&self, key: Key) -> impl Iterator<Item = (CommitId, &Commit<T>)> {
        let mut id = self.keys[key.0 as usize].newest;
        std::iter::from_fn(move || {
            // A number this old may have been given again: the key tells.
            let entry = self.get(id).filter(|entry| entry.key == key)?;
            let found = id;
            id = entry.previous;
            Some((found, entry))
        })
    }

    /// Whether the key has a retained commit.
    #[inline]
    pub fn has(&self, key: Key) -> bool {
        self.get(self.keys[key.0 as usize].newest).is_some_and(|entry| entry.key == key)
    }

    /// How many commits the key has had, retained or not.
    #[inline]
    pub fn commits(&self, key: Key) -> u32 {
        self.keys[key.0 as usize].commits
    }

    /// How many entries were pushed before this one that are retained.
    #[inline]
    pub fn position(&self, id: CommitId) -> usize {
        id.0.wrapping_sub(self.first.0) as usize
    }

    /// Forgets the oldest entries for which `old` holds, up to the first for which it does not.
    /// Returns how many.
    pub fn prune(&mut self, mut old: impl FnMut(&Commit<T>) -> bool) -> usize {
        let mut pruned = 0;
        while self.entries.front().is_some_and(&mut old) {
            self.entries.pop_front();
            self.first = self.first.after(1);
            pruned += 1;
        }
        pruned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times<T>(log: &CommitLog<T>, key: u32) -> Vec<u64> {
        log.of_key(Key(key)).map(|(_, commit)| commit.at.0).collect()
    }

    #[test]
    fn a_keys_commits_are_chained_newest_first() {
        let mut log = CommitLog::new(3);
        for (at, key) in [(10, 0), (20, 1), (30, 0), (40, 0)] {
            log.push(Time(at), Key(key), ());
        }
        assert_eq!(times(&log, 0), [40, 30, 10]);
        assert_eq!(times(&log, 1), [20]);
        assert!(times(&log, 2).is_empty() && !log.has(Key(2)));
    }

    #[test]
    fn pruning_cuts_the_chains_and_keeps_the_numbers() {
        let mut log = CommitLog::new(2);
        let ids: Vec<_> = (0..6).map(|i| log.push(Time(i * 10), Key(i as u32 % 2), ())).collect();
        assert_eq!(log.prune(|commit| commit.at < Time(30)), 3);
        assert_eq!(log.len(), 3);
        assert_eq!(times(&log, 0), [40]);
        assert_eq!(times(&log, 1), [50, 30]);
        assert!(log.get(ids[2]).is_none());
        assert_eq!(log.get(ids[3]).map(|commit| commit.at), Some(Time(30)));
        assert_eq!(log.position(ids[5]), 2);
        log.prune(|_| true);
        assert!(log.is_empty() && !log.has(Key(1)));
    }

    #[test]
    fn numbers_wrap() {
        let mut log = CommitLog::new(1);
        log.first = CommitId(u32::MAX);
        log.keys[0].newest = CommitId(u32::MAX - 1);
        for at in 0..3 {
            log.push(Time(at), Key(0), ());
        }
        assert_eq!(times(&log, 0), [2, 1, 0]);
    }
}
