//! `stalelab digests`: whether this build gives the bytes that this version promises.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use clap::Args;
use stalelab::experiment::{self, ExperimentError, Options, Progress};
use stalelab::report::{Header, digest, output_files, promised};
use stalelab::scenario::builtin::{self, SCENARIOS};

use super::exit::{self, Exit, Failure};
use super::{interrupt, output, threads};

/// Check that this build gives the bytes that this version of stalelab promises
///
/// Runs every built-in scenario at a tenth of its length, with one thread and with several, and
/// compares the digest of its files with the one that was committed with this version. Exits with 1
/// if one differs: `verify NAME --with PROGRAM` then finds the first event that does.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Digests {
    /// Threads of the second run [default: one per processor, at least 2]; the first has one
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// Whoever presses Ctrl-C.
struct Impatient;

impl Progress for Impatient {
    fn started(&self, _: usize) {}
    fn finished(&self, _: usize) {}
    fn cancel(&self) -> &AtomicBool {
        interrupt::flag()
    }
}

impl Digests {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let jobs = self.jobs.map_or_else(|| threads::count(None).max(2), NonZeroUsize::get);
        let mut differ = 0;
        for scenario in SCENARIOS {
            let one = of(scenario.name, 1)?;
            let many = of(scenario.name, jobs)?;
            let wanted = promised(scenario.name).unwrap_or("nothing");
            let remark = if one != many {
                format!("  differs: {many} with {jobs} threads")
            } else if one != wanted {
                format!("  differs: {wanted} is promised")
            } else {
                String::new()
            };
            differ += usize::from(!remark.is_empty());
            output::print(&format!("{one}  {}{remark}\n", scenario.name))?;
        }
        let (all, version) = (SCENARIOS.len(), env!("CARGO_PKG_VERSION"));
        output::chat(&match differ {
            0 => format!("all {all} are those of version {version}\n"),
            _ => format!("{differ} of {all} are not those of version {version}\n"),
        });
        Ok(if differ == 0 { Exit::Ok } else { Exit::Failed })
    }
}

/// The digest of a built-in scenario's files, made short.
fn of(name: &str, threads: usize) -> Result<String, Failure> {
    let scenario = builtin::shortened(name)
        .ok_or_else(|| Failure::new(Exit::Internal, format!("{name} is invalid")))?;
    let comparison = experiment::run(&scenario, &Options { threads }, &Impatient);
    let comparison = comparison.map_err(|error| match error {
        ExperimentError::Cancelled => Failure::new(Exit::Interrupted, "interrupted"),
        other => Failure::new(Exit::Io, other.to_string()),
    })?;
    let files = output_files(&Header::new(&scenario, format!("stalelab run {name}")), &comparison);
    Ok(digest(files.iter().map(|file| (file.name, file.bytes.as_slice()))))
}
