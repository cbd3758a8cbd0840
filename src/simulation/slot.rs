//! The slots of a run: everything that has a pending event has one, and is reused.
//!
//! A slot holds a task with the operation it waits for; or an operation whose task has stopped
//! waiting; or a client that thinks; or a scheduled fault.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::records::{Fate, Judgement, Write};
use crate::op::{Call, Job, Key, Op, Reply, Version};
use crate::time::Time;

/// What a slot's pending event means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pending {
    /// Nothing: the slot is free.
    #[default]
    Nothing,
    /// The operation takes effect at the cache.
    AtCache,
    /// The operation reaches the database.
    ToDatabase,
    /// The operation's service at the database ends, or it waits there for a connection.
    AtDatabase,
    /// The reply (or the news that there is none) reaches the task.
    Reply,
    /// The task starts (again), or its job does.
    Start,
    /// The client has thought and asks again.
    Client,
    /// The client takes the next step of its journey.
    Journey,
    /// The fault of this number strikes.
    Fault,
}

/// Whom a task serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// A client's read.
    #[default]
    Read,
    /// A client's write.
    Write,
    /// A journey's act: a write if the row still has the version that was seen.
    Act {
        /// The version that was seen.
        expected: Version,
        /// Whether it was already old when it was read.
        superseded: bool,
    },
    /// Nobody: a job.
    Job(Job),
}

impl Role {
    /// Whether what the task stores in the cache comes from a writer.
    pub(super) const fn writes(self) -> bool {
        matches!(self, Role::Write | Role::Act { .. } | Role::Job(_))
    }
}

/// A slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// When its event is due; an event at any other time is one that was called off.
    pub(super) due: Time,
    /// Breaks ties between events; see [`super::order`].
    pub(super) order: u64,
    /// The task's own time: when it asked for its operation, or got its last reply. While the
    /// operation is at the database: when it reached it.
    pub(super) at: Time,
    /// When the request was invoked.
    pub(super) began: Time,
    /// From then on the task may not start over, nor a job ask for another.
    pub(super) gives_up: Time,
    /// What everything drawn on behalf of the request derives from.
    pub(super) seed: u64,
    pub(super) op: Op,
    pub(super) reply: Reply,
    pub(super) key: Key,
    pub(super) client: u32,
    /// How many operations were asked of the cache and the database so far: their draws.
    pub(super) cache_calls: u32,
    pub(super) db_calls: u32,
    /// How many jobs were asked for.
    pub(super) jobs: u32,
    /// How often the task was started over; of a job that a job asked for, that one included.
    pub(super) restarts: u32,
    pub(super) parent: u32,
    /// The detached operation this task waits for.
    pub(super) child: u32,
    /// How many detached operations of this task are on their way.
    pub(super) children: u32,
    /// Which station serves the operation: 0 is the primary.
    pub(super) station: u32,
    pub(super) role: Role,
    pub(super) pending: Pending,
    /// The client has its answer, or is not waiting for one.
    pub(super) answered: bool,
    /// The operation will not take effect.
    pub(super) lost: bool,
    /// What became of the first change to the cache that the task asked for before its write was
    /// accepted.
    pub(super) early: Fate,
    /// The request is the next step of a journey, and starts none itself.
    pub(super) follow_up: bool,
    /// The operation's task is another slot (`parent`), or gone.
    pub(super) detached: bool,
    /// Whether the task received a row that was old, so that there are judgements.
    pub(super) judged: bool,
    /// Whether that row is still on its way, or in the task's hands.
    pub(super) holds_old: bool,
    /// The accepted write of this task.
    pub(super) write: Option<Write>,
}

/// No slot.
pub(super) const NO_SLOT: u32 = u32::MAX;

impl Slot {
    pub(super) const FREE: Slot = Slot {
        due: Time::NEVER,
        order: 0,
        at: Time::ZERO,
        began: Time::ZERO,
        gives_up: Time::NEVER,
        seed: 0,
        op: Op::CacheGet(Key(0)),
        reply: Reply::Done,
        key: Key(0),
        client: 0,
        cache_calls: 0,
        db_calls: 0,
        jobs: 0,
        restarts: 0,
        parent: NO_SLOT,
        child: NO_SLOT,
        children: 0,
        station: 0,
        role: Role::Read,
        pending: Pending::Nothing,
        answered: false,
        lost: false,
        early: Fate::Open,
        follow_up: false,
        detached: false,
        judged: false,
        holds_old: false,
        write: None,
    };

