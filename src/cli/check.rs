//! `stalelab check`: reads scenarios and their traces and reports every mistake, without running
//! anything.

use clap::Args;
use stalelab::experiment;
use stalelab::report::measured_time;
use stalelab::scenario::parse;
use stalelab::time::Span;

use super::exit::{Exit, Failure};
use super::{args, output, source};

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
            match check(name) {
                Ok(text) => output::print(&text)?,
                Err(failure) => first_problem = first_problem.or(Some(failure.report())),
            }
        }
        Ok(first_problem.unwrap_or(Exit::Ok))
    }
}

/// What there is to say about a scenario without mistakes.
fn check(name: &str) -> Result<String, Failure> {
    let input = source::load(name)?;
    let checked = parse(&input, &[]).map_err(|diagnostics| {
        output::chat(&diagnostics.render(&input, true));
        Failure::new(Exit::Usage, "")
    })?;
    output::chat(&checked.warnings.render(&input, true));
    let scenario = &checked.scenario;
    let windows = experiment::windows(scenario, &())
        .map_err(|error| args::failed(&error, &checked, &input))?;
    let cut = windows.iter().any(|window| window.length() < scenario.duration);
    let remark = match scenario.duration {
        Span::FOREVER => String::new(),
        asked if cut => format!(", not {asked}: the trace is over before"),
        _ => String::new(),
    };
    let at_most = if scenario.until.is_some() { "at most " } else { "" };
    Ok(format!(
        "{}: ok: {}, {at_most}{}, {} measured{remark}\n",
        input.origin,
        number(scenario.variants.len(), "variant"),
        number(scenario.replications as usize, "replication"),
        measured_time(windows),
    ))
}

/// A number of things, in words.
fn number(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}
