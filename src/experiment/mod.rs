//! Experiments: a scenario's variants, each run several times, on all cores.
//!
//! Parallelism is between runs, never inside one. Every run depends on its variant and its seed
//! alone; results are collected in order, so thread counts do not show in them.

mod rounds;
mod trial;

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rand::Rng;
use rayon::prelude::*;

use crate::metrics::{
    About, Comparison, First, Measurement, Pool, Precision, Recorder, ReplicationRow,
    VariantSummary, Verdict, Window, verdict,
};
use crate::random::Streams;
use crate::scenario::{FaultKind, Scenario, TooLate, Variant};
use crate::simulation::{Disturbance, DisturbanceKind, RunError, Setup, Stepping, run as run_once};
use crate::strategies::Visitor;
use crate::strategy::Strategy;
use crate::time::{Span, Time};
use crate::workload::trace::{Trace, TraceFault};
use crate::workload::{Arrivals, LoadPlan, TraceError};

pub use trial::Trial;

/// How to run an experiment. Nothing here changes a result.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Runs at once; 0 is one per core.
    pub threads: usize,
}

/// Somebody who wants to know how far an experiment is, and may call it off.
pub trait Progress: Sync {
    /// It starts, and will take this many runs.
    fn started(&self, runs: usize);
    /// So many runs are done.
    fn finished(&self, runs_done: usize);
    /// The flag that calls the experiment off once it is set.
    fn cancel(&self) -> &AtomicBool;
}

/// Nobody: is told nothing, and never calls an experiment off.
impl Progress for () {
    fn started(&self, _: usize) {}
    fn finished(&self, _: usize) {}
    fn cancel(&self) -> &AtomicBool {
        static NEVER: AtomicBool = AtomicBool::new(false);
        &NEVER
    }
}

/// Why an experiment has no result.
#[derive(Debug)]
pub enum ExperimentError {
    /// The trace cannot be read, or is malformed.
    Trace(TraceError),
    /// A trace is over before something the scenario says would happen.
    TooLate(Vec<TooLate>),
    /// It was called off.
    Cancelled,
    /// The threads could not be started.
    Threads(String),
}

impl fmt::Display for ExperimentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExperimentError::Trace(error) => error.fmt(f),
            ExperimentError::TooLate(found) => {
                let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
                f.write_str(&messages.join("; "))
            }
            ExperimentError::Cancelled => f.write_str("interrupted"),
            ExperimentError::Threads(reason) => write!(f, "cannot start threads: {reason}"),
        }
    }
}

impl std::error::Error for ExperimentError {}

impl From<RunError> for ExperimentError {
    fn from(error: RunError) -> ExperimentError {
        match error {
            RunError::Trace(error) => error.into(),
            RunError::Cancelled => ExperimentError::Cancelled,
        }
    }
}

impl From<TraceError> for ExperimentError {
    fn from(error: TraceError) -> ExperimentError {
        match error.fault {
            TraceFault::Cancelled => ExperimentError::Cancelled,
            _ => ExperimentError::Trace(error),
        }
    }
}

