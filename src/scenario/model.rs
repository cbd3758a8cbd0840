//! A scenario after it was read and checked: plain data, nothing left to default or to doubt.

use crate::metrics::Precision;
use crate::strategies::Choice;
use crate::time::{Span, Time};
use crate::workload::WorkloadConfig;
use crate::world::WorldConfig;

/// A scenario: one question, with everything needed to answer it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name outputs are filed under: the file's stem.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub summary: String,
    /// The seed all randomness comes from.
    pub seed: u64,
    /// Virtual time measured, after the warm-up. With a trace and no duration given, its length.
    pub duration: Span,
    /// Virtual time before measuring starts.
    pub warmup: Span,
    /// Seeded runs per variant; at most so many if it is said when there may be fewer.
    pub replications: u32,
    /// How well a metric shall be known, after which there are no more replications.
    pub until: Option<Precision>,
    /// The rows of the comparison, at least one.
    pub variants: Vec<Variant>,
    /// What breaks, and when, in the order of the file.
    pub faults: Vec<Fault>,
    /// What the scenario claims.
    pub expectations: Vec<Expectation>,
    /// The scenario in canonical form with every effective value, as JSON.
    pub resolved: serde_json::Value,
}

/// One row of a comparison: a strategy in a world under a load.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The strategy and its parameters.
    pub strategy: Choice,
    /// The load, with this variant's overrides applied.
    pub workload: WorkloadConfig,
    /// The world, with this variant's overrides applied.
    pub world: WorldConfig,
}

impl Variant {
    /// About how many bytes the tables of one run take; 0 if a trace says how many keys there are.
    pub fn bytes(&self) -> u64 {
        super::semantics::bytes(&self.workload, &self.world)
    }
}

/// Something that breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// When it starts, counted from the start of the run (the warm-up included).
    pub at: Time,
    /// When it ends; [`Time::NEVER`] is the end of the run. Instant faults end when they start.
    pub until: Time,
    /// What breaks.
    pub kind: FaultKind,
}

/// What breaks. The names in scenario files are in [`FAULTS`].
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// The cache restarts, cold.
    CacheRestart,
    /// Operations of a kind are lost on their way to the component.
    Lose {
        /// Index into [`crate::op::OP_KINDS`].
        operation: usize,
        /// Probability of each being lost, 0 to 1.
        probability: f64,
    },
    /// Application servers crash: tasks there are dropped, and the server is back at once.
    ServerCrash {
        /// How many servers.
        servers: u32,
    },
}

/// The faults scenario files know: name, and what it does.
pub const FAULTS: &[(&str, &str)] = &[
    (
        "cache-restart",
        "the cache loses every entry, tombstone, lease and lock, and is back at once",
    ),
    ("lose", "operations of one kind never arrive, each with a probability"),
    (
        "server-crash",
        "tasks and jobs on some application servers are dropped between two operations; nothing is undone",
    ),
];

/// A claim about a metric that a run checks.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Index of the variant.
    pub variant: usize,
    /// The metric's name, one of [`crate::metrics::METRICS`].
    pub metric: &'static str,
    /// The least it may be.
    pub min: Option<f64>,
    /// The most it may be.
    pub max: Option<f64>,
}
