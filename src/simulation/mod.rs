//! The load driver: many requests in virtual time.
//!
//! One loop: the kernel says which task goes on and with what reply, the task says what it
//! asks for next, the kernel decides when that takes effect. The kernel knows no strategy and
//! the strategy no time.
//!
//! A task is a function of its replies, so it is resumed at the instant its reply is
//! *determined*, not when the reply arrives: an operation's way back, the task's next step and
//! the next operation's way out become one event, and a cache hit costs one event in all. Where
//! something may come between (a server crash before the reply arrives), the reply's arrival is
//! an event of its own. [`Stepping::EveryStep`] makes it one always; the results are the same,
//! bit for bit, which is tested.
//!
//! Rejected: processes that own their behaviour (the strategy would be smeared over components),
//! wakers and a runtime (a driver must decide who moves next), per-event boxes.

mod backlog;
mod database;
mod deeds;
mod event_queue;
mod faults;
mod kernel;
mod operations;
mod order;
mod records;
mod requests;
mod slot;
mod truth;

use std::sync::atomic::{AtomicBool, Ordering};

pub use faults::{Disturbance, DisturbanceKind};

use self::kernel::Kernel;
use crate::observation::{Aftermath, Observer};
use crate::random::Streams;
use crate::strategy::{Strategy, serve};
use crate::task::{Mailbox, Next, Slab};
use crate::time::{Span, Time};
use crate::workload::{Journey, LoadPlan, TraceError, WorkloadConfig};
use crate::world::WorldConfig;

/// Everything one run needs besides a strategy and a seed.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What exists.
    pub world: WorldConfig,
    /// Who asks for what, and when.
    pub load: LoadPlan,
    /// What clients do besides single requests.
    pub journey: Journey,
    /// What breaks.
    pub disturbances: Vec<Disturbance>,
    /// When load stops. Whatever is in flight then drains, up to [`DRAIN_LIMIT`].
    pub stop: Time,
    /// How replies reach tasks.
    pub stepping: Stepping,
}

impl Setup {
    /// A load on a world in which nothing is broken, up to `stop`.
    ///
    /// # Errors
    /// If the load is a trace that cannot be read.
    pub fn undisturbed(
        world: WorldConfig,
        workload: &WorkloadConfig,
        stop: Time,
    ) -> Result<Setup, TraceError> {
        Ok(Setup {
            world,
            load: LoadPlan::new(workload)?,
            journey: workload.journey.clone(),
            disturbances: Vec::new(),
            stop,
            stepping: Stepping::Elided,
        })
    }
}

/// When a task is resumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stepping {
    /// When its reply is determined, wherever nothing can come between.
    #[default]
    Elided,
    /// When its reply arrives, by an event of its own. Slower, and the oracle for the other.
    EveryStep,
}

/// How long after load has stopped a request may still ask to be started over; after that it has
/// failed. A job may ask to be started over, or for another job, for as long after it was due, if
/// that is later. Three times as long as a lock or a lease lasts by default; work that needs no
/// second start drains however long it takes.
pub const DRAIN_LIMIT: Span = Span::from_secs(30);

/// Why a run did not end.
#[derive(Debug)]
pub enum RunError {
    /// The trace could not be read to its end.
    Trace(TraceError),
    /// It was told to stop, or its observer had seen enough.
    Cancelled,
}

impl From<TraceError> for RunError {
    fn from(error: TraceError) -> RunError {
        RunError::Trace(error)
    }
}

/// How many steps are taken between two looks at the cancel flag.
const STEPS_PER_LOOK: u32 = 1 << 16;

/// Runs a strategy under a load until everything has drained.
///
/// # Errors
/// If the trace cannot be read to its end, or `cancel` was set.
pub fn run<S: Strategy, O: Observer>(
    strategy: &S,
    setup: &Setup,
    seed: u64,
    observer: &mut O,
    cancel: &AtomicBool,
) -> Result<Aftermath, RunError> {
    let mailbox = Mailbox::default();
    let mut tasks = Slab::default();
    let streams = Streams::new(seed);
    let traits =
        kernel::Traits { authority: strategy.authority(), invalidates: strategy.invalidates() };
    let mut kernel = Kernel::new(setup, traits, &streams, observer)?;
    let mut steps = 0u32;
    while let Some(wake) = kernel.next_wake() {
        steps = steps.wrapping_add(1);
        if steps.is_multiple_of(STEPS_PER_LOOK)
            && (cancel.load(Ordering::Relaxed) || kernel.observer.has_seen_enough())
        {
            return Err(RunError::Cancelled);
        }
        let slot = wake.slot as usize;
        if wake.reply.is_none() {
            tasks.put(slot, serve(strategy, &mailbox, kernel.call(wake.slot)));
        }
        let mut reply = wake.reply;
        loop {
            let task = tasks.get(slot).expect("a task that is woken is in its slot");
            let next = mailbox.resume(task, reply);
            if let Next::Done(_) = next {
                tasks.clear(slot);
            }
            reply = kernel.advance(wake.slot, next);
            if reply.is_none() {
                break;
            }
        }
    }
    Ok(kernel.finish()?)
}