/// Runs a scenario: every variant, every replication, and its expectations.
///
/// # Errors
/// If a trace cannot be read or is over too early, the experiment is called off, or no thread can
/// be started.
pub fn run(
    scenario: &Scenario,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Comparison, ExperimentError> {
    let Plans(plans) = Plans::new(scenario, progress.cancel())?;
    let rows = rounds::run(scenario, &plans, options, progress, |index, replication, cancel| {
        let visit = Run { plan: &plans[index], seed: scenario.seed, replication, cancel };
        scenario.variants[index].strategy.visit(visit)
    })?;
    let mut variants: Vec<VariantSummary> = Vec::new();
    let pool = plans[0].pool.lock().expect("no run panicked").clone();
    for ((variant, plan), rows) in scenario.variants.iter().zip(&plans).zip(rows) {
        let first = variants.first().map(|summary| First { summary, pool: &pool });
        let until = scenario.until.as_ref();
        variants.push(plan.summarize(variant, variant.strategy.name, rows, first, until));
    }
    let verdicts = scenario.expectations.iter().map(|claim| {
        let estimate = variants[claim.variant].estimate(claim.metric).copied();
        Verdict {
            variant: claim.variant,
            metric: claim.metric,
            min: claim.min,
            max: claim.max,
            estimate,
            outcome: verdict(estimate.as_ref(), claim.min, claim.max),
        }
    });
    let verdicts = verdicts.collect();
    Ok(Comparison { variants, verdicts, until: scenario.until })
}

/// Runs any strategy in the place of a scenario's variant: its world, load, faults and seeds.
///
/// # Errors
/// As [`run`].
///
/// # Panics
/// If the scenario has no variant of this number.
pub fn run_strategy<S: Strategy>(
    scenario: &Scenario,
    variant: usize,
    strategy: &S,
    options: &Options,
    progress: &dyn Progress,
) -> Result<VariantSummary, ExperimentError> {
    let variant = &scenario.variants[variant];
    let load = LoadPlan::new_unless(&variant.workload, progress.cancel())?;
    let plans = [Plan::new(scenario, variant, load)?];
    let rows = rounds::run(scenario, &plans, options, progress, |_, replication, cancel| {
        Run { plan: &plans[0], seed: scenario.seed, replication, cancel }.visit(strategy)
    })?;
    let rows = rows.into_iter().next().unwrap_or_default();
    Ok(plans[0].summarize(variant, "custom", rows, None, scenario.until.as_ref()))
}

/// The seed of a replication. The same for every variant: they see the same requests, and
/// differences are paired.
fn seed_of(seed: u64, replication: u32) -> u64 {
    Streams::new(seed).numbered("replication", u64::from(replication)).next_u64()
}

/// The window each variant of a scenario would be measured in. Traces are read, nothing is run.
///
/// # Errors
/// If a trace cannot be read or is over too early, or `progress` calls it off.
pub fn windows(
    scenario: &Scenario,
    progress: &dyn Progress,
) -> Result<Vec<Window>, ExperimentError> {
    let mut lengths: Vec<Option<Span>> = Vec::new();
    for (index, variant) in scenario.variants.iter().enumerate() {
        let same = |earlier: &Variant| earlier.workload.arrivals == variant.workload.arrivals;
        let twin = scenario.variants[..index].iter().position(same);
        lengths.push(match (twin, &variant.workload.arrivals) {
            (Some(twin), _) => lengths[twin],
            (None, Arrivals::Trace(config)) => {
                Some(Trace::open_unless(config, progress.cancel())?.summary().length)
            }
            (None, Arrivals::Poisson { .. } | Arrivals::Closed { .. }) => None,
        });
    }
    let variants = scenario.variants.iter().zip(lengths);
    variants.map(|(variant, recorded)| window(scenario, variant, recorded)).collect()
}

/// The window a variant is measured in. `recorded`: the length of its trace.
fn window(
    scenario: &Scenario,
    variant: &Variant,
    recorded: Option<Span>,
) -> Result<Window, ExperimentError> {
    let start = Time::ZERO + scenario.warmup;
    let end = (start + scenario.duration).min(Time::ZERO + recorded.unwrap_or(Span::FOREVER));
    match scenario.too_late(&variant.name, end) {
        found if found.is_empty() => Ok(Window { start, end }),
        found => Err(ExperimentError::TooLate(found)),
    }
}

/// A variant made ready to run, with what its runs have in common.
struct Plan {
    setup: Setup,
    window: Window,
    pool: Mutex<Pool>,
    /// What a reader of the results should know.
    notes: Vec<String>,
}

impl Plan {
    fn new(
        scenario: &Scenario,
        variant: &Variant,
        load: LoadPlan,
    ) -> Result<Plan, ExperimentError> {
        let recorded = load.trace().map(|trace| trace.summary().length);
        let window = window(scenario, variant, recorded)?;
        let mut notes = load.trace().map_or_else(Vec::new, |trace| trace.notes().to_vec());
        if let Some(recorded) = recorded
            && scenario.duration < Span::FOREVER
            && window.length() < scenario.duration
        {
            notes.push(format!(
                "The trace is over after {}: what is measured is {}, not the {} asked for.",
                recorded.rounded(),
                window.length().rounded(),
                scenario.duration
            ));
        }
        let setup = Setup {
            world: variant.world.clone(),
            load,
            journey: variant.workload.journey.clone(),
            disturbances: scenario.faults.iter().map(disturbance).collect(),
            stop: window.end,
            stepping: Stepping::Elided,
        };
        let changes = scenario.faults.iter().flat_map(|fault| [fault.at, fault.until]);
        let pool = Mutex::new(Pool::new(window).with_changes(changes.collect()));
        Ok(Plan { setup, window, pool, notes })
    }

    fn summarize(
        &self,
        variant: &Variant,
        strategy: &'static str,
        rows: Vec<ReplicationRow>,
        first: Option<First<'_>>,
        until: Option<&Precision>,
    ) -> VariantSummary {
        let pool = self.pool.lock().expect("no run panicked");
        let trace = self.setup.load.trace();
        let about = About {
            name: variant.name.clone(),
            strategy,
            clients_are_services: trace.is_some_and(Trace::clients_are_services),
            notes: self.notes.clone(),
        };
        let mut summary = pool.summarize(about, rows, first);
        summary.notes.extend(until.and_then(|until| missed(until, &summary)));
        summary
    }
}

/// A note if a metric is not known as well as was asked for.
fn missed(until: &Precision, summary: &VariantSummary) -> Option<String> {
    let found = summary.estimate(until.metric);
    if found.is_some_and(|it| it.zero_bound.is_some()) {
        return Some(format!(
            "{} was not seen in {} replications, so it is not known to {}: there is a bound only.",
            until.metric,
            summary.replications.len(),
            within(until.relative_error),
        ));
    }
    let error = until.missed(found)?;
    Some(format!(
        "{} is known to {} only, not to the {} asked for: that is all that {} replications tell.",
        until.metric,
        within(error),
        within(until.relative_error),
        summary.replications.len()
    ))
}

/// A relative error in words.
fn within(error: f64) -> String {
    match error.is_finite() {
        true => format!("±{:.1} %", error * 100.0),
        false => "nothing".to_owned(),
    }
}

fn disturbance(fault: &crate::scenario::Fault) -> Disturbance {
    let kind = match fault.kind {
        FaultKind::CacheRestart => DisturbanceKind::CacheRestart,
        FaultKind::Lose { operation, probability } => {
            DisturbanceKind::Lose { operation, probability }
        }
        FaultKind::ServerCrash { servers } => DisturbanceKind::ServerCrash { servers },
    };
    Disturbance { at: fault.at, until: fault.until, kind }
}

/// The plans of a scenario's variants. Equal workloads share their tables and their trace.
struct Plans(Vec<Plan>);

impl Plans {
    fn new(scenario: &Scenario, cancel: &AtomicBool) -> Result<Plans, ExperimentError> {
        let mut plans: Vec<Plan> = Vec::new();
        for (index, variant) in scenario.variants.iter().enumerate() {
            let same = |earlier: &Variant| earlier.workload == variant.workload;
            let load = match scenario.variants[..index].iter().position(same) {
                Some(twin) => plans[twin].setup.load.clone(),
                None => LoadPlan::new_unless(&variant.workload, cancel)?,
            };
            plans.push(Plan::new(scenario, variant, load)?);
        }
        Ok(Plans(plans))
    }
}

/// One run of one variant.
struct Run<'a> {
    plan: &'a Plan,
    seed: u64,
    replication: usize,
    cancel: &'a AtomicBool,
}

