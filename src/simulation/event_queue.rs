//! The future event list: a calendar of time buckets, and a heap for what lies beyond it.
//!
//! An event is 16 bytes, and its order is total: by time; at one instant by the order number its
//! owner has (see [`super::order`]); then by slot. Nothing depends on *when* an event was
//! entered, so leaving events out does not reorder the rest; nor on the calendar's width, which
//! follows the run.
//!
//! An event goes into the bucket of its time unsorted; a bucket is sorted when its turn comes.
//! At about one event a bucket that is a constant, small number of steps an event, half of what
//! a 4-ary heap takes at the hundreds of pending events a run has.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::Time;

/// Bits of an event's key that hold the slot.
const SLOT_BITS: u32 = 28;

/// An entry of the future event list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) at: Time,
    /// Breaks ties, smallest first; less than 2^36.
    pub(super) order: u64,
    /// What the event is about; less than 2^28.
    pub(super) slot: u32,
}

impl Event {
    #[inline]
    fn pack(self) -> u128 {
        debug_assert!(self.order >> (64 - SLOT_BITS) == 0 && self.slot >> SLOT_BITS == 0);
        let tie = (self.order << SLOT_BITS) | u64::from(self.slot);
        (u128::from(self.at.0) << 64) | u128::from(tie)
    }

    #[inline]
    fn unpack(key: u128) -> Event {
        let tie = key as u64;
        Event {
            at: Time((key >> 64) as u64),
            order: tie >> SLOT_BITS,
            slot: (tie & ((1 << SLOT_BITS) - 1)) as u32,
        }
    }
}

/// Buckets of the calendar, a power of two.
const BUCKETS: usize = 2048;
const WORDS: usize = BUCKETS / 64;
/// An event that belongs before the current bucket's end is put in its place among the sorted
/// ones, unless there are this many: then the heap takes it.
const SORTED_MAX: usize = 48;
/// The width is looked at after so many events.
const EVENTS_PER_LOOK: u32 = 1 << 13;
const NONE: u32 = u32::MAX;

/// An event in a bucket, and the next one there.
#[derive(Clone, Copy, Debug)]
struct Node {
    key: u128,
    next: u32,
}

/// The future event list.
#[derive(Debug)]
pub(super) struct EventQueue {
    /// What is due in the current bucket or before it, the next one last.
    sorted: Vec<u128>,
    /// The first event of each bucket after the current one.
    buckets: Vec<u32>,
    /// Which buckets have one.
    occupied: [u64; WORDS],
    nodes: Vec<Node>,
    free_node: u32,
    /// Number of the current bucket, counted from time 0.
    current: u64,
    /// A bucket is 2^shift nanoseconds wide.
    shift: u32,
    /// What lies beyond the calendar; and what found no place among the sorted.
    beyond: BinaryHeap<Reverse<u128>>,
    len: usize,
    pops: u32,
    looked_at: u64,
}

impl Default for EventQueue {
    fn default() -> EventQueue {
        EventQueue {
            sorted: Vec::with_capacity(SORTED_MAX),
            buckets: vec![NONE; BUCKETS],
            occupied: [0; WORDS],
            nodes: Vec::new(),
            free_node: NONE,
            current: 0,
            shift: 13,
            beyond: BinaryHeap::new(),
            len: 0,
            pops: 0,
            looked_at: 0,
        }
    }
}

impl EventQueue {
    /// Enters an event.
    #[inline]
    pub(super) fn push(&mut self, event: Event) {
        self.len += 1;
        self.place(event.pack());
    }

    /// The time of the next event, [`Time::NEVER`] if there is none.
    #[inline]
    pub(super) fn next_at(&mut self) -> Time {
        if self.sorted.is_empty() {
            self.turn();
        }
        let key = match (self.sorted.last(), self.beyond.peek()) {
            (Some(near), Some(Reverse(far))) => *near.min(far),
            (Some(key), None) | (None, Some(Reverse(key))) => *key,
            (None, None) => return Time::NEVER,
        };
        Time((key >> 64) as u64)
    }

