//! From a load run to its smallest race: takes one stale read of a run and finds the few requests
//! and steps that are enough to make it.
//!
//! 1. A replication is run until its stale reads are known, and those that are wanted are chosen:
//!    the most stale ones, and the first ones. It is run again, and what becomes of every task on
//!    their keys is written down, in order (`witness`).
//! 2. A few of these requests (the reader, who stored what it was given, who committed the row it
//!    should have been given) become sessions of a scene, and their operations the steps of a
//!    schedule, in the order in which they took effect (`retell`). Where a reply differs from
//!    what was recorded, something had happened that nobody asked for: an entry ended, or a
//!    replica applied a commit. Such moves are put in. If that does not make the read stale for
//!    the same cause, more of the requests are let in.
//! 3. Sessions, then steps, are left out as long as the read remains stale for that cause, and
//!    operations that were lost or given up are let through (`shrink`). Of what is left, nothing
//!    can be left out, and no such fault is needless.
//!
//! Every step keeps the instant at which it took effect in the run. Steps that are left out leave
//! the others where they were.
//!
//! Nothing is printed here, and nothing measured.
//!
//! Rejected: handing the cast to the explorer, which would find *a* race of that kind, not the one
//! that happened; recording every key in one run, which takes memory without bound.

mod retell;
mod shrink;
mod witness;

use std::sync::atomic::AtomicBool;

use crate::experiment::{ExperimentError, Trial};
use crate::observation::{Cause, Staleness};
use crate::op::{Key, Version};
use crate::schedule::{Property, Scene, Step, TreeError, explain_read};
use crate::strategy::Strategy;
use crate::time::{Span, Time};

use self::witness::{Finder, Recording, Witness};

/// A stale read of a run.
#[derive(Clone, Copy, Debug)]
pub struct StaleRead {
    /// The client.
    pub client: u32,
    /// The key.
    pub key: Key,
    /// The version it returned.
    pub version: Version,
    /// When it was invoked.
    pub began: Time,
    /// When it was answered.
    pub ended: Time,
    /// How stale it was, and why.
    pub staleness: Staleness,
}

/// Which stale reads are wanted: those that are all of this.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Stale for this cause.
    pub cause: Option<Cause>,
    /// Older than a write that was acknowledged before the read began.
    pub acknowledged: bool,
    /// Older than this.
    pub older_than: Span,
}

impl Wanted {
    fn matches(&self, staleness: &Staleness) -> bool {
        self.cause.is_none_or(|cause| cause == staleness.cause)
            && (staleness.ack_stale || !self.acknowledged)
            && staleness.age >= self.older_than
    }
}

/// A request of the run, in its place in the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The client.
    pub client: u32,
    /// Whether it wrote.
    pub write: bool,
    /// When it was invoked.
    pub began: Time,
}

/// When a step of a race was made in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant at which it took effect.
    pub at: Time,
    /// Whether it may have been earlier: that a replica had applied a commit, or that an entry had
    /// ended, is known only from what somebody was told later.
    pub is_latest: bool,
}

/// A stale read, and the smallest race that makes it.
#[derive(Clone, Debug)]
pub struct Incident {
    /// The replication it happened in, from 0.
    pub replication: u32,
    /// The read.
    pub read: StaleRead,
    /// How many such reads the replication had.
    pub alike: u64,
    /// Whether it is the most stale of them.
    pub is_worst: bool,
    /// How many requests that could have changed anything were recorded on the key before.
    pub recorded: usize,
    /// Who takes part: a member for each session of the scene.
    pub cast: Vec<Member>,
    /// The scene.
    pub scene: Scene,
    /// The steps. The last one answers the stale read.
    pub steps: Vec<Step>,
    /// When each step was made in the run, in order.
    pub moments: Vec<Moment>,
    /// Why, in a sentence.
    pub sentence: String,
}

impl Incident {
    /// The promises to readers that the stale read breaks: none, if the newer version had not been
    /// acknowledged.
    pub fn violates(&self) -> Vec<Property> {
        let violated = self.steps.last().map(|step| step.violated).unwrap_or_default();
        let promises = [Property::NoStaleRead, Property::NoInversion];
        promises.into_iter().filter(|property| violated.has(*property)).collect()
    }
}

/// What came of looking for a stale read.
#[derive(Clone, Debug)]
pub enum Found {
    /// No replication had one; so many reads were looked at.
    Nothing {
        /// Reads, stale or not.
        reads: u64,
    },
    /// There were some, but no few requests around them make a race of that cause.
    Untold {
        /// The replication.
        replication: u32,
        /// One of them.
        read: StaleRead,
        /// How many there were.
        alike: u64,
    },
    /// The smallest race.
    Race(Box<Incident>),
}

/// Why nothing can be found.
#[derive(Debug)]
pub enum IncidentError {
    /// The run failed, or was called off.
    Run(ExperimentError),
    /// The strategy is not a function of its replies.
    Strategy(TreeError),
}

impl std::fmt::Display for IncidentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IncidentError::Run(error) => error.fmt(f),
            IncidentError::Strategy(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for IncidentError {}

impl From<TreeError> for IncidentError {
    fn from(error: TreeError) -> IncidentError {
        IncidentError::Strategy(error)
    }
}

/// Looks for a wanted stale read in a trial's replications, one after another, and for the
/// smallest race that makes it.
///
/// # Errors
/// If a run fails or is called off, or the strategy keeps state of its own.
pub fn find<S: Strategy>(
    strategy: &S,
    trial: &Trial,
    replications: impl Iterator<Item = u32>,
    wanted: &Wanted,
    cancel: &AtomicBool,
) -> Result<Found, IncidentError> {
    let mut reads = 0;
    for replication in replications {
        let failed = |error: crate::simulation::RunError| IncidentError::Run(error.into());
        let mut finder = Finder::new(trial.window(), *wanted);
        trial.run(strategy, replication, &mut finder, cancel).map_err(failed)?;
        reads += finder.reads;
        let candidates = finder.candidates();
        let Some(&read) = candidates.first() else {
            continue;
        };
        let alike = finder.alike;
        let mut witness = Witness::new(&candidates);
        let ended = trial.run(strategy, replication, &mut witness, cancel);
        if !witness.is_done() {
            ended.map_err(failed)?;
        }
        for (place, recording) in witness.recordings().enumerate() {
            if let Some(told) = tell(strategy, trial, &recording)? {
                let is_worst = place == 0;
                let incident = Incident { replication, alike, is_worst, ..told };
                return Ok(Found::Race(Box::new(incident)));
            }
        }
        return Ok(Found::Untold { replication, read, alike });
    }
    Ok(Found::Nothing { reads })
}

/// The smallest race of a recording, if there is one.
fn tell<S: Strategy>(
    strategy: &S,
    trial: &Trial,
    recording: &Recording,
) -> Result<Option<Incident>, TreeError> {
    let replicas = u32::from(trial.reads_replicas());
    let Some(story) = retell::retell(strategy, recording, replicas)? else {
        return Ok(None);
    };
    let Some(shrink::Race { scene, cast, steps, moments }) = shrink::shrink(strategy, story)?
    else {
        return Ok(None);
    };
    let sentence = explain_read(&scene, &steps).sentence;
    let member = |request: &u64| recording.member(*request);
    Ok(Some(Incident {
        replication: 0,
        read: recording.read,
        alike: 0,
        is_worst: false,
        recorded: recording.requests().len(),
        cast: cast.iter().filter_map(member).collect(),
        scene,
        steps,
        moments,
        sentence,
    }))
}
