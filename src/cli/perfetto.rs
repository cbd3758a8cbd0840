//! `stalelab perfetto`: a window of a run for a viewer of traces.

use std::path::PathBuf;

use clap::Args;
use stalelab::metrics::Window;
use stalelab::perfetto::{self, REQUESTS_MAX, Traced};
use stalelab::simulation::RunError;
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;
use stalelab::time::{Span, Time};

use super::args;
use super::exit::{self, Exit, Failure};
use super::which_run::{Ready, WhichRun};
use super::{interrupt, output};

/// Write what happens in a window of a run as trace events, to be opened in ui.perfetto.dev
///
/// Requests with their operations, jobs, the database's connections, and an arrow from each commit
/// to the stale reads that should have seen it. A stale read's cause and age are in its details.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Perfetto {
    #[command(flatten)]
    which: WhichRun,
    /// Where the window begins, in the run's time [default: after the warm-up]
    #[arg(long, value_name = "TIME", value_parser = args::span)]
    from: Option<Span>,
    /// How long it is
    #[arg(long = "for", value_name = "TIME", default_value = "1s", value_parser = args::span)]
    length: Span,
    /// The file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

struct Tracing<'a> {
    ready: &'a Ready,
    window: Window,
}

impl Visitor for Tracing<'_> {
    type Output = Result<Traced, RunError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let Ready { trial, replication, .. } = self.ready;
        perfetto::trace(strategy, trial, *replication, self.window, interrupt::flag())
    }
}

impl Perfetto {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let ready = self.which.ready()?;
        let start = Time::ZERO + self.from.unwrap_or(ready.checked.scenario.warmup);
        let window = Window { start, end: start + self.length };
        let traced = ready.variant().strategy.visit(Tracing { ready: &ready, window });
        let traced = traced.map_err(|error| ready.failed(&error.into()))?;
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
        output::deliver(self.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
        output::chat(&format!("{} requests\n", traced.requests));
        Ok(Exit::Ok)
    }
}
