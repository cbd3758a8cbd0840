//! `stalelab perfetto`: a window of a run for a viewer of traces.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use stalelab::experiment::{ExperimentError, Trial};
use stalelab::perfetto::{self, REQUESTS_MAX, Traced, Window};
use stalelab::report::OutputFolder;
use stalelab::simulation::RunError;
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;
use stalelab::time::{Span, Time};

use super::args::{self, ScenarioArgs};
use super::exit::{self, Exit, Failure};
use super::{interrupt, output};

/// Write what happens in a window of a run as trace events, to be opened in ui.perfetto.dev
///
/// Requests with their operations, jobs, the database's connections, and an arrow from each commit
/// to the stale reads that should have seen it. A stale read's cause and age are in its details.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Perfetto {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// The variant [default: the first one]
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// The replication, from 1
    #[arg(long, value_name = "N", default_value = "1")]
    replication: NonZeroU32,
    /// Where the window begins, in the run's time [default: after the warm-up]
    #[arg(long, value_name = "TIME", value_parser = span)]
    from: Option<Span>,
    /// How long it is
    #[arg(long = "for", value_name = "TIME", default_value = "1s", value_parser = span)]
    length: Span,
    /// The file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn span(text: &str) -> Result<Span, String> {
    let length = humantime::parse_duration(text);
    let length = length.map_err(|error| format!("{error}; as 90s, 1500ms, 2m 30s"))?;
    u64::try_from(length.as_nanos()).map(Span).map_err(|_| "longer than any run".to_owned())
}

struct Tracing<'a> {
    trial: &'a Trial,
    replication: u32,
    window: Window,
}

impl Visitor for Tracing<'_> {
    type Output = Result<Traced, RunError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        perfetto::trace(strategy, self.trial, self.replication, self.window, interrupt::flag())
    }
}

impl Perfetto {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let input = self.scenario.input()?;
        let checked = self.scenario.check(&input)?;
        output::chat(&checked.warnings.render(&input, true));
        let scenario = &checked.scenario;
        let index = match &self.variant {
            Some(name) => args::variant(scenario, name)?,
            None => 0,
        };
        let failed = |error: &ExperimentError| args::failed(error, &checked, &input);
        let trial =
            Trial::new(scenario, index, interrupt::flag()).map_err(|error| failed(&error))?;
        let from = Time::ZERO + self.from.unwrap_or(scenario.warmup);
        let window = Window { from, to: from + self.length };
        let replication = self.replication.get() - 1;
        let tracing = Tracing { trial: &trial, replication, window };
        let strategy = &scenario.variants[index].strategy;
        let traced = strategy.visit(tracing).map_err(|error| failed(&error.into()))?;
        if traced.requests == 0 {
            let message = "no request began in that window: see --from and --for";
            return Err(Failure::new(Exit::Inconclusive, message));
        }
        if traced.is_cut {
            output::chat(&format!(
                "only the first {REQUESTS_MAX} requests of the window are in it: see --for\n"
            ));
        }
        let text = format!("{}\n", traced.document);
        match &self.output {
            None => output::print(&text)?,
            Some(path) => {
                let name = path.file_name().ok_or_else(|| {
                    Failure::new(Exit::Usage, format!("{}: not a file's name", path.display()))
                })?;
                let folder = OutputFolder::create(path.parent().unwrap_or(path))?;
                folder.write(&name.to_string_lossy(), text.as_bytes())?;
                output::chat(&format!("{} requests in {}\n", traced.requests, path.display()));
            }
        }
        Ok(Exit::Ok)
    }
}
