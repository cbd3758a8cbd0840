//! `stalelab events`: what happens in a run, a line per event.

use std::io::{self, BufWriter};

use clap::Args;
use stalelab::event_log::{self, LogError};
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;

use super::exit::{self, Exit, Failure};
use super::interrupt;
use super::which_run::{Ready, WhichRun};

/// Print what happens in a run, a line per event
///
/// Every operation that takes effect, is lost or given up, every commit and every answer, with its
/// instant in nanoseconds, in the order in which the run comes to it. Two builds or versions can be
/// compared by it, as `verify` does.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Events {
    #[command(flatten)]
    which: WhichRun,
}

struct Writing<'a>(&'a Ready);

impl Visitor for Writing<'_> {
    type Output = Result<(), LogError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let Ready { trial, replication, .. } = self.0;
        let out = BufWriter::new(io::stdout().lock());
        event_log::write(strategy, trial, *replication, out, interrupt::flag())
    }
}

impl Events {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let ready = self.which.ready()?;
        match ready.variant().strategy.visit(Writing(&ready)) {
            Ok(()) => Ok(Exit::Ok),
            Err(LogError::Write(error)) => Err(Failure::printing(&error)),
            Err(LogError::Run(error)) => Err(ready.failed(&error.into())),
        }
    }
}
