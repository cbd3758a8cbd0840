//! `stalelab export`: a schedule file, or what happens in a run, in a form for other programs.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use stalelab::history::Format;
use stalelab::time::Span;

use super::args::{self, ScenarioArgs};
use super::exit::{Exit, Failure};
use super::export_history::Recording;
use super::races::{Form, PictureArgs};
use super::replay::Replay;

/// Show a schedule as a diagram, as JSON or as a Rust test; or write a run's history, for checkers
///
/// With --history, runs one variant of a scenario once, and writes down every request: who asked,
/// when, what was answered and when, as `stalelab check-history` and Jepsen's checkers read it.
#[derive(Args, Debug)]
#[command(override_usage = "stalelab export [OPTIONS] --as <FORM> <SCHEDULE>\n       \
                            stalelab export [OPTIONS] --history <SCENARIO>")]
pub(crate) struct Export {
    /// A schedule's path, or `-` for standard input; with --history, a scenario
    #[arg(value_name = "SCHEDULE")]
    file: String,
    /// The form [default with --history: jsonl]
    #[arg(long = "as", value_enum, value_name = "FORM", required_unless_present = "history")]
    form: Option<As>,
    #[command(flatten)]
    pictures: PictureArgs,
    /// Write pictures into this folder, and the schedule beside them
    #[arg(long, value_name = "DIR", conflicts_with = "history")]
    save: Option<PathBuf>,
    /// Run a scenario, and write its history
    #[arg(long, help_heading = HISTORY)]
    history: bool,
    /// The variant [default: the first one]
    #[arg(long, value_name = "NAME", requires = "history", help_heading = HISTORY)]
    variant: Option<String>,
    /// The replication, from 1 [default: 1]
    #[arg(long, value_name = "N", requires = "history", help_heading = HISTORY)]
    replication: Option<NonZeroU32>,
    /// Where the window begins, in the run's time [default: its beginning, warm-up included]
    #[arg(long, value_name = "TIME", requires = "history", value_parser = args::span)]
    #[arg(help_heading = HISTORY)]
    from: Option<Span>,
    /// How long it is [default: to the end of the run]
    #[arg(long = "for", value_name = "TIME", requires = "history", value_parser = args::span)]
    #[arg(help_heading = HISTORY)]
    length: Option<Span>,
    /// The file [default: standard output]
    #[arg(short, long, value_name = "FILE", requires = "history", help_heading = HISTORY)]
    output: Option<PathBuf>,
    /// Seed of all randomness [default: what the scenario says, or 1]
    #[arg(long, value_name = "N", requires = "history", help_heading = HISTORY)]
    seed: Option<u64>,
    /// Change a value of the scenario, as `run` does; may be repeated
    #[arg(long, value_name = "KEY=VALUE", requires = "history", help_heading = HISTORY)]
    set: Vec<String>,
}

const HISTORY: &str = "Histories";

/// What something can be exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum As {
    Race(Form),
    History(Format),
}

impl ValueEnum for As {
    fn value_variants<'a>() -> &'a [As] {
        &[
            As::Race(Form::Ladder),
            As::Race(Form::Schedule),
            As::Race(Form::Json),
            As::Race(Form::Mermaid),
            As::Race(Form::Plantuml),
            As::Race(Form::Rust),
            As::Race(Form::Html),
            As::Race(Form::Svg),
            As::Race(Form::Png),
            As::History(Format::Jsonl),
            As::History(Format::Edn),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            As::Race(form) => form.to_possible_value(),
            As::History(Format::Jsonl) => {
                Some(PossibleValue::new("jsonl").help("A history: JSON, one operation a line"))
            }
            As::History(Format::Edn) => {
                Some(PossibleValue::new("edn").help("A history: events as Jepsen writes them"))
            }
        }
    }
}

impl Export {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        match (self.history, self.form) {
            (true, None) => self.record(Format::default()),
            (true, Some(As::History(format))) => self.record(format),
            (true, Some(As::Race(_))) => {
                Err(Failure::new(Exit::Usage, "a history is written as jsonl or edn"))
            }
            (false, Some(As::Race(form))) => self.play(form),
            (false, _) => {
                let message = "jsonl and edn are forms of a history: add --history, and name a \
                               scenario";
                Err(Failure::new(Exit::Usage, message))
            }
        }
    }

    fn play(&self, form: Form) -> Result<Exit, Failure> {
        Replay::of(&self.file, form, self.pictures).show(self.save.as_deref())?;
        Ok(Exit::Ok)
    }

    fn record(&self, format: Format) -> Result<Exit, Failure> {
        let (scenario, seed, set) = (self.file.clone(), self.seed, self.set.clone());
        let recording = Recording {
            scenario: ScenarioArgs { scenario, seed, replications: None, set },
            variant: self.variant.as_deref(),
            replication: self.replication.map_or(0, |number| number.get() - 1),
            from: self.from,
            length: self.length,
            output: self.output.as_deref(),
            format,
        };
        recording.run()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_can_be_exported_in_every_form() {
        let offered = As::value_variants();
        assert!(Form::value_variants().iter().all(|form| offered.contains(&As::Race(*form))));
    }
}
