//! Stand-in for the experiment runner, replaced whole on merge: invents results that depend on
//! the seed alone, so that the command line can be tested.

use std::fmt;

use crate::metrics::{
    AgePoint, Comparison, Estimate, LatencyPoint, METRICS, ReplicationRow, TimelinePoint,
    VariantSummary, Verdict, VerdictOutcome,
};
use crate::scenario::Scenario;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Threads to use, at least 1.
    pub threads: usize,
}

/// Who watches a run, and may stop it.
pub trait Progress: Sync {
    /// The run starts; this many replications lie ahead.
    fn started(&self, runs: usize);
    /// This many replications are done.
    fn finished(&self, runs_done: usize);
    /// Whether to stop.
    fn cancelled(&self) -> bool;
}

/// Why there are no results.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExperimentError {
    /// The trace cannot be read.
    Trace(std::io::Error),
    /// The watcher stopped it.
    Cancelled,
}

impl fmt::Display for ExperimentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExperimentError::Trace(error) => write!(f, "cannot read the trace: {error}"),
            ExperimentError::Cancelled => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for ExperimentError {}

/// Runs a scenario.
///
/// # Errors
/// An unreadable trace, or cancellation.
pub fn run(
    scenario: &Scenario,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Comparison, ExperimentError> {
    assert!(options.threads > 0);
    progress.started(scenario.variants.len());
    if scenario.replications >= 1_000_000 {
        while !progress.cancelled() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        return Err(ExperimentError::Cancelled);
    }
    let mut variants = Vec::new();
    for (place, variant) in scenario.variants.iter().enumerate() {
        if progress.cancelled() {
            return Err(ExperimentError::Cancelled);
        }
        variants.push(invent(scenario, place, &variant.name, variant.strategy.name));
        progress.finished(place + 1);
    }
    let verdicts = scenario.expectations.iter().map(|claim| {
        let estimate = variants[claim.variant].estimate(claim.metric).copied();
        let outcome = match estimate {
            None => VerdictOutcome::Inconclusive,
            Some(e) if claim.min.is_some_and(|m| e.mean < m) => VerdictOutcome::Failed,
            Some(e) if claim.max.is_some_and(|m| e.mean > m) => VerdictOutcome::Failed,
            Some(_) => VerdictOutcome::Held,
        };
        let (variant, metric, min, max) = (claim.variant, claim.metric, claim.min, claim.max);
        Verdict { variant, metric, min, max, estimate, outcome }
    });
    let verdicts = verdicts.collect();
    Ok(Comparison { variants, verdicts })
}

fn invent(scenario: &Scenario, place: usize, name: &str, strategy: &'static str) -> VariantSummary {
    let value = |index: usize, replication: u32| -> Option<f64> {
        let absent = METRICS[index].name.contains("_act_ratio");
        let noise = (scenario.seed * 31 + u64::from(replication) * 7 + index as u64) % 11;
        let scale = if METRICS[index].unit == "ratio" { 0.01 } else { 100.0 };
        (!absent).then(|| scale * (1.0 + place as f64 + noise as f64 / 100.0))
    };
    let estimate = |index: usize| {
        Some(Estimate {
            mean: value(index, 0)?,
            ci95: Some((value(index, 0)? * 0.99, value(index, 0)? * 1.01)),
            replications: scenario.replications,
            zero_bound: None,
        })
    };
    let row = |replication| ReplicationRow {
        replication,
        values: (0..METRICS.len()).map(|index| value(index, replication)).collect(),
        digest: scenario.seed ^ u64::from(replication),
    };
    VariantSummary {
        name: name.to_owned(),
        strategy,
        estimates: (0..METRICS.len()).map(estimate).collect(),
        differences: vec![None; METRICS.len()],
        replications: (0..scenario.replications).map(row).collect(),
        latency: vec![LatencyPoint { op: "read", percentile: 50.0, latency_us: 812.5 }],
        staleness: vec![AgePoint { age_ms: 1.0, share_older: 0.5 }],
        timeline: vec![TimelinePoint::default()],
        unstable: None,
        notes: Vec::new(),
    }
}
