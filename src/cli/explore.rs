//! `stalelab explore`: every interleaving of a small scene, and the shortest counterexamples.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use stalelab::explorer::{self, Counterexample, Exploration, Options, Verdict};
use stalelab::report::hanging;
use stalelab::schedule::{Property, PropertySet, Scene, TreeError};
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;

use super::args::quoted;
use super::cast::{self, Cast};
use super::exit::{Exit, Failure};
use super::races::{self, Form, PictureArgs, Shown};
use super::{interrupt, output, threads};

/// What `--max-states` is by default.
const STATES_MAX: usize = 20_000_000;

/// Try every interleaving of a few requests, and show the shortest way to break each promise
#[derive(Args, Debug)]
pub(crate) struct Explore {
    /// A strategy: `versioned`, or with parameters, `{ versioned = { hold = "1s" } }`
    strategy: String,
    #[command(flatten)]
    cast: Cast,
    /// Search for this violation only, and fail if there is one; may be repeated
    #[arg(long, value_name = "NAME")]
    property: Vec<String>,
    /// Give up beyond this many states, or as much memory
    #[arg(long, value_name = "N", default_value_t = STATES_MAX as u64,
          value_parser = clap::value_parser!(u64).range(1..))]
    max_states: u64,
    /// Keep states apart that differ only in which of two equal sessions does what
    #[arg(long)]
    no_symmetry: bool,
    /// Threads [default: as many as cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// How to show counterexamples
    #[arg(long = "as", value_enum, default_value_t, value_name = "FORM")]
    form: Form,
    #[command(flatten)]
    pictures: PictureArgs,
    /// Write each counterexample's schedule into this folder, and pictures too
    #[arg(long, value_name = "DIR")]
    save: Option<std::path::PathBuf>,
}

/// Explores a scene with whatever strategy is named.
pub(crate) struct Exploring<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) options: &'a Options,
}

impl Visitor for Exploring<'_> {
    type Output = Result<Exploration, TreeError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        explorer::explore_until(strategy, self.scene, self.options, interrupt::flag())
    }
}

