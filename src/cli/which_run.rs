//! One run of a scenario: of which variant, and which of its replications.

use std::num::NonZeroU32;

use clap::Args;
use stalelab::experiment::{ExperimentError, Trial};
use stalelab::scenario::{Checked, Input, Variant};

use super::args::{self, ScenarioArgs};
use super::exit::{Exit, Failure};
use super::{interrupt, output};

/// A scenario, and which of its runs.
#[derive(Args, Clone, Debug)]
pub(crate) struct WhichRun {
    #[command(flatten)]
    pub(crate) scenario: ScenarioArgs,
    /// The variant [default: the first one]
    #[arg(long, value_name = "NAME")]
    pub(crate) variant: Option<String>,
    /// The replication, from 1
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) replication: NonZeroU32,
}

/// A run that can be made.
pub(crate) struct Ready {
    input: Input,
    pub(crate) checked: Checked,
    index: usize,
    pub(crate) trial: Trial,
    /// From 0.
    pub(crate) replication: u32,
}

impl WhichRun {
    /// Reads the scenario and makes the run ready.
    pub(crate) fn ready(&self) -> Result<Ready, Failure> {
        Ready::new(&self.scenario, self.variant.as_deref(), self.replication.get() - 1)
    }
}

impl Ready {
    /// Reads a scenario and makes a run of it ready, of the first variant if none is named.
    /// Mistakes and warnings go to standard error. `replication`: from 0.
    pub(crate) fn new(
        scenario: &ScenarioArgs,
        variant: Option<&str>,
        replication: u32,
    ) -> Result<Ready, Failure> {
        let input = scenario.input()?;
        let checked = scenario.check(&input)?;
        output::chat(&checked.warnings.render(&input, true));
        let most = checked.scenario.replications;
        if replication >= most {
            let message = format!("there are {most} replications; found {}", replication + 1);
            return Err(Failure::new(Exit::Usage, message));
        }
        let index = match variant {
            Some(name) => args::variant(&checked.scenario, name)?,
            None => 0,
        };
        let trial = Trial::new(&checked.scenario, index, interrupt::flag())
            .map_err(|error| args::failed(&error, &checked, &input))?;
        Ok(Ready { input, checked, index, trial, replication })
    }

    pub(crate) fn variant(&self) -> &Variant {
        &self.checked.scenario.variants[self.index]
    }

    /// What to say when it fails.
    pub(crate) fn failed(&self, error: &ExperimentError) -> Failure {
        args::failed(error, &self.checked, &self.input)
    }
}
