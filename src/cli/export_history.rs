//! `stalelab export --history`: what happens in a run, for checkers.

use std::path::Path;

use stalelab::history::{self, Format, OPERATIONS_MAX, Recorded};
use stalelab::metrics::Window;
use stalelab::simulation::RunError;
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;
use stalelab::time::{Span, Time};

use super::args::ScenarioArgs;
use super::exit::{Exit, Failure};
use super::which_run::Ready;
use super::{interrupt, output};

/// What is recorded, and where it goes.
pub(crate) struct Recording<'a> {
    pub(crate) scenario: ScenarioArgs,
    pub(crate) variant: Option<&'a str>,
    /// From 0 on.
    pub(crate) replication: u32,
    pub(crate) from: Option<Span>,
    pub(crate) length: Option<Span>,
    pub(crate) output: Option<&'a Path>,
    pub(crate) format: Format,
}

struct Run<'a> {
    ready: &'a Ready,
    window: Window,
}

impl Visitor for Run<'_> {
    type Output = Result<Recorded, RunError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let Ready { trial, replication, .. } = self.ready;
        history::record(strategy, trial, *replication, self.window, interrupt::flag())
    }
}

impl Recording<'_> {
    /// Runs the scenario, and writes the history.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let ready = Ready::new(&self.scenario, self.variant, self.replication)?;
        let start = Time::ZERO + self.from.unwrap_or(Span::ZERO);
        let end = self.length.map_or(Time::NEVER, |length| start + length);
        let run = Run { ready: &ready, window: Window { start, end } };
        let recorded = ready.variant().strategy.visit(run);
        let recorded = recorded.map_err(|error| ready.failed(&error.into()))?;
        if recorded.requests == 0 {
            let message = "no request began in that window: see --from and --for";
            return Err(Failure::new(Exit::Inconclusive, message));
        }
        let content =
            |out: &mut dyn std::io::Write| history::write(&recorded.history, self.format, out);
        output::deliver(self.output, content)?;
        output::chat(&self.summary(&recorded, &ready.variant().name));
        Ok(Exit::Ok)
    }

    fn summary(&self, recorded: &Recorded, variant: &str) -> String {
        let replication = self.replication + 1;
        let mut text =
            format!("{} requests of {variant}, replication {replication}", recorded.requests);
        if recorded.earlier_writes > 0 {
            let many = recorded.earlier_writes;
            text.push_str(&format!(", and {many} earlier writes of their keys"));
        }
        if recorded.is_cut {
            text.push_str(&format!(
                "; the end is missing, since a history has at most {OPERATIONS_MAX} operations: \
                 see --from and --for"
            ));
        }
        text + "\n"
    }
}
