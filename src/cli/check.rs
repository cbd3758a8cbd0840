//! `stalelab check`: reads scenarios and reports every mistake, without running anything.

use clap::Args;
use stalelab::scenario::parse;

use super::exit::{Exit, Failure};
use super::{output, source};

/// Check scenarios and report every mistake at once
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Built-in scenarios' names, files' paths, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    scenarios: Vec<String>,
}

impl Check {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let mut first_problem = None;
        for name in &self.scenarios {
            let input = match source::load(name) {
                Ok(input) => input,
                Err(failure) => {
                    first_problem = first_problem.or(Some(failure.report()));
                    continue;
                }
            };
            match parse(&input, &[]) {
                Ok(checked) => {
                    output::chat(&checked.warnings.render(&input, true));
                    let scenario = checked.scenario;
                    output::print(&format!(
                        "{}: ok: {}, {}, {} measured\n",
                        input.origin,
                        number(scenario.variants.len(), "variant"),
                        number(scenario.replications as usize, "replication"),
                        scenario.duration,
                    ))?;
                }
                Err(diagnostics) => {
                    output::chat(&diagnostics.render(&input, true));
                    first_problem = first_problem.or(Some(Exit::Usage));
                }
            }
        }
        Ok(first_problem.unwrap_or(Exit::Ok))
    }
}

/// A number of things, in words.
fn number(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}
