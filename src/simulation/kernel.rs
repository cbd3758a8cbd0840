//! The kernel of a run: the event list, the slots and the world, and which of them comes next.
//!
//! It knows no strategy: tasks live with the caller, which resumes them and hands back what they
//! ask for.

use super::event_queue::{Event, EventQueue};
use super::faults::{Disturbance, DisturbanceKind};
use super::operations::Links;
use super::order;
use super::records::{Fate, Moment};
use super::slot::{NO_SLOT, Pending, Role, Slot, Slots};
use super::truth::Truth;
use super::{DRAIN_LIMIT, Setup, Stepping};
use crate::observation::{Aftermath, Observer, What};
use crate::op::{Call, Component, Fault, Job, Key, Op, Outcome, Reply};
use crate::random::{Bernoulli, OperationRng, Sampler, Streams};
use crate::strategy::Authority;
use crate::task::Next;
use crate::time::{Span, Time};
use crate::workload::{Journey, Load, Request, TraceError};
use crate::world::{Cache, Database, Eviction, ReadsFrom, Snapshot, Station};
use rand::Rng;

/// What the kernel has to know of a strategy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    pub(super) authority: Authority,
    pub(super) invalidates: bool,
}

/// A task that goes on: with a reply, or from its beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wake {
    pub(super) slot: u32,
    pub(super) reply: Option<Reply>,
}

/// The follow-up step of a journey.
#[derive(Clone, Debug)]
pub(super) struct FollowUp {
    pub(super) think: Sampler,
    pub(super) share: Bernoulli,
    pub(super) act: bool,
}

/// The state of a run.
#[derive(Debug)]
pub(super) struct Kernel<'a, O> {
    pub(super) queue: EventQueue,
    pub(super) slots: Slots,
    pub(super) cache: Cache,
    pub(super) database: Database,
    /// The primary's connections, then each replica's.
    pub(super) stations: Vec<Station>,
    pub(super) truth: Truth,
    pub(super) load: Load,
    pub(super) links: Links,
    pub(super) follow_up: Option<FollowUp>,
    pub(super) disturbances: Vec<Disturbance>,
    pub(super) observer: &'a mut O,
    /// The event that is being handled.
    pub(super) now: Moment,
    pub(super) traits: Traits,
    pub(super) snapshot: Snapshot,
    pub(super) reads_from: ReadsFrom,
    pub(super) evicts_at_random: bool,
    pub(super) server_count: u32,
    pub(super) stop: Time,
    /// Replies that arrive before this are handed over when they are determined.
    pub(super) next_crash: Time,
    pub(super) every_step: bool,
    /// Whether some disturbance loses operations.
    pub(super) loses: bool,
    requests: u64,
    /// Jobs that had to give up.
    jobs_left: u64,
}

/// A task that has asked so often to be started over has failed, in whatever time; and a job that
/// so many others led up to asks for no more.
const RESTARTS_MAX: u32 = 1_000_000;
/// Draws on behalf of jobs.
const DRAWS_JOBS: u32 = 4;

