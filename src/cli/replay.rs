//! `stalelab replay`: plays a schedule file step by step.

use std::path::{Path, PathBuf};

use clap::Args;
use stalelab::schedule::{Place, PlayError, Property, Scene, Script, Step, play};
use stalelab::strategies::Visitor;
use stalelab::strategy::Strategy;

use super::args::quoted;
use super::cast;
use super::exit::{Exit, Failure};
use super::races::{self, Form, PictureArgs, Shown};
use super::source;

/// Play a schedule: exactly these steps, in this order
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// A schedule's path, or `-` for standard input
    file: String,
    /// Play it with another strategy than it names
    #[arg(long, value_name = "STRATEGY")]
    strategy: Option<String>,
    /// How to show it
    #[arg(long = "as", value_enum, default_value_t, value_name = "FORM")]
    form: Form,
    #[command(flatten)]
    pictures: PictureArgs,
    /// Write pictures into this folder, and the schedule beside them
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
}

/// What was played.
pub(crate) struct Played {
    pub(crate) scene: Scene,
    pub(crate) steps: Vec<Step>,
    pub(crate) violated: Vec<Property>,
}

struct Playing<'a>(&'a Script);

impl Visitor for Playing<'_> {
    type Output = Result<Played, PlayError>;

    fn visit<S: Strategy>(self, strategy: &S) -> Self::Output {
        let player = play(strategy, self.0)?;
        let mut violated: Vec<Property> = player.violated().iter().collect();
        // What it is about comes first.
        violated.sort_by_key(|property| !self.0.violates.contains(property));
        Ok(Played { scene: player.scene().clone(), steps: player.steps().to_vec(), violated })
    }
}

impl Replay {
    /// Runs the command.
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        self.show(self.save.as_deref())?;
        Ok(Exit::Ok)
    }

    /// The command that plays the schedule again.
    fn again(&self) -> String {
        let mut words = format!("stalelab replay {}", quoted(&self.file));
        if let Some(strategy) = &self.strategy {
            words = format!("{words} --strategy {}", quoted(strategy));
        }
        if self.file == source::STDIN {
            words.push_str("  # with the schedule on standard input");
        }
        words
    }

    /// A schedule file in another form.
    pub(crate) fn of(file: &str, form: Form, pictures: PictureArgs) -> Replay {
        Replay { file: file.to_owned(), strategy: None, form, pictures, save: None }
    }

    /// Plays the schedule, and shows it in its form.
    pub(crate) fn show(&self, save: Option<&Path>) -> Result<(), Failure> {
        let text = source::read_text(&self.file)?;
        let script = Script::parse(&text).map_err(|errors| {
            let lines: Vec<String> =
                errors.iter().map(|error| format!("{}:{error}", self.file)).collect();
            Failure::new(Exit::Usage, lines.join("\n"))
        })?;
        let written = script.strategy.as_ref().map(|(text, _)| text.as_str());
        let Some(strategy) = self.strategy.as_deref().or(written) else {
            let message = format!(
                "{} names no strategy: begin it with `strategy: delete-on-write`, or give \
                 --strategy",
                self.file
            );
            return Err(Failure::new(Exit::Usage, message));
        };
        let place = script.strategy.as_ref().filter(|_| self.strategy.is_none());
        let choice = cast::choose(strategy).map_err(|failure| match place {
            Some((_, place)) => {
                let Place { line, column } = place;
                let message = format!("{}:{line}:{column}: no such strategy", self.file);
                Failure::new(Exit::Usage, message)
            }
            None => failure,
        })?;
        let played = match choice.visit(Playing(&script)) {
            Ok(played) => played,
            Err(PlayError::Strategy(error)) => {
                return Err(Failure::new(Exit::Usage, error.to_string()));
            }
            Err(error @ PlayError::DoesNotFit(_)) => {
                let message = format!("{}:{error}", self.file);
                return Err(Failure::new(Exit::Failed, message));
            }
            Err(error @ PlayError::Violates { .. }) => {
                let message = format!("{}: {error}", self.file);
                return Err(Failure::new(Exit::Failed, message));
            }
        };
        let (scene, steps) = (&played.scene, played.steps.as_slice());
        let shown = Shown {
            strategy,
            choice: &choice,
            scene,
            steps,
            violates: &played.violated,
            sentence: None,
            moments: &[],
        };
        races::show(&shown, self.form, self.pictures, save, &self.again())
    }
}
