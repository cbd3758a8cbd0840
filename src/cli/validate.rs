//! `stalelab validate`: the simulation beside every closed form.

use std::num::NonZeroUsize;

use clap::Args;
use stalelab::experiment::{ExperimentError, Options};
use stalelab::report::{validation, validation_markdown};
use stalelab::validation::{self, Depth, Outcome};

use super::exit::{self, Exit, Failure};
use super::progress::Bar;
use super::{interrupt, output, threads};

/// Compare the simulation with every closed form
///
/// Runs small worlds in which a formula's assumptions hold, and compares. Takes some minutes.
/// Exits with 1 if anything differs, and with 4 if a comparison is too coarse to tell.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Validate {
    /// A thirtieth of the work: catches errors of some percent
    #[arg(long)]
    quick: bool,
    /// Only the comparisons that have this in a form, a quantity or the parameters, as `stale_set`
    /// or `hit ratio`; the figures are the same
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    only: String,
    /// Print the summary as Markdown, as it stands in the README
    #[arg(long)]
    markdown: bool,
    /// Threads to use [default: one per processor]; changes nothing but the time it takes
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Show no progress bar
    #[arg(long)]
    no_progress: bool,
}

impl Validate {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let depth = if self.quick { Depth::Quick } else { Depth::Full };
        let bar = Bar::new(!self.no_progress);
        let options = Options { threads: threads::count(self.jobs) };
        let rows = validation::run(depth, &self.only, &options, &bar);
        bar.clear();
        let rows = rows.map_err(|error| match error {
            ExperimentError::Cancelled => Failure::new(Exit::Interrupted, "interrupted"),
            other => Failure::new(Exit::Io, other.to_string()),
        })?;
        if rows.is_empty() {
            let message = format!("nothing that is compared has `{}` in it", self.only);
            return Err(Failure::new(Exit::Usage, message));
        }
        let show = if self.markdown { validation_markdown } else { validation };
        output::print(&show(&rows, depth))?;
        let any = |outcome| rows.iter().any(|row| row.outcome(depth) == outcome);
        Ok(match (any(Outcome::Differs), any(Outcome::TooCoarse)) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Inconclusive,
            (false, false) => Exit::Ok,
        })
    }
}
