//! `stalelab run`: runs a scenario, prints the comparison, leaves the files.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use stalelab::chart::Run as Files;
use stalelab::experiment::{self, ExperimentError, Options};
use stalelab::metrics::{Comparison, VerdictOutcome};
use stalelab::report::{
    Header, OutputFolder, TextOptions, json, output_files, text, theory as theory_text,
};
use stalelab::scenario::{Input, Scenario};

use super::args::{self, ScenarioArgs};
use super::chart::ChartArgs;
use super::exit::{self, Exit, Failure};
use super::progress::Bar;
use super::report::{self, Reporting};
use super::{interrupt, output, theory, threads};

/// Run a scenario and compare its variants
///
/// Prints the comparison and writes manifest.json, summary.csv, replications.csv, summary.json,
/// latency.csv, staleness.csv, timeline.csv, freshness.csv and stale_keys.csv into
/// output/<scenario>/. The same scenario, seed and version give the same bytes on every machine,
/// with any number of threads.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct Run {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Print the results as one JSON document instead of text
    #[arg(long)]
    json: bool,
    /// Folder for the files [default: output/<scenario>]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print nothing but errors, and the document if --json is given
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Also print every metric of every variant
    #[arg(short, long)]
    verbose: bool,
    /// Draw charts of it, too, into the folder's charts/
    #[arg(long)]
    charts: bool,
    #[command(flatten)]
    look: ChartArgs,
    /// Write report.html, too: one page with results, charts, and races to step through
    #[arg(long)]
    report: bool,
    /// Also print what theory says of each variant, beside what was simulated
    #[arg(long, conflicts_with = "json")]
    theory: bool,
    /// Threads to use [default: one per processor]; changes nothing but the time it takes
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Show no progress bar
    #[arg(long)]
    no_progress: bool,
}

impl Run {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let input = self.scenario.input()?;
        let checked = self.scenario.check(&input)?;
        if !self.quiet {
            output::chat(&checked.warnings.render(&input, true));
        }
        let scenario = &checked.scenario;
        let path = self.output.clone().unwrap_or_else(|| Path::new("output").join(&scenario.name));
        threads::refuse_what_does_not_fit(scenario, threads::count(self.jobs))?;
        interrupt::install();
        let folder = OutputFolder::create(&path)?;
        let comparison =
            self.simulate(scenario).map_err(|error| args::failed(&error, &checked, &input))?;
        let header = self.header(scenario, &comparison, &input);
        let files = output_files(&header, &comparison);
        interrupt::protected(|| files.iter().try_for_each(|f| folder.write(f.name, &f.bytes)))?;
        if !self.quiet {
            output::chat(&format!("{} files in {}\n", files.len(), folder.path().display()));
        }
        if self.charts || self.report {
            let file = |name: &str| {
                let found = files.iter().find(|file| file.name == name);
                found.map(|file| file.bytes.clone())
            };
            let drawn = Files::read(file)
                .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
            // As many as there were.
            let scenario = Scenario { replications: header.replications, ..scenario.clone() };
            self.pictures(&drawn, &header, &comparison, &scenario, &input, &folder)?;
        }
        if self.json {
            output::print(&json(&header, &comparison))?;
        } else if !self.quiet {
            let replay = self.scenario.replay(&self.scenario.scenario, scenario.seed);
            let why = self.scenario.explain_race(&self.scenario.scenario, scenario.seed, "");
            let options = TextOptions { replay: &replay, why: &why, verbose: self.verbose };
            output::print(&text(&header, &comparison, options))?;
            if self.theory {
                let variants = theory::beside(scenario, &comparison);
                output::print(&format!("\n{}", theory_text(&variants)))?;
            }
        }
        Ok(exit(&comparison))
    }

    /// What is drawn of a run: its charts, its report.
    fn pictures(
        &self,
        files: &Files,
        header: &Header,
        comparison: &Comparison,
        scenario: &Scenario,
        input: &Input,
        folder: &OutputFolder,
    ) -> Result<(), Failure> {
        if self.charts {
            self.look.draw(files, &[], &folder.path().join("charts"))?;
        }
        if self.report {
            let (args, source) = (&self.scenario, self.source(input));
            let source = source.as_str();
            let page = Reporting { args, scenario, source, header, comparison, files }.page()?;
            interrupt::protected(|| folder.write(report::NAME, page.as_bytes()))?;
            output::chat(&format!("{}\n", folder.path().join(report::NAME).display()));
        }
        Ok(())
    }

    fn simulate(&self, scenario: &Scenario) -> Result<Comparison, ExperimentError> {
        let bar = Bar::new(!self.quiet && !self.no_progress);
        let threads = threads::count(self.jobs);
        let result = experiment::run(scenario, &Options { threads }, &bar);
        bar.clear();
        result
    }

    /// The scenario without its folder.
    fn source(&self, input: &Input) -> String {
        let source = Path::new(&self.scenario.scenario).file_name();
        source.map_or(input.name.clone(), |name| name.to_string_lossy().into_owned())
    }

    /// What the files say about the run: nothing about where it was made.
    fn header(&self, scenario: &Scenario, comparison: &Comparison, input: &Input) -> Header {
        Header {
            replications: comparison.replications(),
            overrides: self.scenario.overrides(),
            ..Header::new(scenario, self.scenario.replay(&self.source(input), scenario.seed))
        }
    }
}

/// A failed expectation outweighs an undecided one.
fn exit(comparison: &Comparison) -> Exit {
    let any = |outcome| comparison.verdicts.iter().any(|verdict| verdict.outcome == outcome);
    match (any(VerdictOutcome::Failed), any(VerdictOutcome::Inconclusive)) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Inconclusive,
        (false, false) => Exit::Ok,
    }
}
