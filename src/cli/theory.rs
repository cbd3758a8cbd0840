//! `stalelab theory`: what closed forms say of a scenario, beside what is simulated.

use std::num::NonZeroUsize;

use clap::Args;
use stalelab::experiment::{self, Options};
use stalelab::metrics::Comparison;
use stalelab::prediction::{compare, late_fills, predict};
use stalelab::report::{Theory as Compared, theory, theory_json};
use stalelab::scenario::Scenario;

use super::args::{self, ScenarioArgs};
use super::exit::{self, Exit, Failure};
use super::progress::Bar;
use super::{interrupt, output, threads};

/// Compare what theory says of a scenario with what is simulated, metric by metric
///
/// Where a scenario keeps a closed form's assumptions, or nearly, its figure stands beside the
/// simulated one, with the difference in standard errors. Where it does not, the assumption that is
/// not kept is named. Exits with 1 if a figure differs, and with 4 if none could be compared.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Theory {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
    /// Threads to use [default: one per processor]; changes nothing but the time it takes
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Show no progress bar
    #[arg(long)]
    no_progress: bool,
}

/// Theory beside the results of every variant.
pub(crate) fn beside(scenario: &Scenario, comparison: &Comparison) -> Vec<Compared> {
    let variants = comparison.variants.iter().enumerate().map(|(index, summary)| {
        let prediction = predict(scenario, index);
        let rows = compare(&prediction, summary);
        let is_unstable = summary.unstable.is_some();
        let late_fills = late_fills(&prediction, summary);
        Compared { name: summary.name.clone(), prediction, rows, is_unstable, late_fills }
    });
    variants.collect()
}

impl Theory {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let input = self.scenario.input()?;
        let checked = self.scenario.check(&input)?;
        output::chat(&checked.warnings.render(&input, true));
        let scenario = &checked.scenario;
        let threads = threads::count(self.jobs);
        threads::refuse_what_does_not_fit(scenario, threads)?;
        interrupt::install();
        let bar = Bar::new(!self.no_progress);
        let result = experiment::run(scenario, &Options { threads }, &bar);
        bar.clear();
        let comparison = result.map_err(|error| args::failed(&error, &checked, &input))?;
        let variants = beside(scenario, &comparison);
        if self.json {
            output::print(&format!("{:#}\n", theory_json(&variants)))?;
        } else {
            output::print(&theory(&variants))?;
        }
        let outcomes = variants.iter().map(Compared::outcome);
        let (any, differs) = outcomes.fold((false, false), |all, it| (all.0 | it.0, all.1 | it.1));
        Ok(match (any, differs) {
            (_, true) => Exit::Failed,
            (false, _) => Exit::Inconclusive,
            (true, false) => Exit::Ok,
        })
    }
}
