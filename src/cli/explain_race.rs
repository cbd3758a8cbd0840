//! `stalelab explain-race`: one stale read of a run, and the smallest race that makes it.

use std::path::PathBuf;

use clap::Args;
use stalelab::experiment::Trial;
use stalelab::incident::{self, Found, Incident, IncidentError, Wanted};
use stalelab::observation::Cause;
use stalelab::report::race;
use stalelab::scenario::{Scenario, strategy_text};
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;
use stalelab::time::Span;

use super::args::{self, ScenarioArgs, quoted};
use super::exit::{self, Exit, Failure};
use super::races::{self, Form, PictureArgs, Shown};
use super::{interrupt, output};

/// Take one stale read of a run, and find the smallest race that makes it
///
/// Runs the scenario, chooses a stale read (the most stale one, or of one cause), writes down what
/// happened to its key, and leaves out all that the read does not need to be stale for that cause.
#[derive(Args, Debug)]
#[command(after_help = exit::HELP)]
pub(crate) struct ExplainRace {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// The variant [default: the first one that has such a read]
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Only a read that is stale for this cause, as `late-fill`
    #[arg(long, value_name = "CAUSE", value_parser = cause)]
    cause: Option<Cause>,
    /// Only a read that is older than a write acknowledged before it began
    #[arg(long)]
    acknowledged: bool,
    /// How to show the race
    #[arg(long = "as", value_enum, default_value_t, value_name = "FORM")]
    form: Form,
    #[command(flatten)]
    pictures: PictureArgs,
    /// Write the race's schedule into this folder, and pictures too
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
}

fn cause(name: &str) -> Result<Cause, String> {
    let found = Cause::ALL.into_iter().find(|cause| cause.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = Cause::ALL.iter().map(|cause| cause.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

/// Looks for a read in one variant, with its strategy.
pub(crate) struct Looking<'a> {
    pub(crate) trial: &'a Trial,
    pub(crate) replications: u32,
    pub(crate) wanted: &'a Wanted,
}

impl Visitor for Looking<'_> {
    type Output = Result<Found, IncidentError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let replications = 0..self.replications;
        incident::find(strategy, self.trial, replications, self.wanted, interrupt::flag())
    }
}

impl ExplainRace {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let input = self.scenario.input()?;
        let checked = self.scenario.check(&input)?;
        output::chat(&checked.warnings.render(&input, true));
        let scenario = &checked.scenario;
        let wanted =
            Wanted { cause: self.cause, acknowledged: self.acknowledged, older_than: Span::ZERO };
        let mut reads_seen = 0;
        let mut untold = None;
        for index in self.variants(scenario)? {
            let failed = |error| args::failed(&error, &checked, &input);
            let trial = Trial::new(scenario, index, interrupt::flag()).map_err(failed)?;
            let replications = scenario.replications;
            let looking = Looking { trial: &trial, replications, wanted: &wanted };
            let found = scenario.variants[index].strategy.visit(looking);
            match found.map_err(|error| match error {
                IncidentError::Run(error) => failed(error),
                IncidentError::Strategy(error) => Failure::new(Exit::Usage, error.to_string()),
            })? {
                Found::Nothing { reads } => reads_seen += reads,
                Found::Untold { read, alike, .. } => untold = untold.or(Some((index, read, alike))),
                Found::Race(incident) => return self.show(scenario, index, &incident),
            }
        }
        if let Some((index, read, alike)) = untold {
            let name = &scenario.variants[index].name;
            let message = format!(
                "{name} has such reads, {alike} in one replication, but no 16 requests make a race \
                 of one of them; the worst: {}",
                race::stale_read(&read)
            );
            return Err(Failure::new(Exit::Inconclusive, message));
        }
        let kind = self.cause.map_or_else(|| "stale".to_owned(), |it| format!("`{it}`"));
        Err(Failure::new(Exit::Inconclusive, race::not_seen(&kind, reads_seen)))
    }

    /// The variants to look into.
    fn variants(&self, scenario: &Scenario) -> Result<Vec<usize>, Failure> {
        let variants = &scenario.variants;
        let Some(wanted) = &self.variant else {
            return Ok((0..variants.len()).collect());
        };
        args::variant(scenario, wanted).map(|index| vec![index])
    }

    fn show(&self, scenario: &Scenario, index: usize, found: &Incident) -> Result<Exit, Failure> {
        let variant = &scenario.variants[index];
        let strategy = strategy_text(&variant.strategy);
        let violates = found.violates();
        let shown = Shown {
            strategy: &strategy,
            choice: &variant.strategy,
            scene: &found.scene,
            steps: &found.steps,
            violates: &violates,
            sentence: Some(&found.sentence),
        };
        if self.form == Form::Ladder {
            let place = format!("{}, {}, seed {}", scenario.name, variant.name, scenario.seed);
            output::print(&(race::story(&place, found) + "\n"))?;
        }
        let again = self.again(scenario, &variant.name, found);
        races::show(&shown, self.form, self.pictures, self.save.as_deref(), &again)?;
        Ok(Exit::Ok)
    }

    /// The command that finds this race again.
    fn again(&self, scenario: &Scenario, variant: &str, found: &Incident) -> String {
        let variant = quoted(variant);
        let cause = found.read.staleness.cause;
        let acknowledged = if self.acknowledged { " --acknowledged" } else { "" };
        let which = format!("--variant {variant} --cause {cause}{acknowledged}");
        self.scenario.explain_race(&self.scenario.scenario, scenario.seed, &which)
    }
}
