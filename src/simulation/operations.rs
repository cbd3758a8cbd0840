//! Operations on their way: links, loss, timeouts, and what they do at the cache. What they do at
//! the database is in `database.rs`.
//!
//! Every draw belongs to (request, component, occurrence, leg), so it is the same in every
//! variant and however events are ordered or left out.

use super::kernel::{Kernel, Wake};
use super::order;
use super::records::Fate;
use super::slot::{NO_SLOT, Pending, Role, Slot};
use crate::observation::{Observer, What};
use crate::op::{Component, Fault, Key, Lease, Op, Reply, Row};
use crate::random::{OperationRng, Sampler, below};
use crate::strategy::Authority;
use crate::time::{Span, Time};
use crate::world::{Change, Effect, ReadsFrom, WorldConfig};
use rand::Rng;

/// Draws on behalf of cache operations.
pub(super) const DRAWS_CACHE: u32 = 0;
/// Draws on behalf of database operations.
pub(super) const DRAWS_DATABASE: u32 = 1;

const LEG_OUT: u32 = 0;
pub(super) const LEG_SERVICE: u32 = 1;
pub(super) const LEG_BACK: u32 = 2;
/// Which replica, or which victim.
const LEG_CHOICE: u32 = u32::MAX;

/// How long everything takes.
#[derive(Clone, Debug)]
pub(super) struct Links {
    cache_link: Sampler,
    cache_service: Sampler,
    cache_timeout: Span,
    pub(super) db_link: Sampler,
    pub(super) db_read: Sampler,
    pub(super) db_write: Sampler,
    db_timeout: Span,
    pub(super) replica_lag: Sampler,
}

impl Links {
    pub(super) fn new(world: &WorldConfig) -> Links {
        Links {
            cache_link: Sampler::new(&world.cache.link),
            cache_service: Sampler::new(&world.cache.service),
            cache_timeout: world.cache.timeout.unwrap_or(Span::FOREVER),
            db_link: Sampler::new(&world.database.link),
            db_read: Sampler::new(&world.database.read),
            db_write: Sampler::new(&world.database.write),
            db_timeout: world.database.timeout.unwrap_or(Span::FOREVER),
            replica_lag: Sampler::new(&world.database.replica_lag),
        }
    }
}

impl Slot {
    #[inline]
    pub(super) fn draws(&self, component: u32, leg: u32) -> OperationRng {
        let calls = if component == DRAWS_CACHE { self.cache_calls } else { self.db_calls };
        OperationRng::new(self.seed, component, calls, leg)
    }
}

