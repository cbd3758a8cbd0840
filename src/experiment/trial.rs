//! One run of one variant, for those who want to watch it themselves.

use std::sync::atomic::AtomicBool;

use super::{ExperimentError, Plan, seed_of};
use crate::metrics::Window;
use crate::observation::{Aftermath, Observer};
use crate::scenario::Scenario;
use crate::simulation::{RunError, Setup, run};
use crate::strategy::Strategy;
use crate::workload::LoadPlan;
use crate::world::ReadsFrom;

/// One variant of a scenario, made ready to be run before any observer.
#[derive(Debug)]
pub struct Trial {
    setup: Setup,
    window: Window,
    seed: u64,
}

impl Trial {
    /// A variant of a scenario.
    ///
    /// # Errors
    /// If a trace cannot be read or is over too early, or `cancel` was set.
    ///
    /// # Panics
    /// If the scenario has no variant of this number.
    pub fn new(
        scenario: &Scenario,
        variant: usize,
        cancel: &AtomicBool,
    ) -> Result<Trial, ExperimentError> {
        let variant = &scenario.variants[variant];
        let load = LoadPlan::new_unless(&variant.workload, cancel)?;
        let Plan { setup, window, .. } = Plan::new(scenario, variant, load)?;
        Ok(Trial { setup, window, seed: scenario.seed })
    }

    /// What is measured of it.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether its reads go to replicas.
    pub fn reads_replicas(&self) -> bool {
        let database = &self.setup.world.database;
        database.replicas > 0 && database.reads_from == ReadsFrom::Replica
    }

    /// Runs it with a strategy, once. What happens is what happens in this replication of
    /// [`super::run`], to the last detail.
    ///
    /// # Errors
    /// If a trace cannot be read to its end, `cancel` was set, or the observer had seen enough.
    pub fn run<S: Strategy, O: Observer>(
        &self,
        strategy: &S,
        replication: u32,
        observer: &mut O,
        cancel: &AtomicBool,
    ) -> Result<Aftermath, RunError> {
        run(strategy, &self.setup, seed_of(self.seed, replication), observer, cancel)
    }
}