    /// Whether a task lives here, or an operation of one: something that may hold an old row.
    pub(super) const fn is_work(&self) -> bool {
        !matches!(
            self.pending,
            Pending::Nothing | Pending::Client | Pending::Journey | Pending::Fault
        )
    }

    /// The call that starts the task.
    #[inline]
    pub(super) const fn call(&self) -> Call {
        match self.role {
            Role::Read => Call::Read(self.key),
            Role::Write | Role::Act { .. } => Call::Write(self.key),
            Role::Job(job) => Call::Job(self.key, job),
        }
    }
}

/// The rows that a task received and that were old by then: the last, and the last before it of
/// another version.
type Judgements = [Option<Judgement>; 2];

/// All slots of a run.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    /// Apart, since most tasks never receive an old row.
    judgements: Vec<Judgements>,
    /// How many slots hold an old row of a key.
    old_rows: FxHashMap<u32, u32>,
    free: Vec<u32>,
}

impl Slots {
    /// Puts something into a free slot.
    #[inline]
    pub(super) fn put(&mut self, content: Slot) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = content;
            return slot;
        }
        self.slots.push(content);
        self.judgements.push([None; 2]);
        (self.slots.len() - 1) as u32
    }

    /// Gives a slot back.
    #[inline]
    pub(super) fn free(&mut self, slot: u32) {
        let it = &mut self.slots[slot as usize];
        it.pending = Pending::Nothing;
        it.due = Time::NEVER;
        it.order = 0;
        if it.holds_old {
            let key = it.key;
            self.let_go(key);
        }
        self.free.push(slot);
    }

    /// Remembers a row that was old when the task received it.
    pub(super) fn remember(&mut self, slot: u32, judgement: Judgement) {
        let first = !std::mem::replace(&mut self[slot].judged, true);
        let [last, earlier] = &mut self.judgements[slot as usize];
        if first {
            (*last, *earlier) = (None, None);
        }
        if last.is_some_and(|last| last.version != judgement.version) {
            *earlier = *last;
        }
        *last = Some(judgement);
    }

    /// What was known about a row of this version when the task received it; `None` if it was
    /// the newest then.
    #[inline]
    pub(super) fn judged(&self, slot: u32, version: Version) -> Option<&Judgement> {
        if !self[slot].judged {
            return None;
        }
        let of_version = |judgement: &&Judgement| judgement.version == version;
        self.judgements[slot as usize].iter().flatten().find(of_version)
    }

    /// The old rows that tasks at work have received, with their keys.
    pub(super) fn judgements_mut(&mut self) -> impl Iterator<Item = (Key, &mut Judgement)> {
        let judged = self.slots.iter().zip(&mut self.judgements);
        let judged = judged.filter(|(slot, _)| slot.judged && slot.is_work());
        judged.flat_map(|(slot, rows)| rows.iter_mut().flatten().map(|row| (slot.key, row)))
    }

    /// Notes that an old row outlives the instant at which it was given out, if there is one.
    #[inline]
    pub(super) fn hold_old(&mut self, slot: u32) {
        let it = &mut self.slots[slot as usize];
        if it.judged && !std::mem::replace(&mut it.holds_old, true) {
            *self.old_rows.entry(it.key.0).or_default() += 1;
        }
    }

    fn let_go(&mut self, key: Key) {
        if let Entry::Occupied(mut count) = self.old_rows.entry(key.0) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// Whether a task, or an operation on its way, may hold an old row of this key.
    #[inline]
    pub(super) fn old_row_held(&self, key: Key) -> bool {
        !self.old_rows.is_empty() && self.old_rows.contains_key(&key.0)
    }

    /// A task takes over what was known about the rows of its operation.
    pub(super) fn hand_over(&mut self, from: u32, to: u32) {
        self[to].judged = self[from].judged;
        self.judgements[to as usize] = self.judgements[from as usize];
        if self[from].holds_old {
            self.hold_old(to);
        }
    }

    /// All slots, free ones included.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter()
    }

    /// Number of slots, free ones included.
    pub(super) fn len(&self) -> u32 {
        self.slots.len() as u32
    }
}

impl std::ops::Index<u32> for Slots {
    type Output = Slot;
    #[inline]
    fn index(&self, slot: u32) -> &Slot {
        &self.slots[slot as usize]
    }
}

impl std::ops::IndexMut<u32> for Slots {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut Slot {
        &mut self.slots[slot as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_stays_small() {
        assert!(size_of::<Slot>() <= 208, "{} bytes", size_of::<Slot>());
    }
}
