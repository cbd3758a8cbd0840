//! Small worlds and loads in which the assumptions of a formula hold.

use crate::metrics::Measurement;
use crate::simulation::Setup;
use crate::time::Time;
use crate::workload::WorkloadConfig;
use crate::world::WorldConfig;

/// `keys` keys, each read and written so often a second.
pub(super) fn per_key(keys: u32, reads: f64, writes: f64) -> WorkloadConfig {
    let both = reads + writes;
    WorkloadConfig::poisson(both * f64::from(keys), keys, reads / both)
}

/// A run with nothing broken; the study says how long.
pub(super) fn setup(world: WorldConfig, workload: &WorkloadConfig) -> Setup {
    Setup::undisturbed(world, workload, Time::ZERO).expect("a load without a trace")
}

/// Of the reads that a probe fails or answers, those that it fails.
pub(super) fn failed_share(run: &Measurement) -> f64 {
    run.counts.failed as f64 / (run.counts.failed + run.counts.reads) as f64
}
