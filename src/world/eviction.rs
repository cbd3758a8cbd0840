//! Which entry leaves a full cache: LRU, FIFO and random replacement, each in constant time.
//!
//! This module keeps the order of the entries, not the entries themselves.

use crate::op::Key;
use crate::world::Eviction;

const NONE: u32 = u32::MAX;

/// The resident keys of a cache with a capacity, in the order its policy needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Residents {
    /// No capacity: nobody ever leaves, and no order is kept.
    Unlimited,
    /// A doubly linked list through the keys, first to leave at its front.
    Queue { links: Vec<(u32, u32)>, front: u32, back: u32, len: u32, on_use: bool },
    /// A dense list to draw from, and each key's place in it.
    Pool { keys: Vec<u32>, place: Vec<u32> },
}

impl Residents {
    pub(super) fn new(keys: usize, capacity: Option<u32>, eviction: Eviction) -> Residents {
        match (capacity, eviction) {
            (None, _) => Residents::Unlimited,
            (Some(_), Eviction::Lru | Eviction::Fifo) => Residents::Queue {
                links: vec![(NONE, NONE); keys],
                front: NONE,
                back: NONE,
                len: 0,
                on_use: eviction == Eviction::Lru,
            },
            (Some(_), Eviction::Random) => {
                Residents::Pool { keys: Vec::new(), place: vec![NONE; keys] }
            }
        }
    }

    /// Number of residents; always 0 without a capacity.
    pub(super) fn len(&self) -> u32 {
        match self {
            Residents::Unlimited => 0,
            Residents::Queue { len, .. } => *len,
            Residents::Pool { keys, .. } => keys.len() as u32,
        }
    }

    /// A key that was not resident comes in.
    #[inline]
    pub(super) fn insert(&mut self, key: Key) {
        match self {
            Residents::Unlimited => {}
            Residents::Queue { links, front, back, len, .. } => {
                push_back(links, front, back, key.0);
                *len += 1;
            }
            Residents::Pool { keys, place } => {
                place[key.0 as usize] = keys.len() as u32;
                keys.push(key.0);
            }
        }
    }

    /// A resident was read or set again.
    #[inline]
    pub(super) fn touch(&mut self, key: Key) {
        if let Residents::Queue { links, front, back, on_use: true, .. } = self
            && *back != key.0
        {
            unlink(links, front, back, key.0);
            push_back(links, front, back, key.0);
        }
    }

    /// A resident leaves.
    #[inline]
    pub(super) fn remove(&mut self, key: Key) {
        match self {
            Residents::Unlimited => {}
            Residents::Queue { links, front, back, len, .. } => {
                unlink(links, front, back, key.0);
                *len -= 1;
            }
            Residents::Pool { keys, place } => {
                let hole = std::mem::replace(&mut place[key.0 as usize], NONE) as usize;
                keys.swap_remove(hole);
                if let Some(moved) = keys.get(hole) {
                    place[*moved as usize] = hole as u32;
                }
            }
        }
    }

    /// The resident that has to leave now. `entropy` is a uniform 64-bit word.
    pub(super) fn victim(&self, entropy: u64) -> Option<Key> {
        match self {
            Residents::Unlimited => None,
            Residents::Queue { front, .. } => (*front != NONE).then_some(Key(*front)),
            Residents::Pool { keys, .. } => {
                let drawn = (u128::from(entropy) * keys.len() as u128) >> 64;
                keys.get(drawn as usize).map(|key| Key(*key))
            }
        }
    }
}

fn push_back(links: &mut [(u32, u32)], front: &mut u32, back: &mut u32, key: u32) {
    links[key as usize] = (*back, NONE);
    match *back {
        NONE => *front = key,
        last => links[last as usize].1 = key,
    }
    *back = key;
}

fn unlink(links: &mut [(u32, u32)], front: &mut u32, back: &mut u32, key: u32) {
    let (before, after) = links[key as usize];
    match before {
        NONE => *front = after,
        before => links[before as usize].1 = after,
    }
    match after {
        NONE => *back = before,
        after => links[after as usize].0 = before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaving(mut residents: Residents) -> Vec<u32> {
        for key in [3, 1, 2] {
            residents.insert(Key(key));
        }
        residents.touch(Key(3));
        let mut order = Vec::new();
        while let Some(key) = residents.victim(u64::MAX / 2) {
            order.push(key.0);
            residents.remove(key);
        }
        assert_eq!(residents.len(), 0);
        order
    }

    #[test]
    fn lru_goes_by_use_and_fifo_by_entry() {
        assert_eq!(leaving(Residents::new(4, Some(3), Eviction::Lru)), [1, 2, 3]);
        assert_eq!(leaving(Residents::new(4, Some(3), Eviction::Fifo)), [3, 1, 2]);
    }

    #[test]
    fn random_draws_every_resident_alike() {
        let mut residents = Residents::new(4, Some(3), Eviction::Random);
        for key in 0..3 {
            residents.insert(Key(key));
        }
        let third = u64::MAX / 3;
        let drawn = [0, third + 9, 2 * third + 9].map(|word| residents.victim(word));
        assert_eq!(drawn, [Some(Key(0)), Some(Key(1)), Some(Key(2))]);
    }
}