impl Explore {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        interrupt::install();
        let choice = cast::choose(&self.strategy)?;
        let scene = self.cast.scene()?;
        let wanted = cast::properties(&self.property)?;
        let options = Options {
            states_max: usize::try_from(self.max_states).unwrap_or(usize::MAX),
            symmetry: !self.no_symmetry,
            wanted,
        };
        let exploring = Exploring { scene: &scene, options: &options };
        let (found, took) = threads::timed(|| threads::with(self.jobs, || choice.visit(exploring)));
        let found = found?.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        let listed = |property: &Property| wanted.is_empty() || wanted.has(*property);
        let asked: Vec<Property> = Property::ALL.into_iter().filter(listed).collect();
        match self.form {
            Form::Ladder => output::print(&self.summary(&found, &asked))?,
            Form::Json => {}
            _ => output::chat(&self.summary(&found, &asked)),
        }
        output::chat(&pace(found.states, took));
        let wanted_ones = |it: &&Counterexample| asked.contains(&it.property);
        let listed: Vec<_> = found.counterexamples.iter().filter(wanted_ones).collect();
        if self.form.is_file() && self.save.is_none() && listed.len() > 1 {
            let message = format!(
                "{} counterexamples do not fit into one file: choose one with --property, or give \
                 --save DIR",
                listed.len()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        let mut documents = Vec::new();
        for counterexample in listed {
            let shown = Shown {
                strategy: &self.strategy,
                choice: &choice,
                scene: &counterexample.scene,
                steps: &counterexample.steps,
                violates: &[counterexample.property],
                sentence: None,
                moments: &[],
            };
            let again = self.again(counterexample.property);
            if self.form == Form::Json {
                documents.push(races::document(&shown, self.save.as_deref(), &again)?);
            } else {
                races::show(&shown, self.form, self.pictures, self.save.as_deref(), &again)?;
            }
        }
        if self.form == Form::Json {
            let document = self.document(&found, &asked, &documents);
            output::print(&format!("{document:#}\n"))?;
        }
        Ok(if interrupt::requested() { Exit::Interrupted } else { exit(&found, wanted) })
    }

    /// The search and its counterexamples as one JSON document.
    fn document(&self, found: &Exploration, asked: &[Property], races: &[Value]) -> Value {
        let verdicts = asked.iter().map(|property| {
            let (verdict, steps) = match found.verdict(*property) {
                Verdict::Proved => ("proved-within-bounds", None),
                Verdict::Violated(steps) => ("violated", Some(steps)),
                Verdict::NotExercised => ("not-exercised", None),
                Verdict::CutShort => ("cut-short", None),
            };
            json!({ "property": property.name(), "verdict": verdict, "steps": steps })
        });
        json!({
            "schema_version": 1,
            "strategy": self.strategy,
            "bounds": cast::bounds(&found.scene),
            "plans": cast::plans(&found.scene),
            "states": found.states,
            "transitions": found.transitions,
            "depth": found.depth,
            "complete": found.complete,
            "verdicts": verdicts.collect::<Vec<_>>(),
            "counterexamples": races,
        })
    }

    /// The command that finds a counterexample again.
    fn again(&self, property: Property) -> String {
        let (strategy, cast) = (quoted(&self.strategy), self.cast.words());
        let limit = match self.max_states {
            limit if limit == STATES_MAX as u64 => String::new(),
            limit => format!(" --max-states {limit}"),
        };
        let symmetry = if self.no_symmetry { " --no-symmetry" } else { "" };
        format!("stalelab explore {strategy}{cast}{limit}{symmetry} --property {property}")
    }

    fn summary(&self, found: &Exploration, asked: &[Property]) -> String {
        let bounds = cast::bounds(&found.scene);
        let mut text = format!("{}: every interleaving of {bounds}\n", self.strategy);
        if let Some(plans) = cast::plans(&found.scene) {
            text.push_str(&hanging("  ", 2, &plans));
        }
        let cut = asked.iter().any(|it| found.verdict(*it) == Verdict::CutShort);
        let end = match (found.complete, cut) {
            (true, _) => "all there are",
            (false, true) if interrupt::requested() => "interrupted",
            (false, true) if found.states <= self.max_states => {
                "not all there are: what they consist of takes the memory of --max-states"
            }
            (false, _) => "not all there are",
        };
        text.push_str(&format!(
            "{} states ({end}), {} transitions, at most {} steps, {:.1} MB ({} bytes a state)\n\n",
            found.states,
            found.transitions,
            found.depth,
            found.bytes as f64 / 1e6,
            found.bytes / found.states.max(1),
        ));
        for property in asked {
            let (mark, words) = match found.verdict(*property) {
                Verdict::Proved => ("✓", "proved within these bounds".to_owned()),
                Verdict::Violated(steps) => ("✗", format!("violated in {steps} steps")),
                Verdict::NotExercised => {
                    ("–", format!("not exercised: needs {}", property.needs()))
                }
                Verdict::CutShort => ("?", format!("cut short at {} states", found.states)),
            };
            text.push_str(&format!("  {mark} {:<18} {words}\n", property.name()));
        }
        text.push('\n');
        text
    }
}

/// How long a search took, for standard error: what is printed is the same every time.
pub(crate) fn pace(states: u64, took: Duration) -> String {
    let nanoseconds = took.as_nanos() / u128::from(states.max(1));
    format!("{states} states in {:.2} s, {nanoseconds} ns a state\n", took.as_secs_f64())
}

/// What was asked for decides. With nothing asked, a search that was cut short or put nothing to
/// the test is no success.
fn exit(found: &Exploration, wanted: PropertySet) -> Exit {
    let verdicts: Vec<Verdict> = wanted.iter().map(|it| found.verdict(it)).collect();
    if verdicts.iter().any(|it| matches!(it, Verdict::Violated(_))) {
        return Exit::Failed;
    }
    let open = |it: &Verdict| matches!(it, Verdict::NotExercised | Verdict::CutShort);
    let told = |it: &Property| !matches!(found.verdict(*it), Verdict::NotExercised);
    let nothing = !found.complete || !Property::ALL.iter().any(told);
    if wanted.is_empty() && nothing || verdicts.iter().any(open) {
        Exit::Inconclusive
    } else {
        Exit::Ok
    }
}