    /// Takes the next event.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Event> {
        if self.sorted.is_empty() {
            self.turn();
        }
        let key = match (self.sorted.last(), self.beyond.peek()) {
            (near, Some(Reverse(far))) if near.is_none_or(|near| far < near) => {
                self.beyond.pop().map(|Reverse(key)| key)
            }
            _ => self.sorted.pop(),
        }?;
        self.len -= 1;
        self.pops += 1;
        if self.pops == EVENTS_PER_LOOK {
            self.fit((key >> 64) as u64);
        }
        Some(Event::unpack(key))
    }

    /// Number of events.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn place(&mut self, key: u128) {
        let bucket = (key >> 64) as u64 >> self.shift;
        if bucket <= self.current {
            self.place_sorted(key);
        } else if bucket - self.current < BUCKETS as u64 {
            let index = bucket as usize % BUCKETS;
            let next = std::mem::replace(&mut self.buckets[index], self.free_node);
            self.occupied[index / 64] |= 1 << (index % 64);
            if self.free_node == NONE {
                self.buckets[index] = self.nodes.len() as u32;
                self.nodes.push(Node { key, next });
            } else {
                let node = &mut self.nodes[self.free_node as usize];
                self.free_node = node.next;
                *node = Node { key, next };
            }
        } else {
            self.beyond.push(Reverse(key));
        }
    }

    #[inline]
    fn place_sorted(&mut self, key: u128) {
        if self.sorted.len() >= SORTED_MAX {
            self.beyond.push(Reverse(key));
            return;
        }
        let later = self.sorted.iter().rev().take_while(|other| **other < key).count();
        self.sorted.insert(self.sorted.len() - later, key);
    }

    /// Goes on to the next bucket that has an event, and sorts it.
    fn turn(&mut self) {
        let Some(bucket) = self.next_occupied() else {
            // An empty calendar is moved to wherever the next event is.
            if let Some(Reverse(key)) = self.beyond.peek() {
                self.current = self.current.max((key >> 64) as u64 >> self.shift);
            }
            return;
        };
        self.current = bucket;
        let index = bucket as usize % BUCKETS;
        self.occupied[index / 64] &= !(1 << (index % 64));
        let mut next = std::mem::replace(&mut self.buckets[index], NONE);
        while next != NONE {
            let node = &mut self.nodes[next as usize];
            self.sorted.push(node.key);
            (node.next, self.free_node, next) = (self.free_node, next, node.next);
        }
        if self.sorted.len() > 1 {
            self.sorted.sort_unstable_by(|one, other| other.cmp(one));
        }
    }

    /// The number of the first bucket after the current one that has an event.
    #[inline]
    fn next_occupied(&self) -> Option<u64> {
        let from = (self.current + 1) as usize % BUCKETS;
        let first = self.occupied[from / 64] & (!0 << (from % 64));
        let mut word = from / 64;
        let mut bits = first;
        // The word one starts in comes up again at the end, for its lower half.
        for _ in 0..=WORDS {
            if bits != 0 {
                let index = word * 64 + bits.trailing_zeros() as usize;
                let distance = (index + BUCKETS - from) % BUCKETS;
                return Some(self.current + 1 + distance as u64);
            }
            word = (word + 1) % WORDS;
            bits = self.occupied[word];
        }
        None
    }

    /// Makes the buckets as wide as the run's events are apart, or wider if many are pending, so
    /// that most of them fit into the calendar.
    #[cold]
    fn fit(&mut self, now: u64) {
        let gap = now.saturating_sub(self.looked_at) / u64::from(self.pops);
        (self.looked_at, self.pops) = (now, 0);
        let width = gap.saturating_mul((self.len as u64 / (BUCKETS as u64 / 4)).max(1));
        let shift = width.max(1).ilog2();
        if shift.abs_diff(self.shift) <= 1 {
            return;
        }
        let mut keys = std::mem::take(&mut self.sorted);
        for index in 0..BUCKETS {
            let mut next = std::mem::replace(&mut self.buckets[index], NONE);
            while next != NONE {
                let node = self.nodes[next as usize];
                keys.push(node.key);
                next = node.next;
            }
        }
        self.nodes.clear();
        self.free_node = NONE;
        self.occupied = [0; WORDS];
        keys.extend(self.beyond.drain().map(|Reverse(key)| key));
        self.shift = shift;
        self.current = now >> shift;
        for key in keys {
            self.place(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Times that are near, in another bucket, beyond the calendar, and equal.
    fn time() -> impl Strategy<Value = u64> {
        prop_oneof![0..50u64, 0..100_000u64, 0..60_000_000u64, (0..9u64).prop_map(|n| n << 24)]
    }

    proptest! {
        #[test]
        fn events_come_out_in_order_however_they_went_in(
            steps in prop::collection::vec(prop::option::of((time(), 0..4u64, 0..4u32)), 1..600),
        ) {
            let mut queue = EventQueue::default();
            let mut model = std::collections::BTreeSet::new();
            for step in steps {
                match step {
                    Some((at, order, slot)) => {
                        if model.insert((at, order, slot)) {
                            queue.push(Event { at: Time(at), order, slot });
                        }
                    }
                    None => {
                        let popped = queue.pop().map(|event| (event.at.0, event.order, event.slot));
                        prop_assert_eq!(popped, model.pop_first());
                    }
                }
                prop_assert_eq!(queue.len(), model.len());
                let next = model.first().map_or(Time::NEVER, |(at, ..)| Time(*at));
                prop_assert_eq!(queue.next_at(), next);
            }
        }

        #[test]
        fn events_stay_in_order_when_the_width_changes(
            gaps in prop::collection::vec((1..40u32, 0..30_000u64), 3..8),
            pending in 1..3_000usize,
        ) {
            let mut queue = EventQueue::default();
            let mut model = std::collections::BTreeSet::new();
            let mut slot = 0;
            let mut last = (0, 0);
            for (spread, gap) in gaps {
                for step in 0..EVENTS_PER_LOOK {
                    while model.len() < pending {
                        slot = (slot + 1) % 100_000;
                        let at = last.0 + u64::from(slot * 7_919 % 101) * gap * u64::from(spread);
                        if model.insert((at, slot)) {
                            queue.push(Event { at: Time(at), order: 0, slot });
                        }
                    }
                    let popped = queue.pop().map(|event| (event.at.0, event.slot));
                    prop_assert_eq!(popped, model.pop_first(), "step {}", step);
                    last = popped.unwrap_or(last);
                }
            }
        }
    }
}
