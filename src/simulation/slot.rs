//! The slots of a run: everything that has a pending event has one, and is reused.
//!
//! A slot holds a task with the operation it waits for; or an operation whose task has stopped
//! waiting; or a client that thinks; or a scheduled fault.

use super::truth::{Judgement, Write};
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
    /// Breaks ties between events; see [`super::event_queue`].
    pub(super) order: u64,
    pub(super) pending: Pending,
    pub(super) role: Role,
    /// The task's own time: when it asked for its operation, or got its last reply.
    pub(super) at: Time,
    /// When the request was invoked.
    pub(super) began: Time,
    /// What everything drawn on behalf of the request derives from.
    pub(super) seed: u64,
    pub(super) key: Key,
    pub(super) client: u32,
    pub(super) op: Op,
    pub(super) reply: Reply,
    /// How many operations were asked of the cache and the database so far: their draws.
    pub(super) cache_calls: u32,
    pub(super) db_calls: u32,
    /// How many jobs were asked for.
    pub(super) jobs: u32,
    /// How often the task was started over.
    pub(super) restarts: u32,
    /// The client has its answer, or is not waiting for one.
    pub(super) answered: bool,
    /// The operation will not take effect.
    pub(super) lost: bool,
    /// The task changed the cache before its write was accepted.
    pub(super) invalidated: bool,
    /// The request is the next step of a journey, and starts none itself.
    pub(super) follow_up: bool,
    /// The operation's task is another slot (`parent`), or gone.
    pub(super) detached: bool,
    pub(super) parent: u32,
    /// The detached operation this task waits for.
    pub(super) child: u32,
    /// Which station serves the operation: 0 is the primary.
    pub(super) station: u32,
    /// The accepted write of this task.
    pub(super) write: Option<Write>,
    /// What is known about the last row that was old when the task received it.
    pub(super) judgement: Option<Judgement>,
    /// The same for the one before, if it was another version.
    pub(super) earlier: Option<Judgement>,
}

/// No slot.
pub(super) const NO_SLOT: u32 = u32::MAX;

impl Slot {
    pub(super) const FREE: Slot = Slot {
        due: Time::NEVER,
        order: 0,
        pending: Pending::Nothing,
        role: Role::Read,
        at: Time::ZERO,
        began: Time::ZERO,
        seed: 0,
        key: Key(0),
        client: 0,
        op: Op::CacheGet(Key(0)),
        reply: Reply::Done,
        cache_calls: 0,
        db_calls: 0,
        jobs: 0,
        restarts: 0,
        answered: false,
        lost: false,
        invalidated: false,
        follow_up: false,
        detached: false,
        parent: NO_SLOT,
        child: NO_SLOT,
        station: 0,
        write: None,
        judgement: None,
        earlier: None,
    };

    /// Whether a task lives here, or an operation of one: something that may hold an old row.
    pub(super) const fn is_work(&self) -> bool {
        !matches!(
            self.pending,
            Pending::Nothing | Pending::Client | Pending::Journey | Pending::Fault
        )
    }

    /// The call that starts the task.
    pub(super) const fn call(&self) -> Call {
        match self.role {
            Role::Read => Call::Read(self.key),
            Role::Write | Role::Act { .. } => Call::Write(self.key),
            Role::Job(job) => Call::Job(self.key, job),
        }
    }

    /// Remembers a row that was old on receipt.
    pub(super) fn remember(&mut self, judgement: Judgement) {
        if let Some(last) = self.judgement
            && last.version != judgement.version
        {
            self.earlier = Some(last);
        }
        self.judgement = Some(judgement);
    }

    /// What was known about a row of this version on receipt; `None` if it was the newest.
    #[inline]
    pub(super) fn judged(&self, version: Version) -> Option<&Judgement> {
        let of_version = |judgement: &&Judgement| judgement.version == version;
        self.judgement.as_ref().filter(of_version).or(self.earlier.as_ref().filter(of_version))
    }
}

/// All slots of a run.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl Slots {
    /// Takes a slot, in the state [`Slot::FREE`].
    #[inline]
    pub(super) fn take(&mut self) -> u32 {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        self.slots.push(Slot::FREE);
        (self.slots.len() - 1) as u32
    }

    /// Gives a slot back.
    #[inline]
    pub(super) fn free(&mut self, slot: u32) {
        self.slots[slot as usize] = Slot::FREE;
        self.free.push(slot);
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
