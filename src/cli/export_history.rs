//! `stalelab export --history`: what happens in a run, for checkers.

use std::path::Path;

use stalelab::experiment::{ExperimentError, Trial};
use stalelab::history::{self, Format, OPERATIONS_MAX, Recorded};
use stalelab::metrics::Window;
use stalelab::report::OutputFolder;
use stalelab::simulation::RunError;
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;
use stalelab::time::{Span, Time};

use super::args::{self, ScenarioArgs};
use super::exit::{Exit, Failure};
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
    trial: &'a Trial,
    replication: u32,
    window: Window,
}

impl Visitor for Run<'_> {
    type Output = Result<Recorded, RunError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        history::record(strategy, self.trial, self.replication, self.window, interrupt::flag())
    }
}

impl Recording<'_> {
    /// Runs the scenario, and writes the history.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let input = self.scenario.input()?;
        let checked = self.scenario.check(&input)?;
        output::chat(&checked.warnings.render(&input, true));
        let scenario = &checked.scenario;
        let index = match self.variant {
            Some(name) => args::variant(scenario, name)?,
            None => 0,
        };
        let failed = |error: &ExperimentError| args::failed(error, &checked, &input);
        let trial =
            Trial::new(scenario, index, interrupt::flag()).map_err(|error| failed(&error))?;
        let start = Time::ZERO + self.from.unwrap_or(Span::ZERO);
        let end = self.length.map_or(Time::NEVER, |length| start + length);
        let run =
            Run { trial: &trial, replication: self.replication, window: Window { start, end } };
        let recorded = scenario.variants[index].strategy.visit(run);
        let recorded = recorded.map_err(|error| failed(&error.into()))?;
        if recorded.requests == 0 {
            let message = "no request began in that window: see --from and --for";
            return Err(Failure::new(Exit::Inconclusive, message));
        }
        self.write(&recorded)?;
        output::chat(&self.summary(&recorded, &scenario.variants[index].name));
        Ok(Exit::Ok)
    }

    fn write(&self, recorded: &Recorded) -> Result<(), Failure> {
        let content =
            |out: &mut dyn std::io::Write| history::write(&recorded.history, self.format, out);
        let Some(path) = self.output else {
            return output::stream(content);
        };
        let name = path.file_name().ok_or_else(|| {
            Failure::new(Exit::Usage, format!("{}: not a file's name", path.display()))
        })?;
        let folder = OutputFolder::create(path.parent().unwrap_or(path))?;
        let name = name.to_string_lossy();
        interrupt::protected(|| folder.write_with(&name, content))?;
        Ok(())
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