impl<'a, O: Observer> Kernel<'a, O> {
    pub(super) fn new(
        setup: &Setup,
        traits: Traits,
        streams: &Streams,
        observer: &'a mut O,
    ) -> Result<Kernel<'a, O>, TraceError> {
        let keys = setup.load.keys() as usize;
        let database = &setup.world.database;
        let stations = 1 + database.replicas as usize;
        let mut kernel = Kernel {
            queue: EventQueue::default(),
            slots: Slots::default(),
            cache: Cache::new(keys, &setup.world.cache),
            database: Database::new(keys, database.replicas),
            stations: vec![Station::new(database.connections); stations],
            truth: Truth::new(keys, traits.invalidates),
            load: setup.load.start(streams)?,
            links: Links::new(&setup.world),
            follow_up: follow_up(&setup.journey),
            disturbances: setup.disturbances.clone(),
            observer,
            now: (Time::ZERO, 0),
            traits,
            snapshot: database.snapshot,
            reads_from: database.reads_from,
            evicts_at_random: setup.world.cache.capacity.is_some()
                && setup.world.cache.eviction == Eviction::Random,
            server_count: setup.world.servers.count,
            stop: setup.stop,
            next_crash: Time::NEVER,
            every_step: setup.stepping == Stepping::EveryStep,
            loses: setup
                .disturbances
                .iter()
                .any(|d| matches!(d.kind, DisturbanceKind::Lose { .. })),
            requests: 0,
            jobs_left: 0,
        };
        kernel.schedule_disturbances();
        for client in 0..kernel.load.closed_clients() {
            let order = kernel.next_order();
            kernel.client_thinks(client, Time::ZERO, order);
        }
        Ok(kernel)
    }

    /// The next task to go on; `None` when load has stopped and everything has drained.
    #[inline]
    pub(super) fn next_wake(&mut self) -> Option<Wake> {
        loop {
            let arrival = self.load.next_at();
            if arrival < self.stop && arrival <= self.queue.next_at() {
                let request = self.load.take();
                return Some(self.begin(request, Role::of(request.write), false));
            }
            let event = self.queue.pop()?;
            if let Some(wake) = self.handle(event) {
                return Some(wake);
            }
        }
    }

    #[inline]
    fn handle(&mut self, event: Event) -> Option<Wake> {
        let slot = event.slot;
        let it = &self.slots[slot];
        if it.due != event.at || it.order != event.order {
            return None;
        }
        self.now = (event.at, event.order);
        let now = event.at;
        match it.pending {
            Pending::AtCache => self.serve_at_cache(slot, now),
            Pending::ToDatabase => {
                self.reach_database(slot, now);
                None
            }
            Pending::AtDatabase => self.serve_at_database(slot, now),
            Pending::Reply => {
                let it = &mut self.slots[slot];
                it.at = now;
                it.child = NO_SLOT;
                let (op, reply) = (it.op, it.reply);
                if reply == Reply::Fault(Fault::Timeout) {
                    self.tell(slot, now, What::GaveUp(op));
                }
                Some(Wake { slot, reply: Some(reply) })
            }
            Pending::Start => {
                self.slots[slot].at = now;
                Some(Wake { slot, reply: None })
            }
            Pending::Client => self.client_asks(slot, now),
            Pending::Journey => self.journey_goes_on(slot, now),
            Pending::Fault => {
                self.strike(slot, now);
                None
            }
            Pending::Nothing => None,
        }
    }

    /// The call that starts the task in a slot.
    #[inline]
    pub(super) fn call(&self, slot: u32) -> Call {
        self.slots[slot].call()
    }

    /// Takes what a task does next. Returns the reply, if it is there at once.
    #[inline]
    pub(super) fn advance(&mut self, slot: u32, next: Next) -> Option<Reply> {
        match next {
            Next::Op(op) => match op.component() {
                Component::Cache | Component::Database => {
                    self.send(slot, op);
                    None
                }
                Component::Local => Some(self.serve_locally(slot, op)),
            },
            Next::Done(Err(Fault::Retry { after })) if self.may_restart(slot, after) => {
                let it = &mut self.slots[slot];
                it.restarts += 1;
                let again = it.at + after.max(Span(1));
                self.schedule(slot, Pending::Start, again);
                None
            }
            Next::Done(outcome) => {
                let it = &self.slots[slot];
                if let (Role::Job(_), Err(Fault::Retry { .. })) = (it.role, outcome) {
                    self.jobs_left += 1;
                }
                self.task_ends(slot, outcome);
                None
            }
        }
    }

    /// Whether a task may go on that asks to after so long: to be started over, or, being a job,
    /// with another job.
    fn may_restart(&self, slot: u32, after: Span) -> bool {
        let it = &self.slots[slot];
        it.restarts < RESTARTS_MAX && it.at + after.max(Span(1)) <= it.gives_up
    }

    fn serve_locally(&mut self, slot: u32, op: Op) -> Reply {
        match op {
            Op::ClientReply(row) => {
                if !self.slots[slot].answered {
                    self.answer(slot, Ok(row));
                }
            }
            Op::JobAfter(key, job, delay) => self.enter_job(slot, key, job, delay),
            other => unreachable!("{} travels", other.name()),
        }
        Reply::Done
    }

    fn enter_job(&mut self, slot: u32, key: Key, job: Job, delay: Span) {
        let again = matches!(self.slots[slot].role, Role::Job(_));
        if again && !self.may_restart(slot, delay) {
            self.jobs_left += 1;
            return;
        }
        let parent = &mut self.slots[slot];
        parent.jobs += 1;
        let due = parent.at + delay;
        let task = Slot {
            order: order::job(parent.order, parent.jobs),
            role: Role::Job(job),
            // Its row may be as old as the request that brought it.
            began: if job.row.is_some() { parent.began } else { due },
            gives_up: if again { parent.gives_up } else { due.max(self.stop) + DRAIN_LIMIT },
            restarts: if again { parent.restarts + 1 } else { 0 },
            seed: OperationRng::new(parent.seed, DRAWS_JOBS, parent.jobs, 0).next_u64(),
            key,
            client: parent.client,
            answered: true,
            write: parent.write,
            ..Slot::FREE
        };
        let same_key = parent.key == key;
        let child = self.slots.put(task);
        if job.row.is_some() && same_key {
            self.slots.hand_over(slot, child);
            self.slots.hold_old(child);
        }
        self.schedule(child, Pending::Start, due);
    }

    #[inline]
    fn task_ends(&mut self, slot: u32, outcome: Outcome) {
        if !self.slots[slot].answered {
            self.answer(slot, outcome);
        }
        let it = &self.slots[slot];
        if let Some(write) = it.write
            && it.jobs == 0
            && !self.may_yet_change_cache(slot)
        {
            let ends = (it.at, it.order);
            // Whoever fails has not come to telling the cache, or was not heard.
            let fate = if outcome.is_err() { Fate::Lost } else { Fate::Never };
            self.truth.settle(write, fate, ends);
        }
        self.slots.free(slot);
    }

    /// Whether an operation by which an ending task changes the cache is still on its way.
    fn may_yet_change_cache(&self, slot: u32) -> bool {
        let task = &self.slots[slot];
        let its =
            |it: &Slot| it.detached && it.parent == slot && order::task_of(it.order) == task.order;
        let lands = |it: &Slot| it.is_work() && its(it) && !it.lost && it.op.changes_cache();
        task.children > 0 && self.slots.iter().any(lands)
    }

    /// Enters a slot's event.
    #[inline]
    pub(super) fn schedule(&mut self, slot: u32, pending: Pending, at: Time) {
        let it = &mut self.slots[slot];
        it.pending = pending;
        it.due = at;
        self.queue.push(Event { at, order: it.order, slot });
    }

    /// The order number of the next request: what was asked first happens first.
    #[inline]
    pub(super) fn next_order(&mut self) -> u64 {
        self.requests += 1;
        order::request(self.requests)
    }

    /// Starts a request's task.
    #[inline]
    pub(super) fn begin(&mut self, request: Request, role: Role, follow_up: bool) -> Wake {
        let order = self.next_order();
        let slot = self.slots.put(Slot {
            order,
            pending: Pending::Start,
            role,
            at: request.at,
            began: request.at,
            gives_up: self.stop + DRAIN_LIMIT,
            seed: request.seed,
            key: request.key,
            client: request.client,
            follow_up,
            ..Slot::FREE
        });
        Wake { slot, reply: None }
    }

    /// Forgets commits that no request in progress can ask about any more.
    pub(super) fn prune(&mut self, now: Time) {
        let working = self.slots.iter().filter(|slot| slot.is_work());
        let oldest = working.map(|slot| slot.began).min().unwrap_or(now).min(now);
        let needed = oldest.min(self.database.oldest_unapplied(now));
        self.truth.prune(needed, self.slots.judgements_mut());
        self.observer.horizon(oldest);
    }

    /// What is left when everything has drained.
    ///
    /// # Errors
    /// If the load ended early.
    pub(super) fn finish(mut self) -> Result<Aftermath, TraceError> {
        self.load.failure()?;
        let stale = |(key, version): &(Key, _)| *version < self.truth.newest(*key);
        Ok(Aftermath {
            permanently_stale_keys: self.cache.unexpiring().filter(stale).count() as u64,
            lost_writes: self.truth.backlog.lost_writes(),
            jobs_left: self.jobs_left,
        })
    }
}

fn follow_up(journey: &Journey) -> Option<FollowUp> {
    let (think, share, act) = match journey {
        Journey::Independent => return None,
        Journey::EditThenView { think, share } => (think, *share, false),
        Journey::ViewThenAct { think, share } => (think, *share, true),
    };
    Some(FollowUp { think: Sampler::new(think), share: Bernoulli::new(share), act })
}
