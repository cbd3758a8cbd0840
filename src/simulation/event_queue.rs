//! The future event list: a 4-ary heap of (time, order, slot), smallest first.
//!
//! An event is 16 bytes, and its order is total: by time; at one instant by the order number its
//! owner has (see [`super::order`]); then by slot. Nothing depends on *when* an event was
//! entered, so leaving events out does not reorder the rest.
//! The heap leaves its root open after a pop, since nearly every event enters another one.

use crate::time::Time;

/// Bits of an event's key that hold the slot.
const SLOT_BITS: u32 = 28;
const ARITY: usize = 4;

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
        let tie = self.order << SLOT_BITS | u64::from(self.slot);
        u128::from(self.at.0) << 64 | u128::from(tie)
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

/// The future event list.
#[derive(Debug, Default)]
pub(super) struct EventQueue {
    heap: Vec<u128>,
    /// Whether the root was popped and not filled yet.
    open: bool,
}

impl EventQueue {
    /// The time of the next event, [`Time::NEVER`] if there is none.
    #[inline]
    pub(super) fn next_at(&mut self) -> Time {
        self.close();
        self.heap.first().map_or(Time::NEVER, |key| Time((key >> 64) as u64))
    }

    /// Enters an event.
    #[inline]
    pub(super) fn push(&mut self, event: Event) {
        let key = event.pack();
        if self.open {
            self.open = false;
            self.sink(key);
        } else {
            self.heap.push(key);
            self.rise();
        }
    }

    /// Takes the next event.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Event> {
        self.close();
        let key = *self.heap.first()?;
        self.open = true;
        Some(Event::unpack(key))
    }

    /// Number of events.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.heap.len() - usize::from(self.open)
    }

    /// Fills an open root with the last entry.
    #[inline]
    fn close(&mut self) {
        if self.open {
            self.open = false;
            if let Some(last) = self.heap.pop()
                && !self.heap.is_empty()
            {
                self.sink(last);
            }
        }
    }

    /// Puts a key into the open root and moves it down to its place.
    #[inline]
    fn sink(&mut self, key: u128) {
        let heap = self.heap.as_mut_slice();
        let mut hole = 0;
        loop {
            let first = hole * ARITY + 1;
            let Some(children) = heap.get(first..heap.len().min(first + ARITY)) else {
                break;
            };
            let Some((offset, least)) = least_of(children) else {
                break;
            };
            if least >= key {
                break;
            }
            heap[hole] = least;
            hole = first + offset;
        }
        heap[hole] = key;
    }

    /// Moves the last entry up to its place.
    #[inline]
    fn rise(&mut self) {
        let heap = self.heap.as_mut_slice();
        let mut hole = heap.len() - 1;
        let key = heap[hole];
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if heap[parent] <= key {
                break;
            }
            heap[hole] = heap[parent];
            hole = parent;
        }
        heap[hole] = key;
    }
}

#[inline]
fn least_of(children: &[u128]) -> Option<(usize, u128)> {
    let mut best = (0, *children.first()?);
    for (offset, key) in children.iter().enumerate().skip(1) {
        if *key < best.1 {
            best = (offset, *key);
        }
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn events_come_out_in_order_however_they_went_in(
            steps in prop::collection::vec(prop::option::of((0..50u64, 0..4u64, 0..4u32)), 1..300),
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
    }
}