impl Visitor for Run<'_> {
    type Output = Result<ReplicationRow, ExperimentError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let Run { plan, seed, replication, cancel } = self;
        let replication = replication as u32;
        let seed = seed_of(seed, replication);
        let mut recorder = Recorder::new(plan.window);
        let aftermath = run_once(strategy, &plan.setup, seed, &mut recorder, cancel)?;
        let connections = plan.setup.world.database.connections;
        let measured = Measurement::new(recorder, aftermath, connections);
        plan.pool.lock().expect("no run panicked").add(replication, &measured);
        Ok(ReplicationRow::new(replication, &measured))
    }
}

/// Runs jobs `0..total` on a pool of threads and returns their results in order.
pub(crate) fn in_parallel<T: Send>(
    options: &Options,
    progress: &dyn Progress,
    total: usize,
    job: impl Fn(usize, &AtomicBool) -> Result<T, ExperimentError> + Sync,
) -> Result<Vec<T>, ExperimentError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .map_err(|error| ExperimentError::Threads(error.to_string()))?;
    progress.started(total);
    let done = AtomicUsize::new(0);
    let run = |index| {
        if progress.cancel().load(Ordering::Relaxed) {
            return Err(ExperimentError::Cancelled);
        }
        let result = job(index, progress.cancel())?;
        progress.finished(done.fetch_add(1, Ordering::Relaxed) + 1);
        Ok(result)
    };
    // One job per task: a thread that is done takes the next, however long each takes.
    pool.install(|| (0..total).into_par_iter().with_max_len(1).map(run).collect())
}