impl<O: Observer> Kernel<'_, O> {
    /// A task asks for an operation: it sets out at the task's own time.
    #[inline]
    pub(super) fn send(&mut self, slot: u32, op: Op) {
        if self.slots[slot].judged {
            self.slots.hold_old(slot);
        }
        match op.component() {
            Component::Cache => self.send_to_cache(slot, op),
            Component::Database => self.send_to_database(slot, op),
            Component::Local => unreachable!("{} does not travel", op.name()),
        }
    }

    #[inline]
    fn send_to_cache(&mut self, slot: u32, op: Op) {
        let it = &mut self.slots[slot];
        it.op = op;
        it.cache_calls += 1;
        let out = self.links.cache_link.sample(&mut it.draws(DRAWS_CACHE, LEG_OUT));
        let service = self.links.cache_service.sample(&mut it.draws(DRAWS_CACHE, LEG_SERVICE));
        let effect_at = it.at + out + service;
        let (asked_at, calls) = (it.at, it.cache_calls);
        let lost = self.is_lost(&self.slots[slot], calls);
        self.slots[slot].lost = lost;
        if self.links.cache_timeout < Span::FOREVER {
            let it = &self.slots[slot];
            let back = self.links.cache_link.sample(&mut it.draws(DRAWS_CACHE, LEG_BACK));
            let deadline = asked_at + self.links.cache_timeout;
            if lost || effect_at + back > deadline {
                let child = self.detach_operation(slot);
                self.schedule(child, Pending::AtCache, effect_at);
                self.time_out(slot, deadline);
                return;
            }
        }
        self.schedule(slot, Pending::AtCache, effect_at);
    }

    fn send_to_database(&mut self, slot: u32, op: Op) {
        let it = &mut self.slots[slot];
        it.op = op;
        it.db_calls += 1;
        let out = self.links.db_link.sample(&mut it.draws(DRAWS_DATABASE, LEG_OUT));
        let to_replica = matches!(op, Op::DbRead(_)) && self.reads_from == ReadsFrom::Replica;
        let replicas = self.stations.len() as u64 - 1;
        it.station = if to_replica {
            1 + below(&mut it.draws(DRAWS_DATABASE, LEG_CHOICE), replicas) as u32
        } else {
            0
        };
        let (asked_at, calls) = (it.at, it.db_calls);
        self.slots[slot].lost = self.is_lost(&self.slots[slot], calls);
        if self.links.db_timeout < Span::FOREVER {
            let child = self.detach_operation(slot);
            self.schedule(child, Pending::ToDatabase, asked_at + out);
            self.slots[slot].child = child;
            self.time_out(slot, asked_at + self.links.db_timeout);
        } else {
            self.schedule(slot, Pending::ToDatabase, asked_at + out);
        }
    }

    /// Moves the operation a task just asked for into a slot of its own.
    fn detach_operation(&mut self, slot: u32) -> u32 {
        let it = self.slots[slot];
        let order = order::operation(it.order, it.cache_calls + it.db_calls);
        let operation = Slot {
            order,
            detached: true,
            parent: slot,
            child: NO_SLOT,
            children: 0,
            holds_old: false,
            ..it
        };
        let child = self.slots.put(operation);
        self.slots.hand_over(slot, child);
        let task = &mut self.slots[slot];
        task.lost = false;
        task.children += 1;
        child
    }

    fn time_out(&mut self, slot: u32, deadline: Time) {
        self.slots[slot].reply = Reply::Fault(Fault::Timeout);
        self.schedule(slot, Pending::Reply, deadline);
    }

    /// The operation takes effect at the cache.
    #[inline]
    pub(super) fn serve_at_cache(&mut self, slot: u32, now: Time) -> Option<Wake> {
        let it = &self.slots[slot];
        let back = self.links.cache_link.sample(&mut it.draws(DRAWS_CACHE, LEG_BACK));
        if it.lost {
            self.settle_writer(slot, Fate::Lost);
            let op = self.slots[slot].op;
            self.tell(slot, now, What::Lost(op));
            let reply = op.reply_if_lost();
            return self.replied(slot, reply, now, back);
        }
        self.observer.cache_served(now);
        let op = it.op;
        let effect = match op {
            Op::CacheAccept(key, ttl) => self.accept_at_cache(slot, now, key, ttl),
            op => {
                let entropy = self.entropy(slot);
                self.cache.apply(now, op, entropy)
            }
        };
        self.note_effect(slot, op, &effect);
        self.tell(slot, now, What::Effect(op, effect.reply));
        let reply = match effect.reply {
            Reply::Row(Some(row)) | Reply::Lease(Lease::Hit(row)) => {
                self.judge_cached(slot, row);
                effect.reply
            }
            reply => reply,
        };
        self.replied(slot, reply, now, back)
    }

    #[inline]
    fn judge_cached(&mut self, slot: u32, row: Row) {
        let it = &self.slots[slot];
        let counts = it.role == Role::Read && self.observer.measures(it.began);
        if let Some(judgement) = self.truth.judge_cached(it.key, row, it.began, self.now, counts) {
            self.remember(slot, judgement);
        }
    }

    fn entropy(&self, slot: u32) -> u64 {
        if self.evicts_at_random {
            self.slots[slot].draws(DRAWS_CACHE, LEG_CHOICE).next_u64()
        } else {
            0
        }
    }

    fn accept_at_cache(&mut self, slot: u32, now: Time, key: Key, ttl: Span) -> Effect {
        if let Some(reply) = self.conflict(slot, key) {
            return Effect { reply, change: Change::None, evicted: None };
        }
        self.accept(slot, now, key);
        let row = Row::new(self.truth.newest(key));
        let entropy = self.entropy(slot);
        self.cache.store(now, key, row, ttl, entropy, Reply::Row(Some(row)))
    }

    /// Tells the ground truth what a cache operation did.
    #[inline]
    fn note_effect(&mut self, slot: u32, op: Op, effect: &Effect) {
        if let Some(evicted) = effect.evicted {
            self.truth.removed(evicted);
            self.observer.dropped(Some(evicted), self.now.0);
        }
        let it = &self.slots[slot];
        match effect.change {
            Change::None => {}
            Change::Removed => self.truth.removed(it.key),
            Change::Stored(row) => {
                let judged = self.slots.judged(slot, row.version);
                self.truth.stored(it.key, row, it.role.writes(), judged);
            }
        }
        if it.role.writes() && op.changes_cache() {
            self.settle_writer(slot, Fate::Landed);
            self.owner(slot).early = Fate::Landed;
        }
    }

    fn settle_writer(&mut self, slot: u32, fate: Fate) {
        let it = &self.slots[slot];
        if !it.op.changes_cache() {
            return;
        }
        match it.write {
            Some(write) => self.truth.settle(write, fate, self.now),
            None if it.role.writes() => {
                let owner = self.owner(slot);
                if owner.early == Fate::Open {
                    owner.early = fate;
                }
            }
            None => {}
        }
    }

    /// The slot of the task an operation belongs to, or its own if that task is gone.
    fn owner(&mut self, slot: u32) -> &mut Slot {
        let it = &self.slots[slot];
        if it.detached
            && it.parent != NO_SLOT
            && self.slots[it.parent].order == order::task_of(it.order)
        {
            let parent = it.parent;
            return &mut self.slots[parent];
        }
        &mut self.slots[slot]
    }

    /// The authority accepts the write of a slot's task.
    pub(super) fn accept(&mut self, slot: u32, now: Time, key: Key) {
        let cached = self.cache.peek(key);
        let it = self.slots[slot];
        let owner = self.owner(slot);
        let (early, gone) = (owner.early, it.detached && owner.detached);
        let write = self.truth.accept(now, key, cached, early, gone);
        self.observer.accepted(key, self.truth.newest(key), now);
        self.owner(slot).write = Some(write);
        self.slots[slot].write = Some(write);
        if self.traits.authority == Authority::Cache {
            self.truth.backlog.defer(now, write);
        }
        if self.truth.wants_pruning() {
            self.prune(now);
        }
    }

    /// An operation's reply is determined and sets out on its way back.
    #[inline]
    pub(super) fn replied(
        &mut self,
        slot: u32,
        reply: Reply,
        now: Time,
        back: Span,
    ) -> Option<Wake> {
        let arrives = now + back;
        let it = &self.slots[slot];
        let task = if it.detached {
            let task = self.waiting_parent(slot, arrives);
            self.end_detached(slot);
            task?
        } else {
            slot
        };
        // A task with another operation on its way must not end before its time: what that
        // operation does depends on whether the task is still there.
        let waits = self.every_step || arrives >= self.next_crash;
        if waits || self.slots[task].children > 0 {
            self.slots[task].reply = reply;
            self.slots.hold_old(task);
            self.schedule(task, Pending::Reply, arrives);
            return None;
        }
        let it = &mut self.slots[task];
        it.at = arrives;
        Some(Wake { slot: task, reply: Some(reply) })
    }

    /// A detached operation is over.
    pub(super) fn end_detached(&mut self, slot: u32) {
        let it = &self.slots[slot];
        let (parent, order) = (it.parent, order::task_of(it.order));
        if parent != NO_SLOT && self.slots[parent].order == order {
            self.slots[parent].children -= 1;
        }
        self.slots.free(slot);
    }

    /// The task that waits for a detached operation and will not have given up by `arrives`.
    fn waiting_parent(&mut self, slot: u32, arrives: Time) -> Option<u32> {
        let it = self.slots[slot];
        if it.parent == NO_SLOT {
            return None;
        }
        let parent = &mut self.slots[it.parent];
        if parent.order != order::task_of(it.order) || parent.child != slot || arrives > parent.due
        {
            return None;
        }
        // The timeout is called off by giving the slot another event.
        parent.due = Time::NEVER;
        parent.child = NO_SLOT;
        self.slots.hand_over(slot, it.parent);
        Some(it.parent)
    }
}
