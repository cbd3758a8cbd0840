//! Scheduled disturbances: what breaks, when, and what that does to tasks on the way.

use super::kernel::Kernel;
use super::records::Fate;
use super::slot::{Pending, Slot};
use crate::observation::{Observer, What};
use crate::op::{Component, OP_KINDS};
use crate::random::{Bernoulli, OperationRng};
use crate::time::Time;

/// Something that breaks at a time, and is whole again at another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disturbance {
    /// When it starts.
    pub at: Time,
    /// When it ends; for an instant one, the same.
    pub until: Time,
    /// What breaks.
    pub kind: DisturbanceKind,
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DisturbanceKind {
    /// The cache restarts, cold.
    CacheRestart,
    /// Operations of one kind (an index into [`OP_KINDS`]) are lost on their way, each with
    /// this probability. They have no effect. With a timeout the sender is told of it when that
    /// has passed. Without one it is told, after the usual time, what it cannot tell from the
    /// real answer: a miss of a `cache.get`, that a lock is taken, that anything else at the cache
    /// was done or accepted; only of a `cache.lease`, a `cache.accept` and all operations at the
    /// database that they are unavailable, since their answers cannot be made up.
    Lose {
        /// Which kind.
        operation: usize,
        /// Probability of each being lost.
        probability: f64,
    },
    /// Tasks and jobs on the first so many servers are dropped between two operations.
    ServerCrash {
        /// How many servers.
        servers: u32,
    },
}

/// The leg of an operation's draws that decides whether it is lost.
const LEG_LOST: u32 = 3;

impl<O: Observer> Kernel<'_, O> {
    /// Enters the instants at which something happens by itself into the event list.
    pub(super) fn schedule_disturbances(&mut self) {
        for index in 0..self.disturbances.len() {
            let disturbance = self.disturbances[index];
            if let DisturbanceKind::Lose { .. } = disturbance.kind {
                continue;
            }
            let order = super::order::disturbance(index);
            let slot = self.slots.put(Slot { order, client: index as u32, ..Slot::FREE });
            self.schedule(slot, Pending::Fault, disturbance.at);
        }
        self.find_next_crash(Time::ZERO);
    }

    pub(super) fn strike(&mut self, slot: u32, now: Time) {
        let disturbance = self.disturbances[self.slots[slot].client as usize];
        self.slots.free(slot);
        match disturbance.kind {
            DisturbanceKind::CacheRestart => {
                self.cache.restart();
                self.truth.cache_emptied();
                self.observer.dropped(None, now);
            }
            DisturbanceKind::ServerCrash { servers } => {
                self.crash(servers, now);
                self.find_next_crash(Time(now.0 + 1));
            }
            DisturbanceKind::Lose { .. } => {}
        }
    }

    /// Whether the operation this slot just asked for will be lost.
    #[inline]
    pub(super) fn is_lost(&self, slot: &Slot, occurrence: u32) -> bool {
        if !self.loses {
            return false;
        }
        let kind = slot.op.kind();
        self.disturbances.iter().enumerate().any(|(index, disturbance)| {
            let DisturbanceKind::Lose { operation, probability } = disturbance.kind else {
                return false;
            };
            if operation != kind || slot.at < disturbance.at || slot.at >= disturbance.until {
                return false;
            }
            let component = match OP_KINDS[kind].1 {
                Component::Database => super::operations::DRAWS_DATABASE,
                Component::Cache | Component::Local => super::operations::DRAWS_CACHE,
            };
            let leg = LEG_LOST + index as u32;
            let mut rng = OperationRng::new(slot.seed, component, occurrence, leg);
            Bernoulli::new(probability).sample(&mut rng)
        })
    }

    fn find_next_crash(&mut self, from: Time) {
        self.next_crash = self
            .disturbances
            .iter()
            .filter(|d| matches!(d.kind, DisturbanceKind::ServerCrash { .. }) && d.at >= from)
            .map(|d| d.at)
            .min()
            .unwrap_or(Time::NEVER);
    }

    /// Drops every task and job on servers `0..servers`. Operations on their way take effect.
    fn crash(&mut self, servers: u32, now: Time) {
        for slot in 0..self.slots.len() {
            let it = &self.slots[slot];
            let there = it.client % self.server_count < servers;
            if !there || !it.is_work() || it.detached {
                continue;
            }
            self.drop_task(slot, now);
        }
    }

    fn drop_task(&mut self, slot: u32, now: Time) {
        let it = self.slots[slot];
        self.tell(slot, now, What::Crashed);
        let on_the_way =
            matches!(it.pending, Pending::AtCache | Pending::ToDatabase | Pending::AtDatabase);
        if let Some(write) = it.write {
            let will_land = on_the_way && !it.lost && it.op.changes_cache();
            if !will_land {
                self.truth.settle(write, Fate::Lost, self.now);
            }
        }
        if !it.answered {
            self.request_failed(slot, now);
        }
        if on_the_way {
            self.slots[slot].detached = true;
        } else {
            self.slots.free(slot);
        }
    }
}
