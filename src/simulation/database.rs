//! Operations at the database: waiting for a connection, snapshots, commits, and the replicas that
//! follow.

use super::kernel::{Kernel, Wake};
use super::operations::{DRAWS_DATABASE, LEG_BACK, LEG_SERVICE};
use super::records::Judgement;
use super::slot::{Pending, Role};
use crate::observation::{Observer, Service, What};
use crate::op::{Fault, Key, Op, Reply, Row, Source};
use crate::random::OperationRng;
use crate::strategy::Authority;
use crate::time::{Span, Time};
use crate::world::Snapshot;

/// Draws on behalf of replicas applying a commit.
const DRAWS_REPLICAS: u32 = 2;

impl<O: Observer> Kernel<'_, O> {
    /// The operation reaches the database: it starts, or waits for a connection.
    pub(super) fn reach_database(&mut self, slot: u32, now: Time) {
        let it = &mut self.slots[slot];
        if it.lost {
            let op = it.op;
            self.tell(slot, now, What::Lost(op));
            let it = &mut self.slots[slot];
            let back = self.links.db_link.sample(&mut it.draws(DRAWS_DATABASE, LEG_BACK));
            if it.detached {
                // Its task learns by the timeout.
                self.end_detached(slot);
            } else {
                it.reply = Reply::Fault(Fault::Unavailable);
                self.schedule(slot, Pending::Reply, now + back);
            }
            return;
        }
        it.pending = Pending::AtDatabase;
        // Until its service is scheduled, no event of this slot is due.
        it.due = Time::NEVER;
        // The instant is kept to measure the wait; the task's own time is not needed meanwhile.
        it.at = now;
        if self.stations[it.station as usize].arrive(slot) {
            self.start_service(slot, now);
        }
    }

    fn start_service(&mut self, slot: u32, now: Time) {
        let it = &mut self.slots[slot];
        let write = matches!(it.op, Op::DbWrite(_) | Op::DbApply(..));
        let service = if write { &self.links.db_write } else { &self.links.db_read };
        let ended = now + service.sample(&mut it.draws(DRAWS_DATABASE, LEG_SERVICE));
        let (arrived, primary) = (it.at, it.station == 0);
        self.observer.database_served(&Service { arrived, started: now, ended, write, primary });
        if !write && self.snapshot == Snapshot::Start {
            self.take_snapshot(slot, now);
        }
        self.schedule(slot, Pending::AtDatabase, ended);
    }

    fn take_snapshot(&mut self, slot: u32, now: Time) {
        let it = &self.slots[slot];
        let mut row = match it.station {
            0 => Row::new(self.database.version(it.key)),
            replica => self.database.read_replica(now, it.key, replica as usize - 1),
        };
        let behind = self.database.version(it.key) < self.truth.newest(it.key);
        if behind && row.source == Source::Authority {
            row.source = Source::UnflushedDatabase;
        }
        self.took_effect(slot, now, Reply::Row(Some(row)));
        let it = &self.slots[slot];
        let (station, counts) =
            (it.station, it.role == Role::Read && self.observer.measures(it.began));
        if let Some(judgement) = self.truth.judge_database(station, it.key, row, it.began, counts) {
            self.remember(slot, judgement);
            self.slots.hold_old(slot);
        }
    }

    pub(super) fn remember(&mut self, slot: u32, judgement: Judgement) {
        if judgement.new_episode {
            self.observer.episode();
        }
        self.slots.remember(slot, judgement);
    }

    /// The operation's service at the database ends: it takes effect, and the next one starts.
    pub(super) fn serve_at_database(&mut self, slot: u32, now: Time) -> Option<Wake> {
        let it = &self.slots[slot];
        let station = it.station as usize;
        match it.op {
            Op::DbWrite(key) => self.commit(slot, now, key),
            Op::DbApply(key, row) => self.apply_row(slot, now, key, row),
            _ if self.snapshot == Snapshot::End => self.take_snapshot(slot, now),
            _ => {}
        }
        if let Some(next) = self.stations[station].leave() {
            self.start_service(next, now);
        }
        let it = &self.slots[slot];
        let back = self.links.db_link.sample(&mut it.draws(DRAWS_DATABASE, LEG_BACK));
        self.replied(slot, it.reply, now, back)
    }

    fn commit(&mut self, slot: u32, now: Time, key: Key) {
        if let Some(conflict) = self.conflict(slot, key) {
            self.took_effect(slot, now, conflict);
            return;
        }
        let mut lag = self.replica_lags(slot);
        let row = self.database.commit(now, key, |replica| now + lag(replica));
        if self.traits.authority == Authority::Database {
            self.accept(slot, now, key);
        }
        self.took_effect(slot, now, Reply::Row(Some(row)));
    }

    fn took_effect(&mut self, slot: u32, now: Time, reply: Reply) {
        self.slots[slot].reply = reply;
        let op = self.slots[slot].op;
        self.tell(slot, now, What::Effect(op, reply));
    }

    fn apply_row(&mut self, slot: u32, now: Time, key: Key, row: Row) {
        let mut lag = self.replica_lags(slot);
        let numbered_at = self.truth.backlog.accepted_at(key, row.version).unwrap_or(now);
        self.database.apply(now, numbered_at, key, row.version, |replica| now + lag(replica));
        self.truth.backlog.flush(key, row.version);
        self.took_effect(slot, now, Reply::Done);
    }

    fn replica_lags(&self, slot: u32) -> impl FnMut(usize) -> Span + use<O> {
        let (seed, calls) = (self.slots[slot].seed, self.slots[slot].db_calls);
        let sampler = self.links.replica_lag;
        move |replica| {
            sampler.sample(&mut OperationRng::new(seed, DRAWS_REPLICAS, calls, replica as u32))
        }
    }

    /// What a compare-and-write that finds another version is told; `None` if it may go ahead.
    pub(super) fn conflict(&self, slot: u32, key: Key) -> Option<Reply> {
        match self.slots[slot].role {
            Role::Act { expected, .. } if expected != self.truth.newest(key) => {
                Some(Reply::Fault(Fault::Conflict))
            }
            _ => None,
        }
    }
}
