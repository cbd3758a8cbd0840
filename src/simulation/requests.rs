//! Requests: how they end, and what the client does next.

use super::kernel::{Kernel, Wake};
use super::order;
use super::slot::{Pending, Role, Slot};
use crate::observation::{Answer, Observer, ReadFacts};
use crate::op::{Fault, Key, Outcome, Version};
use crate::random::OperationRng;
use crate::time::Time;
use crate::workload::Request;
use rand::Rng;

/// Draws on behalf of a journey.
const DRAWS_JOURNEY: u32 = 3;
const LEG_WHETHER: u32 = 0;
const LEG_THINK: u32 = 1;
const LEG_SEED: u32 = 2;

impl Role {
    /// The role of a request that arrives by itself.
    #[inline]
    pub(super) const fn of(write: bool) -> Role {
        if write { Role::Write } else { Role::Read }
    }
}

impl<O: Observer> Kernel<'_, O> {
    /// A request's outcome reaches its client, at the task's own time.
    #[inline]
    pub(super) fn answer(&mut self, slot: u32, outcome: Outcome) {
        let it = &mut self.slots[slot];
        it.answered = true;
        let (role, began, ended) = (it.role, it.began, it.at);
        let goes_on = match (role, outcome) {
            (Role::Job(_), _) => return,
            (Role::Read, Ok(row)) => self.read_ends(slot, row.version),
            (Role::Write | Role::Act { .. }, Ok(row)) => {
                if let Some(write) = it.write {
                    self.truth.acknowledge(write, ended);
                }
                let answer = self.answer_of(slot, row.version);
                self.observer.write(&answer, role != Role::Write);
                self.go_on(slot, Role::Read, false)
            }
            (Role::Act { superseded, .. }, Err(Fault::Conflict)) => {
                self.observer.act_refused(began, ended, superseded);
                false
            }
            (_, Err(_)) => {
                let act = matches!(role, Role::Act { .. });
                self.observer.failed(began, ended, act);
                false
            }
        };
        if !goes_on {
            let it = &self.slots[slot];
            self.client_thinks(it.client, ended, it.order);
        }
    }

    /// A request that will never be answered: its task was dropped.
    pub(super) fn request_failed(&mut self, slot: u32, now: Time) {
        let it = &mut self.slots[slot];
        it.at = it.at.max(now);
        self.answer(slot, Err(Fault::Unavailable));
    }

    #[inline]
    fn read_ends(&mut self, slot: u32, version: Version) -> bool {
        let it = &self.slots[slot];
        let judged = self.slots.judged(slot, version);
        let staleness = judged.and_then(|judgement| judgement.staleness);
        let asked = self.observer.asks_since_commit(it.client, it.began, staleness.is_some());
        let facts = ReadFacts {
            from_cache: it.db_calls == 0,
            staleness,
            dirty: version > self.truth.newest(it.key),
            since_commit: if asked { self.truth.since_commit(it.key, it.began) } else { None },
        };
        let answer = self.answer_of(slot, version);
        self.observer.read(&answer, &facts);
        if self.observer.remembers_much() {
            self.forget_sessions();
        }
        let role = Role::Act { expected: version, superseded: staleness.is_some() };
        self.go_on(slot, role, true)
    }

    #[inline]
    fn answer_of(&self, slot: u32, version: Version) -> Answer {
        let it = &self.slots[slot];
        Answer {
            request: order::parts(it.order).0,
            client: it.client,
            key: it.key,
            version,
            began: it.began,
            ended: it.at,
            older_copies: version > Version(0) && self.older_copies(it.key, version),
        }
    }

    /// Whether a copy of the key older than this version may be about: in the cache, in the
    /// hands of a task, or at a replica.
    #[inline]
    fn older_copies(&self, key: Key, version: Version) -> bool {
        self.cache.peek(key).is_some_and(|cached| cached < version)
            || self.truth.written_recently(key)
            || self.database.lags(key)
            || self.slots.old_row_held(key)
    }

    fn forget_sessions(&mut self) {
        let (cache, truth, database) = (&self.cache, &self.truth, &self.database);
        let slots = &self.slots;
        self.observer.forget(&mut |key, version| {
            cache.peek(key).is_some_and(|cached| cached < version)
                || truth.written_recently(key)
                || database.lags(key)
                || slots.old_row_held(key)
        });
    }

    /// Enters the next step of the client's journey, if this request has one. Says whether.
    #[inline]
    fn go_on(&mut self, slot: u32, role: Role, act: bool) -> bool {
        let Some(follow_up) = self.follow_up.as_ref() else {
            return false;
        };
        let it = &self.slots[slot];
        if it.follow_up || follow_up.act != act {
            return false;
        }
        let mut whether = OperationRng::new(it.seed, DRAWS_JOURNEY, 0, LEG_WHETHER);
        if !follow_up.share.sample(&mut whether) {
            return false;
        }
        let mut rng = OperationRng::new(it.seed, DRAWS_JOURNEY, 0, LEG_THINK);
        let due = it.at + follow_up.think.sample(&mut rng);
        let next = Slot {
            order: it.order,
            role,
            seed: OperationRng::new(it.seed, DRAWS_JOURNEY, 0, LEG_SEED).next_u64(),
            key: it.key,
            client: it.client,
            ..Slot::FREE
        };
        let slot = self.slots.put(next);
        self.schedule(slot, Pending::Journey, due);
        true
    }

    /// The client takes the next step of its journey, unless load has stopped.
    pub(super) fn journey_goes_on(&mut self, slot: u32, now: Time) -> Option<Wake> {
        let it = self.slots[slot];
        self.slots.free(slot);
        let request = Request {
            at: now,
            client: it.client,
            key: it.key,
            write: it.role != Role::Read,
            seed: it.seed,
        };
        (now < self.stop).then(|| self.begin(request, it.role, true))
    }

    /// A client of a closed loop thinks once its request, and its journey, are over.
    #[inline]
    pub(super) fn client_thinks(&mut self, client: u32, now: Time, order: u64) {
        let Some(due) = self.load.after_thinking(client, now) else {
            return;
        };
        let slot = self.slots.put(Slot { client, order, ..Slot::FREE });
        self.schedule(slot, Pending::Client, due);
    }

    /// A client of a closed loop asks again, unless load has stopped.
    pub(super) fn client_asks(&mut self, slot: u32, now: Time) -> Option<Wake> {
        let client = self.slots[slot].client;
        self.slots.free(slot);
        if now >= self.stop {
            return None;
        }
        let request = self.load.ask(client, now);
        Some(self.begin(request, Role::of(request.write), false))
    }
}
